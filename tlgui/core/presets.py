"""The ready-made plans of the Layers page, and the few settings that each of them has: pure rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from tlgui.core import freeze
from tlgui.core.board import Board
from tlgui.core.freeze import EMBEDDINGS, HEAD, POOLER, FreezePlan, layer_keys
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe, Weights
from tlgui.core.schedule import plan_problems
from tlgui.core.transfer import LAST, GradualPart, HeadPart, LoraPart, Rule, Unit

Preset = Literal["features", "head", "top", "gradual", "everything", "lora"]
PRESETS: tuple[Preset, ...] = ("features", "head", "top", "gradual", "everything", "lora")
ORDINARY_TOP = 2
"""Layers that learn when "Top layers" is chosen before a number was."""
SHORT_RUN = 2
"""Up to so many epochs, layers thaw within them, not with them."""
_ORDINARY_MATRICES = ("query", "value")


def preset_of(board: Board) -> tuple[str, int]:
    """Which ready-made plan a recipe has ("" if none), and how many of the top layers learn at some time."""
    layers = [key for key in board.ever if key.isdigit()]
    if board.recipe.transfer.changes:
        return "", len(layers)
    match board.transfer.method:
        case "feature-based":
            return "features", 0
        case "lora":
            return ("lora" if len(layers) == len(layer_keys(board.keys)) else ""), len(layers)
        case "gradual":
            even = not board.transfer.gradual.at and board.prefix == _below(board, board.thawing[-1])
            return ("gradual" if even and not set(board.shut.frozen) - set(board.prefix) else ""), len(layers)
    return freeze.preset(board.start, board.new)


def choose(board: Board, preset: Preset, top: int = ORDINARY_TOP) -> Recipe:
    """The recipe with a ready-made plan; it keeps rates and settings of the method, and has no problem if it can.

    Args:
        board: Its own plan need not fit the model.
        top: Layers that learn with `top`.
    """
    recipe, layers = board.recipe.edit("transfer", changes=()), len(layer_keys(board.keys))
    scratch = recipe.model.weights == "scratch"
    if scratch and preset != "everything":  # what is frozen must be worth keeping
        recipe = recipe.edit("model", weights="pretrained")
    if preset != "features":
        recipe = with_usual_head(recipe)
    recipe = recipe.edit("transfer.gradual", at={})
    new = {HEAD} & board.new if scratch else board.new
    match preset:
        case "features":
            return recipe.edit("transfer", method="feature-based", frozen=())
        case "lora":
            return recipe.edit("transfer", method="lora", frozen=())
        case "gradual":
            return _gradual(replace(board, recipe=recipe))
        case "head":
            plan = freeze.head_only(board.keys, new)
        case "top":
            plan = freeze.top_layers(board.keys, max(1, min(top, layers)))
        case "everything":
            plan = freeze.everything(board.keys)
    return recipe.edit("transfer", method="fine-tune", frozen=tuple(plan.spec()))


def _gradual(board: Board) -> Recipe:
    """Thaw one layer with each epoch after the first; in a short run, up to three at even times."""
    epochs, layers = board.recipe.train.epochs, len(layer_keys(board.keys))
    count = min(layers, epochs - 1 if epochs > SHORT_RUN else 3)
    if board.steps_per_epoch and epochs <= SHORT_RUN:  # each stage needs a step
        count = max(1, min(count, epochs * board.steps_per_epoch - 1))
    plan = freeze.top_layers(board.keys, count)
    recipe = board.recipe.edit("transfer", method="gradual", frozen=tuple(plan.spec()))
    recipe = recipe.edit("transfer.gradual", unit="epochs", every=1.0)
    made = replace(board, recipe=recipe)
    return recipe if epochs > SHORT_RUN else evenly(made)


def evenly(board: Board) -> Recipe:
    """The gradual recipe with its thaws at even times that fit the run; groups that learn from the start still do."""
    parts, gradual = len(board.thawing) + 1, board.transfer.gradual
    each = board.length / parts
    if gradual.unit == "steps":
        every = float(max(1, math.floor(each))) if math.isfinite(each) else gradual.every
    else:
        every = min(1.0, math.floor(each * 100) / 100 or each)
        if board.steps_per_epoch:  # a whole number of steps between two thaws, or one would come too early
            every = max(every, 1 / board.steps_per_epoch)
    kept = {key: 0.0 for key, time in gradual.at.items() if time == 0}
    return board.recipe.edit("transfer.gradual", every=every, at=kept)


def down_to(board: Board) -> str:
    """The lowest group that thaws; empty if none does."""
    return board.thawing[-1] if board.thawing else ""


def with_down_to(board: Board, lowest: str) -> Recipe:
    """Thaw everything above the head's prefix down to a group; more often, if the run is too short else."""
    kept = {POOLER} & board.shut.frozen
    below = frozenset(_below(board, lowest)) | kept
    recipe = board.recipe.edit("transfer", frozen=tuple(FreezePlan(board.keys, below).spec()))
    starts = {key: 0.0 for key, time in board.transfer.gradual.at.items() if time == 0 and key not in below}
    starts = starts if lowest not in starts else {}
    return _fitted(replace(board, recipe=recipe.edit("transfer.gradual", at=starts)))


