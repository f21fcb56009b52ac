"""Features of the frozen encoder, computed once and shared by the runs of a race that differ in labels and seed.

Which rows are computed together depends on the run alone, never on the rest of the race, so that a run has the same
features to the last bit wherever it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.tasks.encoded import Encoded
from tlgui.train.features import STORING, Featured, over_features, store
from tlgui.train.setup import Setup

BLOCK = 64
"""Rows of a seed's order that are computed together."""


@dataclass
class SharedFeatures:
    """What has been computed so far."""

    train: Encoded
    score: Encoded
    order: Callable[[int], np.ndarray]
    """All training rows as a seed draws them."""
    _blocks: dict[tuple[int, int], Featured] = field(default_factory=dict)
    """By seed and number of the block."""
    _whole: Featured | None = None
    _scored: Featured | None = None
    _rows: int = 0
    """Training rows that were computed."""
    _seconds: float = 0.0
    """What they took."""

    def give(self, setup: Setup, count: int, seed: int, emit: Emit, control: Control) -> tuple[Setup, float, float]:
        """A run over stored features, what the features of its own rows take, and the time that was spent just now.

        Args:
            setup: Over tokens; its training rows are the first `count` of the seed's order, ascending.
        """
        began = time.perf_counter()
        if self._scored is None:
            self._scored = self._stored(setup, self.score, emit, control)
        read = time.perf_counter()
        train = self._all(setup, emit, control) if 2 * count > len(self.train) else None
        rows = np.sort(self.order(seed)[:count])
        part = train.some(rows) if train is not None else self._first(setup, count, seed, emit, control)
        self._seconds += time.perf_counter() - read
        own = self._seconds / self._rows * count
        return over_features(setup, part, self._scored), own, time.perf_counter() - began

    def _all(self, setup: Setup, emit: Emit, control: Control) -> Featured:
        """Every training row, for runs that learn from more than half of them."""
        if self._whole is None:
            self._whole = self._stored(setup, self.train, emit, control)
            self._rows += len(self.train)
        return self._whole

    def _first(self, setup: Setup, count: int, seed: int, emit: Emit, control: Control) -> Featured:
        """The first rows of a seed's order, ascending, from blocks of it."""
        order = self.order(seed)
        numbers = range(-(-count // BLOCK))
        for number in numbers:
            if (seed, number) not in self._blocks:
                part = self.train.some(order[BLOCK * number : BLOCK * (number + 1)])
                self._blocks[seed, number] = self._stored(setup, part, emit, control)
                self._rows += len(part)
        blocks = [self._blocks[seed, number] for number in numbers]
        vectors = np.concatenate([block.features(np.arange(len(block))) for block in blocks])
        part = self.train.some(np.sort(order[:count]))
        return Featured(part.starts, part.fields, part.labels, vectors=vectors, places=np.argsort(order[:count]))

    @staticmethod
    def _stored(setup: Setup, encoded: Encoded, emit: Emit, control: Control) -> Featured:
        return store(setup, encoded, control, lambda done: emit(Progress(STORING, done, len(encoded))))
