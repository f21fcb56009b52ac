"""Ready-made plans: each fits every model and every length of run, and is recognised again."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import presets
from tlgui.core import recipe as recipes
from tlgui.core.board import Board
from tlgui.core.presets import PRESETS, Preset
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import plan_problems
from tlgui.core.transfer import LoraPart

START = Recipe().edit("data", source="x.csv")


def board(recipe: Recipe = START, layers: int = 6, steps: int = 20, *, pooler: bool = True) -> Board:
    keys = ("embeddings", *map(str, range(layers)), *(("pooler",) if pooler else ()), "head")
    return Board(recipe, keys, frozenset({"head"}), steps)


@pytest.mark.parametrize(("layers", "epochs"), [*product((1, 6, 12, 24), range(1, 6))])
@pytest.mark.parametrize("steps", [0, 2, 20, 480])
def test_every_preset_fits_every_model_and_every_run(layers: int, epochs: int, steps: int) -> None:
    for before, preset, pooler in product(PRESETS, PRESETS, (False, True)):
        start = board(START.edit("train", epochs=epochs), layers, steps, pooler=pooler)
        made = replace(start, recipe=presets.choose(start, before))
        made = replace(made, recipe=presets.choose(made, preset))
        assert recipes.problems(made.recipe) == []
        assert plan_problems(made.recipe, made.keys, made.new, steps) == [], (before, preset, made.recipe.transfer)
        assert presets.preset_of(made)[0] == preset


@given(layers=st.integers(1, 48), epochs=st.integers(1, 100), steps=st.integers(2, 1000))
def test_gradual_thaws_something_within_any_run(layers: int, epochs: int, steps: int) -> None:
    made = presets.choose(board(START.edit("train", epochs=epochs), layers, steps), "gradual")
    shown = board(made, layers, steps)
    assert plan_problems(made, shown.keys, shown.new, steps) == []
    assert 1 <= len(shown.thawing) <= layers


@given(layers=st.integers(1, 30), epochs=st.integers(1, 8), steps=st.integers(40, 1000), data=st.data())
def test_thawing_down_to_any_group_fits_the_run(layers: int, epochs: int, steps: int, data: st.DataObject) -> None:
    made = presets.choose(board(START.edit("train", epochs=epochs), layers, steps), "gradual")
    shown = board(made, layers, steps)
    lowest = data.draw(st.sampled_from(shown.order))
    deeper = replace(shown, recipe=presets.with_down_to(shown, lowest))
    assert presets.down_to(deeper) == lowest
    assert plan_problems(deeper.recipe, deeper.keys, deeper.new, steps) == []
    assert presets.preset_of(deeper)[0] == "gradual"


def test_three_epochs_thaw_two_layers_as_the_first_picture_shows() -> None:
    shown = board(presets.choose(board(), "gradual"))
    assert shown.times == {"5": 1.0, "4": 2.0}
    assert presets.preset_of(shown) == ("gradual", 2)


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("transfer", {"frozen": ("embeddings", "0-2", "4")}),
        ("transfer.gradual", {"at": {"4": 1.5}}),
        ("transfer", {"changes": ({"step": 3, "groups": ("4",), "learns": True},)}),
    ],
)
def test_a_plan_changed_by_hand_is_no_preset(section: str, change: dict[str, object]) -> None:
    gradual = presets.choose(board(), "gradual")
    assert presets.preset_of(board(gradual.edit(section, **change)))[0] == ""


def test_a_preset_keeps_rates_and_forgets_hand_changes_and_anothers_head() -> None:
    recipe = START.edit("transfer", layer_decay=0.9, changes=({"step": 3, "groups": ("4",), "learns": True},))
    recipe = recipe.edit("head", features="mix", pooling="max", hidden=64)
    made = presets.choose(board(recipe), "top", 3)
    assert made.transfer.layer_decay == 0.9
    assert made.transfer.changes == ()
    assert made.head == START.head
    assert presets.preset_of(board(made)) == ("top", 3)
    assert presets.choose(board(recipe), "features").head == recipe.head


def test_another_unit_thaws_about_as_often() -> None:
    gradual = board(presets.choose(board(), "gradual"))
    steps = presets.with_every(gradual, 1.0, "steps").transfer.gradual
    assert (steps.every, steps.unit) == (20.0, "steps")
    back = presets.with_every(board(gradual.recipe.edit("transfer.gradual", **dict(steps))), 20.0, "epochs")
    assert back.transfer.gradual.every == 1.0


def test_going_back_from_plateau_to_the_clock_fits_the_run() -> None:
    waiting = presets.with_rule(board(presets.choose(board(), "gradual")), "plateau")
    deep = presets.with_down_to(board(waiting), "embeddings")
    assert deep.transfer.gradual.every == 1.0  # no clock, so nothing to fit
    clock = presets.with_rule(board(deep), "schedule")
    assert plan_problems(clock, board().keys, board().new, 20) == []
    assert len(board(clock).thawing) == 7


def test_random_weights_all_learn_and_a_plan_that_freezes_brings_the_pretrained_ones_back() -> None:
    control = presets.with_weights(presets.choose(board(), "features"), "scratch")
    assert (control.model.weights, control.transfer.method, control.transfer.frozen) == ("scratch", "fine-tune", ())
    everything_new = replace(board(control), new=frozenset(board().keys))
    preset: Preset
    for preset in PRESETS:
        made = presets.choose(everything_new, preset)
        assert made.model.weights == ("scratch" if preset == "everything" else "pretrained")
    head_only = presets.choose(everything_new, "head")
    assert head_only.transfer.frozen == ("embeddings", "0-5", "pooler")


def test_the_models_own_pooling_gives_way_where_it_cannot_be() -> None:
    recipe = START.edit("head", pooling="own")
    assert presets.with_head(recipe, features="mix").head.pooling == "mean"
    assert presets.with_head(recipe, hidden=64).head.pooling == "mean"
    assert presets.with_head(recipe, baseline=False).head.pooling == "own"


def test_lora_takes_query_and_value_of_what_the_model_has() -> None:
    there = ("query", "value", "output")
    assert presets.lora_matrices(LoraPart(), there) == ("query", "value")
    assert presets.lora_matrices(LoraPart(matrices=("output", "key")), there) == ("output",)
