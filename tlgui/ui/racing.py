"""The race that the Race page shows: going, ended, or found on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from tlgui.core import events, paths
from tlgui.core.events import Event
from tlgui.core.race import RaceReport, RaceSpec
from tlgui.core.race_plan import folder_name
from tlgui.jobs import work
from tlgui.jobs.worker import Job, Worker

State = Literal["none", "running", "stopping", "ended"]


class Racing(QObject):
    """At most one race at a time; `changed` when its state does, `advanced` when there is more to show of it."""

    changed = Signal()
    advanced = Signal()
    opened = Signal(object)
    """RaceReport of a race that was found on disk."""

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._job: Job | None = None
        self._look: Job | None = None
        self.state: State = "none"
        self.folder: Path | None = None
        """Of the race that is shown; None while there is none."""
        self.report: RaceReport | None = None
        self.progress = ""
        """What the run that is going does, in words."""
        self.ending: Event | None = None

    @property
    def active(self) -> bool:
        return self.state in ("running", "stopping")

    def start(self, spec: RaceSpec, *, again: bool = False) -> None:
        """Begin a race, or go on with the one of this recipe; `again` begins in a new folder and keeps the old one.

        The caller has checked that nothing else holds the worker.
        """
        self._drop_look()
        before = self.folder
        self.folder = _fresh(spec) if again else _newest(spec) or _fresh(spec)
        if self.folder != before:
            self.report = None
        self.ending, self.progress = None, ""
        self._job = self._worker.submit(work.race(spec, self.folder))
        self._job.batch.connect(self._take)
        self.state = "running"
        self.changed.emit()

    def stop(self) -> None:
        """End after the current step; the runs that have ended are kept."""
        if self._job is not None and self.state == "running":
            self._job.stop()
            self.state = "stopping"
            self.changed.emit()

    def look(self, spec: RaceSpec) -> None:
        """Show the newest race of this recipe that is on disk, or none."""
        if self.active:
            return
        base, folder = _base(spec), _newest(spec)
        if folder == self.folder or (self.folder is not None and _is_of(self.folder, base)):
            return
        self._drop_look()
        self.folder, self.report, self.ending, self.state = folder, None, None, "none"
        if folder is not None:
            self._look = self._worker.submit(work.open_race(folder))
            self._look.ended.connect(self._take_look)
        self.changed.emit()

    def _drop_look(self) -> None:
        if self._look is not None:
            self._look.stop()
            self._look = None

    def _take_look(self, ending: Event) -> None:
        if self._look is None or self.sender() is not self._look:
            return
        self._look = None
        value = getattr(ending, "value", None)
        if isinstance(value, RaceReport):
            self.report, self.state = value, "ended"
            self.opened.emit(value)
        elif isinstance(ending, events.Failed):
            self.ending = ending
        self.changed.emit()

    def _take(self, batch: list[Event]) -> None:
        for event in batch:
            match event:
                case events.Partial(value=RaceReport() as report):
                    self.report, self.progress = report, ""
                case events.Progress():
                    self.progress = _told(event)
                case events.Finished() | events.Stopped() | events.Failed():
                    self._end(event)
                case _:
                    pass
        self.advanced.emit()
        if self._job is None:
            self.changed.emit()

    def _end(self, ending: Event) -> None:
        value = getattr(ending, "value", None)
        if isinstance(value, RaceReport):
            self.report = value
        self.ending, self.state, self.progress, self._job = ending, "ended", "", None


def _told(progress: events.Progress) -> str:
    return f"{progress.what}, {progress.done:,} of {progress.total:,}" if progress.total else progress.what


def _base(spec: RaceSpec) -> Path:
    return paths.home() / "races" / folder_name(spec)


def _newest(spec: RaceSpec) -> Path | None:
    """The folder of the last race of this recipe, if there was one."""
    base = _base(spec)
    found = [path for path in base.parent.glob(f"{base.name}*") if path.is_dir() and _is_of(path, base)]
    return max(found, key=lambda path: _number(path, base), default=None)


def _fresh(spec: RaceSpec) -> Path:
    base, newest = _base(spec), _newest(spec)
    return base if newest is None else base.with_name(f"{base.name}-{(_number(newest, base) or 1) + 1}")


def _is_of(path: Path, base: Path) -> bool:
    return path == base or bool(_number(path, base))


def _number(path: Path, base: Path) -> int:
    """The number at a folder's end: 0 for the first race, then 2, 3 and so on."""
    digits = path.name.removeprefix(base.name).removeprefix("-")
    return int(digits) if digits.isdigit() else 0
