"""Figures that say how good predictions are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def confusion(truth: np.ndarray, guess: np.ndarray, n_labels: int) -> np.ndarray:
    """Count guesses per true label.

    Args:
        truth: Label ids, shape (rows,), each in 0..n_labels-1.
        guess: Same shape.
    Returns:
        Counts, shape (n_labels, n_labels); row = truth, column = guess.
    Raises:
        ValueError: the shapes differ or an id is out of range.
    """
    if truth.shape != guess.shape:
        raise ValueError(f"{truth.shape} labels and {guess.shape} guesses")
    if truth.size and (min(truth.min(), guess.min()) < 0 or max(truth.max(), guess.max()) >= n_labels):
        raise ValueError(f"a label id is outside 0..{n_labels - 1}")
    return np.bincount(truth * n_labels + guess, minlength=n_labels**2).reshape(n_labels, n_labels)


def accuracy(counts: np.ndarray) -> float:
    """Share of right guesses in a confusion matrix, 0..1."""
    return float(np.trace(counts) / max(1, counts.sum()))


def macro_f1(counts: np.ndarray) -> float:
    """Mean over the labels of the harmonic mean of precision and recall, 0..1; labels never seen are left out."""
    right = np.diag(counts)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    seen = both > 0
    return float(np.mean(2 * right[seen] / both[seen])) if seen.any() else 0.0


def second_f1(counts: np.ndarray) -> float:
    """Harmonic mean of precision and recall of the second class, 0..1, as MRPC and QQP are scored; shape (2, 2)."""
    return float(2 * counts[1, 1] / max(1, counts[1].sum() + counts[:, 1].sum()))


def matthews(counts: np.ndarray) -> float:
    """Matthews (1975), the correlation of truth and guess for two classes, -1..1, as CoLA is scored; shape (2, 2).

    0 where all guesses or all truths are one class.
    """
    (a, b), (c, d) = counts.tolist()
    spread = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    return (a * d - b * c) / spread if spread else 0.0


_OF_CLASSES: tuple[tuple[str, int, Callable[[np.ndarray], float]], ...] = (
    # key, for how many classes (0 = any), from the confusion matrix
    ("accuracy", 0, accuracy),
    ("macro_f1", 0, macro_f1),
    ("f1", 2, second_f1),
    ("matthews", 2, matthews),
)


def of_classes(counts: np.ndarray) -> dict[str, float]:
    """Every figure that there is for a confusion matrix of this size, by the key of the goal's metric."""
    return {key: score(counts) for key, classes, score in _OF_CLASSES if classes in (0, len(counts))}


def pearson(truth: np.ndarray, guess: np.ndarray) -> float:
    """Linear correlation of two rows of numbers, -1..1; 0 where one of them is constant."""
    x, y = (values.astype(np.float64) - values.mean(dtype=np.float64) for values in (truth, guess))
    if not (np.ptp(truth) and np.ptp(guess)):
        return 0.0
    return float(np.clip((x @ y) / math.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def spearman(truth: np.ndarray, guess: np.ndarray) -> float:
    """Correlation of the ranks of two rows of numbers, -1..1; 0 where one of them is constant."""
    return pearson(_ranks(truth), _ranks(guess))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: np.ndarray = (last - (count - 1) / 2)[place]
    return ranks
