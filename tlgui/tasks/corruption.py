"""Hide spans of words and write them: T5's own goal on unlabelled text.

Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (JMLR 2020), sections
3.1.4 and 3.3.4: 15 % of the tokens are hidden in spans of three on average; a sentinel stands for each span, and the
target is each sentinel with what it stands for, and one sentinel more at the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.randomness import ByExample, Drawn
from tlgui.core.recipe import MaskPart, Recipe
from tlgui.data.prepare import Part
from tlgui.models.loading import load_own
from tlgui.tasks import pieces
from tlgui.tasks.base import logits_of, reading_in_chunks, to_device
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.mask import NOT_PREDICTED, Mask, spans
from tlgui.tasks.words import MARKED, special_frame

SENTINEL = "<extra_id_{}>"
MOST_SENTINELS = 100


@dataclass(frozen=True)
class Corruptible(Encoded):
    """Whole texts; the lengths are those of the inputs that come of them, a function of the length of the text."""

    whole: Encoded = field(kw_only=True)
    """The texts without special tokens."""

    def some(self, rows: np.ndarray) -> Corruptible:
        lengths = self.lengths_of(rows)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        return Corruptible(starts, {}, whole=self.whole.some(rows))

    def arrays(self) -> tuple[np.ndarray | None, ...]:
        return self.whole.arrays()


class Corrupt(Mask):
    """Long texts become several examples, as for masked words; the tokens of the target are what is predicted."""

    key = "corrupt"

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own("corrupt", folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Corruptible:
        most = len(sentinels_of(tokenizer))
        limit = recipe.train.max_length - tokenizer.num_special_tokens_to_add()
        with Gatherer({"input_ids": np.int32}) as gatherer:
            for rows in reading_in_chunks(part, emit, control):
                texts = [" ".join(columns) for columns in part.texts(rows)]
                found = [one.ids for one in pieces.plain(tokenizer, texts)]
                cuts = [ids[begin:end] for ids in found for begin, end in spans(len(ids), limit)]
                gatherer.add({"input_ids": cuts})
            whole = gatherer.finish()
        hidden, count = sizes(whole.lengths, recipe.mask, most)
        lengths = whole.lengths - hidden + count + tokenizer.num_special_tokens_to_add()
        return Corruptible(np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]), {}, whole=whole)

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        assert isinstance(encoded, Corruptible)
        drawn = random.of(rows) if isinstance(random, ByExample) else random
        ids, lengths = encoded.whole.padded("input_ids", rows, 0), encoded.whole.lengths_of(rows)
        marks = sentinels_of(tokenizer)
        hidden = choose(lengths, recipe.mask, len(marks), drawn)
        made = [corrupt(row[:n], flags[:n], marks) for row, n, flags in zip(ids, lengths, hidden, strict=True)]
        return as_batch([inputs for inputs, _ in made], [targets for _, targets in made], tokenizer)

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        hidden, count = sizes(np.array([ids.shape[1]]), recipe.mask, MOST_SENTINELS)
        return torch.zeros(len(ids), int(hidden[0] + count[0]) + 2, dtype=torch.int64)

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        gaps(text, tokenizer)

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        inputs, targets = gaps(text, tokenizer)
        marks = set(sentinels_of(tokenizer))
        word = slice(1, next(place for place, token in enumerate(targets) if place and token in marks))
        batch = to_device(as_batch([inputs], [targets], tokenizer), model.device)
        with torch.no_grad():
            log_shares = logits_of(self, model, batch)[0].log_softmax(-1)
        chosen = log_shares.gather(1, batch["labels"][0][:, None].to(model.device))[word]
        return float(chosen.mean().exp()), -1


def sentinels_of(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens that stand for hidden spans, in order.

    Raises:
        TlguiError: there are none.
    """
    ids = tokenizer.convert_tokens_to_ids([SENTINEL.format(number) for number in range(MOST_SENTINELS)])
    found = list(itertools.takewhile(lambda token: token not in (None, tokenizer.unk_token_id), ids))
    if len(found) < 2:
        raise TlguiError(
            f"This model has no tokens such as {SENTINEL.format(0)}, so it cannot mark hidden spans.",
            "Pick a T5 model, or one made from nothing.",
        )
    return found


def sizes(lengths: np.ndarray, mask: MaskPart, sentinels: int) -> tuple[np.ndarray, np.ndarray]:
    """How many tokens of each text are hidden, and in how many spans; a function of its length alone.

    Args:
        lengths: Tokens of each text, at least one.
        sentinels: How many there are; one is for the end of the target.
    """
    hidden = np.clip(np.round(mask.share * lengths), 1, np.maximum(1, lengths - 1)).astype(np.int64)
    most = np.minimum(np.minimum(hidden, lengths - hidden + 1), sentinels - 1)
    return hidden, np.clip(np.round(hidden / mask.span).astype(np.int64), 1, most)


