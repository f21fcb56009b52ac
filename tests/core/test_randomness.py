"""Draws that are an example's own: the same in any company, and as good as a generator's."""

from __future__ import annotations

import numpy as np
import pytest

from tlgui.core.randomness import ByExample

USE = (3, "masks", 1)


def test_an_example_draws_the_same_in_any_batch_of_any_width() -> None:
    alone = ByExample(*USE).of(np.array([7]))
    among = ByExample(*USE).of(np.array([2, 7, 900_000]))
    for _ in range(2):
        assert np.array_equal(alone.random((1, 5))[0], among.random((3, 9))[1, :5])
    assert np.array_equal(alone.integers(100, (1, 5))[0], among.integers(100, (3, 9))[1, :5])


@pytest.mark.parametrize("other", [(4, "masks", 1), (3, "order", 1), (3, "masks", 2)])
def test_another_seed_use_or_place_draws_anew(other: tuple[int, str, int]) -> None:
    one, two = (ByExample(*use).of(np.arange(50)).random((50, 40)) for use in (USE, other))
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1


def test_the_draws_are_even_and_neither_rows_columns_nor_draws_repeat() -> None:
    drawn = ByExample(*USE).of(np.arange(400))
    first, second = drawn.random((400, 50)), drawn.random((400, 50))
    values = np.concatenate([first.ravel(), second.ravel()])
    assert len(np.unique(values)) == len(values)
    assert 0 <= values.min() < values.max() < 1
    counts = np.histogram(values, bins=20, range=(0, 1))[0]
    expected = len(values) / 20
    assert ((counts - expected) ** 2 / expected).sum() < 44  # chi-squared, 19 degrees of freedom: p > 0.001
    for one, two in ((first[1:], first[:-1]), (first[:, 1:], first[:, :-1]), (first, second)):
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.03
    whole = drawn.integers(7, (400, 50))
    assert set(whole.ravel().tolist()) == set(range(7))
