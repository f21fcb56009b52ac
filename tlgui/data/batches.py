"""Rows put into batches of similar length, so that little of a batch is padding."""

from __future__ import annotations

import numpy as np

from tlgui.core.randomness import generator

WINDOW = 50
"""Batches that are sorted by length together: enough to save padding, few enough to keep the order random."""


def epoch_batches(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The batches of one epoch, in the order they are trained; a function of the arguments alone.

    Args:
        lengths: Tokens of each row, shape (rows,).
        batch_size: Rows a batch; one batch may be smaller.
    Returns:
        Positions of the rows, int64; each row is in exactly one batch.
    """
    random = generator(seed, "order", epoch)
    order = random.permutation(len(lengths))
    span = WINDOW * batch_size
    batches = []
    for start in range(0, len(order), span):
        window = order[start : start + span]
        batches += _cut(window[np.argsort(lengths[window], kind="stable")], batch_size)
    return [batches[i] for i in random.permutation(len(batches))]


def fixed_batches(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Batches for rows that are only scored: sorted by length, the same each time.

    Args:
        lengths: Tokens of each row, shape (rows,).
    Returns:
        Positions of the rows, int64; each row is in exactly one batch.
    """
    return _cut(np.argsort(lengths, kind="stable"), batch_size)


def _cut(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
