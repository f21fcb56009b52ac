"""What each plot of a run shows: one row a curve, read from the run's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tlgui.core.history import History

Points = tuple[np.ndarray, np.ndarray]
"""Steps and values, both of shape (n,)."""
NOTHING: Points = (np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Curve:
    """One line of a plot."""

    title: str
    token: str
    """Name of its colour in the theme."""
    points: Callable[[History], Points] = lambda history: NOTHING
    """Read from a run; a chart that works its points out itself does not ask."""
    width: float = 2.0
    opacity: float = 1.0
    dashed: bool = False
    dotted: bool = False
    marker: str = ""
    """pyqtgraph's symbol at every point; empty = none."""
    filled: bool = False
    """Whether the marker is solid, as the best point's is."""
    end: Callable[[float], str] | None = None
    """How the last value, in the axis's units, is printed at the line's end; None = it is not."""
    words: tuple[str, str] = ("", "")
    """Added to the last value: where there is room, and where there is little."""
    start: str = ""
    """Words at the curve's first point, for one that has no value yet."""
    thin: Literal["peak", "subsample"] = "peak"
    """What stays where there are more steps than pixels: the extremes, or every so many."""


def training_loss(history: History) -> Points:
    return history.drawn_losses()


def smoothed_loss(history: History) -> Points:
    return history.drawn_smoothed()


def validation_loss(history: History) -> Points:
    return _pairs([(v.step, v.loss) for v in history.validations])


def validation_metric(key: str) -> Callable[[History], Points]:
    """The points of one metric, as they were printed by the validations that have it."""
    return lambda history: _pairs([(v.step, v.metrics[key]) for v in history.validations if key in v.metrics])


def best_metric(key: str) -> Callable[[History], Points]:
    """The one point of the weights that are kept."""

    def points(history: History) -> Points:
        best = history.best
        return _pairs([(best.step, best.metrics[key])] if best is not None and key in best.metrics else [])

    return points


def learning_rate(history: History) -> Points:
    return history.drawn_rates()


def group_measure(field: str, key: str) -> Callable[[History], Points]:
    """One group's `distances` or `gradients`."""

    def points(history: History) -> Points:
        found = ((one.step, getattr(one, field).get(key)) for one in history.measured)
        return _pairs([(step, value) for step, value in found if value is not None])

    return points


def probe_score(position: int) -> Callable[[History], Points]:
    return lambda history: _pairs(history.probes.get(position, []))


def _pairs(pairs: list[tuple[int, float]]) -> Points:
    values = np.asarray(pairs, dtype=float).reshape(-1, 2)
    return values[:, 0], values[:, 1]


LOSS = (
    Curve("training, each step", "train", training_loss, width=1.0, opacity=0.4),
    Curve("smoothed", "train", smoothed_loss, width=2.5, end="{:.2f}".format, thin="subsample"),
    Curve("validation", "val", validation_loss, width=1.8, dashed=True, marker="o", end="{:.2f}".format),
)
RATE = (Curve("learning rate of the head", "train", learning_rate, end="{:.1f}".format, thin="subsample"),)
PROBE_MARKERS = ("o", "s", "t1", "d", "t", "star", "p", "h", "x", "+")
