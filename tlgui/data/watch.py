"""How long work in this folder says where it is and lets itself be stopped."""

from __future__ import annotations

from dataclasses import dataclass

from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress


@dataclass(frozen=True)
class Watch:
    """What `emit` and `control` are for, in one call between two blocks."""

    emit: Emit
    control: Control

    def at(self, what: str, done: int, total: int) -> None:
        """Say how far the work is; raises StopRequested if it is not wanted any more."""
        self.control.check()
        self.emit(Progress(what, min(done, total) if total else done, total))
