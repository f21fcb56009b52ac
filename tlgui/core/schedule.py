"""Which groups learn in which step: the freeze plan a run starts with, and what thaws when.

Thawing goes from the top down, as in Howard and Ruder, ULMFiT (ACL 2018), section 3.3; the head, and a pooler that is
there, learn from the start.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tlgui.core.errors import Problem
from tlgui.core.freeze import EMBEDDINGS, HEAD, POOLER, FreezePlan, describe, layer_keys, title
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import LAST, MIX, HandChange, TransferPart


@dataclass(frozen=True)
class Thaw:
    """A group that begins to learn."""

    key: str
    after: int
    """Optimizer steps done before; it learns from the next."""


@dataclass(frozen=True)
class Schedule:
    """All that is known before a run of which groups learn when."""

    start: FreezePlan
    thaws: tuple[Thaw, ...] = ()
    """By the clock, in the order in which they come."""
    waiting: tuple[str, ...] = ()
    """Groups that thaw in this order, each when validation has stopped improving."""
    changes: tuple[HandChange, ...] = ()
    """Made by hand in an earlier run of the recipe, by step."""

    def after(self, done: int) -> FreezePlan:
        """The plan once `done` steps are done, as far as the clock and recorded changes decide it."""
        moves: list[tuple[int, int, tuple[str, ...], bool]]
        moves = [(thaw.after, 0, (thaw.key,), True) for thaw in self.thaws]
        moves += [(change.step, 1, change.groups, change.learns) for change in self.changes]
        plan = self.start
        for step, _, keys, learns in sorted(moves, key=lambda move: move[:2]):
            if step <= done:
                plan = plan.with_state(keys, learns=learns)
        return plan

    @property
    def ever(self) -> frozenset[str]:
        """Groups that may learn at some time."""
        by_hand = (key for change in self.changes if change.learns for key in change.groups)
        return frozenset({*self.start.learning, *(thaw.key for thaw in self.thaws), *self.waiting, *by_hand})


def start_plan(transfer: TransferPart, keys: Sequence[str], new: Collection[str] = ()) -> FreezePlan:
    """Which groups learn in the first step.

    Args:
        keys: The model's groups, bottom to top.
        new: Those that start at random.
    Raises:
        ValueError: the recipe names a group the model has not, or nothing would learn; the message is a sentence.
    """
    plan = FreezePlan.parse(transfer.frozen, keys)
    match transfer.method:
        case "feature-based":
            shut = {key for key in keys if key != HEAD and not (key == POOLER and key in new)}
            return FreezePlan(plan.keys, frozenset(shut))
        case "lora":
            return FreezePlan(plan.keys, plan.frozen | ({EMBEDDINGS} & set(keys)))
        case "gradual":
            return FreezePlan(plan.keys, plan.frozen | set(_thawing(transfer, plan)))
        case _:
            return plan


def thaw_order(plan: FreezePlan) -> tuple[str, ...]:
    """The groups that a gradual recipe thaws, top down; `plan` holds those that never learn."""
    order = (*reversed(layer_keys(plan.keys)), EMBEDDINGS)
    return tuple(key for key in order if key in plan.keys and plan.learns(key))


def thawing(transfer: TransferPart, keys: Sequence[str]) -> tuple[str, ...]:
    """The groups that a gradual recipe thaws later than at the start, top down; empty with another method.

    Raises:
        ValueError: as `start_plan`.
    """
    return _thawing(transfer, FreezePlan.parse(transfer.frozen, keys)) if transfer.method == "gradual" else ()


def _thawing(transfer: TransferPart, never: FreezePlan) -> tuple[str, ...]:
    return tuple(key for key in thaw_order(never) if transfer.gradual.at.get(key) != 0)


def thaw_times(transfer: TransferPart, keys: Sequence[str]) -> dict[str, float]:
    """When each group thaws, in the recipe's unit since the start; empty unless the recipe thaws by the clock.

    Raises:
        ValueError: as `start_plan`.
    """
    gradual = transfer.gradual
    if transfer.method != "gradual" or gradual.rule != "schedule":
        return {}
    order = thawing(transfer, keys)
    return {key: gradual.at.get(key, gradual.every * place) for place, key in enumerate(order, start=1)}


def make_schedule(recipe: Recipe, keys: Sequence[str], steps_per_epoch: int, new: Collection[str] = ()) -> Schedule:
    """The schedule of a recipe for a model and a length of epoch.

    Raises:
        ValueError: as `start_plan`.
    """
    transfer = recipe.transfer
    times = thaw_times(transfer, keys)
    each = steps_per_epoch if transfer.gradual.unit == "epochs" else 1
    thaws = sorted((Thaw(key, round(time * each)) for key, time in times.items()), key=lambda thaw: thaw.after)
    by_plateau = transfer.method == "gradual" and transfer.gradual.rule == "plateau"
    return Schedule(
        start=start_plan(transfer, keys, new),
        thaws=tuple(thaws),
        waiting=thawing(transfer, keys) if by_plateau else (),
        changes=tuple(sorted(transfer.changes, key=lambda change: change.step)),
    )


def plan_problems(
    recipe: Recipe, keys: Sequence[str], new: Collection[str] = (), steps_per_epoch: int = 0
) -> list[Problem]:
    """What is wrong with a recipe's plan for a model of these groups.

    Args:
        keys: The model's groups, bottom to top.
        new: Those that start at random.
        steps_per_epoch: 0 if it is not known yet; then what depends on it is not looked at.
    """
    transfer = recipe.transfer
    try:
        start = start_plan(transfer, keys, new)
    except ValueError as error:
        return [Problem("transfer.frozen", str(error))]
    found = []
    named = (
        ("transfer.rates", transfer.rates),
        ("transfer.gradual.at", transfer.gradual.at),
        ("transfer.changes", [key for change in transfer.changes for key in change.groups]),
        ("head.features", [] if recipe.head.features in (LAST, MIX, HEAD) else [recipe.head.features]),
    )
    for field, groups in named:
        if unknown := [key for key in groups if key not in (*keys, POOLER)]:  # another head may have a pooler
            text = f"“{unknown[0]}” is no group of this model. Its groups are {', '.join(keys)}."
            found.append(Problem(field, text))
    if recipe.head.features in (HEAD, POOLER):
        text = f"The head cannot read the {recipe.head.features}. Take a layer, “last” or “mix”."
        found.append(Problem("head.features", text))
    if transfer.method == "lora" and not any(start.learns(key) for key in layer_keys(keys)):
        found.append(Problem("transfer.frozen", "Every layer is frozen, so LoRA has nothing to adapt. Open a layer."))
    if not found:
        found += _timing_problems(recipe, keys, steps_per_epoch)
        found += _change_problems(recipe, keys, new, steps_per_epoch)
    return found


def _timing_problems(recipe: Recipe, keys: Sequence[str], steps_per_epoch: int) -> list[Problem]:
    """A gradual plan must thaw something, from the top down, within the run, with at least a step between thaws."""
    transfer = recipe.transfer
    if transfer.method != "gradual":
        return []
    order = thaw_order(FreezePlan.parse(transfer.frozen, keys))
    if not thawing(transfer, keys):
        rest = "learns from the start" if order else "stays frozen"
        return [Problem("transfer.frozen", f"Every layer {rest}, so nothing is left to thaw. Let one thaw later.")]
    times, unit, own = thaw_times(transfer, keys), transfer.gradual.unit, transfer.gradual.at
    waits = [(key, 0.0 if own.get(key) == 0 else times.get(key, math.inf)) for key in order]
    for (upper, first), (lower, second) in pairwise(waits):
        if second < first:
            text = f"{title(lower)} would thaw before {title(upper).lower()} above it. Thaw from the top down."
            return [Problem("transfer.gradual.at", text)]
    each = steps_per_epoch if unit == "epochs" else 1
    total = recipe.train.epochs * (1 if unit == "epochs" else steps_per_epoch)
    steps = {key: round(time * each) for key, time in times.items()}
    last = recipe.train.epochs * steps_per_epoch
    late = [key for key, time in times.items() if (total and time >= total) or (last and steps[key] >= last)]
    short = [b for a, b in pairwise(times) if each and steps[a] == steps[b] and times[a] != times[b]]
    short = [key for key in times if each and steps[key] < 1] + short
    for key in late[:1]:
        when = f"after {times[key]:g} {unit[:-1] if times[key] == 1 else unit}, when the run is over"
        return [Problem(f"transfer.gradual.{'at' if key in own else 'every'}", f"{title(key)} would thaw {when}.")]
    for key in short[:1]:
        text = f"The stage before {title(key).lower()} thaws has no step. Thaw less often."
        return [Problem(f"transfer.gradual.{'at' if key in own else 'every'}", text)]
    return []


def _change_problems(recipe: Recipe, keys: Sequence[str], new: Collection[str], steps_per_epoch: int) -> list[Problem]:
    """Recorded changes by hand must leave something that learns, and lie within the run."""
    changes = recipe.transfer.changes
    total = recipe.train.epochs * steps_per_epoch
    if total and (late := [change for change in changes if change.step >= total]):
        text = f"A change by hand is recorded at step {late[0].step:,}, and the run has {total:,}."
        return [Problem("transfer.changes", text)]
    try:
        make_schedule(recipe, keys, steps_per_epoch or 1, new).after(max((c.step for c in changes), default=0))
    except ValueError as error:
        return [Problem("transfer.changes", str(error))]
    return []


def describe_schedule(recipe: Recipe, keys: Sequence[str], new: Collection[str] = ()) -> str:
    """The whole plan in a few words, such as "top 2 layers learn" or "2 layers thaw, one each epoch".

    Raises:
        ValueError: as `start_plan`.
    """
    transfer = recipe.transfer
    never = FreezePlan.parse(transfer.frozen, keys)
    match transfer.method:
        case "feature-based":
            return "features feed a new head"
        case "lora":
            learning = [key for key in layer_keys(keys) if start_plan(transfer, keys, new).learns(key)]
            whole = len(learning) == len(layer_keys(keys))
            return f"LoRA of rank {transfer.lora.rank} on {'every layer' if whole else f'{len(learning)} layers'}"
        case "gradual":
            count = len(_thawing(transfer, never))
            groups = "1 group thaws" if count == 1 else f"{count} groups thaw"
            if transfer.gradual.rule == "plateau":
                return f"{groups} when learning stalls"
            if any(transfer.gradual.at.get(key) for key in _thawing(transfer, never)):
                return f"{groups} at times of their own"
            every, unit = transfer.gradual.every, transfer.gradual.unit
            pace = f"each {unit[:-1]}" if every == 1 else f"every {every:g} {unit}"
            return f"{groups}, one {pace}"
        case _:
            return describe(never)
