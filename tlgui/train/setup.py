"""From a recipe to all that the loop needs: rows, model, groups, encoded texts. Writes nothing the user would keep."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.events import Emit, Progress
from tlgui.core.freeze import FreezePlan
from tlgui.core.recipe import Recipe, require
from tlgui.data.prepare import Prepared, prepare
from tlgui.models.groups import Group, apply_freeze, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.models.source import resolve
from tlgui.tasks.base import Task
from tlgui.tasks.encoded import Batch, Encoded
from tlgui.tasks.table import TASKS
from tlgui.train.checkpoint import checksum
from tlgui.train.devices import choose_device, use_threads


@dataclass
class Setup:
    """A recipe made ready to train; `model` is on `device`."""

    recipe: Recipe
    """As it runs: with the columns that were guessed and the length that the model takes."""
    task: Task
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    groups: tuple[Group, ...]
    plan: FreezePlan
    train: Encoded
    validation: Encoded
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    """What was found and decided while reading the data, as sentences."""
    device: torch.device

    @cached_property
    def learning(self) -> dict[str, nn.Parameter]:
        """The parameters that learn, by name."""
        wanted = {name for group in self.groups if self.plan.learns(group.key) for name in group.names}
        return {name: p for name, p in self.model.named_parameters() if name in wanted}

    @property
    def frozen(self) -> list[nn.Parameter]:
        """The parameters that stay as they are."""
        return [p for name, p in self.model.named_parameters() if name not in self.learning]

    def training_mode(self) -> None:
        """Dropout on in the groups that learn, off in the frozen ones."""
        self.model.train()
        apply_freeze(self.model, self.groups, self.plan.frozen)

    def batch(self, encoded: Encoded, rows: np.ndarray, random: np.random.Generator) -> Batch:
        """One padded batch on the device."""
        batch = self.task.batch(encoded, rows, self.tokenizer, self.recipe, random)
        return {name: tensor.to(self.device) for name, tensor in batch.items()}

    def logits(self, batch: Batch) -> torch.Tensor:
        """The model's output for a batch; the goal computes the loss from it."""
        output: torch.Tensor = self.model(**{k: v for k, v in batch.items() if k != "labels"}).logits
        return output

    def fingerprint(self) -> str:
        """Of the frozen weights, the texts and the labels: equal for an unchanged recipe, model and data."""
        rows = zlib.crc32("\0".join(self.labels).encode())
        for part in (self.train, self.validation):
            for array in (part.fields["input_ids"], part.labels):
                rows = zlib.crc32(b"" if array is None else np.ascontiguousarray(array).data, rows)
        return f"{self.frozen_checksum()}-{rows:08x}"

    def frozen_checksum(self) -> str:
        """Of the weights that must not change."""
        return f"{checksum(self.frozen):08x}"


def set_up(recipe: Recipe, emit: Emit, control: Control) -> Setup:
    """Read the data, open the model, encode the texts.

    Raises:
        TlguiError: what the user has to change first; nothing has been written.
        StopRequested: the user stopped the preparation.
    """
    require(recipe)
    use_threads(recipe.train.threads)
    task = TASKS[recipe.task]
    prepared = prepare(recipe, emit, control)
    recipe = recipe.edit("data", text=prepared.train.text_columns, label=prepared.label_column)
    folder = resolve(recipe.model.source, emit, control)
    emit(Progress("Opening the model", 0, 0))
    tokenizer = load_tokenizer(folder)
    recipe, too_long = fit_length(recipe, tokenizer)
    model = task.load(folder, recipe, prepared.label_names)
    _require_probes(recipe, tokenizer)
    groups = layer_groups(model)
    plan = _plan(recipe, groups)
    train = task.encode(prepared.train, tokenizer, recipe, emit, control)
    validation = task.encode(prepared.validation, tokenizer, recipe, emit, control)
    _require_examples(train, validation)
    device = choose_device()
    return Setup(
        recipe=recipe,
        task=task,
        model=model.to(device),
        tokenizer=tokenizer,
        groups=groups,
        plan=plan,
        train=train,
        validation=validation,
        labels=prepared.label_names,
        notes=(*prepared.notes, *too_long, *_data_notes(recipe, prepared, train, validation)),
        device=device,
    )


def _plan(recipe: Recipe, groups: tuple[Group, ...]) -> FreezePlan:
    try:
        return FreezePlan.parse(recipe.transfer.frozen, [group.key for group in groups])
    except ValueError as error:
        raise RecipeError([Problem("transfer.frozen", str(error))]) from error


def _require_probes(recipe: Recipe, tokenizer: PreTrainedTokenizerBase) -> None:
    for number, probe in enumerate(recipe.probes, 1):
        try:
            TASKS[recipe.task].check_probe(tokenizer, probe)
        except TlguiError as error:
            raise RecipeError([Problem("probes", f"Probe {number}: {error.title} {error.hint}")]) from error


def fit_length(recipe: Recipe, tokenizer: PreTrainedTokenizerBase) -> tuple[Recipe, tuple[str, ...]]:
    """Lower `max_length` to what the model takes, and say so."""
    most = tokenizer.model_max_length
    if recipe.train.max_length <= most:
        return recipe, ()
    note = f"The model reads at most {most} tokens, so texts are cut there, not at {recipe.train.max_length}."
    return recipe.edit("train", max_length=most), (note,)


def _require_examples(train: Encoded, validation: Encoded) -> None:
    for part, name in ((train, "training"), (validation, "validation")):
        if not len(part):
            raise TlguiError(f"No row is left for {name}.", "Add rows, or change the share kept for validation.")


def _data_notes(recipe: Recipe, prepared: Prepared, train: Encoded, validation: Encoded) -> list[str]:
    notes = [
        f"{len(prepared.validation):,} rows are kept aside for validation, {len(prepared.train):,} are for training."
    ]
    cut = train.cut + validation.cut
    if cut:
        share = cut / (len(train) + len(validation))
        notes.append(
            f"{cut:,} texts ({share:.1%}) lose their end after {recipe.train.max_length} tokens.".replace("%", " %")
        )
    return notes
