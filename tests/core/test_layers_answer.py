"""What the rail and the plan line say of the Layers page, and what of it keeps a run from starting."""

from __future__ import annotations

from itertools import product

import pytest
from ui_facts import model, table

from tlgui.core import plan, run_words
from tlgui.core.board import board_of
from tlgui.core.plan import Answer
from tlgui.core.presets import PRESETS, Preset, choose, with_weights
from tlgui.core.recipe import Recipe

START = Recipe().edit("data", source="/data/reviews.csv")


def answer(recipe: Recipe, layers: int = 6) -> Answer:
    return next(a for a in plan.answers(recipe, model(layers), table(), None) if a.page == "layers")


@pytest.mark.parametrize(
    ("preset", "short", "long"),
    [
        ("features", "Features, new head", "features feed a new head"),
        ("head", "Only the head learns", "only the head learns"),
        ("top", "Top 2 layers learn", "top 2 layers learn"),
        ("gradual", "Gradual, top 2", "2 groups thaw, one each epoch"),
        ("everything", "Every layer learns", "every layer learns"),
        ("lora", "LoRA, rank 8", "LoRA of rank 8 on every layer"),
    ],
)
def test_every_method_is_said_in_few_words(preset: Preset, short: str, long: str) -> None:
    said = answer(choose(board_of(START, model(), table()), preset))
    assert (said.state, said.short, said.long) == ("filled", short, long)


def test_from_scratch_is_said_first() -> None:
    said = answer(with_weights(START, "scratch"))
    assert (said.short, said.long) == ("From scratch", "from scratch, every layer learns")


def test_the_rail_has_room_for_every_plan() -> None:
    for preset, layers in product(PRESETS, (1, 12, 100)):
        assert len(answer(choose(board_of(START, model(layers), table()), preset, layers), layers).short) <= 22


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("transfer", {"frozen": ("0-9",)}, "“0-9” names no group"),
        ("transfer", {"frozen": ("embeddings", "0-5", "pooler", "head")}, "Every group is frozen"),
        ("transfer", {"method": "gradual"}, "when the run is over"),
        ("transfer", {"method": "lora", "frozen": ("0-5",)}, "nothing to adapt"),
        ("transfer", {"rates": {"9": 1e-5}}, "“9” is no group"),
        ("head", {"features": "pooler", "pooling": "mean"}, "The head cannot read the pooler."),
        ("head", {"features": "mix"}, "Pooling must be first"),
    ],
)
def test_a_plan_that_cannot_run_is_a_problem_of_the_layers_page(
    section: str, change: dict[str, object], words: str
) -> None:
    recipe = START.edit(section, **change)
    said = answer(recipe)
    assert (said.state, said.short) == ("problem", "1 problem to settle")
    found = run_words.blockers(recipe, model(), table())
    assert [blocker.page for blocker in found] == ["layers"]
    assert words in found[0].text
    assert not plan.ready(recipe, model(), table())
    assert plan.to_settle(recipe, model(), table()) == 1
