"""The paired bootstrap: silent about equals, even-handed, and awake to a difference that is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tlgui.studies.statistics import deviation, difference

SCORES = st.tuples(st.integers(2, 6), st.integers(1, 40)).flatmap(
    lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape))
)


def answers(rates: list[float], rows: int, random: np.random.Generator) -> np.ndarray:
    """Right and wrong answers of one run a rate."""
    return random.random((len(rates), rows)) < np.array(rates)[:, None]


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_equal_answers_are_never_a_difference(pair: tuple[np.ndarray, np.ndarray]) -> None:
    found = difference(pair[0], pair[0])
    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert not found.more
    assert not found.less


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_the_other_way_round_is_the_reverse(pair: tuple[np.ndarray, np.ndarray]) -> None:
    there, back = difference(*pair), difference(*reversed(pair))
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low), abs=1e-12)
    assert there.low - 1e-12 <= there.mean <= there.high + 1e-12


def test_a_planted_difference_is_found() -> None:
    random = np.random.default_rng(1)
    good, poor = answers([0.80, 0.82, 0.78], 1000, random), answers([0.66, 0.64, 0.65], 1000, random)
    found = difference(good, poor)
    assert found.more
    assert 0.05 < found.low < 0.15 < found.high < 0.25


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("spread", [0.0, 0.06], ids=["rows differ only", "seeds differ too"])
def test_ties_are_rarely_taken_for_differences(seeds: int, spread: float) -> None:
    """Two strategies whose runs have the same expected score; a claim is made in about one of twenty races at most."""
    random = np.random.default_rng(2)
    claims = 0
    for _ in range(100):
        one, other = (answers(list(random.normal(0.7, spread, seeds)), 300, random) for _ in range(2))
        found = difference(one, other)
        claims += found.more or found.less
    assert claims <= 9


def test_rows_are_paired() -> None:
    """The same rows are hard for both, so a small but steady gain is seen although the rows differ much."""
    random = np.random.default_rng(3)
    hard = random.random(2000) < 0.5
    poor = np.stack([hard] * 3)
    good = poor | (random.random((3, 2000)) < 0.02)
    assert difference(good, poor).more


def test_one_seed_proves_nothing() -> None:
    found = difference(np.ones((1, 100)), np.zeros((1, 100)))
    assert found.mean == 1
    assert not found.more
    assert deviation(np.array([0.7])) == 0
    assert deviation(np.array([0.6, 0.8])) == pytest.approx(0.1414, abs=1e-4)
