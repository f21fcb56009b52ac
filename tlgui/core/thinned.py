"""A long curve as few points that draw the same picture, kept up at little cost while the curve grows."""

from __future__ import annotations

import numpy as np

BUCKETS = 2048
"""Spans of steps that are drawn, at most; no plot is twice as many pixels wide."""


class Thinned:
    """The lowest and the highest point of each span of steps, all of them real points of the curve."""

    def __init__(self) -> None:
        self._stride, self._done = 1, 0
        """Points of a span, and points that are in one."""
        self._picked = np.empty(0, dtype=np.int64)

    def picked(self, values: np.ndarray) -> np.ndarray:
        """Positions of the points to draw, ascending; only what was added since the last call is looked at.

        Every position while there are few. From time to time spans are put together, so that a point costs the same
        on average however many there are.

        Args:
            values: The curve so far, shape (n,): what was handed in last, and more at its end. It may only shrink
                after `forget`.
        """
        stride = stride_of(len(values))
        if stride == 1:
            return np.arange(len(values))
        if stride != self._stride:
            self._stride, self._done, self._picked = stride, 0, np.empty(0, dtype=np.int64)
        end = (len(values) - 1) // stride * stride  # the last point is always drawn itself
        if end > self._done:
            spans = values[self._done : end].reshape(-1, stride)
            both = np.stack([spans.argmin(axis=1), spans.argmax(axis=1)], axis=1)
            both.sort(axis=1)
            both += np.arange(self._done, end, stride)[:, None]
            self._picked, self._done = np.concatenate([self._picked, both.ravel()]), end
        return np.concatenate([self._picked, np.arange(end, len(values))])

    def forget(self) -> None:
        """The curve goes another way from an earlier point on."""
        self._stride, self._done = 1, 0


def stride_of(count: int) -> int:
    """How many neighbouring points of so many are drawn as one: a power of two, 1 while there are few."""
    spans = max(1, -(-count // BUCKETS))
    return 1 << (spans - 1).bit_length()


def every(first: int, last: int) -> np.ndarray:
    """Positions of a smooth curve's points to draw from `first` to before `last`: evenly spaced, with the last."""
    stride = stride_of(last - first)
    return np.arange(first, last) if stride == 1 else np.append(np.arange(first, last - 1, stride), last - 1)
