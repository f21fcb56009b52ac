"""What a difference between two strategies is worth: a paired bootstrap over seeds and rows.

Both strategies learned from the same rows with the same seeds and were scored on the same rows, so differences are
taken pair by pair: Koehn, Statistical Significance Tests for Machine Translation Evaluation (EMNLP 2004), section 4.
Seeds are drawn again first, then rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

DRAWS = 2000
NORMAL = 1.960
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t, 97.5 %, for 2 to 10 seeds; more seeds take the last, which is a little too wide for them."""


@dataclass(frozen=True)
class Difference:
    """How much more one has than the other."""

    mean: float
    low: float
    """Lower end of the 95 % interval; minus infinity for a single seed, of which nothing can be said."""
    high: float

    @property
    def more(self) -> bool:
        """Whether the interval lies above 0."""
        return self.low > 0

    @property
    def less(self) -> bool:
        """Whether the interval lies below 0."""
        return self.high < 0


def difference(a: np.ndarray, b: np.ndarray) -> Difference:
    """Mean of a − b and its 95 % interval.

    A handful of seeds drawn again shows less spread than there is, so the deviations of seeds are stretched until, for
    normal ones, the interval is as wide as Student's: Hesterberg, What Teachers Should Know About the Bootstrap (The
    American Statistician, 2015), on intervals that are too narrow for small samples.

    Args:
        a: One figure for each seed and row, shape (seeds, rows), such as 1 for a right answer.
        b: Same shape, same seeds, same rows.
    """
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} figures and {b.shape} figures")
    apart = a.astype(np.float64) - b.astype(np.float64)
    seeds = len(apart)
    if seeds < 2:
        return Difference(float(apart.mean()), -math.inf, math.inf)
    # Both ways round, so that b − a is exactly the reverse.
    drawn = np.concatenate([_draws(apart), -_draws(-apart)])
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Difference(float(apart.mean()), float(low), float(high))


def _draws(apart: np.ndarray) -> np.ndarray:
    """Means of differences over seeds and rows drawn again, shape (DRAWS,)."""
    random = np.random.default_rng(0)
    seeds, rows = apart.shape
    stretch = STUDENT[min(seeds - 2, len(STUDENT) - 1)] / NORMAL * math.sqrt(seeds / (seeds - 1))
    weights = random.multinomial(seeds, np.full(seeds, 1 / seeds), DRAWS) / seeds
    # Rows that fared alike with every seed are drawn together, which is the same and much quicker.
    kinds, counts = np.unique(apart, axis=1, return_counts=True)
    shares = random.multinomial(rows, counts / rows, DRAWS) / rows
    by_seed = weights @ apart.mean(axis=1)
    both = ((weights @ kinds) * shares).sum(axis=1)
    mean = apart.mean()
    drawn: np.ndarray = mean + stretch * (by_seed - mean) + (both - by_seed)
    return drawn


def deviation(values: np.ndarray) -> float:
    """Standard deviation over seeds, n − 1; 0 for a single one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
