"""What every goal answers; the training loop knows goals only through this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part
from tlgui.tasks.encoded import Batch, Encoded


@dataclass(frozen=True)
class Scores:
    """What one validation came to."""

    loss: float
    """Mean over what is predicted (rows or hidden tokens), nats."""
    metrics: dict[str, float]
    """By key of the goal's metrics."""


class Scorer(Protocol):
    """Adds up the predictions of one validation, batch by batch."""

    def add(self, logits: torch.Tensor, batch: Batch) -> None: ...

    def scores(self) -> Scores: ...


class Task(Protocol):
    """One goal. Stateless: everything is handed in."""

    key: str
    splits_long_texts: bool
    """Whether a text that is too long becomes several examples; else it loses its end."""

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        """The model with this goal's head; what is new is drawn from the recipe's seed."""
        ...

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        """Every row of a part as one or more examples."""
        ...

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator,
    ) -> Batch:
        """Some examples as padded tensors on the CPU; `labels` among them."""
        ...

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Mean loss over what the batch predicts, nats; a scalar."""
        ...

    def scorer(self) -> Scorer: ...

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        """Raise TlguiError if a kept sentence could not be scored."""
        ...

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        """Score one kept sentence, 0..1; also the class that was scored, to be handed in next time (-1 at first)."""
        ...


def texts_in_chunks(part: Part, size: int = 1000) -> list[np.ndarray]:
    """Row positions of a part in spans that are read and tokenised at once."""
    return [np.arange(start, min(start + size, len(part))) for start in range(0, len(part), size)]
