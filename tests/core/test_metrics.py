"""Metrics against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tlgui.core.goals import GOALS
from tlgui.core.metrics import accuracy, confusion, macro_f1, of_classes, pearson, spearman

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


twos = arrays(np.int64, st.shared(st.integers(1, 40), key="twos"), elements=st.integers(0, 1))


@given(twos, twos)
def test_of_two_classes_there_are_the_figures_of_glue(truth: np.ndarray, guess: np.ndarray) -> None:
    found = of_classes(confusion(truth, guess, 2))
    right, both = np.sum(truth & guess), truth.sum() + guess.sum()
    assert found["f1"] == pytest.approx(2 * right / both if both else 0.0)
    alike = len(set(truth)) == 1 or len(set(guess)) == 1
    # Matthews' correlation is Pearson's of the ids.
    assert found["matthews"] == pytest.approx(0.0 if alike else np.corrcoef(truth, guess)[0, 1])
    assert set(found) == {metric.key for metric in GOALS["classify"].metrics}


def test_of_three_classes_there_is_no_second_one() -> None:
    assert set(of_classes(np.eye(3, dtype=int))) == {"accuracy", "macro_f1"}


numbers = arrays(np.float64, st.shared(st.integers(2, 30), key="numbers"), elements=st.integers(-4, 4))


@given(numbers, numbers)
def test_correlations_are_those_of_numpy_and_of_ranks(truth: np.ndarray, guess: np.ndarray) -> None:
    if not (np.ptp(truth) and np.ptp(guess)):
        assert pearson(truth, guess) == spearman(truth, guess) == 0.0
        return
    assert pearson(truth, guess) == pytest.approx(np.corrcoef(truth, guess)[0, 1])
    ranks = [np.array([(v < x).sum() + ((v == x).sum() + 1) / 2 for x in v]) for v in (truth, guess)]
    assert spearman(truth, guess) == pytest.approx(np.corrcoef(*ranks)[0, 1])
