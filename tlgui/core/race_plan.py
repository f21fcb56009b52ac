"""Rules of a race in the window: its folder, its price beforehand, what is left of it, and its outcome as a plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from tlgui.core import race
from tlgui.core.facts import CostFacts, DataFacts, ModelFacts
from tlgui.core.freeze import layer_keys
from tlgui.core.goals import GOALS
from tlgui.core.race import RaceReport, RaceSpec, Runner, Standing
from tlgui.core.rates import with_usual_rate
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import TransferPart

FORWARD = 1 / 3
"""Share of a step that a pass without gradients takes: going back costs about twice as much as going forth."""
_SHARES: Mapping[str, float] = {"feature-based": 0.0, "head": FORWARD, "lora": 0.8, "gradual": 0.8}
"""Seconds of a step as a share of one in which everything learns; other strategies without a number take all of it."""


def runs_of(spec: RaceSpec) -> int:
    """How many runs a race has."""
    return len(spec.strategies) * len(spec.labels) * spec.seeds


def base_of(recipe: Recipe, keys: Sequence[str] = (), new: Collection[str] = ()) -> Recipe:
    """The recipe of a race: without the plan and the weights that each strategy brings, whatever the draft has.

    Its rate is one at which layers learn; each strategy takes its multiple of that.

    Args:
        keys: The model's groups, bottom to top, if they are known; they tell a plan in which only the head learns.
        new: Those that start at random.
    """
    lora = recipe.transfer.lora  # the one part of a plan that a strategy takes over
    bare = recipe.edit("", transfer=TransferPart(lora=lora)).edit("model", weights="pretrained")
    return with_usual_rate(recipe, bare, keys, new)


def folder_name(spec: RaceSpec) -> str:
    """A race's folder: races that differ in anything that decides a score never share one.

    Strategies, label counts and seeds are not part of it, so a race can be widened and keeps what it has.
    """
    recipe = base_of(spec.recipe).edit("", name="", probes=()).edit("train", threads=0)
    told = f"{recipe.model_dump_json()} {spec.least_steps} {spec.score_rows}"
    return f"{spec.recipe.name}-{sha256(told.encode()).hexdigest()[:8]}"


def blank(spec: RaceSpec, train_rows: int) -> RaceReport:
    """What there is to show before the first run has ended: what is compared, and nothing of it."""
    labels = tuple(rows for rows in race.resolved(spec.labels, train_rows) if rows)
    runners = tuple(Runner(key, race.strategy(key).title, 0, ()) for key in spec.strategies)
    return RaceReport(
        folder="",
        metric=GOALS[spec.recipe.task].metric.key,
        task=spec.recipe.task,
        labels=labels,
        runners=runners,
        verdicts=(),
        advice="",
        choice="",
        done=0,
        total=runs_of(spec),
        seconds_left=-1.0,
        seconds_spent=0.0,
        score_rows=0,
        seeds=spec.seeds,
    )


def fullest(report: RaceReport) -> int:
    """The largest label count that most strategies have come to; 0 while no run has ended."""
    reached = {rows: sum(at(runner, rows) is not None for runner in report.runners) for rows in report.labels}
    return max((rows for rows in reached if reached[rows]), key=lambda rows: (reached[rows], rows), default=0)


def at(runner: Runner, labels: int) -> Standing | None:
    """Where a strategy stands with so many labels, if a run of it has finished."""
    return next((standing for standing in runner.standings if standing.labels == labels), None)


def left_of(spec: RaceSpec, report: RaceReport | None, train_rows: int) -> int:
    """How many runs of a race are still to come; what was run before counts if it has the strategy and the labels."""
    if report is None:
        return runs_of(spec)
    has = {(r.strategy, s.labels): len(s.scores) for r in report.runners for s in r.standings}
    pairs = [(key, rows) for key in spec.strategies for rows in race.resolved(spec.labels, train_rows)]
    return sum(max(0, spec.seeds - has.get(pair, 0)) for pair in pairs)


def with_strategy(recipe: Recipe, key: str, model: ModelFacts, train_rows: int) -> Recipe:
    """The recipe with a strategy's plan and the head rate that goes with it; it stays a recipe of the same race.

    Raises:
        ValueError: there is no such strategy.
    """
    base = base_of(recipe, model.keys, model.new)
    made = race.recipe_of(RaceSpec(base, least_steps=0), key, train_rows, 0, model.keys, model.new)
    recipe = recipe.edit("model", weights=made.model.weights).edit("", transfer=made.transfer, head=made.head)
    return recipe.edit("train", learning_rate=made.train.learning_rate)


def estimate(spec: RaceSpec, cost: CostFacts, model: ModelFacts, data: DataFacts) -> float:
    """Seconds that a race will take, from the timed steps of the plan; after some runs the report knows better."""
    train, layers = spec.recipe.train, len(layer_keys(model.keys))
    check = cost.validation_seconds / max(1, train.epochs * train.validations)
    scored = min(spec.score_rows or data.validation_rows, data.validation_rows)
    scoring = check * scored / max(1, data.validation_rows)
    batch = cost.seconds_everything
    total = 0.0
    for labels in spec.labels:
        epochs, each = race.steps_of(spec, min(labels or data.train_rows, data.train_rows))
        features = batch * FORWARD * each
        for strategy in spec.strategies:
            share = share_of_step(strategy, layers)
            total += scoring + (epochs * each * batch * share if share else features)
    return total * spec.seeds


def share_of_step(strategy: str, layers: int) -> float:
    """What a step of a strategy takes, as a share of one in which everything learns."""
    number = re.fullmatch(r"top-(\d+)", strategy)
    if number:
        return FORWARD + (1 - FORWARD) * min(1.0, int(number[1]) / max(1, layers))
    return next((share for start, share in _SHARES.items() if strategy.startswith(start)), 1.0)
