"""How a run is paused and stopped from another thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue


class StopRequested(Exception):  # noqa: N818 - a stop is not an error
    """Raised in the worker between two steps; `discard` says that the work is not wanted."""

    def __init__(self, discard: bool = False) -> None:
        super().__init__("stopped")
        self.discard = discard


@dataclass(frozen=True)
class Wish:
    """Groups that the user wants thawed or frozen in a run that is going."""

    groups: tuple[str, ...]
    learns: bool


class Control:
    """Flags that the window or a signal handler sets and the working thread reads."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._discard = False
        self._wishes: SimpleQueue[Wish] = SimpleQueue()

    def stop(self, *, discard: bool = False) -> None:
        """Ask the work to end before its next step; a paused run ends too."""
        self._discard = self._discard or discard
        self._stop.set()
        self._running.set()

    def pause(self) -> None:
        """Ask the work to wait before its next step."""
        if not self._stop.is_set():
            self._running.clear()

    def go_on(self) -> None:
        """End a pause."""
        self._running.set()

    def wish(self, groups: Sequence[str], *, learns: bool) -> None:
        """Ask for groups to be thawed or frozen before the next step; a run that cannot do so says why in a note."""
        self._wishes.put(Wish(tuple(groups), learns))

    def next_wish(self) -> Wish | None:
        """Take the oldest wish that was not taken yet."""
        try:
            return self._wishes.get_nowait()
        except Empty:
            return None

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for and not yet ended."""
        return not self._running.is_set()

    def check(self) -> None:
        """Raise StopRequested if a stop was asked for. Costs well under a microsecond."""
        if self._stop.is_set():
            raise StopRequested(self._discard)

    def wait_until_on(self) -> None:
        """Block while paused; worker thread only."""
        self._running.wait()
