"""How the learning rate moves over a run, and what each group gets of it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core.rates import FEATURES, HEAD_ONLY, LORA, peak_rates, rate_factor, rate_multiple, with_usual_rate
from tlgui.core.recipe import Recipe, TrainPart

SCHEDULES = ("linear", "constant", "cosine", "slanted")


def factors(total: int, **train: Any) -> list[float]:
    return [rate_factor(step, total, TrainPart(**train)) for step in range(1, total + 1)]


@given(st.integers(1, 300), st.floats(0, 0.99), st.sampled_from(SCHEDULES))
def test_every_step_has_a_rate_up_to_the_peak_which_is_reached(total: int, warmup: float, schedule: str) -> None:
    shares = factors(total, warmup=warmup, schedule=schedule)
    assert all(0 < share <= 1 for share in shares)
    assert max(shares) == pytest.approx(1.0)
    peak = shares.index(max(shares))
    assert shares[: peak + 1] == sorted(shares[: peak + 1])
    assert shares[peak:] == sorted(shares[peak:], reverse=True)


def test_each_schedule_goes_its_way_down() -> None:
    assert factors(4, warmup=0.0, schedule="linear") == [1.0, 0.75, 0.5, 0.25]
    assert factors(4, warmup=0.0, schedule="constant") == [1.0] * 4
    half = (1 + math.cos(math.pi / 4)) / 2
    assert factors(4, warmup=0.0, schedule="cosine") == pytest.approx([1.0, half, 0.5, 1 - half])


def test_the_slanted_triangle_stands_on_a_thirty_second_of_the_peak() -> None:
    shares = factors(1000, warmup=0.1, schedule="slanted")
    assert shares[99] == shares[100] == 1.0
    assert shares[0] == pytest.approx((1 + 31 / 100) / 32)
    assert shares[-1] == pytest.approx((1 + 31 / 900) / 32)


def test_a_group_of_its_own_rate_leaves_the_others_as_they_were() -> None:
    recipe = Recipe().edit("train", learning_rate=1e-4).edit("transfer", layer_decay=0.5, rates={"1": 3e-3})
    rates = peak_rates(recipe, ("embeddings", "0", "1", "head"))
    assert rates == pytest.approx({"embeddings": 1.25e-5, "0": 2.5e-5, "1": 3e-3, "head": 1e-4})


KEYS = ("embeddings", "0", "1", "pooler", "head")
PLANS: dict[str, tuple[dict[str, Any], float]] = {
    "everything": ({}, 1.0),
    "top": ({"frozen": ("embeddings", "0")}, 1.0),
    "gradual": ({"method": "gradual"}, 1.0),
    "head": ({"frozen": ("embeddings", "0-1")}, HEAD_ONLY),
    "features": ({"method": "feature-based"}, FEATURES),
    "lora": ({"method": "lora"}, LORA),
}


@pytest.mark.parametrize("key", PLANS)
def test_a_plan_has_its_usual_multiple_of_the_rate(key: str) -> None:
    fields, multiple = PLANS[key]
    assert rate_multiple(Recipe().edit("transfer", **fields), KEYS, ("pooler", "head")) == multiple


@given(st.lists(st.sampled_from(sorted(PLANS)), min_size=1, max_size=8))
def test_the_rate_goes_with_the_plan_and_comes_back_with_it(way: list[str]) -> None:
    recipe = Recipe().edit("train", learning_rate=5e-5)
    for key in (*way, "everything"):
        wanted = recipe.edit("transfer", **{"method": "fine-tune", "frozen": (), **PLANS[key][0]})
        recipe = with_usual_rate(recipe, wanted, KEYS, ("head",))
        assert recipe.train.learning_rate == pytest.approx(5e-5 * PLANS[key][1])


def test_a_rate_that_was_changed_with_the_plan_stays() -> None:
    before = Recipe()
    after = before.edit("transfer", method="lora").edit("train", learning_rate=2e-3)
    assert with_usual_rate(before, after, KEYS) == after
