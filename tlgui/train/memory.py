"""The memory that training needs at its highest, foretold from the model, the plan and the longest text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from transformers import PreTrainedModel

from tlgui.core.facts import MemoryFacts
from tlgui.core.freeze import FreezePlan, everything
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import Schedule
from tlgui.data.batches import rows_at
from tlgui.models.groups import Group, apply_freeze
from tlgui.tasks.base import logits_of, tensors_of
from tlgui.tasks.table import TASKS
from tlgui.train.devices import resident_bytes
from tlgui.train.parts import parts_for

NUMBER = 4
"""Bytes of a float32."""
LATER = 40_000_000
"""Parts of torch that are read from disk with the first steps. This and what follows: measured on Linux, torch 2.13."""
MOST_PROGRAM = 700_000_000
"""Of the program and its window; a process that holds more holds models, too."""
HELD = 1.2
"""What the allocator holds for a byte that is kept for the backward pass, as batches of many lengths come and go."""
PASSING, OUTPUTS = 2, 3
"""Copies of a layer's activations while a batch passes through, and of the model's output, beyond what is kept."""
ROWS = 2
"""Rows of the batch that is looked at; the memory grows in proportion to the rows."""


def memory(
    program: int,
    model: PreTrainedModel,
    groups: Sequence[Group],
    schedule: Schedule,
    recipe: Recipe,
    longest: int,
) -> MemoryFacts:
    """The parts of the peak, for a batch of the longest texts.

    Weights count once, and what ever learns once more for the copy that movement is measured against; AdamW keeps two
    moments of it, and each has its gradient. Activations are counted, not guessed: what autograd keeps for the backward
    pass above the lowest group that learns, by `kept`, times what the allocator was seen to need for it.

    Args:
        program: Bytes of the process without the model.
        longest: Tokens of the longest text.
    """
    learned = sum(p.numel() for p in _learnable(model, groups, schedule.ever))
    weights = sum(p.numel() for p in model.parameters())
    keys = [group.key for group in groups]
    plan = FreezePlan(tuple(keys), frozenset(keys) - schedule.ever)
    here, outputs = kept(model, groups, plan, recipe, longest)
    every, _ = kept(model, groups, everything(keys), recipe, longest)
    passing = PASSING * every / model.config.num_hidden_layers
    rows = rows_at(recipe.train, longest)
    times = -(-rows // parts_for(recipe.train.parts, rows, longest, model.device)) / ROWS
    return MemoryFacts(
        program=program,
        weights=NUMBER * (weights + learned),
        gradients=NUMBER * learned,
        optimizer=2 * NUMBER * learned,
        activations=int(times * (HELD * here + passing + OUTPUTS * outputs)),
    )


def kept(
    model: PreTrainedModel, groups: Sequence[Group], plan: FreezePlan, recipe: Recipe, length: int
) -> tuple[int, int]:
    """Bytes that autograd keeps of a forward pass of `ROWS` texts beside the model itself, and bytes of the output."""
    model.train()
    apply_freeze(model, groups, plan.frozen)
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    found: dict[int, Any] = {}

    def look(tensor: torch.Tensor) -> None:
        """Remember the storage, so that no other takes its address; the tensor itself would never be freed."""
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            found[storage.data_ptr()] = storage

    ids = torch.full((ROWS, length), model.config.vocab_size - 1, device=model.device)
    task = TASKS[recipe.task]
    labels = task.made_up_labels(ids, recipe)
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    with torch.autograd.graph.saved_tensors_hooks(look, lambda nothing: nothing):
        logits = logits_of(task, model, batch)
        task.loss(logits, batch)
    outputs = sum(tensor.untyped_storage().nbytes() for tensor in tensors_of(logits))
    return sum(storage.nbytes() for storage in found.values()), outputs


@cache
def program_bytes() -> int:
    """Of this process as it is now; once asked, it stays at that, as a process keeps memory that a model had."""
    return min(resident_bytes(), MOST_PROGRAM) + LATER


def _learnable(model: PreTrainedModel, groups: Sequence[Group], keys: frozenset[str]) -> list[torch.nn.Parameter]:
    parameters = dict(model.named_parameters())
    return [parameters[name] for group in groups if group.key in keys for name in group.learnable]
