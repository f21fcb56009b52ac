"""Hide words and predict them, and tell whether a text follows another: BERT's objective whole, on documents.

Devlin et al., BERT (NAACL 2019), section 3.1 and appendix A.2: the loss is the mean over the hidden words plus the mean
over the pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part
from tlgui.data.tables import DOCUMENT
from tlgui.models.loading import load_own
from tlgui.models.next_sentence import FOLLOWS
from tlgui.tasks.base import Scorer, Scores, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.mask import NOT_PREDICTED, Mask, require_mask
from tlgui.tasks.pairs import frame_of, pairs, units

WORD, ORDER, WORDS, PAIRS, PLACES = range(5)
"""The last axis of a batch's labels: the hidden word at each token; and at the first token of a pair whether its second
text follows, and of the whole batch the hidden words, the pairs, and the places that anything is predicted at. So a
part of the batch knows how much it counts in each of the two means."""
TWO = 2
"""Units of a pair at least, so that each may be half of it."""
Logits = tuple[torch.Tensor, torch.Tensor]
"""Of words, shape (1, places, vocabulary), and of the order, shape (pairs, 2)."""


class MaskAndOrder(Mask):
    """Lines in their order become pairs of texts, each as long as the model is to read."""

    key = "mask+nsp"

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own(self.key, folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        require_mask(tokenizer)
        frame = frame_of(tokenizer)
        limit = recipe.train.max_length - len(frame)
        sentences, documents = _sentences(part, tokenizer, limit // TWO, emit, control)
        fields: dict[str, type] = {"input_ids": np.int32, "word_start": np.bool_}
        if "token_type_ids" in tokenizer.model_input_names:
            fields["token_type_ids"] = np.uint8
        special = (frame.before, frame.between, frame.after)
        none = [[0] * len(some) for some in special]
        order: list[int] = []
        random = randomness.generator(recipe.train.seed, "pairs", int(part.row_numbers[0]))
        ids, starts = sentences.fields["input_ids"], sentences.fields["word_start"]
        with Gatherer(fields) as gatherer:
            for pair in pairs(sentences.starts, documents, limit, random):
                control.check()
                a, b = slice(*pair.first), slice(*pair.second)
                made = {
                    "input_ids": frame.around(ids[a].tolist(), ids[b].tolist(), special=special),
                    "word_start": frame.around(starts[a].tolist(), starts[b].tolist(), special=none),
                    "token_type_ids": frame.token_types(len(ids[a]), len(ids[b])),
                }
                gatherer.add({name: [made[name]] for name in fields})
                order.append(FOLLOWS if pair.follows else 1 - FOLLOWS)
            encoded = gatherer.finish(np.array(order, dtype=np.int64))
        return replace(encoded, notes=_notes(encoded, documents))

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        made = super().batch(encoded, rows, tokenizer, recipe, random)
        assert encoded.labels is not None
        made["labels"] = _labels(made["labels"], torch.from_numpy(encoded.labels[rows]))
        if "token_type_ids" in encoded.fields:
            made["token_type_ids"] = torch.from_numpy(encoded.padded("token_type_ids", rows, 0))
        return made

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        return _labels(super().made_up_labels(ids, recipe), torch.zeros(len(ids), dtype=torch.int64))

    def wanted(self, batch: Batch) -> torch.Tensor:
        """Hidden words, and the first token of each pair, which tells the order."""
        return _places(batch["labels"][..., WORD]).flatten().nonzero()[:, 0]

    def loss(self, logits: Logits, batch: Batch) -> torch.Tensor:
        words, order = _sums(logits, batch)
        whole = batch["labels"][0, 0]
        here = len(self.wanted(batch))
        mean = words / max(1, int(whole[WORDS])) + order / int(whole[PAIRS])
        return mean if here == whole[PLACES] else mean * (int(whole[PLACES]) / here)

    def read(self, output: ModelOutput) -> Logits:
        return output.prediction_logits, output.seq_relationship_logits

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        return PairScorer()


class PairScorer:
    """Adds up both losses, the right first guesses and the orders that were told right."""

    def __init__(self) -> None:
        self._sums = np.zeros(6)  # loss, right and number of the hidden words; the same of the pairs

    def add(self, logits: Logits, batch: Batch) -> None:
        words, order = _sums(logits, batch)
        truth = batch["labels"]
        hidden = _truth(truth).to(logits[0].device)
        right = int((logits[0][0].argmax(-1) == hidden).sum())
        told = int((logits[1].argmax(-1).cpu() == truth[:, 0, ORDER]).sum())
        count = int((hidden != NOT_PREDICTED).sum())
        self._sums += [float(words), right, count, float(order), told, len(truth)]

    def include(self, other: PairScorer) -> None:
        self._sums += other._sums

    def scores(self) -> Scores:
        words, right, count, order, told, number = self._sums.tolist()
        word_loss, order_loss = words / max(1, count), order / max(1, number)
        loss = word_loss + order_loss
        figures = {"hits": right / max(1, count), "order_hits": told / max(1, number)}
        return Scores(loss, {"loss": loss, **figures, "word_loss": word_loss, "order_loss": order_loss})


def _sentences(
    part: Part, tokenizer: PreTrainedTokenizerBase, most: int, emit: Emit, control: Control
) -> tuple[Encoded, np.ndarray]:
    """Every sentence of a part in its order, in tokens alone, and the number of its document."""
    numbers: list[int] = []
    number, before = 0, ""
    with Gatherer({"input_ids": np.int32, "word_start": np.bool_}) as gatherer:
        for rows in reading_in_chunks(part, emit, control):
            of_row = []
            for name in part.beside(DOCUMENT, rows):
                number += name != before
                before = name
                of_row.append(number)
            found, places = units([" ".join(columns) for columns in part.texts(rows)], tokenizer, most)
            gatherer.add(found)
            numbers += [of_row[place] for place in places]
        return gatherer.finish(), np.array(numbers, dtype=np.int64)


def _notes(encoded: Encoded, documents: np.ndarray) -> tuple[str, ...]:
    assert encoded.labels is not None
    if not len(encoded):
        return ()
    count = len(np.unique(documents))
    share = f"{float((encoded.labels == FOLLOWS).mean()):.0%}".replace("%", " %")
    of = "1 document" if count == 1 else f"{count:,} documents"
    made = f"{len(encoded):,} pairs out of {len(documents):,} sentences in {of}"
    return (f"{made}; in {share} of them the second text follows.",)


def _labels(words: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Labels of a whole batch, shape (pairs, tokens, 5)."""
    labels = torch.full((*words.shape, PLACES + 1), NOT_PREDICTED)
    labels[..., WORD] = words
    labels[:, 0, ORDER] = order
    labels[:, 0, WORDS] = (words != NOT_PREDICTED).sum()
    labels[:, 0, PAIRS] = len(words)
    labels[:, 0, PLACES] = _places(words).sum()
    return labels


def _places(words: torch.Tensor) -> torch.Tensor:
    """Whether anything is predicted at each token, of the hidden words' labels, shape (pairs, tokens)."""
    places = words != NOT_PREDICTED
    places[:, 0] = True
    return places


def _truth(labels: torch.Tensor) -> torch.Tensor:
    """The hidden word at each place that anything is predicted at, -100 where it is the order alone."""
    words = labels[..., WORD]
    return words[_places(words)]


def _sums(logits: Logits, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Both losses, added up over what is predicted here."""
    words, order = logits
    labels = batch["labels"]
    hidden = _truth(labels).to(words.device, non_blocking=True)
    follows = labels[:, 0, ORDER].to(order.device, non_blocking=True)
    return (
        functional.cross_entropy(words[0], hidden, ignore_index=NOT_PREDICTED, reduction="sum"),
        functional.cross_entropy(order, follows, reduction="sum"),
    )
