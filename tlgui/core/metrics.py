"""Figures that say how good predictions are."""

from __future__ import annotations

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
