"""The rows of a run: fair, nested, a function of the seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.studies.subsets import nested_order

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=120).map(np.array)


@settings(deadline=None)
@given(LABELS, st.integers(0, 50))
def test_every_beginning_is_a_fair_sample(labels: np.ndarray, seed: int) -> None:
    order = nested_order(labels, seed)
    assert sorted(order) == list(range(len(labels)))
    classes = np.unique(labels)
    assert set(labels[order[: len(classes)]]) == set(classes)
    for label in classes:
        share = (labels == label).mean()
        among = np.cumsum(labels[order] == label)
        fair = np.arange(1, len(labels) + 1) * share
        assert np.abs(among - fair).max() <= 2 + 1.5 * len(classes) * share


def test_balanced_labels_stay_balanced() -> None:
    labels = np.arange(1000) % 2
    order = nested_order(labels, 0)
    assert np.abs(2 * np.cumsum(labels[order]) - np.arange(1, 1001)).max() <= 1


def test_seeds_draw_other_rows() -> None:
    labels = np.arange(1000) % 2
    first = [set(nested_order(labels, seed)[:50]) for seed in (0, 1, 0)]
    assert first[0] == first[2]
    assert len(first[0] & first[1]) < 20
