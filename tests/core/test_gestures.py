"""What each gesture on the board makes of the recipe; whatever one does, the plan stays one that can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import gestures
from tlgui.core import recipe as recipes
from tlgui.core.board import Board
from tlgui.core.gestures import Outcome
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import plan_problems

KEYS = ("embeddings", "0", "1", "2", "3", "4", "5", "pooler", "head")
NEW = frozenset({"head"})
GRADUAL = {"method": "gradual", "frozen": ("embeddings", "0-3")}


def board(epochs: int = 4, gradual: dict[str, Any] | None = None, **transfer: Any) -> Board:
    recipe = Recipe().edit("data", source="x.csv").edit("transfer", **transfer).edit("train", epochs=epochs)
    return Board(recipe.edit("transfer.gradual", **(gradual or {})), KEYS, NEW, 10)


def times(recipe: Recipe) -> dict[str, float]:
    return Board(recipe, KEYS, NEW, 10).times


def test_freezing_and_learning_by_fine_tuning() -> None:
    recipe, refusal = gestures.freeze(board(), ("embeddings", "0", "1"))
    assert (recipe.transfer.method, recipe.transfer.frozen, refusal) == ("fine-tune", ("embeddings", "0-1"), "")
    recipe, refusal = gestures.learn(Board(recipe, KEYS, NEW), ("1",))
    assert (recipe.transfer.frozen, refusal) == (("embeddings", "0"), "")


def test_a_new_head_stays_open() -> None:
    for transfer in ({}, {"method": "feature-based"}, {"method": "lora"}, GRADUAL):
        shown = board(**transfer)
        assert gestures.freeze(shown, ("head",)) == (shown.recipe, "A new head must learn; its start is random.")


def test_the_first_thaw_makes_a_gradual_plan_of_what_there_is() -> None:
    recipe, refusal = gestures.thaw_in_epoch(board(frozen=("embeddings", "0-3")), ("3",), 2)
    assert (recipe.transfer.method, refusal) == ("gradual", "")
    made = Board(recipe, KEYS, NEW, 10)
    assert [made.kind(key) for key in ("5", "4", "3", "2")] == ["learns", "learns", "thaws", "frozen"]
    assert made.times == {"3": 1.0}


def test_a_thaw_pushes_its_neighbours_only_as_far_as_the_order_asks() -> None:
    shown = board(method="gradual", frozen=("embeddings", "0-1"))
    assert shown.times == {"5": 1.0, "4": 2.0, "3": 3.0, "2": 4.0}
    assert times(gestures.thaw(shown, ("4",), 3.0)[0]) == {"5": 1.0, "4": 3.0, "3": 3.0, "2": 4.0}
    assert times(gestures.thaw(shown, ("3",), 1.0)[0]) == {"5": 1.0, "4": 1.0, "3": 1.0, "2": 4.0}
    assert gestures.thaw(shown, ("4",), 2.0)[0] == shown.recipe


def test_a_time_of_zero_lets_a_layer_and_those_above_learn_from_the_start() -> None:
    recipe, _ = gestures.learn(board(method="gradual", frozen=("embeddings", "0-1")), ("4",))
    assert times(recipe) == {"3": 3.0, "2": 4.0}
    recipe, _ = gestures.learn(Board(recipe, KEYS, NEW, 10), ("2",))
    assert (recipe.transfer.method, recipe.transfer.gradual.at) == ("fine-tune", {})


def test_a_frozen_layer_that_is_opened_takes_its_turn_within_the_run() -> None:
    shown = board(epochs=3, **GRADUAL)
    recipe, _ = gestures.toggle(shown, ("3",))
    assert times(recipe) == {"5": 1.0, "4": 2.0, "3": 2.0}
    back, _ = gestures.toggle(Board(recipe, KEYS, NEW, 10), ("3",))
    assert back == shown.recipe


def test_what_learns_from_the_start_anyway_cannot_thaw() -> None:
    shown = board(**GRADUAL)
    recipe, refusal = gestures.thaw_in_epoch(shown, ("pooler", "head"), 2)
    assert recipe == shown.recipe
    assert "learn from the start" in refusal
    assert gestures.thaw_in_epoch(shown, ("5",), 9)[1] == "The run has 4 epochs, so nothing can thaw in epoch 9."


def test_by_plateau_layers_wait_for_no_time() -> None:
    shown = board(gradual={"rule": "plateau"}, **GRADUAL)
    recipe, refusal = gestures.thaw_in_epoch(shown, ("5",), 2)
    assert recipe == shown.recipe
    assert refusal.startswith("Here layers thaw when validation stalls.")
    opened, _ = gestures.toggle(shown, ("3",))
    assert Board(opened, KEYS, NEW).kind("3") == "waits"


def test_lora_on_a_range_freezes_the_other_layers() -> None:
    recipe, refusal = gestures.adapt(board(), ("5", "4", "head"))
    assert (recipe.transfer.method, recipe.transfer.frozen) == ("lora", ("0-3",))
    assert refusal.startswith("LoRA adapts layers only")
    same, _ = gestures.adapt(board(frozen=("embeddings", "0-3")), ("5", "4"))
    assert same.transfer.method == "lora"
    more, _ = gestures.adapt(Board(recipe, KEYS, NEW), ("3",))
    assert Board(more, KEYS, NEW).start.frozen_keys == ("embeddings", "0", "1", "2")
    fewer, _ = gestures.toggle(Board(more, KEYS, NEW), ("3",))
    assert Board(fewer, KEYS, NEW).kind("3") == "frozen"


def test_under_lora_layers_neither_learn_nor_thaw_and_one_must_be_adapted() -> None:
    shown = board(method="lora")
    for gesture in (lambda: gestures.learn(shown, ("3",)), lambda: gestures.thaw_in_epoch(shown, ("3",), 2)):
        recipe, refusal = gesture()
        assert recipe == shown.recipe
        assert "Choose “" in refusal
    assert gestures.freeze(shown, KEYS[1:7])[1] == "Every layer would be frozen, so LoRA would have nothing to adapt."
    assert gestures.freeze(shown, ("pooler",))[0].transfer.frozen == ("embeddings", "pooler")


def test_a_layer_let_learn_ends_feature_based_and_the_head_stays_as_it_was() -> None:
    shown = board(method="feature-based")
    recipe, _ = gestures.learn(shown, ("5",))
    assert (recipe.transfer.method, recipe.transfer.frozen) == ("fine-tune", ("embeddings", "0-4", "pooler"))
    assert recipe.pooling == shown.recipe.pooling == "mean"


def test_thaws_move_by_steps_of_the_grid() -> None:
    shown = board(**GRADUAL)
    assert times(gestures.shift(shown, ("5", "4"), 1)[0]) == {"5": 2.0, "4": 3.0}
    assert times(gestures.shift(shown, ("5", "4"), -1)[0]) == {"5": 1.0, "4": 1.0}
    assert gestures.shift(shown, ("head",), 1)[1].startswith("Only a layer that thaws")


def test_the_rate_of_the_head_is_the_recipes_and_others_have_their_own() -> None:
    shown = board(layer_decay=0.5)
    assert gestures.with_rate(shown, "head", 1e-3).train.learning_rate == 1e-3
    own = gestures.scaled(shown, ("5", "4"), 1.1)
    assert own.transfer.rates == {"5": pytest.approx(1.38e-5), "4": pytest.approx(6.88e-6)}
    assert gestures.with_computed_rates(Board(own, KEYS, NEW), ("5", "4")) == shown.recipe


def test_groups_that_follow_the_head_are_not_raised_twice() -> None:
    shown = Board(gestures.with_rate(board(layer_decay=0.5), "3", 1e-6), KEYS, NEW)
    recipe = gestures.scaled(shown, KEYS, 2.0)
    assert recipe.train.learning_rate == 1e-4
    assert recipe.transfer.rates == {"3": 2e-6}


def test_a_rate_never_leaves_what_a_recipe_may_hold() -> None:
    assert gestures.with_rate(board(), "3", 40.0).transfer.rates == {"3": 1.0}
    assert gestures.with_rate(board(), "3", 0.0).transfer.rates["3"] > 0


GESTURES: dict[str, Callable[[Board, tuple[str, ...], int], Outcome]] = {
    "freeze": lambda shown, chosen, number: gestures.freeze(shown, chosen),
    "learn": lambda shown, chosen, number: gestures.learn(shown, chosen),
    "toggle": lambda shown, chosen, number: gestures.toggle(shown, chosen),
    "thaw": gestures.thaw_in_epoch,
    "adapt": lambda shown, chosen, number: gestures.adapt(shown, chosen),
    "shift": lambda shown, chosen, number: gestures.shift(shown, chosen, number - 3),
    "drag": lambda shown, chosen, number: gestures.thaw(shown, chosen[:1], shown.snapped(number / 3)),
    "faster": lambda shown, chosen, number: (gestures.scaled(shown, chosen, 1.1), ""),
}


@given(
    epochs=st.integers(1, 5),
    pooler=st.booleans(),
    layers=st.sampled_from((1, 2, 6)),
    start=st.sampled_from(("fine-tune", "feature-based", "lora")),
    data=st.data(),
)
def test_any_gestures_in_any_order_leave_a_plan_that_can_run(
    epochs: int, pooler: bool, layers: int, start: str, data: st.DataObject
) -> None:
    keys = ("embeddings", *map(str, range(layers)), *(("pooler",) if pooler else ()), "head")
    recipe = Recipe().edit("data", source="x.csv").edit("train", epochs=epochs).edit("transfer", method=start)
    shown = Board(recipe, keys, NEW, 20)
    for _ in range(data.draw(st.integers(0, 6))):
        name = data.draw(st.sampled_from(sorted(GESTURES)))
        chosen = tuple(data.draw(st.lists(st.sampled_from(keys), min_size=1, unique=True)))
        made, refusal = GESTURES[name](shown, chosen, data.draw(st.integers(1, 6)))
        assert recipes.problems(made) == []
        assert plan_problems(made, keys, NEW, 20) == [], (name, chosen, made.transfer)
        assert refusal == "" or refusal.endswith(".")
        shown = replace(shown, recipe=made)
        assert shown.times == dict(sorted(shown.times.items(), key=lambda item: item[1]))
