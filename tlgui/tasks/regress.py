"""Give each text, or pair of texts, a number on a scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.metrics import pearson, spearman
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import REGRESSION, load_classifier
from tlgui.tasks.base import Scorer, Scores
from tlgui.tasks.classify import Classify, inputs_of
from tlgui.tasks.encoded import Batch, Encoded

BETWEEN = " to "
"""Between the ends of a scale, in the name of the model's one output: "0 to 5"."""


class Regress(Classify):
    """A classifier's head with one output, mean squared error.

    The output is a place on the scale from the lowest number, 0, to the highest, 1. So a rate that is good for stars
    is good for prices as well, whose weights would never grow large enough if the head had to give the number itself.
    """

    key = "regress"

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return (scale_name(prepared.scale),)

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        head = recipe.edit("head", pooling=recipe.pooling).head
        return load_classifier(
            folder, labels[:1], recipe.model.weights, recipe.train.seed, head, problem_type=REGRESSION
        )

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        low, high = recipe.data.scale
        numbers = np.array([float(cell) for cell in part.truths(np.arange(len(part)))])
        encoded = super().encode(part, tokenizer, recipe, emit, control)
        return replace(encoded, labels=((numbers - low) / (high - low)).astype(np.float32))

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        return torch.zeros(len(ids))

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return functional.mse_loss(logits[:, 0], batch["labels"].to(logits.device, non_blocking=True))

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        return NumberScorer(*scale_of(labels[0]))

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        return float(model(**inputs_of(text, tokenizer).to(model.device)).logits[0, 0].clamp(0, 1)), -1


class NumberScorer:
    """Keeps predictions and truth, a few bytes a row, as places on the scale."""

    def __init__(self, low: float, high: float) -> None:
        self._width = high - low
        self._guess: list[np.ndarray] = []
        self._truth: list[np.ndarray] = []

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        self._guess.append(logits[:, 0].float().cpu().numpy())
        self._truth.append(batch["labels"].cpu().numpy())

    def include(self, other: NumberScorer) -> None:
        self._guess += other._guess
        self._truth += other._truth

    def scores(self) -> Scores:
        guess, truth = (np.concatenate(values).astype(np.float64) for values in (self._guess, self._truth))
        loss = float(np.mean((guess - truth) ** 2))
        figures = {"spearman": spearman(truth, guess), "pearson": pearson(truth, guess), "mse": loss * self._width**2}
        return Scores(loss, figures)


def scale_name(scale: Sequence[float]) -> str:
    """What a model's one output is called, so that its scale goes wherever the model does: "0 to 5"."""
    return BETWEEN.join(str(int(end)) if float(end).is_integer() else repr(float(end)) for end in scale)


def scale_of(name: str) -> tuple[float, float]:
    """The lowest and the highest number, of the name of a model's output; 0 and 1 if it is another model's name."""
    try:
        low, high = map(float, name.split(BETWEEN))
    except ValueError:
        return 0.0, 1.0
    return low, high
