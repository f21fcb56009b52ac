"""How the learning rate moves over a run, and what each group gets of it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core.rates import peak_rates, rate_factor
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
