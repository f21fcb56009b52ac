"""The curves of a run, gathered from its events, live or read back from disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tlgui.core import events

if TYPE_CHECKING:
    import numpy as np

    from tlgui.core.step_curve import StepCurve


class History:
    """Losses, validations, probes and notes of one run; `add` is constant time per event."""

    def __init__(self) -> None:
        self._made: StepCurve | None = None
        self.total = 0
        self.steps_per_epoch = 0
        self.metric = ""
        self.groups: tuple[str, ...] = ()
        """All groups of the model, bottom to top."""
        self.learns: tuple[str, ...] = ()
        """Groups that learn now, bottom to top."""
        self.lower = 0
        """Layers that read, where those above them write; 0 = none writes."""
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
                self.lower = event.lower
                self._rewind(event.first_step if event.from_checkpoint else -1)
                self.ending = self.kept = self.mix = self.estimate = None
                self.receipts = {}
            case events.StepDone():
                self._curve.add(event)
                self.total, self.seconds = event.total, self.seconds + event.seconds
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
    def _curve(self) -> StepCurve:
        """Made when it is first asked for: numpy takes long to import, and a window without a run can do without."""
        if self._made is None:
            from tlgui.core.step_curve import StepCurve

            self._made = StepCurve()
        return self._made

    @property
    def steps(self) -> np.ndarray:
        """Step numbers, shape (n,)."""
        return self._curve.steps

    @property
    def losses(self) -> np.ndarray:
        """Training loss of each step, nats, shape (n,)."""
        return self._curve.losses

    @property
    def smoothed(self) -> np.ndarray:
        """Exponential mean of the losses, with the start's bias removed, shape (n,)."""
        return self._curve.smoothed

    @property
    def rates(self) -> np.ndarray:
        """Learning rate of the head in each step, shape (n,)."""
        return self._curve.rates

    def drawn_losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and training losses to draw: of a long run the extremes of each short span."""
        return self._curve.drawn_losses()

    def drawn_smoothed(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and smoothed losses to draw."""
        return self._curve.drawn_smoothed()

    def drawn_rates(self, first: int = 0, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Steps and rates of the head to draw, of the steps above `first` up to `last`; None = to the end."""
        return self._curve.drawn_rates(first, last)

    @property
    def best(self) -> events.Validated | None:
        """The validation whose weights are kept."""
        return next((v for v in reversed(self.validations) if v.best), None)

    def tasks(self, key: str) -> tuple[str, ...]:
        """Names of the tasks that are learned together and have a figure each; empty where there is one task."""
        metrics = self.validations[-1].metrics if self.validations else {}
        return tuple(name.removeprefix(f"{key}:") for name in metrics if name.startswith(f"{key}:"))

    @property
    def step(self) -> int:
        """The last step done."""
        return self._made.last if self._made else 0

    def most_gained(self) -> int:
        """Position of the probe whose score rose most from before training to the kept weights; 0 if none is known."""
        kept = self.best.step if self.best else 0
        gains = {}
        for probe, points in self.probes.items():
            known = [score for step, score in points if step <= kept]
            gains[probe] = known[-1] - known[0] if known else 0.0
        return max(gains, key=gains.__getitem__, default=0)

    def _rewind(self, step: int) -> None:
        if self._made:
            self._made.rewind(step)
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
