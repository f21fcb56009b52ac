"""The race of strategies: what is compared, and what came of it. Plain values for window, terminal and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tlgui.core.recipe import Recipe

ALL = 0
"""A label count that means every training row."""
Level = Literal["yes", "price", "no", "unclear"]


@dataclass(frozen=True)
class Strategy:
    """One way to transfer, as a change to a recipe."""

    key: str
    """As `--strategies` takes it; `top-2` has its number of layers in it."""
    title: str
    recipe_edits: Mapping[str, Mapping[str, object]]
    """Fields to change, by section of the recipe."""
    rate_factor: float
    """Its learning rate as a multiple of the recipe's: a lone head bears and needs a higher one."""


@dataclass(frozen=True)
class RaceSpec:
    """What is compared: every strategy × label count × seed on the same split."""

    recipe: Recipe
    """Model, data, settings; its transfer section is replaced by each strategy's."""
    strategies: tuple[str, ...] = ("scratch", "feature-based", "top-2", "everything")
    labels: tuple[int, ...] = (50, 200, ALL)
    """Labelled rows to learn from, ascending; ALL stands last."""
    seeds: int = 3
    """Seeds 0 … n-1, at least 1; below 3 the report says that the spread is not known."""
    least_steps: int = 100
    """Few rows are read more often, so that every run has at least this many steps."""
    score_rows: int = 2000
    """Rows that score every run, a fixed sample of those kept for validation; 0 = all of them."""


@dataclass(frozen=True)
class Cell:
    """One finished run of a race."""

    strategy: str
    labels: int
    """Rows it learned from, counted."""
    seed: int
    score: float
    """The goal's first metric, of the last weights, on the scoring rows."""
    loss: float
    seconds: float
    """From loaded model to last step: features, training; scoring not counted."""
    parameters: int
    """That learn."""


@dataclass(frozen=True)
class Standing:
    """One strategy at one label count, over its seeds."""

    labels: int
    scores: tuple[float, ...]
    mean: float
    deviation: float
    """Standard deviation over the seeds (n - 1); 0 for a single one."""
    minutes: float
    """Mean of one run."""


@dataclass(frozen=True)
class Runner:
    """One strategy's line in plots and table."""

    strategy: str
    title: str
    parameters: int
    standings: tuple[Standing, ...]
    """Ascending label counts; only those with a finished run."""


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of one claim."""

    claim: str
    """"Less training time", "Better predictions", "Fewer labels", "Gradual thawing"."""
    level: Level
    chip: str
    """"Yes", "Yes, at a price", "No", "Cannot tell"."""
    text: str
    """One or two sentences with the numbers."""


@dataclass(frozen=True)
class RaceReport:
    """A race as far as it has come."""

    folder: str
    metric: str
    """Key of the goal's first metric."""
    task: str
    labels: tuple[int, ...]
    """Label counts in rows, ascending."""
    runners: tuple[Runner, ...]
    verdicts: tuple[Verdict, ...]
    advice: str
    """What to choose, in a sentence; empty until there is enough to say."""
    choice: str
    """Key of the strategy that the advice names; empty if none."""
    done: int
    total: int
    seconds_left: float
    """Estimate for the runs that are still to come; -1 while unknown."""
    seconds_spent: float
    score_rows: int
    seeds: int
    running: str = ""
    """The run that is going, in words; empty if none."""
    baseline: Mapping[int, float] | None = None
    """Mean score of logistic regression on frozen features by label count, where feature-based ran."""
