"""Give each word of a text a tag, such as that it begins the name of a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core import word_lists
from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.plan import count
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.batches import fixed_batches
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import label_settings, load_own
from tlgui.tasks.alignment import Stretch, align, stretches, words_in
from tlgui.tasks.base import Scorer, Scores, logits_of, reading_in_chunks, texts_in_chunks, to_device
from tlgui.tasks.encoded import TRUTH, Batch, Encoded, Gatherer
from tlgui.tasks.tag_sequences import compare, ordered, repaired
from tlgui.tasks.words import special_frame

NOT_COUNTED = -100
"""Tag of pieces that begin no word."""
TAG, SENTENCE, PLACE = range(3)
"""Of a batch's labels, shape (rows, tokens, 3): the tag's id, the sentence, and the word's place in it."""
ROWS_AT_ONCE = 32
_NEVER_DRAWN = np.random.default_rng(0)


@dataclass(frozen=True)
class Tagged(Encoded):
    """Parts of sentences; of `labels`, shape (examples, 2), a row is the sentence and the place of its first word."""

    names: tuple[str, ...] = field(kw_only=True)
    """The tags that occur, by the id they have in here; in training rows those are the model's."""

    def some(self, rows: np.ndarray) -> Tagged:
        part = super().some(rows)
        return Tagged(part.starts, part.fields, part.labels, names=self.names)


class Tag:
    """A linear layer on each word's first piece, cross-entropy loss; its other pieces are read and not counted."""

    key = "tag"
    splits_long_texts = True

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return _tag_names(prepared.train)

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own("tag", folder, recipe.model.weights, recipe.train.seed, **label_settings(labels))

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Tagged:
        names, (before, after) = _tag_names(part), special_frame(tokenizer)
        ids = {name: i for i, name in enumerate(names)}
        limit = recipe.train.max_length - len(before) - len(after)
        labels: list[tuple[int, int]] = []
        changed, first = 0, 0
        with Gatherer({"input_ids": np.int32, TRUTH: np.int32}) as gatherer:
            for rows in reading_in_chunks(part, emit, control):
                found = align(tokenizer, words_of(part, rows))
                examples: dict[str, list[list[int]]] = {"input_ids": [], TRUTH: []}
                for row, text, (tags, repairs) in zip(rows.tolist(), found, tags_of(part, rows), strict=True):
                    first = first if changed or not repairs else int(part.row_numbers[row])
                    changed += repairs
                    for one in stretches(text, limit):
                        own = [ids[tag] for tag in tags[one.word : one.word + len(one.firsts)]]
                        examples["input_ids"].append([*before, *one.ids, *after])
                        examples[TRUTH].append(_at_first_pieces(one, own, len(before), len(after)))
                        labels.append((row, one.word))
                        gatherer.cut += one.cut
                gatherer.add(examples)
            made = gatherer.finish(np.array(labels, dtype=np.int64).reshape(-1, 2))
        notes = (_repair_note(changed, first),) if changed else ()
        return Tagged(made.starts, made.fields, made.labels, made.cut, notes, names=names)

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        assert encoded.labels is not None
        tags = encoded.padded(TRUTH, rows, NOT_COUNTED)
        sentences, first_words = encoded.labels[rows, :, None].transpose(1, 0, 2)
        places = first_words + np.cumsum(tags != NOT_COUNTED, axis=1) - 1
        arrays = {
            "input_ids": encoded.padded("input_ids", rows, tokenizer.pad_token_id),
            "attention_mask": encoded.attention(rows),
            "labels": np.stack([tags, np.broadcast_to(sentences, tags.shape), places], axis=-1),
        }
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        labels = torch.zeros(*ids.shape, 3, dtype=torch.int64)
        labels[:, 1::4, TAG] = NOT_COUNTED  # about as many pieces go on with a word
        return labels

    def wanted(self, batch: Batch) -> torch.Tensor:
        return (batch["labels"][..., TAG].flatten() != NOT_COUNTED).nonzero()[:, 0]

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        truth = counted(batch)[:, TAG]
        total = functional.cross_entropy(logits[0], truth.to(logits.device, non_blocking=True), reduction="sum")
        return total / max(1, len(truth))

    def read(self, output: ModelOutput) -> torch.Tensor:
        logits: torch.Tensor = output.logits
        return logits

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        assert isinstance(encoded, Tagged)
        return TagScorer(encoded.names, labels)

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        """Any text has words; a long one is read in parts."""

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        words = [text[begin:end] for begin, end in words_in(text)]
        (shares,) = shares_of(model, tokenizer, [words], tokenizer.model_max_length)
        return float(shares.max(axis=1).mean()) if len(shares) else 0.0, -1


