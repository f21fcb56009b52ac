"""Batches of similar length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core.recipe import TrainPart
from tlgui.data.batches import count_batches, epoch_batches, fixed_batches, rows_at

LONGEST = 500
LENGTHS = st.lists(st.integers(1, LONGEST), max_size=2000).map(lambda lengths: np.array(lengths, dtype=np.int64))
SOME = np.random.default_rng(1).integers(1, 100, 10_000)
SETTINGS = [TrainPart(batch_size=16), TrainPart(batch_tokens=1024)]


@given(LENGTHS, st.integers(1, 40), st.integers(0, 9), st.integers(0, 9))
def test_each_row_is_in_one_batch(lengths: np.ndarray, size: int, seed: int, epoch: int) -> None:
    train = TrainPart(batch_size=size, seed=seed)
    for batches in (epoch_batches(lengths, train, epoch), fixed_batches(lengths, size)):
        assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
        assert sum(len(batch) != size for batch in batches) <= 1
        assert all(0 < len(batch) <= size for batch in batches)
        assert len(batches) == count_batches(lengths, train)


@given(LENGTHS, st.integers(LONGEST, 5000), st.integers(0, 9), st.integers(0, 9))
def test_a_budget_of_tokens_is_kept_in_as_many_batches_each_epoch(
    lengths: np.ndarray, budget: int, seed: int, epoch: int
) -> None:
    train = TrainPart(batch_tokens=budget, seed=seed)
    batches = epoch_batches(lengths, train, epoch)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(0 < len(batch) * lengths[batch].max() <= budget for batch in batches)
    assert len(batches) == count_batches(lengths, train) == len(epoch_batches(lengths, train, epoch + 1))
    assert all(len(batch) <= rows_at(train, int(lengths[batch].max())) for batch in batches)


def test_a_row_above_the_budget_is_a_batch_of_its_own() -> None:
    batches = epoch_batches(np.array([30, 2, 30, 2, 2]), TrainPart(batch_tokens=8), 0)
    assert sorted(len(batch) for batch in batches) == [1, 1, 3]


@pytest.mark.parametrize("train", SETTINGS)
def test_seed_and_epoch_alone_decide(train: TrainPart) -> None:
    def flat(seed: int, epoch: int) -> list[list[int]]:
        other = train.model_copy(update={"seed": seed})
        return [batch.tolist() for batch in epoch_batches(SOME[:1000], other, epoch)]

    assert flat(3, 2) == flat(3, 2)
    assert flat(3, 2) != flat(3, 1) and flat(3, 2) != flat(4, 2)


@pytest.mark.parametrize("train", SETTINGS)
def test_little_is_padding_and_the_order_is_not_by_length(train: TrainPart) -> None:
    batches = epoch_batches(SOME, train, 0)
    padded = sum(SOME[batch].max() * len(batch) for batch in batches)
    assert padded / SOME.sum() < 1.03
    means = np.array([SOME[batch].mean() for batch in batches])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.15


@pytest.mark.parametrize("train", SETTINGS)
def test_a_row_has_other_company_in_the_next_epoch(train: TrainPart) -> None:
    first, second = ({frozenset(batch.tolist()) for batch in epoch_batches(SOME, train, epoch)} for epoch in (0, 1))
    assert not first & second


def test_a_run_goes_on_within_an_epoch() -> None:
    batches = epoch_batches(SOME, SETTINGS[0], 0)
    assert [batch.tolist() for batch in batches[3:]] == [batch.tolist() for batch in batches][3:]


def test_validation_batches_are_sorted() -> None:
    lengths = np.array([5, 1, 9, 1])
    assert [batch.tolist() for batch in fixed_batches(lengths, 3)] == [[1, 3, 0], [2]]
