"""A race's folder, its price beforehand, what is left of it, and its outcome as a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from race_reports import COUNTS, race_report
from ui_facts import COST, model, table

from tlgui.core import recipe as recipes
from tlgui.core.race import ALL, STRATEGIES, RaceSpec, recipe_of
from tlgui.core.race_plan import base_of, blank, estimate, folder_name, fullest, left_of, share_of_step, with_strategy
from tlgui.core.race_words import table_rows
from tlgui.core.rates import peak_rates
from tlgui.core.samples import SAMPLES
from tlgui.core.schedule import make_schedule, plan_problems

RECIPE = SAMPLES["reviews"].recipe()
SPEC = RaceSpec(RECIPE, labels=(50, 200, ALL))
ROWS = table().train_rows


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("", {"probes": ("A text.",)}),
        ("transfer", {"frozen": ("embeddings", "0-2")}),
        ("model", {"weights": "scratch"}),
        ("train", {"threads": 3}),
    ],
)
def test_what_a_strategy_brings_does_not_make_another_race(section: str, fields: dict[str, object]) -> None:
    assert folder_name(replace(SPEC, recipe=RECIPE.edit(section, **fields))) == folder_name(SPEC)


def test_what_decides_a_score_makes_another_race() -> None:
    others = [
        replace(SPEC, recipe=RECIPE.edit("data", source="sample:other")),
        replace(SPEC, recipe=RECIPE.edit("model", source="/models/other")),
        replace(SPEC, recipe=RECIPE.edit("train", epochs=7)),
        replace(SPEC, recipe=RECIPE.edit("train", seed=7)),
        replace(SPEC, recipe=RECIPE.edit("transfer.lora", rank=3)),
        replace(SPEC, least_steps=7),
        replace(SPEC, score_rows=7),
    ]
    names = {folder_name(spec) for spec in (SPEC, *others)}
    assert len(names) == len(others) + 1
    assert all(name.startswith("reviews-") for name in names)


def test_a_wider_race_keeps_its_folder_and_only_lacks_what_is_new() -> None:
    report = race_report()
    spec = RaceSpec(RECIPE, tuple(runner.strategy for runner in report.runners), (50, 200, ALL), 3)
    assert left_of(spec, None, ROWS) == 36
    assert left_of(spec, report, ROWS) == 0
    wider = replace(spec, strategies=(*spec.strategies, "head"), seeds=4)
    assert folder_name(wider) == folder_name(spec)
    assert left_of(wider, report, ROWS) == 12 + 12
    assert left_of(spec, race_report(cells=7), ROWS) == 29
    assert left_of(replace(spec, labels=(100,)), report, ROWS) == 12


def test_the_minutes_are_those_of_the_largest_count_that_most_have_come_to() -> None:
    assert fullest(race_report(cells=0)) == 0
    assert fullest(race_report(cells=1)) == COUNTS[0]
    assert fullest(race_report(cells=6)) == COUNTS[0]  # two of four have come further
    assert fullest(race_report(cells=8)) == COUNTS[1]
    assert fullest(race_report()) == COUNTS[-1]


def test_before_the_first_run_there_is_a_line_a_strategy() -> None:
    report = blank(SPEC, ROWS)
    assert report.labels == (50, 200, ROWS)
    assert [row.title for row in table_rows(report)] == ["From scratch", "Feature-based", "Top 2 layers", "Everything"]
    assert {score for row in table_rows(report) for score in row.scores} == {"–"}
    assert blank(SPEC, 0).labels == (50, 200)  # how many all are is not known yet


def test_the_estimate_grows_with_runs_and_with_what_learns() -> None:
    def seconds(**changes: object) -> float:
        return estimate(replace(SPEC, **changes), COST, model(), table())  # type: ignore[arg-type]

    shares = [share_of_step(key, 6) for key in ("feature-based", "head", "top-2", "lora", "everything")]
    assert shares == sorted(shares)
    assert share_of_step("top-6", 6) == share_of_step("scratch", 6) == 1.0
    assert seconds(seeds=6) == pytest.approx(2 * seconds(seeds=3))
    assert seconds(strategies=("head",)) < seconds(strategies=("top-2",)) < seconds(strategies=("everything",))
    one = seconds(strategies=("everything",), labels=(ALL,), seeds=1, least_steps=100)
    each = -(-ROWS // RECIPE.train.batch_size)
    checks = COST.validation_seconds / (RECIPE.train.epochs * RECIPE.train.validations)
    steps = max(RECIPE.train.epochs, -(-100 // each)) * each
    assert one == pytest.approx(steps * COST.seconds_everything + checks)


@pytest.mark.parametrize("key", [*STRATEGIES, "top-2", "gradual-3"])
def test_a_strategy_becomes_a_plan_that_learns_as_it_did_in_the_race(key: str) -> None:
    facts = model()
    made = with_strategy(RECIPE.edit("transfer", frozen=("0-1",)), key, facts, ROWS)
    raced = recipe_of(RaceSpec(base_of(RECIPE), least_steps=0), key, ROWS, 0, facts.keys, facts.new)
    each = -(-ROWS // RECIPE.train.batch_size)
    schedule, wanted = (make_schedule(recipe, facts.keys, each, facts.new) for recipe in (made, raced))
    assert (schedule.start, schedule.thaws) == (wanted.start, wanted.thaws)
    ever = wanted.ever
    rates = [{k: v for k, v in peak_rates(r, facts.keys).items() if k in ever} for r in (made, raced)]
    assert rates[0] == pytest.approx(rates[1])
    assert made.model.weights == raced.model.weights
    assert recipes.problems(made) + plan_problems(made, facts.keys, facts.new, each) == []
    again = base_of(made, facts.keys, facts.new)
    assert folder_name(replace(SPEC, recipe=again)) == folder_name(SPEC)  # one comes back to the same race
