"""The curves of a run, gathered from its events, live or read back from disk."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tlgui.core import events
from tlgui.core.thinned import Thinned, every

SMOOTHING = 0.94
"""Weight of the past in the smoothed loss; an exponential mean over about 17 steps."""
BIASED = 1000
"""Steps after which the start's bias is far below what a double can tell."""


class History:
    """Losses, validations, probes and notes of one run; `add` is constant time per event."""

    def __init__(self) -> None:
        self._steps = np.empty((4, 256))
        self._count = 0
        self._thinned = Thinned()
        self.total = 0
        self.steps_per_epoch = 0
        self.metric = ""
        self.groups: tuple[str, ...] = ()
        """All groups of the model, bottom to top."""
        self.learns: tuple[str, ...] = ()
        """Groups that learn now, bottom to top."""
        self.changes: list[events.PlanChanged] = []
        self.measured: list[events.GroupsMeasured] = []
        self.receipts: dict[str, events.Receipt] = {}
        """By group; there once the run has ended."""
        self.baseline: events.BaselineScored | None = None
        self.mix: events.MixLearned | None = None
        self.estimate: events.EstimateChecked | None = None
        self.validations: list[events.Validated] = []
        self.probes: dict[int, list[tuple[int, float]]] = {}
        """Probe position → (step, score)."""
        self.notes: list[events.Note] = []
        self.seconds = 0.0
        """Time spent in steps, those that were done twice counted twice."""
        self.saved_step = 0
        """The last step that is in a checkpoint."""
        self._saved_notes = 0
        """How many notes there were by then; later ones of the same step come again."""
        self.kept: events.Kept | None = None
        self.ending: events.Finished | events.Stopped | events.Failed | None = None

    @classmethod
    def of(cls, recorded: Iterable[events.Event]) -> History:
        history = cls()
        for event in recorded:
            history.add(event)
        return history

    def add(self, event: events.Event) -> None:
        """Take in one event; a resumption forgets what came after its checkpoint, since it comes again."""
        match event:
            case events.Started():
                self.total, self.steps_per_epoch = event.total, event.steps_per_epoch
                self.metric, self.groups, self.learns = event.metric, event.groups, event.learns
                self._rewind(event.first_step if event.from_checkpoint else -1)
                self.ending = self.kept = self.mix = self.estimate = None
                self.receipts = {}
            case events.StepDone():
                self._add_step(event)
            case events.ProbeScored():
                self.probes.setdefault(event.probe, []).append((event.step, event.score))
            case events.PlanChanged():
                self.changes.append(event)
                self.learns = event.learns
            case events.Receipt():
                self.receipts[event.group] = event
            case events.Saved():
                self.saved_step, self._saved_notes = event.step, len(self.notes)
            case events.Finished() | events.Stopped() | events.Failed():
                self.ending = event
            case _:
                self._keep(event)

    def _keep(self, event: events.Event) -> None:
        """Put an event that needs no more than that where it belongs."""
        if name := _LISTS.get(type(event)):
            getattr(self, name).append(event)
        elif name := _LATEST.get(type(event)):
            setattr(self, name, event)

    @property
    def steps(self) -> np.ndarray:
        """Step numbers, shape (n,)."""
        return self._steps[0, : self._count]

    @property
    def losses(self) -> np.ndarray:
        """Training loss of each step, nats, shape (n,)."""
        return self._steps[1, : self._count]

    @property
    def smoothed(self) -> np.ndarray:
        """Exponential mean of the losses, with the start's bias removed, shape (n,)."""
        return self._means(np.arange(self._count))

    def _means(self, places: np.ndarray) -> np.ndarray:
        means = self._steps[2, places]
        early = places < BIASED
        means[early] /= 1 - SMOOTHING ** (places[early] + 1)
        return means

    def drawn_losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and training losses to draw: of a long run the extremes of each short span."""
        places = self._thinned.picked(self.losses)
        return self._steps[0, places], self._steps[1, places]

    def drawn_smoothed(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and smoothed losses to draw."""
        places = every(0, self._count)
        return self._steps[0, places], self._means(places)

    def drawn_rates(self, first: int = 0, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Steps and rates of the head to draw, of the steps above `first` up to `last`; None = to the end."""
        span = (first, np.inf if last is None else last)
        places = every(*(int(place) for place in np.searchsorted(self.steps, span, side="right")))
        return self._steps[0, places], self._steps[3, places]

    @property
    def rates(self) -> np.ndarray:
        """Learning rate of the head in each step, shape (n,)."""
        return self._steps[3, : self._count]

    @property
    def best(self) -> events.Validated | None:
        """The validation whose weights are kept."""
        return next((v for v in reversed(self.validations) if v.best), None)

    @property
    def step(self) -> int:
        """The last step done."""
        return int(self._steps[0, self._count - 1]) if self._count else 0

    def most_gained(self) -> int:
        """Position of the probe whose score rose most from before training to the kept weights; 0 if none is known."""
        kept = self.best.step if self.best else 0
        gains = {}
        for probe, points in self.probes.items():
            known = [score for step, score in points if step <= kept]
            gains[probe] = known[-1] - known[0] if known else 0.0
        return max(gains, key=gains.__getitem__, default=0)

    def _add_step(self, event: events.StepDone) -> None:
        if self._count == self._steps.shape[1]:
            self._steps = np.concatenate([self._steps, np.empty_like(self._steps)], axis=1)
        before = self._steps[2, self._count - 1] if self._count else 0.0
        self._steps[:, self._count] = (
            event.step,
            event.loss,
            SMOOTHING * before + (1 - SMOOTHING) * event.loss,
            event.rate,
        )
        self._count += 1
        self.total, self.seconds = event.total, self.seconds + event.seconds

    def _rewind(self, step: int) -> None:
        self._count = int(np.searchsorted(self.steps, step, side="right"))
        self._thinned.forget()
        self.validations = [v for v in self.validations if v.step <= step]
        self.probes = {k: [p for p in points if p[0] <= step] for k, points in self.probes.items()}
        self.notes = [n for n in self.notes[: self._saved_notes if step == self.saved_step else None] if n.step <= step]
        self.changes = [change for change in self.changes if change.step < step]
        self.measured = [one for one in self.measured if one.step <= step]


_LISTS = {events.Validated: "validations", events.Note: "notes", events.GroupsMeasured: "measured"}
_LATEST = {
    events.Kept: "kept",
    events.BaselineScored: "baseline",
    events.MixLearned: "mix",
    events.EstimateChecked: "estimate",
}
