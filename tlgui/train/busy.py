"""Watches how long steps take, and tries on the steps themselves whether another number of threads is faster now."""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np

from tlgui.core.events import Emit, Note
from tlgui.train.checkpoint import Position
from tlgui.train.devices import use_threads
from tlgui.train.setup import Setup
from tlgui.train.trials import HOPELESS, WORTH, count_threads, fewest, is_or_are, thread_choices, times

RECENT = 8
"""Steps whose median is the pace of the run; they are looked at when all of them are new."""
SLOWER = 2.0
"""As many times as its usual pace is slow."""
EACH, ENOUGH = 5, 2
"""Steps that are taken with each number in a trial; so many show that a number is hopeless."""
SHARE = 0.02
"""Of a run's time may at most be lost to trials: after one, the run goes on this much longer than it lost."""
LEAST_WAIT_SECONDS = 20.0


class Trial:
    """Some steps taken with several numbers of threads by turns."""

    def __init__(self, numbers: list[int]) -> None:
        self._paces: dict[int, list[float]] = {number: [] for number in numbers}
        self._left = list(numbers)
        self._spent: list[tuple[int, float, float]] = []

    @property
    def next(self) -> int:
        """The number for the next step."""
        return min(self._left, key=lambda number: len(self._paces[number]))

    def take(self, number: int, tokens: int, seconds: float) -> bool:
        """Take in a step; whether the trial is over."""
        self._paces[number].append(seconds / tokens)
        self._spent.append((number, tokens, seconds))
        counts = {len(self._paces[one]) for one in self._left}
        if counts == {ENOUGH}:
            # The quicker of them, as anything may interrupt a single step.
            quickest = {one: min(self._paces[one]) for one in self._left}
            self._left = [one for one in self._left if quickest[one] <= HOPELESS * min(quickest.values())]
        return counts == {EACH} or len(self._left) == 1

    def paces(self) -> dict[int, float]:
        """Seconds per token with each number."""
        return {number: median(paces) for number, paces in self._paces.items()}

    def lost(self) -> float:
        """Seconds that the steps took longer than with the fastest number."""
        best = min(self.paces().values())
        return sum(max(0.0, seconds - best * tokens) for _, tokens, seconds in self._spent)


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
        self._usual = float("inf")
        """The quickest median pace under this plan with this number, seconds per token."""
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
        if self._slow:
            self._trial = Trial(self._choices)
        elif len(more) > 1:
            self._trial = Trial(more[-2:])
        if self._trial is not None:
            use_threads(self._trial.next)

    def _go_on(self, trial: Trial, tokens: int, seconds: float) -> None:
        if not trial.take(trial.next, tokens, seconds):
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
        self._trial, self._plan, self._usual = None, self._setup.plan, float("inf")
        self._recent.clear()
