"""Loss and rate of every step of a run, in arrays that grow."""

from __future__ import annotations

import numpy as np

from tlgui.core import events
from tlgui.core.thinned import Thinned, every

SMOOTHING = 0.94
"""Weight of the past in the smoothed loss; an exponential mean over about 17 steps."""
BIASED = 1000
"""Steps after which the start's bias is far below what a double can tell."""


class StepCurve:
    """One column a step; adding one is constant time on average."""

    def __init__(self) -> None:
        self._values = np.empty((4, 256))
        """Step, loss, exponential mean of the losses, rate."""
        self._count = 0
        self._thinned = Thinned()

    def add(self, event: events.StepDone) -> None:
        """Take in the next step."""
        if self._count == self._values.shape[1]:
            self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
        before = self._values[2, self._count - 1] if self._count else 0.0
        mean = SMOOTHING * before + (1 - SMOOTHING) * event.loss
        self._values[:, self._count] = event.step, event.loss, mean, event.rate
        self._count += 1

    def rewind(self, step: int) -> None:
        """Forget what came after a step."""
        self._count = int(np.searchsorted(self.steps, step, side="right"))
        self._thinned.forget()

    @property
    def last(self) -> int:
        """The last step, 0 if there is none."""
        return int(self._values[0, self._count - 1]) if self._count else 0

    @property
    def steps(self) -> np.ndarray:
        return self._values[0, : self._count]

    @property
    def losses(self) -> np.ndarray:
        return self._values[1, : self._count]

    @property
    def smoothed(self) -> np.ndarray:
        return self._means(np.arange(self._count))

    @property
    def rates(self) -> np.ndarray:
        return self._values[3, : self._count]

    def drawn_losses(self) -> tuple[np.ndarray, np.ndarray]:
        places = self._thinned.picked(self.losses)
        return self._values[0, places], self._values[1, places]

    def drawn_smoothed(self) -> tuple[np.ndarray, np.ndarray]:
        places = every(0, self._count)
        return self._values[0, places], self._means(places)

    def drawn_rates(self, first: int, last: int | None) -> tuple[np.ndarray, np.ndarray]:
        span = (first, np.inf if last is None else last)
        places = every(*(int(place) for place in np.searchsorted(self.steps, span, side="right")))
        return self._values[0, places], self._values[3, places]

    def _means(self, places: np.ndarray) -> np.ndarray:
        means = self._values[2, places]
        early = places < BIASED
        means[early] /= 1 - SMOOTHING ** (places[early] + 1)
        return means
