"""Batches of similar length."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlgui.data.batches import epoch_batches, fixed_batches

LENGTHS = st.lists(st.integers(1, 500), max_size=2000).map(lambda lengths: np.array(lengths, dtype=np.int64))


@given(LENGTHS, st.integers(1, 40), st.integers(0, 9), st.integers(0, 9))
def test_each_row_is_in_one_batch(lengths: np.ndarray, size: int, seed: int, epoch: int) -> None:
    for batches in (epoch_batches(lengths, size, seed, epoch), fixed_batches(lengths, size)):
        assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
        assert sum(len(batch) != size for batch in batches) <= 1
        assert all(0 < len(batch) <= size for batch in batches)


def test_seed_and_epoch_alone_decide() -> None:
    lengths = np.random.default_rng(1).integers(1, 100, 1000)

    def flat(seed: int, epoch: int) -> list[list[int]]:
        return [batch.tolist() for batch in epoch_batches(lengths, 16, seed, epoch)]

    assert flat(3, 2) == flat(3, 2)
    assert flat(3, 2) != flat(3, 1) and flat(3, 2) != flat(4, 2)


def test_little_is_padding_and_the_order_is_not_by_length() -> None:
    lengths = np.random.default_rng(1).integers(1, 100, 10_000)
    batches = epoch_batches(lengths, 16, 0, 0)
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    assert padded / lengths.sum() < 1.05
    means = np.array([lengths[batch].mean() for batch in batches])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.15


def test_validation_batches_are_sorted() -> None:
    lengths = np.array([5, 1, 9, 1])
    assert [batch.tolist() for batch in fixed_batches(lengths, 3)] == [[1, 3, 0], [2]]
