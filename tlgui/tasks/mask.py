"""Hide words and predict them: masked language modelling on unlabelled text.

Devlin et al., BERT (NAACL 2019), section 3.1: 15 % of the tokens are chosen; of these 80 % become the mask token, 10 %
a random token, 10 % stay.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.randomness import ByExample, Drawn
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import load_own
from tlgui.tasks import pieces
from tlgui.tasks.base import Scorer, Scores, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.words import hide_words, log_shares_of, special_frame, word_starts

NOT_PREDICTED = -100
"""Label of tokens that are not hidden."""
TO_MASK, TO_RANDOM = 0.8, 0.1


class Mask:
    """Long texts become several examples of nearly equal length, so that no word is lost."""

    key = "mask"
    splits_long_texts = True

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return ()

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own("mask", folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        require_mask(tokenizer)
        limit = recipe.train.max_length - tokenizer.num_special_tokens_to_add()
        with Gatherer({"input_ids": np.int32, "word_start": np.bool_}) as gatherer:
            for rows in reading_in_chunks(part, emit, control):
                texts = [" ".join(columns) for columns in part.texts(rows)]
                gatherer.add(_examples(texts, tokenizer, limit))
            return gatherer.finish()

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        ids = encoded.padded("input_ids", rows, tokenizer.pad_token_id)
        starts = encoded.padded("word_start", rows, 0).astype(bool)
        drawn = random.of(rows) if isinstance(random, ByExample) else random
        hidden, labels = hide(ids, starts, tokenizer, recipe.mask.share, recipe.mask.whole_words, drawn)
        arrays = {"input_ids": hidden, "attention_mask": encoded.attention(rows), "labels": labels}
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        labels = torch.full(ids.shape, NOT_PREDICTED)
        labels[:, : max(1, round(recipe.mask.share * ids.shape[1]))] = 0
        return labels

    def wanted(self, batch: Batch) -> torch.Tensor:
        return (batch["labels"].flatten() != NOT_PREDICTED).nonzero()[:, 0]

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        truth = truth_of(batch)
        total = functional.cross_entropy(logits[0], truth.to(logits.device, non_blocking=True), reduction="sum")
        return total / max(1, len(truth))

    def read(self, output: ModelOutput) -> torch.Tensor:
        logits: torch.Tensor = output.logits
        return logits

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        return MaskScorer()

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        hide_words(text, tokenizer)

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        inputs, words = hide_words(text, tokenizer)
        return words[0].share(log_shares_of(model, inputs, words[:1])[0]), -1


class MaskScorer:
    """Adds up the loss and the right first guesses over hidden tokens."""

    def __init__(self) -> None:
        self._loss, self._right, self._count = 0.0, 0, 0

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        truth = truth_of(batch).to(logits.device)
        self._loss += float(functional.cross_entropy(logits[0], truth, reduction="sum"))
        self._right += int((logits[0].argmax(-1) == truth).sum())
        self._count += len(truth)

    def include(self, other: MaskScorer) -> None:
        self._loss += other._loss
        self._right += other._right
        self._count += other._count

    def scores(self) -> Scores:
        count = max(1, self._count)
        loss = self._loss / count
        return Scores(loss, {"loss": loss, "hits": self._right / count})


def truth_of(batch: Batch) -> torch.Tensor:
    """The words that are to be predicted, in the order of the positions that `wanted` names."""
    labels = batch["labels"].flatten()
    return labels[labels != NOT_PREDICTED]


def _examples(texts: list[str], tokenizer: PreTrainedTokenizerBase, limit: int) -> dict[str, list[list[int]]]:
    """Texts as examples of at most `limit` tokens and the special ones around them."""
    before, after = special_frame(tokenizer)
    special = set(tokenizer.all_special_ids)
    ids: list[list[int]] = []
    starts: list[list[int]] = []
    for found in pieces.plain(tokenizer, texts):
        tokens, words = found.ids, word_starts(found.word_ids)
        for begin, end in spans(len(tokens), limit):
            if special.issuperset(tokens[begin:end]):
                continue  # only signs that the model has no piece for: nothing to predict
            ids.append([*before, *tokens[begin:end], *after])
            starts.append([*(0 for _ in before), *words[begin:end], *(0 for _ in after)])
    return {"input_ids": ids, "word_start": starts}


def require_mask(tokenizer: PreTrainedTokenizerBase) -> None:
    """Raise TlguiError if a model has no token to put in the place of a word."""
    if tokenizer.mask_token_id is None:
        raise TlguiError("This model has no mask token, so it cannot hide words.", "Pick another model.")


def spans(length: int, limit: int) -> list[tuple[int, int]]:
    """Cut 0..length into the fewest parts of at most `limit`, as equal as can be; nothing for length 0."""
    parts = -(-length // limit)
    edges = [round(i * length / parts) for i in range(parts + 1)] if parts else []
    return list(itertools.pairwise(edges))


def hide(
    ids: np.ndarray,
    word_start: np.ndarray,
    tokenizer: PreTrainedTokenizerBase,
    share: float,
    whole_words: bool,
    random: np.random.Generator | Drawn,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose tokens to predict and change 90 % of them.

    Args:
        ids: Token ids, shape (rows, tokens).
        word_start: Whether a token begins a word, same shape; special tokens and padding begin none.
        share: Share of the tokens to choose, 0 < share < 1; at least one in each row.
    Returns:
        The changed ids and the labels, both of the same shape, int64; a token that is not chosen has the label -100.
    """
    special = np.isin(ids, tokenizer.all_special_ids)
    chosen = _choose(special, word_start, share, whole_words, random)
    labels = np.where(chosen, ids, NOT_PREDICTED)
    fate = random.random(ids.shape)
    hidden = np.where(chosen & (fate < TO_MASK), tokenizer.mask_token_id, ids)
    swapped = chosen & (fate >= TO_MASK) & (fate < TO_MASK + TO_RANDOM)
    return np.where(swapped, random.integers(len(tokenizer), size=ids.shape), hidden), labels


def _choose(
    special: np.ndarray, word_start: np.ndarray, share: float, whole_words: bool, random: np.random.Generator | Drawn
) -> np.ndarray:
    """Which tokens to predict: in each row round(share × tokens), at least one, or whole words until that many."""
    # Units are words or single tokens; every token of a unit draws the unit's number, so it is chosen or left as one.
    draws = random.random(special.shape)
    if whole_words:
        begins = word_start | special
        draws = np.take_along_axis(draws, np.cumsum(begins, axis=1) - begins[:, :1], axis=1)
    draws[special] = 2.0
    order = np.argsort(draws, axis=1, kind="stable")
    wanted = np.maximum(1, np.round(share * (~special).sum(axis=1))).astype(int)
    last = np.take_along_axis(draws, np.take_along_axis(order, wanted[:, None] - 1, axis=1), axis=1)
    return (draws <= last) & ~special
