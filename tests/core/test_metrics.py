"""Metrics against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tlgui.core.metrics import accuracy, confusion, macro_f1

ids = arrays(np.int64, st.shared(st.integers(1, 60), key="rows"), elements=st.integers(0, 4))


@given(ids, ids)
def test_confusion_counts_every_row_once(truth: np.ndarray, guess: np.ndarray) -> None:
    counts = confusion(truth, guess, 5)
    assert counts.sum() == len(truth)
    assert all(counts[t, g] == np.sum((truth == t) & (guess == g)) for t in range(5) for g in range(5))
    assert accuracy(counts) == pytest.approx(np.mean(truth == guess))


@given(ids, ids)
def test_macro_f1_is_the_mean_of_the_seen_labels(truth: np.ndarray, guess: np.ndarray) -> None:
    scores = []
    for label in set(truth.tolist()) | set(guess.tolist()):
        right = np.sum((truth == label) & (guess == label))
        scores.append(2 * right / (np.sum(truth == label) + np.sum(guess == label)))
    assert macro_f1(confusion(truth, guess, 5)) == pytest.approx(np.mean(scores))


def test_ids_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        confusion(np.array([0, 3]), np.array([0, 1]), 3)
    with pytest.raises(ValueError, match="labels"):
        confusion(np.array([0]), np.array([0, 1]), 3)
