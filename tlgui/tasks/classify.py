"""Put each text, or pair of texts, into one class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.metrics import confusion, of_classes
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import load_classifier
from tlgui.tasks import pieces
from tlgui.tasks.base import Scorer, Scores, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer

FIELDS = {"input_ids": "ids", "token_type_ids": "type_ids"}
"""What a model reads of each token, and what the tokenizers library calls it."""


class Classify:
    """A head on a text's tokens pooled into one vector, cross-entropy loss."""

    key = "classify"
    splits_long_texts = False

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return prepared.label_names

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        head = recipe.edit("head", pooling=recipe.pooling).head
        return load_classifier(folder, labels, recipe.model.weights, recipe.train.seed, head)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        limit = recipe.train.max_length
        fields: dict[str, type] = {"input_ids": np.int32}
        if "token_type_ids" in tokenizer.model_input_names:
            fields["token_type_ids"] = np.uint8
        with Gatherer(fields) as gatherer:
            for rows in reading_in_chunks(part, emit, control):
                columns = [list(column) for column in zip(*part.texts(rows), strict=True)]
                found = pieces.whole(tokenizer, columns, limit)
                gatherer.cut += sum(bool(one.overflowing) for one in found)
                gatherer.add({name: [getattr(one, FIELDS[name]) for one in found] for name in fields})
            return gatherer.finish(part.labels)

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        arrays = {
            "input_ids": encoded.padded("input_ids", rows, tokenizer.pad_token_id),
            "attention_mask": encoded.attention(rows),
        }
        if "token_type_ids" in encoded.fields:
            arrays["token_type_ids"] = encoded.padded("token_type_ids", rows, 0)
        if encoded.labels is not None:
            arrays["labels"] = encoded.labels[rows]
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        return torch.zeros(len(ids), dtype=torch.int64)

    def wanted(self, batch: Batch) -> None:
        return None

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return functional.cross_entropy(logits, batch["labels"].to(logits.device, non_blocking=True))

    def read(self, output: ModelOutput) -> torch.Tensor:
        logits: torch.Tensor = output.logits
        return logits

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        return ClassScorer(len(labels))

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        """Any text can be classified; a long one loses its end."""

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        shares = model(**inputs_of(text, tokenizer).to(model.device)).logits[0].softmax(-1)
        chosen = original_class if original_class >= 0 else int(shares.argmax())
        return float(shares[chosen]), chosen


def inputs_of(text: str, tokenizer: PreTrainedTokenizerBase) -> BatchEncoding:
    """One kept sentence as a model reads it; of two texts the second is in a second line."""
    cut = {"truncation": True, "max_length": tokenizer.model_max_length}
    return tokenizer(*text.split("\n", 1), **cut, return_tensors="pt")


class ClassScorer:
    """Keeps predictions and truth, a few bytes a row."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._loss, self._logits, self._truth = 0.0, [], []  # type: ignore[var-annotated]

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        labels = batch["labels"].cpu()
        self._loss += float(functional.cross_entropy(logits, labels.to(logits.device), reduction="sum"))
        self._logits.append(logits.argmax(-1).cpu().numpy())
        self._truth.append(labels.numpy())

    def include(self, other: ClassScorer) -> None:
        self._loss += other._loss
        self._logits += other._logits
        self._truth += other._truth

    def scores(self) -> Scores:
        guess, truth = np.concatenate(self._logits), np.concatenate(self._truth)
        return Scores(self._loss / len(truth), of_classes(confusion(truth, guess, self._classes)))
