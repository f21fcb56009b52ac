"""What the board shows of a recipe: states, times, rates, sums."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tlgui.core.board import Board, epoch_costs, learning_parameters, named_range
from tlgui.core.facts import CostFacts, GroupFacts, MemoryFacts
from tlgui.core.outlook import group_words
from tlgui.core.recipe import Recipe

KEYS = ("embeddings", "0", "1", "2", "3", "4", "5", "pooler", "head")
NEW = frozenset({"head"})


def board(steps_per_epoch: int = 10, epochs: int = 3, gradual: dict[str, Any] | None = None, **transfer: Any) -> Board:
    recipe = Recipe().edit("transfer", **transfer).edit("train", epochs=epochs)
    recipe = recipe.edit("transfer.gradual", **(gradual or {}))
    return Board(recipe, KEYS, NEW, steps_per_epoch)


def kinds(shown: Board) -> str:
    """First letters of the kinds, bottom to top."""
    return "".join(shown.kind(key)[0] for key in shown.keys)


@pytest.mark.parametrize(
    ("transfer", "letters"),
    [
        ({}, "lllllllll"),
        ({"frozen": ("embeddings", "0-3")}, "fffffllll"),
        ({"method": "feature-based"}, "ffffffffl"),
        ({"method": "lora"}, "faaaaaall"),
        ({"method": "lora", "frozen": ("0-2",)}, "ffffaaall"),
        ({"method": "gradual", "frozen": ("embeddings", "0-3")}, "fffffttll"),
    ],
)
def test_each_method_has_its_states(transfer: dict[str, Any], letters: str) -> None:
    assert kinds(board(**transfer)) == letters


def test_by_plateau_groups_wait_and_have_no_time() -> None:
    shown = board(method="gradual", frozen=("embeddings", "0-3"), gradual={"rule": "plateau", "at": {"5": 0.0}})
    assert kinds(shown) == "fffffwlll"
    assert shown.begins("4") is None
    assert shown.prefix == KEYS[:5]


def test_a_thaw_has_a_time_in_epochs_whatever_its_unit() -> None:
    steps = board(method="gradual", frozen=("embeddings", "0-3"), gradual={"unit": "steps", "every": 5.0})
    assert [steps.begins(key) for key in ("5", "4", "3", "head")] == [0.5, 1.0, None, 0.0]
    unknown = board(0, method="gradual", gradual={"unit": "steps", "every": 5.0})
    assert unknown.begins("5") is None
    assert math.isinf(unknown.length)


def test_who_learns_at_the_end_of_each_epoch() -> None:
    shown = board(method="gradual", frozen=("embeddings", "0-3"))
    assert [shown.learning_at(epoch)[0] for epoch in (1, 2, 3)] == ["pooler", "5", "4"]


@pytest.mark.parametrize(
    ("epochs", "gradual", "grid"),
    [
        (3, {}, 1.0),
        (3, {"every": 0.5}, 0.5),
        (1, {"every": 0.25}, 0.25),
        (1, {"every": 0.33}, 0.05),
        (3, {"every": 5.0, "unit": "steps"}, 1.0),
        (200, {"every": 5.0, "unit": "steps"}, 20.0),
    ],
)
def test_times_snap_to_a_grid_that_holds_those_there_are(epochs: int, gradual: dict[str, Any], grid: float) -> None:
    assert board(method="gradual", frozen=("embeddings", "0-3"), epochs=epochs, gradual=gradual).grid == grid


def test_a_snapped_time_lies_within_the_run() -> None:
    shown = board(method="gradual", frozen=("embeddings", "0-3"))
    assert [shown.snapped(at) for at in (-1, 0.4, 1.6, 7)] == [0.0, 0.0, 2.0, 2.0]


def test_of_an_adapted_group_only_its_adapters_learn() -> None:
    groups = [GroupFacts("embeddings", 900), *(GroupFacts(str(i), 100, adapters=7) for i in range(6))]
    groups += [GroupFacts("pooler", 30), GroupFacts("head", 5, new=True)]
    assert learning_parameters(board(method="lora"), groups, board(method="lora").ever) == 6 * 7 + 35
    assert learning_parameters(board(), groups, KEYS) == 900 + 600 + 35


def test_what_each_epoch_costs_follows_the_stages() -> None:
    memory = MemoryFacts(1, 1, 1, 1, 1)
    even = epoch_costs(CostFacts(0.1, 0.3, 30, memory, validation_seconds=3.0), 3)
    assert even == (pytest.approx((0.1, 2.0)),) * 3
    stages = ((0.1, 15), (0.2, 15))
    found = epoch_costs(CostFacts(0.2, 0.3, 30, memory, stages=stages), 3)
    assert [each for each, _ in found] == pytest.approx([0.1, 0.15, 0.2])
    assert sum(seconds for _, seconds in found) == pytest.approx(4.5)
    stored = CostFacts(0.1, 0.3, 30, memory, 3.0, features_seconds=5.0)
    assert [seconds for _, seconds in epoch_costs(stored, 3)] == pytest.approx([7.0, 2.0, 2.0])
    assert sum(seconds for _, seconds in epoch_costs(stored, 3)) == pytest.approx(stored.seconds)
    once = CostFacts(0.1, 0.3, 30, memory, 3.0, first_passes=((0, 4.0), (15, 1.0)))
    assert [seconds for _, seconds in epoch_costs(once, 3)] == pytest.approx([6.0, 2.5, 2.5])
    assert sum(seconds for _, seconds in epoch_costs(once, 3)) == pytest.approx(once.seconds)


def test_the_head_tells_which_groups_it_reads() -> None:
    shown = Board(Recipe().edit("head", features="3", pooling="mean"), KEYS, NEW)
    assert [shown.use(key) for key in ("2", "3", "4", "head")] == ["", "feeds", "unused", ""]
    mixed = Board(Recipe().edit("head", features="mix", pooling="mean"), KEYS, NEW)
    assert [mixed.use(key) for key in ("embeddings", "5", "head")] == ["mixed", "mixed", ""]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("3", "2"), "Layers 2–3"),
        (("4",), "Layer 4"),
        (("5", "1"), "Layers 1, 5"),
        (("head", "pooler"), "Pooler, Head"),
        (("0", "embeddings"), "Layer 0, Embeddings"),
    ],
)
def test_ranges_have_names(keys: tuple[str, ...], words: str) -> None:
    assert named_range(keys) == words


def test_ranges_over_both_sides_are_named_side_by_side() -> None:
    assert named_range(("7", "6", "5", "1", "0", "embeddings"), lower=6) == (
        "Encoder layers 0, 1, 5, Decoder layers 0–1, Embeddings"
    )
    assert group_words(("embeddings", "0", "1", "6"), 6) == "encoder layers 0 to 1, decoder layer 0 and embeddings"
