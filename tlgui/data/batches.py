"""Rows put into batches of similar length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from tlgui.core.randomness import generator
from tlgui.core.recipe import TrainPart

WINDOW = 100
"""Batches that are sorted by length together: enough to save padding, few enough to keep the order random."""
LEAST = 2
"""Batches of a token budget that draw their rows from one bucket, at least: a row's company changes with the epoch."""


@dataclass(frozen=True)
class Batches(Sequence[np.ndarray]):
    """Positions of rows, int64, one array a batch; all of them are views of one array."""

    rows: np.ndarray
    """Each row once, shape (rows,)."""
    spans: np.ndarray
    """Where a batch begins and ends in `rows`, shape (batches, 2)."""

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, index: slice) -> Batches: ...

    def __getitem__(self, index: int | slice) -> np.ndarray | Batches:
        if isinstance(index, slice):
            return Batches(self.rows, self.spans[index])
        start, end = self.spans[index]
        return self.rows[start:end]


def epoch_batches(lengths: np.ndarray, train: TrainPart, epoch: int) -> Batches:
    """The batches of one epoch, in the order they are trained; a function of the arguments alone.

    With a budget of tokens, rows × longest is never above it, unless one row alone is.

    Args:
        lengths: Tokens of each row, shape (rows,).
    Returns:
        Each row is in exactly one batch; as many batches in every epoch.
    """
    random = generator(train.seed, "order", epoch)
    rows = random.permutation(len(lengths))
    if train.batch_tokens:
        rows = rows[_longest_first(lengths[rows])]
        spans, buckets = _within(lengths[rows], train.batch_tokens)
        for start, end in buckets:
            random.shuffle(rows[start:end])
    else:
        for start in range(0, len(rows), WINDOW * train.batch_size):
            window = rows[start : start + WINDOW * train.batch_size]
            window[:] = window[np.argsort(lengths[window], kind="stable")]
        spans = _cuts(0, len(rows), train.batch_size)
    return Batches(rows, random.permutation(spans))


def count_batches(lengths: np.ndarray, train: TrainPart) -> int:
    """How many batches an epoch has."""
    if not train.batch_tokens:
        return -(-len(lengths) // train.batch_size)
    return len(_within(lengths[_longest_first(lengths)], train.batch_tokens)[0])


def rows_at(train: TrainPart, length: int) -> int:
    """How many rows of one length a batch takes."""
    return max(1, train.batch_tokens // length) if train.batch_tokens else train.batch_size


def fixed_batches(lengths: np.ndarray, batch_size: int) -> Batches:
    """Batches for rows that are only scored: sorted by length, the same each time.

    Args:
        lengths: Tokens of each row, shape (rows,).
        batch_size: Rows a batch; the last may be smaller.
    Returns:
        Each row is in exactly one batch.
    """
    return Batches(np.argsort(lengths, kind="stable"), _cuts(0, len(lengths), batch_size))


def _longest_first(lengths: np.ndarray) -> np.ndarray:
    return np.argsort(-lengths, kind="stable")


def _within(lengths: np.ndarray, budget: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Cut rows of falling lengths into buckets, and those into batches that keep to a budget of tokens.

    A bucket holds LEAST batches, and as many more as there are with rows of exactly its length. The cuts depend on the
    sorted lengths alone, so their number is the same in every epoch.

    Returns:
        The spans of the batches, shape (batches, 2), and those of the buckets.
    """
    spans, buckets, start = [np.empty((0, 2), dtype=np.int64)], [], 0
    falling = -lengths
    while start < len(lengths):
        size = max(1, budget // int(lengths[start]))
        alike = int(np.searchsorted(falling, falling[start], side="right")) - start
        end = min(len(lengths), start + size * max(LEAST, alike // size))
        spans.append(_cuts(start, end, size))
        buckets.append((start, end))
        start = end
    return np.concatenate(spans), buckets


def _cuts(start: int, end: int, size: int) -> np.ndarray:
    """Spans of `size` rows, the last one shorter if need be, shape (batches, 2)."""
    starts = np.arange(start, end, size)
    return np.stack([starts, np.minimum(starts + size, end)], axis=1)