def choose(lengths: np.ndarray, mask: MaskPart, sentinels: int, random: np.random.Generator | Drawn) -> np.ndarray:
    """Which tokens are hidden: spans of random lengths with at least one token between two of them.

    Each way to cut the hidden tokens into spans is equally likely, and so is each way to lay the spans; unlike in the
    published code a text need not end in a span.

    Returns:
        Flags, shape (texts, longest).
    """
    hidden, count = sizes(lengths, mask, sentinels)
    width = int(lengths.max(initial=1)) + 1
    cuts = _drawn_places(random, hidden - 1, count - 1, width)
    places = _drawn_places(random, lengths - hidden + 1, count, width)
    flags = np.zeros((len(lengths), width - 1), dtype=bool)
    for row, (total, ends, begins) in enumerate(zip(hidden, cuts, places, strict=True)):
        edges = np.concatenate([[0], np.flatnonzero(ends) + 1, [total]])
        before = 0
        for gap, size in zip(np.flatnonzero(begins), np.diff(edges), strict=True):
            flags[row, gap + before : gap + before + size] = True
            before += size
    return flags


def corrupt(ids: np.ndarray, hidden: np.ndarray, sentinels: Sequence[int]) -> tuple[list[int], list[int]]:
    """Input and target of one text, without the tokens that frame them.

    Args:
        hidden: One flag a token.
    """
    marks = iter(sentinels)
    inputs: list[int] = []
    targets: list[int] = []
    before = False
    for token, is_hidden in zip(ids.tolist(), hidden.tolist(), strict=True):
        if is_hidden and not before:
            mark = next(marks)
            inputs.append(mark)
            targets.append(mark)
        (targets if is_hidden else inputs).append(token)
        before = is_hidden
    return inputs, [*targets, next(marks)]


def restore(inputs: Sequence[int], targets: Sequence[int], sentinels: Sequence[int]) -> list[int]:
    """The text that an input and a target came of; a sentinel that the target lacks stays where it is."""
    marks, at = set(sentinels), -1
    found: dict[int, list[int]] = {}
    for token in targets:
        if token in marks:
            at = token
            found.setdefault(at, [])
        elif at in found:
            found[at].append(token)
    return [token for place in inputs for token in (found.get(place, [place]) if place in marks else [place])]


def gaps(text: str, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Input and target of a text whose hidden words are in braces.

    Raises:
        TlguiError: no word is in braces, the model has no piece for one, or they are too many.
    """
    marks, parts = sentinels_of(tokenizer), MARKED.split(text)
    words = parts[1::2]
    if not words:
        raise TlguiError("No word is hidden.", "Put braces around one, as in {word}.")
    if len(words) >= len(marks):
        raise TlguiError(f"The model can fill at most {len(marks) - 1} gaps at once.", "Hide fewer words.")
    found = [one.ids for one in pieces.plain(tokenizer, parts)]
    for word, ids in zip(words, found[1::2], strict=True):
        if not ids:
            raise TlguiError(f"The model cannot read the word “{word}”.", "Hide another word.")
    inputs, targets = list(found[0]), []
    for mark, hidden, after in zip(marks, found[1::2], found[2::2], strict=False):
        inputs += [mark, *after]
        targets += [mark, *hidden]
    return inputs, [*targets, marks[len(words)]]


def as_batch(inputs: Sequence[list[int]], targets: Sequence[list[int]], tokenizer: PreTrainedTokenizerBase) -> Batch:
    """Inputs and targets in their frame of special tokens, padded: labels that do not count are -100."""
    before, after = special_frame(tokenizer)
    framed = [[*before, *ids, *after] for ids in inputs]
    ids = _padded(framed, tokenizer.pad_token_id)
    arrays = {
        "input_ids": ids,
        "attention_mask": (np.arange(ids.shape[1]) < np.array([[len(row)] for row in framed])).astype(np.int64),
        "labels": (labels := _padded([[*row, *after] for row in targets], NOT_PREDICTED)),
        "decoder_attention_mask": (labels != NOT_PREDICTED).astype(np.int64),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _padded(rows: Sequence[list[int]], fill: int) -> np.ndarray:
    out = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    for place, row in zip(out, rows, strict=True):
        place[: len(row)] = row
    return out


def _drawn_places(
    random: np.random.Generator | Drawn, places: np.ndarray, wanted: np.ndarray, width: int
) -> np.ndarray:
    """In each row some of its first places, chosen at random.

    Args:
        places: How many each row has, at most `width`.
        wanted: How many to choose of them.
    Returns:
        Flags, shape (rows, width).
    """
    draws = random.random((len(places), width))
    draws[np.arange(width) >= places[:, None]] = 2.0
    rank = np.argsort(np.argsort(draws, axis=1, kind="stable"), axis=1, kind="stable")
    chosen: np.ndarray = rank < wanted[:, None]
    return chosen
