"""What the heat map shows, as numbers: one row a group, top first, one column a measurement. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tlgui.core.history import History
from tlgui.core.plan import scientific


@dataclass(frozen=True)
class Measure:
    """One thing that is measured of each group."""

    field: str
    """Of `GroupsMeasured`."""
    title: str
    explains: str
    column: str
    """Of the table of numbers, with the group's name."""
    figure: Callable[[float], str]
    logarithmic: bool = False


def _short(value: float) -> str:
    """A norm in at most six characters: "0.418", "12.4", "3.2e-5"."""
    return scientific(value) if 0 < value < 5e-4 else f"{value:.3f}" if value < 10 else f"{value:.3g}"


MOVED = Measure(
    "distances",
    "How far each group has moved",
    "Norm of the change since the start of the run, as a share of the norm of the weights it started from.",
    "{group} moved",
    _short,
)
PULL = Measure(
    "gradients",
    "How hard the loss pulls at each group",
    "Norm of the gradient of single steps, before it is limited. The colours are logarithmic.",
    "{group} gradient",
    _short,
    logarithmic=True,
)
MEASURES = (MOVED, PULL)


@dataclass(frozen=True)
class HeatValues:
    """All measurements of a run."""

    keys: tuple[str, ...]
    """Groups, top first."""
    steps: np.ndarray
    """Shape (measurements,)."""
    values: np.ndarray
    """Shape (groups, measurements); NaN where a group was not measured."""

    @property
    def newest(self) -> list[float]:
        """The last value of each group; NaN if the last measurement has none."""
        return [float(value) for value in self.values[:, -1]] if len(self.steps) else [np.nan] * len(self.keys)

    def scale(self, *, logarithmic: bool) -> tuple[float, float]:
        """The values of the ramp's ends; (0, 0) before any."""
        known = self.values[np.isfinite(self.values) & (self.values > 0)]
        if not known.size:
            return 0.0, 0.0
        return (float(known.min()) if logarithmic else 0.0), float(known.max())

    def shades(self, *, logarithmic: bool) -> np.ndarray:
        """Each value's place on the ramp, 0..1; NaN where there is no value. Shape as `values`."""
        low, high = self.scale(logarithmic=logarithmic)
        if high <= low:
            return np.where(np.isfinite(self.values), 1.0 if high > 0 else 0.0, np.nan)
        if not logarithmic:
            return np.where(np.isfinite(self.values), self.values / high, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            places = np.log(self.values / low) / np.log(high / low)
        return np.where(np.isfinite(self.values), np.clip(places, 0.0, 1.0), np.nan)

    def at(self, step: int) -> list[float]:
        """The value of each group at a step: of the first measurement that is not before it; NaN after the last."""
        place = int(np.searchsorted(self.steps, step))
        return [float(value) for value in self.values[:, place]] if place < len(self.steps) else [np.nan] * len(self)

    def __len__(self) -> int:
        return len(self.keys)


def heat_values(history: History, keys: Sequence[str], measure: Measure) -> HeatValues:
    """Gather one measure of a run; `keys` are its groups, bottom first."""
    rows = tuple(reversed(keys))
    found = [getattr(one, measure.field) for one in history.measured]
    values = np.array([[one.get(key, np.nan) for one in found] for key in rows], dtype=float)
    steps = np.array([one.step for one in history.measured])
    return HeatValues(rows, steps, values.reshape(len(rows), len(found)))
