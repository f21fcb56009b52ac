"""Predict each word from those before it: causal language modelling on unlabelled text.

Radford et al., Improving Language Understanding by Generative Pre-Training (2018), section 3.1. The texts are joined,
each closed by the token that ends a text, and cut into blocks; a block begins with the last token of the one before it,
so that every token is predicted exactly once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import load_own
from tlgui.tasks import pieces
from tlgui.tasks.base import Scorer, Scores, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.mask import NOT_PREDICTED, truth_of

VALUES_AT_ONCE = 1 << 24
"""Of the output layer, one for each position and word: 64 MiB. With more, it is computed in parts."""
LARGEST_LOSS = 700.0
"""Nats; the exponential of more is no number."""
_NO_BRACES = str.maketrans("", "", "{}")
"""As sentences kept for hidden words have them."""


class NextWord:
    """All texts of a part as one row of tokens, cut into blocks of the greatest length; the last one may be shorter."""

    key = "next-word"
    splits_long_texts = True

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return ()

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own(self.key, folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        end = end_of_text(tokenizer)
        size = recipe.train.max_length
        with Gatherer({"input_ids": np.int32}) as gatherer:
            row = [end]
            for rows in reading_in_chunks(part, emit, control):
                texts = [" ".join(columns) for columns in part.texts(rows)]
                for found in pieces.plain(tokenizer, texts):
                    row += [*found.ids, end]
                full = (len(row) - 1) // (size - 1) * (size - 1)
                gatherer.add({"input_ids": [row[begin : begin + size] for begin in range(0, full, size - 1)]})
                row = row[full:]
            if len(row) > 1:
                gatherer.add({"input_ids": [row]})
            return gatherer.finish()

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        ids, there = encoded.padded("input_ids", rows, tokenizer.pad_token_id), encoded.attention(rows)
        labels = np.full_like(ids, NOT_PREDICTED)
        labels[:, :-1] = np.where(there[:, 1:], ids[:, 1:], NOT_PREDICTED)
        arrays = {"input_ids": ids, "attention_mask": there, "labels": labels}
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        labels = torch.zeros(ids.shape, dtype=torch.int64)
        labels[:, -1] = NOT_PREDICTED
        return labels

    def wanted(self, batch: Batch) -> torch.Tensor:
        return (batch["labels"].flatten() != NOT_PREDICTED).nonzero()[:, 0]

    @contextmanager
    def scoring(self, model: PreTrainedModel, batch: Batch) -> Iterator[None]:
        """Within this, the output layer gives two figures a position instead of one for each word, as `score` does."""
        layer, truth = model.get_output_embeddings(), truth_of(batch).to(model.device, non_blocking=True)
        layer.forward = partial(score, layer, truth)
        try:
            yield
        finally:
            vars(layer).pop("forward")

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return logits[0, :, 0].mean()

    def read(self, output: ModelOutput) -> torch.Tensor:
        logits: torch.Tensor = output.logits
        return logits

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        return NextWordScorer()

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        last_word(text, tokenizer)

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        before, word = last_word(text, tokenizer)
        ids = torch.tensor([before + word], device=model.device)
        log_shares = (
            model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0, len(before) - 1 : -1].log_softmax(-1)
        )
        return float(log_shares.gather(1, ids[0, len(before) :, None]).mean().exp()), -1


def score(layer: nn.Module, truth: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """The loss of each position, nats, and without gradients also whether the likeliest word is the right one.

    Args:
        layer: From a state to one logit a word; it runs as often as keeps `VALUES_AT_ONCE`.
        truth: The words that follow, int64, shape (positions,).
        states: Shape (1, positions, width).
    Returns:
        Shape (1, positions, 2), float32; the second is 1 or 0.
    """
    run = partial(type(layer).forward, layer)

    def one(truth: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        logits = run(states)
        lost = functional.cross_entropy(logits.float(), truth, reduction="none")
        right = torch.zeros_like(lost) if torch.is_grad_enabled() else (logits.argmax(-1) == truth).float()
        return torch.stack([lost, right], -1)

    words = next(layer.parameters()).shape[0]
    parts = -(-len(truth) * words // VALUES_AT_ONCE)
    if parts <= 1:
        return one(truth, states[0])[None]
    found = [  # the logits of a part are computed again for its gradient, and never all there at once
        checkpoint(one, *part, use_reentrant=False, preserve_rng_state=False)
        for part in zip(truth.chunk(parts), states[0].chunk(parts), strict=True)
    ]
    return torch.cat(found)[None]


class NextWordScorer:
    """Adds up the loss and the right first guesses over all tokens."""

    def __init__(self) -> None:
        self._loss, self._right, self._count = 0.0, 0.0, 0

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        self._loss += float(logits[0, :, 0].double().sum())
        self._right += float(logits[0, :, 1].sum())
        self._count += logits.shape[1]

    def include(self, other: NextWordScorer) -> None:
        self._loss += other._loss
        self._right += other._right
        self._count += other._count

    def scores(self) -> Scores:
        count = max(1, self._count)
        loss = self._loss / count
        perplexity = math.exp(min(loss, LARGEST_LOSS))
        return Scores(loss, {"perplexity": perplexity, "loss": loss, "hits": self._right / count})


def end_of_text(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token that ends a text, and begins one too.

    Raises:
        TlguiError: the model has none.
    """
    if tokenizer.eos_token_id is None:
        raise TlguiError("This model has no token that ends a text.", "Pick another model.")
    end: int = tokenizer.eos_token_id
    return end


def last_word(text: str, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The tokens before a text's last word, the one that ends the text before it among them, and those of the word.

    Raises:
        TlguiError: there are no two words, or more tokens than the model takes.
    """
    words = text.translate(_NO_BRACES).split()
    if len(words) < 2:
        raise TlguiError("A kept sentence needs two words at least: the last one is guessed.", "Write a longer one.")
    plain = " ".join(words)
    before, whole = (found.ids for found in pieces.plain(tokenizer, [" ".join(words[:-1]), plain]))
    same = next((i for i, (one, two) in enumerate(zip(before, whole, strict=False)) if one != two), len(before))
    ids = [end_of_text(tokenizer), *whole]
    if len(ids) > tokenizer.model_max_length:
        most = tokenizer.model_max_length
        raise TlguiError(f"The text has {len(ids):,} tokens; the model takes {most:,}.", "Shorten the text.")
    if not whole[same:]:
        raise TlguiError(f"The model cannot read the word “{words[-1]}”.", "End the sentence with another one.")
    return ids[: same + 1], ids[same + 1 :]
