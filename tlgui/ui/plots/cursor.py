"""The cross line that all plots of a run share, moved by keys."""

from __future__ import annotations

from PySide6.QtCore import Qt

_MOVES: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


def moved(key: int, cursor: int | None, step: int, total: int) -> int | None:
    """The step that an arrow key leads to, a hundredth of the run away; None for any other key.

    Args:
        cursor: The step the line is at; None if it is not shown, and begins at `step`.
        step: The last step that was done.
    """
    if key not in _MOVES:
        return None
    start = step if cursor is None else cursor
    return min(max(start + _MOVES[key] * max(1, total // 100), 0), total)
