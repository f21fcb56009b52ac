"""How fast a run goes, and how long it still takes; the caller brings the clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tlgui.core import events

MEASURED = 3
"""Steps to time before anything is promised."""
RECENT = 100


class Pace:
    """Times steps by what they report and validations by when they arrive."""

    def __init__(self, validations: int) -> None:
        """`validations` are planned over the whole run."""
        self._steps: deque[float] = deque(maxlen=RECENT)
        self._checks: deque[float] = deque(maxlen=4)
        self._planned = validations
        self._since: float | None = None
        self._left = self._total = 0

    def take(self, batch: Iterable[events.Event], now: float) -> None:
        """Take in events that arrived at `now`, seconds of any steady clock."""
        for event in batch:
            match event:
                case events.Started():
                    self._total, self._left, self._since = event.total, event.total - event.first_step, now
                case events.StepDone():
                    self._steps.append(event.seconds)
                    self._left, self._since = event.total - event.step, now
                case events.Validated():
                    if self._since is not None:
                        self._checks.append(now - self._since)
                    self._since = now
                case events.Paused() | events.Resumed():
                    self._since = None
                case _:
                    pass

    @property
    def step_seconds(self) -> float | None:
        """Mean of the recent steps; None before any."""
        return sum(self._steps) / len(self._steps) if self._steps else None

    @property
    def left(self) -> float | None:
        """Seconds to the end of the run; None until three steps were timed."""
        if len(self._steps) < MEASURED or self.step_seconds is None:
            return None
        share = self._left / max(1, self._total)
        check = sum(self._checks) / len(self._checks) if self._checks else 0.0
        return self._left * self.step_seconds + check * self._planned * share