def with_rule(board: Board, rule: Rule) -> Recipe:
    """Thaw by the clock or when validation stalls; the clock's times fit the run."""
    return _fitted(replace(board, recipe=board.recipe.edit("transfer.gradual", rule=rule)))


def with_every(board: Board, every: float, unit: Unit) -> Recipe:
    """Thaw at even times; in another unit, about as often as before."""
    gradual = board.transfer.gradual
    if unit != gradual.unit:
        each = board.steps_per_epoch or 100
        every = float(max(1, round(every * each))) if unit == "steps" else round(every / each, 3) or 0.001
    kept = {key: 0.0 for key, time in gradual.at.items() if time == 0}
    return board.recipe.edit("transfer.gradual", every=every, unit=unit, at=kept)


def _fitted(board: Board) -> Recipe:
    found = plan_problems(board.recipe, board.keys, board.new, board.steps_per_epoch)
    late = any(problem.field.startswith("transfer.gradual") for problem in found)
    return evenly(board) if late else board.recipe


def with_head(recipe: Recipe, **fields: Any) -> Recipe:
    """The recipe with another head; the model's own pooling gives way to the mean where it cannot be."""
    made = recipe.edit("head", **fields)
    own_fits = made.head.features == LAST and not made.head.hidden
    return made if own_fits or made.pooling != "own" else made.edit("head", pooling="mean")


def with_weights(recipe: Recipe, weights: Weights) -> Recipe:
    """Pretrained weights; or random ones, all of which learn, since there is nothing in them to keep."""
    recipe = recipe.edit("model", weights=weights)
    if weights == "pretrained":
        return recipe
    recipe = with_usual_head(recipe)
    return recipe.edit("transfer", method="fine-tune", frozen=(), gradual=GradualPart(), changes=())


def has_choice_of_head(recipe: Recipe) -> bool:
    """Whether the goal puts a new head on the encoder."""
    return recipe.task in GOALS and GOALS[recipe.task].new_head


def has_unusual_head(recipe: Recipe) -> bool:
    """Whether the head is another than the goal's usual one; the baseline beside it does not count."""
    return recipe.head != HeadPart(baseline=recipe.head.baseline)


def with_usual_head(recipe: Recipe) -> Recipe:
    """The recipe with the goal's usual head."""
    return recipe.edit("head", **dict(HeadPart(baseline=recipe.head.baseline)))


def stuck(board: Board) -> tuple[str, ...]:
    """Groups that start at random and never learn, bottom to top."""
    return tuple(key for key in board.keys if key in board.new and key not in board.ever)


def without_stuck(board: Board) -> Recipe:
    """Let those learn."""
    frozen = board.shut.with_state(stuck(board), learns=True).spec()
    return board.recipe.edit("transfer", frozen=tuple(frozen))


def lora_matrices(lora: LoraPart, there: Sequence[str]) -> tuple[str, ...]:
    """The matrices that LoRA adapts, of those that the model has."""
    return tuple(name for name in there if name in (lora.matrices or _ORDINARY_MATRICES))


def _below(board: Board, key: str) -> tuple[str, ...]:
    """The groups below one; embeddings lie below every layer."""
    return () if key == EMBEDDINGS else board.keys[: board.keys.index(key)]
