"""What the freeze board shows: a recipe's plan over the groups of a model, in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tlgui.core.errors import Problem
from tlgui.core.facts import CostFacts, DataFacts, GroupFacts, ModelFacts
from tlgui.core.freeze import FreezePlan, by_side, everything, title
from tlgui.core.rates import peak_rates
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import make_schedule, plan_problems, start_plan, thaw_order, thaw_times, thawing
from tlgui.core.transfer import LAST, MIX, TransferPart

Kind = Literal["learns", "frozen", "thaws", "waits", "adapted"]
"""From the start; never; at a time; when learning stalls; frozen with LoRA beside it."""
Use = Literal["", "feeds", "mixed", "unused"]
_GRIDS = (1.0, 0.5, 0.25, 0.1, 0.05)
"""Parts of an epoch to which thaw times snap."""


@dataclass(frozen=True)
class Board:
    """A recipe's plan over the groups of a model.

    Raises:
        ValueError: from every property but `fits`, and from every gesture, if the plan does not fit the groups.
    """

    recipe: Recipe
    keys: tuple[str, ...]
    """The model's groups, bottom to top."""
    new: frozenset[str] = frozenset()
    """Those that start at random."""
    steps_per_epoch: int = 0
    """0 = not known yet."""
    lower: int = 0
    """Layers that read, where those above them write; 0 = none writes."""

    @property
    def transfer(self) -> TransferPart:
        return self.recipe.transfer

    @property
    def fits(self) -> bool:
        """Whether the plan names only groups of the model and leaves something to learn, so that it can be drawn."""
        try:
            return bool(self.ever)
        except ValueError:
            return False

    # what is shown

    @cached_property
    def start(self) -> FreezePlan:
        """Which groups learn in the first step."""
        return start_plan(self.transfer, self.keys, self.new)

    @cached_property
    def ever(self) -> tuple[str, ...]:
        """Groups that learn at some time, or are adapted, bottom to top."""
        found = make_schedule(self.recipe, self.keys, self.steps_per_epoch or 1, self.new).ever
        return tuple(key for key in self.keys if key in found)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The groups below the lowest that ever learns."""
        return self.keys[: self.keys.index(self.ever[0])]

    @cached_property
    def times(self) -> dict[str, float]:
        """Thaw times in the recipe's unit, top down; empty unless layers thaw by the clock."""
        return thaw_times(self.transfer, self.keys)

    @cached_property
    def thawing(self) -> tuple[str, ...]:
        """Groups that thaw after the start, top down."""
        return thawing(self.transfer, self.keys)

    def kind(self, key: str) -> Kind:
        if self.transfer.method == "lora" and key.isdigit() and self.start.learns(key):
            return "adapted"
        if self.start.learns(key):
            return "learns"
        if key in self.times:
            return "thaws"
        return "waits" if key in self.thawing else "frozen"

    def begins(self, key: str) -> float | None:
        """Epochs since the start after which a group learns; None if it never does or nobody can know when."""
        match self.kind(key):
            case "learns" | "adapted":
                return 0.0
            case "thaws":
                return self.in_epochs(self.times[key])
        return None

    def use(self, key: str) -> Use:
        """What the head makes of a group's output, where it does not simply take the last layer's."""
        features = self.recipe.head.features
        if features == LAST or key not in self.order:
            return ""
        if features == MIX:
            return "mixed"
        if key == features:
            return "feeds"
        return "unused" if features in self.keys and self.keys.index(key) > self.keys.index(features) else ""

    @cached_property
    def rates(self) -> dict[str, float]:
        """Peak learning rate of each group."""
        return peak_rates(self.recipe, self.keys)

    def learning_at(self, epochs: float) -> tuple[str, ...]:
        """Groups that learn just before so many epochs are over, as far as the clock decides it."""
        return tuple(key for key in self.keys if (begins := self.begins(key)) is not None and begins < epochs)

    # what gestures start from

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What can thaw, top down."""
        return thaw_order(everything(self.keys))

    @cached_property
    def shut(self) -> FreezePlan:
        """What takes no part under the method."""
        if self.transfer.method in ("feature-based", "lora"):
            return self.start
        return FreezePlan.parse(self.transfer.frozen, self.keys)

    @property
    def open_times(self) -> dict[str, float]:
        """When each group that can thaw does: 0 = from the start, infinite = when learning stalls; no frozen ones."""
        moved = {key: self.times.get(key, math.inf) for key in self.thawing}
        return {key: moved.get(key, 0.0) for key in self.order if key in moved or self.start.learns(key)}

    # time

    @property
    def length(self) -> float:
        """Of the run, in the unit of its thaw times; infinite while it is not known."""
        if self.transfer.gradual.unit == "epochs":
            return float(self.recipe.train.epochs)
        return float(self.recipe.train.epochs * self.steps_per_epoch) or math.inf

    @property
    def grid(self) -> float:
        """Times that are drawn or moved are multiples of this."""
        if self.transfer.gradual.unit == "steps":
            return _round_number(self.length / 60) if math.isfinite(self.length) else 10.0
        known = [*self.times.values()]
        fitting = (g for g in _GRIDS if g < self.length and all(_whole(time / g) for time in known))
        return next(fitting, _GRIDS[-1])

    def snapped(self, epochs: float) -> float:
        """The thaw time nearest to a point of the run, in the recipe's unit."""
        return self.clamped(round(self.in_unit(epochs) / self.grid) * self.grid)

    def clamped(self, time: float) -> float:
        """A thaw time moved into the run."""
        return round(min(max(time, 0.0), max(self.length - self.grid, 0.0)), 6)

    def in_epochs(self, time: float) -> float | None:
        """A thaw time in epochs since the start; None while nobody knows how many steps an epoch has."""
        if self.transfer.gradual.unit == "epochs":
            return time
        return time / self.steps_per_epoch if self.steps_per_epoch else None

    def in_unit(self, epochs: float) -> float:
        """A point of the run in the recipe's unit."""
        return epochs if self.transfer.gradual.unit == "epochs" else float(round(epochs * self.steps_per_epoch))


