"""Questions to the worker of which only the newest matters, such as a sentence that is being typed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from tlgui.core.events import Event, Failed, Finished, Partial, Progress
from tlgui.jobs.worker import Job, Work, Worker


class Latest(QObject):
    """Asks one thing at a time; an answer to an older question is never heard."""

    answered = Signal(object)
    """The value of the newest question."""
    failed = Signal(object)
    """Failed, of the newest question."""
    progressed = Signal(str)
    streamed = Signal(object)
    """The newest part of an answer that is still to come whole."""
    changed = Signal()
    """A question was asked, answered or dropped."""

    def __init__(self, worker: Worker, delay_ms: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._job: Job | None = None
        self._work: Work | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay_ms)
        self._timer.timeout.connect(self._submit)

    @property
    def is_asking(self) -> bool:
        return self._job is not None or self._timer.isActive()

    def ask(self, work: Work) -> None:
        """Drop the question before and ask this one, after the delay."""
        self.drop()
        self._work = work
        if self._timer.interval():
            self._timer.start()
        else:
            self._submit()
        self.changed.emit()

    def drop(self) -> None:
        """Forget the question that is being asked."""
        self._timer.stop()
        if self._job is not None:
            self._job.stop()
            self._job = None
            self.changed.emit()

    def _submit(self) -> None:
        assert self._work is not None
        self._job = self._worker.submit(self._work)
        # Bound methods: a connection ends with this object, whatever the worker still has to say.
        self._job.batch.connect(self._hear)
        self._job.ended.connect(self._take)

    def _hear(self, batch: list[Event]) -> None:
        newest = next((event for event in reversed(batch) if isinstance(event, Progress)), None)
        part = next((event for event in reversed(batch) if isinstance(event, Partial)), None)
        if self.sender() is not self._job:
            return
        if newest is not None:
            self.progressed.emit(newest.what)
        if part is not None:
            self.streamed.emit(part.value)

    def _take(self, ending: Event) -> None:
        if self.sender() is not self._job:
            return
        self._job = None
        if isinstance(ending, Finished):
            self.answered.emit(ending.value)
        elif isinstance(ending, Failed):
            self.failed.emit(ending)
        self.changed.emit()
