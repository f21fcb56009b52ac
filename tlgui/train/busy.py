"""Watches how long steps take, and tries on the steps themselves whether another number of threads is faster now."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from math import inf
from statistics import median

import numpy as np

from tlgui.core.events import Emit, Note
from tlgui.train.checkpoint import Position
from tlgui.train.devices import use_threads
from tlgui.train.setup import Setup
from tlgui.train.trials import HOPELESS, WORTH, count_threads, fewest, is_or_are, thread_choices, times, unstalled

RECENT = 5
"""Steps whose median is the pace of the run; they are looked at when all of them are new."""
SLOWER = 2.0
"""As many times as its usual pace is slow."""
BESIDE = 1.5
"""As many times as long as its forward and backward pass a step may take."""
ENOUGH = 2
"""Steps after which a number is seen to be hopeless; in a trial RECENT are taken with the others."""
SHARE = 0.02
"""Of a run's time may at most be lost to trials: after one, the run goes on this much longer than it lost."""
LEAST_WAIT_SECONDS = 20.0


class Trial:
    """Some steps taken with several numbers of threads by turns, beside those that were just taken."""

    def __init__(self, numbers: Iterable[int], now: int, recent: Iterable[float]) -> None:
        """`recent` are the paces of the last steps, which were taken with the number `now`."""
        self._paces: dict[int, list[float]] = {number: [] for number in sorted(numbers)}
        self._paces[now] = list(recent)
        self._left = list(self._paces)
        self._spent: list[tuple[float, float]] = []

    @property
    def next(self) -> int:
        """The number for the next step."""
        return min(self._left, key=lambda number: len(self._paces[number]))

    def take(self, tokens: int, seconds: float) -> bool:
        """Take in a step with the next number; whether the trial is over."""
        self._paces[self.next].append(seconds / tokens)
        self._spent.append((tokens, seconds))
        # The quickest of each, as anything may interrupt a single step.
        quickest = {number: min(paces) for number, paces in self._paces.items() if len(paces) >= ENOUGH}
        best = min(quickest.values())
        self._left = [number for number in self._left if quickest.get(number, best) <= HOPELESS * best]
        return len(self._left) == 1 or len(self._paces[self.next]) >= RECENT

    def paces(self) -> dict[int, float]:
        """Seconds per token with each number."""
        return {number: median(paces) for number, paces in self._paces.items() if paces}

    def lost(self) -> float:
        """Seconds that the steps took longer than with the fastest number."""
        best = min(self.paces().values())
        return sum(max(0.0, seconds - best * tokens) for tokens, seconds in self._spent)


class ThreadWatch:
    """Keeps a run that has measured threads at the number that is fastest as the machine is at the moment.

    A trial begins when steps have become slow, and, as long as cores are left over, from time to time. Both wait until
    the run has gone on long enough since the last one. A number that the recipe fixes stays.
    """

    def __init__(self, setup: Setup, position: Position, emit: Emit) -> None:
        self._setup, self._position, self._emit = setup, position, emit
        self._choices = thread_choices() if position.threads else []
        """The most first; also the number of a checkpoint, which another machine may have written."""
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._usual = BESIDE * setup.pace or inf
        """The quickest median pace under this plan with this number, seconds per token; what was measured, at first."""
        self._plan = setup.plan
        self._wait = LEAST_WAIT_SECONDS
        """Seconds of steps until there may be a trial."""
        self._trial: Trial | None = None
        self._slow = False
        if self._choices:
            position.threads = min(position.threads, self._choices[0])
            self._choices = sorted({*self._choices, position.threads}, reverse=True)
            use_threads(position.threads)

    def after_step(self, rows: np.ndarray, seconds: float) -> None:
        """Take in a step, and set the number of threads for the next one."""
        if len(self._choices) < 2:
            return
        self._wait -= seconds
        tokens = len(rows) * int(self._setup.train.lengths_of(rows).max())
        if self._trial is not None:
            self._go_on(self._trial, tokens, seconds)
            return
        if self._plan is not self._setup.plan:
            self._forget()
        self._recent.append(seconds / tokens)
        if len(self._recent) == RECENT:
            self._look(median(self._recent))
            self._recent.clear()

    def _look(self, pace: float) -> None:
        now = self._position.threads
        self._slow = pace > SLOWER * self._usual
        self._usual = min(self._usual, pace)
        if self._wait > 0:
            return
        more = [number for number in self._choices if number >= now]
        if not self._slow and len(more) == 1:
            return
        began = time.perf_counter()
        numbers = {now, *unstalled(self._choices if self._slow else more[-2:])}
        self._wait = max(LEAST_WAIT_SECONDS, (time.perf_counter() - began) / SHARE)
        self._trial = Trial(numbers, now, self._recent) if len(numbers) > 1 else None
        use_threads(self._trial.next if self._trial is not None else now)

    def _go_on(self, trial: Trial, tokens: int, seconds: float) -> None:
        if not trial.take(tokens, seconds):
            use_threads(trial.next)
            return
        paces, now = trial.paces(), self._position.threads
        best = fewest(paces)
        if paces[now] >= WORTH * paces[best]:
            self._say(now, best, paces[now] / paces[best])
            self._position.threads = best
        use_threads(self._position.threads)
        self._wait = max(LEAST_WAIT_SECONDS, trial.lost() / SHARE)
        self._forget()

    def _say(self, old: int, new: int, ratio: float) -> None:
        busy = "The machine got busy: training" if self._slow and new < old else "Training"
        speed = f"which {is_or_are(new)} {times(ratio)} as fast now as {old}"
        self._emit(Note(self._position.step, f"{busy} goes on with {count_threads(new)}, {speed}."))

    def _forget(self) -> None:
        """Begin anew: the pace of other threads, or of another plan, is another one."""
        self._trial, self._plan, self._usual = None, self._setup.plan, inf
        self._recent.clear()
