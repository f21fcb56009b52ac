"""One worker thread that does jobs in turn; their events are drained on the GUI thread.

The emitting QObjects never leave the GUI thread, so every kind of slot runs there.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue

from PySide6.QtCore import QObject, QTimer, Signal

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import ENDINGS, Emit, Event, Failed, Stopped

Work = Callable[[Emit, Control], Event]
"""Does something slow in the worker thread and returns the ending."""

DRAIN_MS = 50


class Job(QObject):
    """One piece of work: `batch(list[Event])` at most every 50 ms, then `ended(Event)` once, last."""

    batch = Signal(list)
    ended = Signal(object)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control = Control()
        self.ending: Event | None = None
        self._work = work
        self._queue: SimpleQueue[Event] = SimpleQueue()

    def stop(self, *, discard: bool = False) -> None:
        """Ask for an early end; it comes between two steps, as a `Stopped` event."""
        self.control.stop(discard=discard)

    @property
    def done(self) -> bool:
        return self.ending is not None

    def run(self) -> None:
        """Do the work. Worker thread: no Qt in here."""
        try:
            self.control.check()
            ending = self._work(self._queue.put, self.control)
        except StopRequested:
            ending = Stopped()
        except TlguiError as error:
            ending = Failed(error.title, error.hint, traceback.format_exc())
        except BaseException as error:  # noqa: BLE001 - a thread must not die silently
            title = f"Unexpected {type(error).__name__}: {error}"
            ending = Failed(title, "Copy the details into a report.", traceback.format_exc())
        self._queue.put(ending)

    def drain(self) -> None:
        """Hand over what has happened since the last call. GUI thread."""
        found = []
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        if not found:
            return
        if isinstance(found[-1], ENDINGS):
            self.ending = found[-1]
        self.batch.emit(found)
        if self.ending is not None:
            self.ended.emit(self.ending)


class Worker(QObject):
    """The thread that jobs run on, one after the other, in the order they were submitted."""

    idle_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)

    def submit(self, work: Work) -> Job:
        """Queue some work; it starts when those before it have ended. After `close` nothing starts any more."""
        job = Job(work, self)
        if self._closed:
            return job  # what the last answers gave rise to, such as a look that was still to be taken
        self._jobs.append(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tlgui-worker", daemon=True)
            self._thread.start()
        self._queue.put(job)
        self._timer.start()
        self.idle_changed.emit()
        return job

    @property
    def idle(self) -> bool:
        return not self._jobs

    def close(self) -> None:
        """Stop every job and end the thread for good; returns when it has ended."""
        self._closed = True
        for job in self._jobs:
            job.stop()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._drain()
        self._timer.stop()

    def _run(self) -> None:  # worker thread
        while (job := self._queue.get()) is not None:
            job.run()

    def _drain(self) -> None:
        for job in list(self._jobs):
            job.drain()
            if job.done and job in self._jobs:  # a slot may have closed the worker, which drains too
                self._jobs.remove(job)
                job.deleteLater()
        if not self._jobs:
            self._timer.stop()
            self.idle_changed.emit()
