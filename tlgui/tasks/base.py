"""What every goal answers; the training loop knows goals only through this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared
from tlgui.models.groups import decoder_of
from tlgui.models.last_layer import by_row, can_run_at_some, only_at, reads_first
from tlgui.models.positions import head_only_at
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

    def add(self, logits: Any, batch: Batch) -> None: ...

    def include(self, other: Self) -> None:
        """Add what another scorer has added up, after what this one has."""
        ...

    def scores(self) -> Scores: ...


class Task(Protocol):
    """One goal. Stateless: everything is handed in."""

    key: str
    splits_long_texts: bool
    """Whether a text that is too long becomes several examples; else it loses its end."""

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        """What the model can answer, by id: for classes those of the data; empty where there is no list of answers."""
        ...

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
        random: np.random.Generator | ByExample,
    ) -> Batch:
        """Some examples as padded tensors on the CPU; `labels` among them, which stay there.

        So what is to be predicted, and where, is known without waiting for an accelerator.
        """
        ...

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        """Labels that a batch of any tokens, shape (rows, tokens), could have; so a step over them can be timed."""
        ...

    def wanted(self, batch: Batch) -> torch.Tensor | None:
        """Positions that a prediction is wanted for, counted through all rows, int64; None = one prediction a row."""
        ...

    def loss(self, logits: Any, batch: Batch) -> torch.Tensor:
        """Mean loss over what the batch predicts, nats; a scalar."""
        ...

    def read(self, output: ModelOutput) -> Any:
        """What the loss takes, of a model's output: a tensor, or a tuple of tensors."""
        ...

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        """Begin to score examples: batches of `encoded` in any order, not all of them need to come.

        Args:
            labels: As `label_names` gives them.
        """
        ...

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        """Raise TlguiError if a kept sentence could not be scored."""
        ...

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        """Score one kept sentence, 0..1; also the class that was scored, to be handed in next time (-1 at first)."""
        ...


@runtime_checkable
class Writer(Protocol):
    """A scorer that also looks at what the model writes when nothing is given to it but the input."""

    def write(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        encoded: Encoded,
        rows: np.ndarray,
        control: Control,
    ) -> None:
        """Let the model write for some of these examples, and keep what it wrote."""
        ...


@runtime_checkable
class ScoresInside(Protocol):
    """A task that predicts at every token, so that one number for each word there would be too many to keep."""

    def scoring(self, model: PreTrainedModel, batch: Batch) -> AbstractContextManager[None]:
        """Within this, the model gives what the task's loss takes in place of its logits."""
        ...


def logits_of(task: Task, model: PreTrainedModel, batch: Batch) -> Any:
    """A model's logits for a batch, as the task's loss takes them: of what it wants a prediction for, and no more."""
    wanted, (rows, tokens) = task.wanted(batch), batch["input_ids"].shape
    with ExitStack() as narrowed:
        if can_run_at_some(model):
            if wanted is not None:
                places, wanted = by_row(wanted, tokens, rows)
                narrowed.enter_context(only_at(model, places))
            elif reads_first(model):
                narrowed.enter_context(only_at(model, torch.zeros(rows, 1, dtype=torch.int64)))
        narrowed.enter_context(head_only_at(model, None if wanted is None else wanted.to(model.device)))
        if isinstance(task, ScoresInside):
            narrowed.enter_context(task.scoring(model, batch))
        return task.read(model(**_inputs(model, batch)))


def _inputs(model: PreTrainedModel, batch: Batch) -> Batch:
    """What a model reads: all but the labels, which a decoder reads too, each after the token before it."""
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
    if decoder_of(model) is not None:
        labels = batch["labels"].to(model.device, non_blocking=True)
        inputs["decoder_input_ids"] = model.prepare_decoder_input_ids_from_labels(labels)
    return inputs


def tensors_of(logits: Any) -> tuple[torch.Tensor, ...]:
    """What a task has read, as a tuple of tensors."""
    return logits if isinstance(logits, tuple) else (logits,)


def in_float32(logits: Any) -> Any:
    """What a task has read, each tensor of it in float32."""
    return tuple(one.float() for one in logits) if isinstance(logits, tuple) else logits.float()


def to_device(batch: Batch, device: torch.device) -> Batch:
    """What the model reads goes to the device; the labels stay."""
    return {name: tensor if name == "labels" else tensor.to(device) for name, tensor in batch.items()}


def texts_in_chunks(part: Part, size: int = 1000) -> list[np.ndarray]:
    """Row positions of a part in spans that are read and tokenised at once."""
    return [np.arange(start, min(start + size, len(part))) for start in range(0, len(part), size)]


def reading_in_chunks(
    part: Part, emit: Emit, control: Control, done: int = 0, total: int | None = None
) -> Iterator[np.ndarray]:
    """The same spans, with a word of progress and a place to stop before each.

    Args:
        done: Rows that were read before those of this part.
        total: Rows of all parts together; None = this is the only one.
    """
    for rows in texts_in_chunks(part):
        control.check()
        emit(Progress("Reading the texts in the model's tokens", done + int(rows[0]), total or len(part)))
        yield rows
