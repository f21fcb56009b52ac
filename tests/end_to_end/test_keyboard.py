"""From the first page to a trained model without the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe

from tlgui.ui import app
from tlgui.ui.window import Window

LONG = 60_000
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[Window]:
    made = app.make_window(tiny_recipe(tmp_path))
    made.show()
    made.activateWindow()
    made.rail.setFocus()
    qtbot.waitUntil(made.rail.hasFocus)
    yield made
    made.close()
    made.deleteLater()


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None, "no widget has the keyboard"
    qtbot.keyClick(focused, key, modifier)


def tab_to(qtbot: QtBot, name: str) -> QWidget:
    """Press Tab until a widget has the focus."""
    for _ in range(60):
        focused = QApplication.focusWidget()
        if focused is not None and focused.objectName() == name:
            return focused
        press(qtbot, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {name}")


def test_from_goal_to_try_by_keys_alone(window: Window, qtbot: QtBot) -> None:
    bench = window.bench
    qtbot.waitUntil(lambda: bench.findings.cost is not None, timeout=LONG)
    for page in ("model", "data", "layers"):
        press(qtbot, Qt.Key.Key_Right, ALT)
        assert window.current == page
    board = tab_to(qtbot, "freeze_board")
    frozen = bench.draft.recipe.transfer.frozen
    press(qtbot, Qt.Key.Key_End)
    press(qtbot, Qt.Key.Key_L)  # the embeddings learn too
    assert bench.draft.recipe.transfer.frozen != frozen
    assert board.hasFocus()
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    assert bench.draft.recipe.transfer.frozen == frozen
    press(qtbot, Qt.Key.Key_Right, ALT)
    assert window.current == "train"
    qtbot.waitUntil(window.menu_actions["start"].isEnabled, timeout=LONG)
    tab_to(qtbot, "start")
    press(qtbot, Qt.Key.Key_Space)
    assert bench.training.active
    qtbot.waitUntil(lambda: bench.training.state == "ended", timeout=LONG)
    assert bench.training.has_model
    press(qtbot, Qt.Key.Key_Right, ALT)
    assert window.current == "try"
    field = tab_to(qtbot, "first_text")
    qtbot.keyClicks(field, "w1 w30 w40")
    classes = window.page("try").findChild(QWidget, "classes")
    qtbot.waitUntil(classes.isVisible, timeout=LONG)


def test_the_focus_is_never_lost_when_a_page_changes(window: Window, qtbot: QtBot) -> None:
    for number in range(1, 8):
        press(qtbot, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        assert window.menu_actions  # the shortcut reached the window
        focused = QApplication.focusWidget()
        assert focused is not None
        assert focused.isVisible()