def board_of(recipe: Recipe, model: ModelFacts, data: DataFacts | None) -> Board:
    """The board of a recipe, from what is known of its model and data."""
    return Board(recipe, model.keys, frozenset(model.new), epoch_steps(recipe, data), model.lower)


def epoch_steps(recipe: Recipe, data: DataFacts | None) -> int:
    """Optimizer steps of an epoch; 0 while there is no data, and where they depend on how long the texts are."""
    if data is None or recipe.train.batch_tokens:
        return 0
    return -(-data.train_rows // max(1, recipe.train.batch_size))


def layer_problems(recipe: Recipe, model: ModelFacts, data: DataFacts | None) -> list[Problem]:
    """What is wrong with a recipe's plan for its model."""
    return plan_problems(recipe, model.keys, model.new, epoch_steps(recipe, data))


def learning_parameters(board: Board, groups: Sequence[GroupFacts], learning: Iterable[str]) -> int:
    """How many numbers the optimizer moves when these groups learn; of an adapted one, its adapters."""
    chosen = set(learning)
    return sum(g.adapters if board.kind(g.key) == "adapted" else g.parameters for g in groups if g.key in chosen)


def epoch_costs(cost: CostFacts, epochs: int) -> tuple[tuple[float, float], ...]:
    """Seconds per step, on average, and seconds in all, of each epoch: with its share of the validations, with what
    frozen groups take that run once for each text, and the first with storing features."""
    stages = cost.stages or ((cost.seconds_per_step, cost.steps),)
    each, checks = cost.steps / epochs, cost.validation_seconds / epochs
    found = []
    for epoch in range(epochs):
        first, last, seconds, done = epoch * each, (epoch + 1) * each, 0.0, 0.0
        for of_a_step, steps in stages:
            seconds += of_a_step * _overlap(first, last, done, done + steps)
            done += steps
        for begin, once in cost.first_passes:
            seconds += once * _overlap(first, last, begin, begin + each) / each
        stored = cost.features_seconds if epoch == 0 else 0.0
        found.append((seconds / each if each else 0.0, stored + seconds + checks))
    return tuple(found)


def _overlap(first: float, last: float, begin: float, end: float) -> float:
    """How much two spans have in common."""
    return max(0.0, min(last, end) - max(first, begin))


def named_range(keys: Sequence[str], dash: str = "–", lower: int = 0) -> str:
    """Some groups by name, given top first, named bottom first: "Layers 2–3, Embeddings".

    Args:
        lower: As for `freeze.title`.
    """
    parts = []
    for name, numbers in by_side(keys, lower):
        gapless = numbers == list(range(numbers[0], numbers[-1] + 1))
        listed = f"{numbers[0]}{dash}{numbers[-1]}" if gapless and numbers[1:] else ", ".join(map(str, numbers))
        parts.append(f"{name}{'s' if numbers[1:] else ''} {listed}".capitalize())
    return ", ".join((*parts, *(title(key) for key in reversed(keys) if not key.isdigit())))


def _whole(number: float) -> bool:
    return math.isclose(number, round(number), abs_tol=1e-9)


def _round_number(number: float) -> float:
    """The next smaller of 1, 2, 5, 10, 20, 50, …, at least 1."""
    power = 10.0 ** math.floor(math.log10(max(number, 1.0)))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= max(number, 1.0))