class TagScorer:
    """Keeps each word's tag and guess, and puts sentences that were cut together again."""

    def __init__(self, names: Sequence[str], labels: Sequence[str]) -> None:
        """Args:
        names: The tags of the examples, by id; one that the model does not know counts as missed, and has no loss.
        labels: The model's.
        """
        self._names, self._labels = tuple(names), tuple(labels)
        self._loss, self._known = 0.0, 0
        self._words: list[np.ndarray] = []

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        words, place = counted(batch).cpu().numpy(), {name: i for i, name in enumerate(self._labels)}
        own = np.array([place.get(name, NOT_COUNTED) for name in self._names], dtype=np.int64)[words[:, TAG]]
        truth = torch.from_numpy(own).to(logits.device)
        self._loss += float(functional.cross_entropy(logits[0], truth, ignore_index=NOT_COUNTED, reduction="sum"))
        self._known += int((own != NOT_COUNTED).sum())
        self._words.append(np.column_stack([words, logits[0].argmax(-1).cpu().numpy()]))

    def include(self, other: TagScorer) -> None:
        self._loss += other._loss
        self._known += other._known
        self._words += other._words

    def scores(self) -> Scores:
        truth, guess = self.sentences()
        return Scores(self._loss / max(1, self._known), compare(truth, guess)[0])

    def sentences(self) -> tuple[list[list[str]], list[list[str]]]:
        """The tags and the guesses of each sentence, those that came, in order."""
        words = np.concatenate(self._words)
        words = words[np.lexsort((words[:, PLACE], words[:, SENTENCE]))]
        cuts = np.flatnonzero(np.diff(words[:, SENTENCE])) + 1
        truth, guess = np.array(self._names)[words[:, TAG]], np.array(self._labels)[words[:, -1]]
        return [one.tolist() for one in np.split(truth, cuts)], [one.tolist() for one in np.split(guess, cuts)]


def words_of(part: Part, rows: np.ndarray) -> list[list[str]]:
    """The words of some rows, by position."""
    return [word_lists.split(cells[0].strip()) for cells in part.texts(rows)]


def tags_of(part: Part, rows: np.ndarray) -> Iterator[tuple[list[str], int]]:
    """The tags of some rows as they are learned, and how many of a row were repaired."""
    return (repaired(word_lists.split(cell)) for cell in part.truths(rows))


def counted(batch: Batch) -> torch.Tensor:
    """Tag, sentence and place of each word of a batch, shape (words, 3), in the order of `Tag.wanted`."""
    labels = batch["labels"].flatten(0, 1)
    return labels[labels[:, TAG] != NOT_COUNTED]


@torch.no_grad()
def shares_of(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[Sequence[str]], limit: int
) -> list[np.ndarray]:
    """Probabilities of the tags of each word of some texts, float32, shape (words, tags) each.

    Args:
        limit: Tokens that the model reads at once; a longer text is read in parts.
    """
    task, before, after = Tag(), *special_frame(tokenizer)
    found = [np.zeros((len(words), model.config.num_labels), dtype=np.float32) for words in texts]
    cut = [list(stretches(one, limit - len(before) - len(after))) for one in align(tokenizer, texts)]
    places = [(number, one.word) for number, some in enumerate(cut) for one in some]
    if not places:
        return found
    ids = [[*before, *one.ids, *after] for one in chain(*cut)]
    marks = [_at_first_pieces(one, [0] * len(one.firsts), len(before), len(after)) for one in chain(*cut)]
    fields = {"input_ids": np.concatenate(ids), TRUTH: np.concatenate(marks)}
    encoded = Encoded(np.cumsum([0, *map(len, ids)]), fields, np.array(places))
    for rows in fixed_batches(encoded.lengths, ROWS_AT_ONCE):
        batch = task.batch(encoded, rows, tokenizer, Recipe(), _NEVER_DRAWN)
        logits = logits_of(task, model, to_device(batch, model.device))
        shares = logits[0].float().softmax(-1).cpu().numpy()
        for (_, number, place), share in zip(counted(batch).tolist(), shares, strict=True):
            found[number][place] = share
    return found


def _tag_names(part: Part) -> tuple[str, ...]:
    """The different tags of a part's rows, in the order of their ids."""
    seen: set[str] = set()
    for rows in texts_in_chunks(part):
        for tags, _ in tags_of(part, rows):
            seen.update(tags)
    return ordered(seen)


def _at_first_pieces(stretch: Stretch, values: Sequence[int], before: int, after: int) -> list[int]:
    """One value for each token of an example: a word's at its first piece, and none elsewhere."""
    found = [NOT_COUNTED] * (before + len(stretch.ids) + after)
    for place, value in zip(stretch.firsts, values, strict=True):
        found[before + place] = value
    return found


def _repair_note(changed: int, row: int) -> str:
    """Said once for each side of the split."""
    what = f"{count(changed, 'tag')} with I- {'begins' if changed == 1 else 'begin'} a name"
    return f"{what}, and {'is' if changed == 1 else 'are'} read with B-; the first is in row {row:,}."
