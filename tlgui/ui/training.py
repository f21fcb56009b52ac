"""The run that the Train and Try pages show: going, paused, ended, or opened from disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from tlgui.core import events, paths
from tlgui.core.events import Event
from tlgui.core.facts import CostFacts, RunSummary
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.transfer_words import change_blocker
from tlgui.jobs import work
from tlgui.jobs.worker import Job, Work, Worker

State = Literal["none", "preparing", "running", "pausing", "paused", "stopping", "ended"]
ACTIVE: tuple[State, ...] = ("preparing", "running", "pausing", "paused", "stopping")


class Training(QObject):
    """At most one run at a time; `changed` when its state does, `advanced(list[Event])` with each batch."""

    changed = Signal()
    advanced = Signal(list)

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._job: Job | None = None
        self.state: State = "none"
        self.recipe: Recipe | None = None
        """The recipe that runs or ran, whatever the draft says by now."""
        self.folder: Path | None = None
        self.history = History()
        self.progress: events.Progress | None = None
        self.ending: events.Event | None = None

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def summary(self) -> RunSummary | None:
        """What the run came to, once it has ended with something kept."""
        value = getattr(self.ending, "value", None)
        return value if isinstance(value, RunSummary) else None

    @property
    def has_model(self) -> bool:
        """Whether there is a trained model to try."""
        return self.summary is not None and self.summary.has_model

    def start(self, recipe: Recipe, foretold: CostFacts | None = None) -> None:
        """Begin a new run. The caller has checked that none is active.

        Args:
            foretold: What was measured beforehand; the run tells how far it was off.
        """
        self.recipe, self.folder, self.history = recipe, None, History()
        self._submit(work.train(recipe, paths.runs(), foretold))

    def resume(self, folder: Path) -> None:
        """Go on with a run from its last checkpoint."""
        self.open(folder)
        self._submit(work.resume(folder))

    def open(self, folder: Path) -> None:
        """Show a run that is on disk."""
        run = RunFolder(folder)
        self.recipe, self.folder = run.recipe(), folder
        self.history = History.of(run.events())
        self.state, self.progress = "ended", None
        self.ending = events.Finished(run.summary())
        self.changed.emit()

    def pause(self) -> None:
        if self._job is not None and self.state == "running":
            self._job.control.pause()
            self._set("pausing")

    def go_on(self) -> None:
        if self._job is not None and self.state in ("pausing", "paused"):
            self._job.control.go_on()
            self._set("running")

    def change_groups(self, keys: Sequence[str], *, learns: bool) -> None:
        """Ask for groups to be thawed or frozen before the next step."""
        if self._job is not None and self.can_change_groups:
            self._job.control.wish(keys, learns=learns)

    @property
    def can_change_groups(self) -> bool:
        """Whether a run is going whose groups can be thawed and frozen by hand."""
        going = self.state in ("running", "pausing", "paused")
        return going and self.recipe is not None and not change_blocker(self.recipe)

    def stop(self, *, discard: bool = False) -> None:
        """End after the current step and keep what was learned, or delete the run."""
        if self._job is not None and self.active:
            self._job.stop(discard=discard)
            self._set("stopping")

    def forget(self) -> None:
        """Show no run; its folder stays."""
        self.recipe, self.folder, self.ending, self.history = None, None, None, History()
        self._set("none")

    def _submit(self, what: Work) -> None:
        self.ending = self.progress = None
        self._job = self._worker.submit(what)
        self._job.batch.connect(self._take)
        self._set("preparing")

    def _take(self, batch: list[Event]) -> None:
        before = self.state
        for event in batch:
            self.history.add(event)
            match event:
                case events.Progress():
                    self.progress = event
                case events.Started():
                    self.folder, self.progress = Path(event.run), None
                    if self.state == "preparing":
                        self.state = "running"
                case events.Paused():
                    if self.state == "pausing":
                        self.state = "paused"
                case events.Finished() | events.Stopped() | events.Failed():
                    self.ending, self.state, self._job = event, "ended", None
                case _:
                    pass
        self.advanced.emit(batch)
        if self.state != before:
            self.changed.emit()

    def _set(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
