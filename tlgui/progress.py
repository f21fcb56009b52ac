"""A run's events as lines and a bar on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tlgui.core.events import Event, Note, Progress, Started, StepDone

if TYPE_CHECKING:
    from tqdm import tqdm


class Terminal:
    """A moving bar where there is a person to see it; only sentences where output goes to a file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._bar: tqdm | None = None
        self._what = ""

    def show(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Started():
                self._open("steps", event.total, event.first_step)
            case StepDone():
                self._move(event.step, f"loss {event.loss:.3f}")
            case Progress() if self._what != "steps":
                if event.what != self._what:
                    self._open(event.what, event.total, event.done)
                self._move(event.done, "")
            case Note():
                self._say(event.text if not event.step else f"step {event.step:,}: {event.text}")
            case _:
                pass

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._what = None, ""

    def _open(self, what: str, total: int, done: int) -> None:
        self.close()
        self._what = what
        if self._live:
            from tqdm import tqdm

            self._bar = tqdm(total=total or None, initial=done, desc=what, file=self._stream, leave=what == "steps")
        elif what != "steps":
            self._say(what)

    def _move(self, done: int, note: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(done - self._bar.n)

    def _say(self, sentence: str) -> None:
        if self._bar is not None:
            self._bar.write(sentence, file=self._stream)
        else:
            print(sentence, file=self._stream, flush=True)
