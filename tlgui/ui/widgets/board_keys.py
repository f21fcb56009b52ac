"""What the keys of the freeze board do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt

from tlgui.core import gestures
from tlgui.core.board import Board
from tlgui.core.gestures import Outcome

RATE_STEP = 1.1
Gesture = Callable[[Board, Sequence[str]], Outcome]

KEYS: dict[Qt.Key, Gesture] = {
    Qt.Key.Key_Space: gestures.toggle,
    Qt.Key.Key_F: gestures.freeze,
    Qt.Key.Key_L: gestures.learn,
    Qt.Key.Key_A: gestures.adapt,
    Qt.Key.Key_Left: lambda board, keys: gestures.shift(board, keys, -1),
    Qt.Key.Key_Right: lambda board, keys: gestures.shift(board, keys, 1),
    Qt.Key.Key_Plus: lambda board, keys: (gestures.scaled(board, keys, RATE_STEP), ""),
    Qt.Key.Key_Minus: lambda board, keys: (gestures.scaled(board, keys, 1 / RATE_STEP), ""),
    Qt.Key.Key_Delete: lambda board, keys: (gestures.with_computed_rates(board, keys), ""),
    Qt.Key.Key_Backspace: lambda board, keys: (gestures.with_computed_rates(board, keys), ""),
}


def thaw_gesture(epoch: int) -> Gesture:
    """Begin to learn with an epoch, from 1."""
    return lambda board, keys: gestures.thaw_in_epoch(board, keys, epoch)
