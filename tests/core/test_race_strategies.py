"""What a race compares: the table of strategies, the recipe of each run, and what is wrong with a race."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from tlgui.core import recipe as recipes
from tlgui.core.race import ALL, STRATEGIES, RaceSpec, problems, recipe_of, resolved, steps_of, strategy
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import make_schedule, plan_problems, start_plan

KEYS = ("embeddings", "0", "1", "2", "3", "4", "5", "pooler", "head")
NEW = ("head",)
BASE = Recipe(name="reviews").edit("data", source="sample:reviews").edit("train", epochs=3, learning_rate=1e-4)
MIXES = BASE.edit("transfer", method="feature-based").edit("head", features="mix")
EVERY = (*STRATEGIES, "top-1", "top-6", "gradual-2")


@pytest.mark.parametrize("key", EVERY)
def test_each_strategy_gives_a_recipe_without_a_problem(key: str) -> None:
    chosen = strategy(key)
    assert chosen.key == key
    assert chosen.title
    made = recipe_of(RaceSpec(BASE), key, 50, 2, KEYS, NEW)
    _, each = steps_of(RaceSpec(BASE), 50)
    assert recipes.problems(made) + plan_problems(made, KEYS, NEW, each) == []
    assert made.train.epochs * each >= 100
    assert made.train.seed == 2
    assert made.model.weights == ("scratch" if key == "scratch" else "pretrained")
    assert recipes.from_values(tomllib.loads(recipes.dump(made))) == made


def test_a_race_counts_rows_where_the_recipe_counts_tokens() -> None:
    spec = RaceSpec(BASE.edit("train", batch_tokens=4096, batch_size=8))
    assert steps_of(spec, 80)[1] == 10
    assert recipe_of(spec, "everything", 80, 0, KEYS, NEW).train.batch_tokens == 0


@pytest.mark.parametrize(
    ("key", "learns"),
    [
        ("scratch", KEYS),
        ("everything", KEYS),
        ("head", ("head",)),
        ("feature-based", ("head",)),
        ("top-2", ("4", "5", "pooler", "head")),
        ("gradual", ("pooler", "head")),
        ("gradual-2", ("pooler", "head")),
        ("lora", ("0", "1", "2", "3", "4", "5", "pooler", "head")),
    ],
)
def test_what_learns_in_the_first_step(key: str, learns: tuple[str, ...]) -> None:
    made = recipe_of(RaceSpec(BASE), key, 50, 0, KEYS, NEW)
    assert start_plan(made.transfer, KEYS, NEW).learning == learns


def test_a_new_pooler_learns_with_the_head_alone() -> None:
    made = recipe_of(RaceSpec(BASE), "head", 50, 0, KEYS, ("pooler", "head"))
    assert start_plan(made.transfer, KEYS).learning == ("pooler", "head")


@pytest.mark.parametrize("key", ["gradual", "gradual-3"])
@pytest.mark.parametrize("rows", [16, 50, 3000])
def test_gradual_thaws_all_in_the_first_half(key: str, rows: int) -> None:
    spec = RaceSpec(BASE)
    epochs, each = steps_of(spec, rows)
    schedule = make_schedule(recipe_of(spec, key, rows, 0, KEYS, NEW), KEYS, each, NEW)
    assert len(schedule.thaws) == (7 if key == "gradual" else 3)
    assert schedule.thaws[0].after >= 1
    assert schedule.thaws[-1].after <= epochs * each / 2


def test_few_rows_are_read_more_often() -> None:
    assert steps_of(RaceSpec(BASE, least_steps=100), 50) == (25, 4)
    assert steps_of(RaceSpec(BASE, least_steps=100), 3200) == (3, 200)
    assert resolved((50, 200, ALL), 120) == (50, 120, 200)
    assert resolved((50, 120, ALL), 120) == (50, 120)


def test_a_choice_for_the_features_is_kept_where_there_are_any_and_left_out_elsewhere() -> None:
    spec = RaceSpec(MIXES, ("feature-based", "everything"))
    assert problems(spec, KEYS) == []
    kept = [recipe_of(spec, key, 200, 0, KEYS).head.features for key in spec.strategies]
    assert kept == ["mix", "last"]


def test_a_race_that_can_run_has_no_problem() -> None:
    spec = RaceSpec(BASE, strategies=EVERY)
    assert problems(spec) == []
    assert problems(spec, KEYS, NEW, rows=8000, classes=2) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"strategies": ("everything", "magic")}, "strategies", "“magic” is no strategy"),
        ({"strategies": ("top-0",)}, "strategies", "is no strategy"),
        ({"strategies": ()}, "strategies", "at least one"),
        ({"strategies": ("head", "head")}, "strategies", "twice"),
        ({"strategies": ("top-7",)}, "strategies", "the model has 6 layers"),
        ({"labels": ()}, "labels", "at least one"),
        ({"labels": (-5, 50)}, "labels", "at least 1"),
        ({"labels": (50, 50)}, "labels", "must rise"),
        ({"labels": (200, 50)}, "labels", "must rise"),
        ({"labels": (ALL, 50)}, "labels", "“all” stands last"),
        ({"labels": (50, 9000)}, "labels", "9,000 labels are wanted, and 8,000 rows are there"),
        ({"labels": (2,)}, "labels", "at least 3 labels"),
        ({"seeds": 0}, "seeds", "at least 1"),
        ({"least_steps": -1}, "least_steps", "at least 0"),
        ({"score_rows": -1}, "score_rows", "or more"),
        ({"recipe": BASE.edit("", task="mask")}, "recipe.task", "compares classes"),
        ({"recipe": BASE.edit("train", epochs=0)}, "recipe.train.epochs", "whole number"),
    ],
)
def test_what_is_wrong_is_a_sentence_at_its_field(change: dict[str, object], field: str, words: str) -> None:
    found = problems(replace(RaceSpec(BASE), **change), KEYS, NEW, rows=8000, classes=3)  # type: ignore[arg-type]
    assert field in {problem.field for problem in found}
    assert any(words in problem.text for problem in found if problem.field == field)
