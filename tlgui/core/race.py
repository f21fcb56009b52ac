"""The race of strategies: what is compared, and what came of it. Plain values for window, terminal and report."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tlgui.core import recipe as recipes
from tlgui.core.errors import Problem
from tlgui.core.freeze import FreezePlan, everything, head_only, layer_keys, top_layers
from tlgui.core.goals import GOALS
from tlgui.core.plan import count
from tlgui.core.rates import FEATURES, HEAD_ONLY, LORA
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import plan_problems, thawing
from tlgui.core.transfer import HeadPart, TransferPart

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
    """Its learning rate as a multiple of one at which layers learn well: a lone head bears and needs a higher one."""
    top: int = -1
    """Layers that may learn, counted from the top; 0 = only the head and what is new, -1 = everything."""

    def never(self, keys: Sequence[str], new: Collection[str] = ()) -> FreezePlan:
        """The plan of a model of these groups, with what never learns frozen; groups in `new` start at random."""
        if self.top < 0:
            return everything(keys)
        return top_layers(keys, self.top) if self.top else head_only(keys, new)


@dataclass(frozen=True)
class RaceSpec:
    """What is compared: every strategy × label count × seed on the same split."""

    recipe: Recipe
    """Model, data, settings; its transfer section is replaced by each strategy's, and a batch is `batch_size` rows, so
    that as many labels are as many steps for every strategy."""
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


def _edits(method: str, weights: str = "pretrained") -> dict[str, dict[str, object]]:
    return {"model": {"weights": weights}, "transfer": {"method": method}}


STRATEGIES: dict[str, Strategy] = {
    strategy.key: strategy
    for strategy in (
        Strategy("scratch", "From scratch", _edits("fine-tune", "scratch"), 1.0),
        Strategy("feature-based", "Feature-based", _edits("feature-based"), FEATURES),
        Strategy("head", "Head only", _edits("fine-tune"), HEAD_ONLY, top=0),
        Strategy("gradual", "Gradual", _edits("gradual"), 1.0),
        Strategy("everything", "Everything", _edits("fine-tune"), 1.0),
        Strategy("lora", "LoRA", _edits("lora"), LORA),
    )
}
"""Besides these there are `top-K` and `gradual-K`, for any number of layers K."""
_COUNTED = re.compile(r"(top|gradual)-([1-9]\d{0,3})")


def strategy(key: str) -> Strategy:
    """One strategy by its key, such as `head` or `top-2`.

    Raises:
        ValueError: there is none of that key; the message is a sentence.
    """
    if found := _COUNTED.fullmatch(key):
        kind, layers = found[1], int(found[2])
        if kind == "gradual":
            return Strategy(key, f"Gradual, top {layers}", _edits("gradual"), 1.0, layers)
        return Strategy(key, "Top layer" if layers == 1 else f"Top {layers} layers", _edits("fine-tune"), 1.0, layers)
    if key not in STRATEGIES:
        raise ValueError(f"“{key}” is no strategy. There are {', '.join(STRATEGIES)}, and top-2 or gradual-2 as any.")
    return STRATEGIES[key]


def steps_of(spec: RaceSpec, rows: int) -> tuple[int, int]:
    """How long a run with some rows is: its epochs, and the steps of each."""
    each = -(-rows // spec.recipe.train.batch_size)
    return max(spec.recipe.train.epochs, -(-spec.least_steps // each)), each


def recipe_of(spec: RaceSpec, key: str, rows: int, seed: int, keys: Sequence[str], new: Collection[str] = ()) -> Recipe:
    """The recipe of one run of a race.

    Gradual thawing is spread over the first half of the run, so that in the second half all that may learn does.

    Args:
        rows: To learn from, counted.
        keys: The model's groups, bottom to top.
        new: Those that start at random.
    Raises:
        ValueError: there is no such strategy.
    """
    chosen, base = strategy(key), spec.recipe
    epochs, each = steps_of(spec, rows)
    never = chosen.never(keys, new)
    made = base.edit("", probes=(), transfer=TransferPart(frozen=tuple(never.spec()), lora=base.transfer.lora))
    for section, fields in chosen.recipe_edits.items():
        made = made.edit(section, **fields)
    if made.pooling == "own":  # a choice for the features; the model's own head has none
        made = made.edit("", head=HeadPart())
    rate = min(1.0, base.train.learning_rate * chosen.rate_factor)
    made = made.edit("train", epochs=epochs, seed=seed, learning_rate=rate, patience=0, validations=1, batch_tokens=0)
    if thaws := len(thawing(made.transfer, keys)):
        made = made.edit("transfer.gradual", unit="steps", every=float(max(1, epochs * each // (2 * thaws))))
    return made


def resolved(labels: Sequence[int], rows: int) -> tuple[int, ...]:
    """Label counts in rows, ascending, ALL counted, none of them twice."""
    return tuple(sorted({rows if wanted == ALL else wanted for wanted in labels}))


def problems(
    spec: RaceSpec, keys: Sequence[str] = (), new: Collection[str] = (), rows: int = 0, classes: int = 0
) -> list[Problem]:
    """What is wrong with a race, and the field it belongs to.

    Args:
        keys: The model's groups, bottom to top; empty if the model is not known yet.
        new: Those that start at random.
        rows: That are for training; 0 if the data are not known yet.
        classes: Different labels; 0 if not known.
    """
    found = [Problem(f"recipe.{problem.field}", problem.text) for problem in recipes.problems(spec.recipe)]
    goal = GOALS.get(spec.recipe.task)
    if goal is not None and goal.truth != "class":
        able = ", ".join(goal.key for goal in GOALS.values() if goal.truth == "class")
        text = f"The race compares classes, and “{goal.title}” has none. Goals with classes: {able}."
        found.append(Problem("recipe.task", text))
    for field, value, least in (("seeds", spec.seeds, 1), ("least_steps", spec.least_steps, 0)):
        if value < least:
            found.append(Problem(field, f"must be a whole number of at least {least}."))
    if spec.score_rows < 0:
        found.append(Problem("score_rows", "must be 0 (all that are kept for validation) or more."))
    found += _label_problems(spec, rows, classes)
    unknown = _strategy_problems(spec)
    found += unknown
    return found if found or not keys else _plan_problems(spec, keys, new, rows)


def _label_problems(spec: RaceSpec, rows: int, classes: int) -> list[Problem]:
    counts = [wanted for wanted in spec.labels if wanted != ALL]
    texts = (
        (not spec.labels, "Name at least one number of labels, such as 50."),
        (any(wanted < 0 for wanted in counts), "Each number of labels must be at least 1."),
        (
            any(b <= a for a, b in pairwise(counts)) or ALL in spec.labels[:-1],
            "The numbers of labels must rise from one to the next; “all” stands last.",
        ),
        (
            0 < rows < max(counts, default=0),
            f"{max(counts, default=0):,} labels are wanted, and {count(rows, 'row')} are there to learn from.",
        ),
        (
            0 < min(counts, default=classes) < classes,
            f"Each of the {classes} classes needs a row, so ask for at least {classes} labels.",
        ),
    )
    return [Problem("labels", text) for wrong, text in texts if wrong]


def _strategy_problems(spec: RaceSpec) -> list[Problem]:
    if not spec.strategies:
        return [Problem("strategies", "Name at least one strategy, such as everything.")]
    found = []
    for key in dict.fromkeys(spec.strategies):
        try:
            strategy(key)
        except ValueError as error:
            found.append(Problem("strategies", str(error)))
    if len(set(spec.strategies)) < len(spec.strategies):
        found.append(Problem("strategies", "A strategy is named twice."))
    return found


def _plan_problems(spec: RaceSpec, keys: Sequence[str], new: Collection[str], rows: int) -> list[Problem]:
    """Whether each strategy fits a model of these groups, and the shortest of its runs."""
    found, layers = [], len(layer_keys(keys))
    shortest = min((wanted for wanted in spec.labels if wanted != ALL), default=rows)
    for key in spec.strategies:
        if strategy(key).top > layers:
            found.append(Problem("strategies", f"{key}: the model has {count(layers, 'layer')}."))
            continue
        each = steps_of(spec, shortest)[1] if shortest else 0
        made = recipe_of(spec, key, max(shortest, 1), 0, keys, new)
        wrong = recipes.problems(made) + plan_problems(made, keys, new, each)
        found += [Problem("strategies", f"{key}: {problem.text}") for problem in wrong]
    return found
