"""The window is closed on a run: nothing is lost unless one says so, and a later window goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe

from tlgui.core import paths
from tlgui.core.events import Started
from tlgui.core.history import History
from tlgui.core.runs import RunFolder, find
from tlgui.ui import app
from tlgui.ui.window import Window

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def window(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[Window]:
    """A window in which a run of tiny steps is going."""
    made = open_window(tmp_path)
    qtbot.waitUntil(made.menu_actions["start"].isEnabled, timeout=LONG)
    made.menu_actions["start"].trigger()
    qtbot.waitUntil(lambda: made.bench.training.history.step >= 5, timeout=LONG)
    yield made
    end(qtbot, made)


def open_window(folder: Path) -> Window:
    made = app.make_window(tiny_recipe(folder, epochs=60, validations=1))
    made.show()
    return made


def end(qtbot: QtBot, window: Window) -> None:
    if window.bench.training.active:
        window.bench.training.stop(discard=True)
        qtbot.waitUntil(lambda: not window.bench.training.active, timeout=LONG)
    window.close()
    window.deleteLater()


def answer(window: Window, choice: str) -> list[str]:
    """Close the window and press a button of the question; returns what it said."""
    said: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.extend([box.text(), box.informativeText(), box.defaultButton().objectName()])
        box.findChild(QAbstractButton, choice).click()

    QTimer.singleShot(0, press)
    window.close()
    return said


def test_kept_work_is_gone_on_with_in_the_next_window(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    title, text, default = answer(window, "keep")
    assert title == "Close while tiny-01 is training?"
    assert "of 480 steps are done" in text
    assert default == "keep"
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    kept = find(paths.runs())[0]
    assert kept.status == "stopped"
    assert kept.can_resume
    assert kept.has_model
    before = History.of(RunFolder(Path(kept.folder)).events())

    later = app.make_window()
    later.show()
    qtbot.waitUntil(lambda: bool(later.bench.findings.runs), timeout=LONG)
    go_on = later.page("goal").findChild(QAbstractButton, "resume_newest")
    qtbot.waitUntil(go_on.isVisible)
    qtbot.mouseClick(go_on, LEFT)
    assert later.current == "train"
    qtbot.waitUntil(lambda: later.bench.training.state == "ended", timeout=LONG)
    history = later.bench.training.history
    assert history.step == history.total == 480
    assert list(history.losses[: kept.step]) == list(before.losses)
    starts = [e for e in RunFolder(Path(kept.folder)).events() if isinstance(e, Started)]
    assert [start.first_step for start in starts] == [0, kept.step]
    end(qtbot, later)


def test_discarding_leaves_nothing(window: Window, qtbot: QtBot) -> None:
    _, text, _ = answer(window, "discard")
    assert "Discarding deletes" in text
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert find(paths.runs()) == []
    assert not list(paths.runs().iterdir())


def test_going_on_keeps_the_window_and_the_run(window: Window, qtbot: QtBot) -> None:
    answer(window, "go_on")
    step = window.bench.training.history.step
    assert window.isVisible()
    assert window.bench.training.active
    qtbot.waitUntil(lambda: window.bench.training.history.step > step, timeout=LONG)


def test_a_paused_run_can_be_closed_too(window: Window, qtbot: QtBot) -> None:
    window.menu_actions["pause"].trigger()
    qtbot.waitUntil(lambda: window.bench.training.state == "paused", timeout=LONG)
    answer(window, "keep")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert find(paths.runs())[0].can_resume


def test_the_rail_follows_the_run(window: Window, qtbot: QtBot) -> None:
    rows = {row.key: row for row in window.rail.model().rows}
    assert rows["train"].summary.startswith("Running, ")
    window.menu_actions["stop"].trigger()
    qtbot.waitUntil(lambda: window.bench.training.state == "ended", timeout=LONG)
    rows = {row.key: row for row in window.rail.model().rows}
    assert rows["train"].summary.startswith("Stopped, step ")
    assert rows["try"].summary == "Ready"
    qtbot.waitUntil(lambda: bool(window.bench.findings.runs), timeout=LONG)
    assert {row.key: row.summary for row in window.rail.model().rows}["runs"] == "1 run"
    qtbot.mouseClick(window.next, LEFT)
    assert window.current == "try"
    qtbot.mouseClick(window.new_run, LEFT)
    assert window.current == "goal"
    assert window.bench.training.state == "none"
