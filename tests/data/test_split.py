"""Samples and splits: partitions, in proportion, the same for the same seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlgui.data.split import sample, split

LABELS = st.lists(st.integers(0, 5), min_size=2, max_size=300).map(np.array)
SHARE = st.floats(0.01, 0.99)
SEED = st.integers(0, 2**32 - 1)


@given(LABELS, SHARE, SEED)
def test_a_split_is_a_partition_in_proportion(labels: np.ndarray, share: float, seed: int) -> None:
    train, held = split(labels, len(labels), share, seed)
    assert sorted([*train, *held]) == list(range(len(labels)))
    wanted = min(max(1, round(len(labels) * share)), len(labels) - 1) / len(labels)
    for label in np.unique(labels):
        size = (labels == label).sum()
        assert label in labels[train]
        assert abs((labels[held] == label).sum() - size * wanted) <= 1


@given(LABELS, SHARE, SEED)
def test_the_same_seed_gives_the_same_split(labels: np.ndarray, share: float, seed: int) -> None:
    first, second = (split(labels, len(labels), share, seed) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_this_split_never_changes() -> None:
    labels = np.arange(20) % 2
    assert split(labels, 20, 0.2, 0)[1].tolist() == [4, 13, 15, 18]


def test_other_seeds_give_other_splits() -> None:
    labels = np.arange(1000) % 2
    assert not np.array_equal(split(labels, 1000, 0.1, 0)[1], split(labels, 1000, 0.1, 1)[1])


@given(st.integers(0, 50), SHARE, SEED)
def test_rows_without_labels_split_too(rows: int, share: float, seed: int) -> None:
    train, held = split(None, rows, share, seed)
    assert sorted([*train, *held]) == list(range(rows))
    assert rows < 2 or (len(train) and len(held))


@given(LABELS, st.integers(0, 400), SEED)
def test_a_sample_has_each_label_in_its_share(labels: np.ndarray, count: int, seed: int) -> None:
    chosen = sample(labels, count, len(labels), seed)
    size = count if 0 < count < len(labels) else len(labels)
    assert len(np.unique(chosen)) == len(chosen) == size
    for label in np.unique(labels):
        share = (labels == label).mean()
        assert abs((labels[chosen] == label).sum() - size * share) <= 1
