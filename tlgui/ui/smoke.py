"""Clicks through the real window, from a sample to the trained model, and leaves a picture of every page.

For `tlgui --smoke-test DIR`. Real clicks and keys, real training; the user's own runs and settings are not touched.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tlgui.core.presets import PRESETS
from tlgui.ui import app, theme
from tlgui.ui.window import Window

ROWS, EPOCHS, BATCH, RATE = 240, 2, 8, "2e-4"
"""Enough for the curves to move, in a few seconds."""
RACE_LABELS, RACE_STEPS = "16, 64", 6
TEXT = "The soup was cold, and nobody came to ask."
PATIENCE_SECONDS = 90
SETTLE_MS = 120
"""After a change, until everything is laid out and painted."""


class SmokeError(Exception):
    """What could not be done, as one sentence."""


def run_smoke(folder: Path) -> int:
    """Click through the window; 0 if every page did its part, else a sentence on stderr and 1, or 2 for the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.stderr.write(f"{folder} cannot be made ({error.strerror}). Choose another folder.\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="tlgui-smoke-") as home:
        os.environ["TLGUI_HOME"] = home
        walk = Walk(folder)
        try:
            walk.go()
        except SmokeError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        finally:
            walk.close()
        if walk.faults:
            sys.stderr.write(walk.faults[0])
            return 1
    return 0


class Walk:
    """One way through the window, page after page."""

    def __init__(self, folder: Path) -> None:
        self.faults: list[str] = []
        self._folder = folder
        self._qt = app.make_application()
        sys.excepthook = self._take_fault
        self.window: Window = app.make_window()
        self.window.show()

    def go(self) -> None:
        """Goal to Try, then the list of runs and a race."""
        for part in (self._goal, self._model, self._data, self._layers, self._train, self._try, self._runs, self._race):
            part()
            if self.faults:
                return

    def close(self) -> None:
        """End everything, whatever state it is in."""
        if self.window.bench.going:
            self.window.bench.racing.stop()
            self.window.bench.training.stop(discard=True)
            self._wait(lambda: not self.window.bench.going, "the run to stop")
        self.window.close()
        sys.excepthook = sys.__excepthook__

    # The pages

    def _goal(self) -> None:
        self._press("use_reviews")
        self._wait(lambda: self.window.bench.findings.model is not None, "the model to be looked at")
        self._wait(lambda: self.window.bench.findings.data is not None, "the sample to be read")
        self._picture("1-goal")

    def _model(self) -> None:
        self._press_next("model")
        self._wait(lambda: bool(self.window.bench.findings.models), "the list of models")
        self._picture("2-model")

    def _data(self) -> None:
        self._press_next("data")
        self._type("rows_to_use", str(ROWS))
        self._wait(lambda: self._train_rows() < ROWS, "the sample to be cut")
        self._wait(lambda: self.window.bench.findings.lengths is not None, "the texts to be measured")
        self._picture("3-data")

    def _layers(self) -> None:
        self._press_next("layers")
        for preset in PRESETS:
            self._press(f"preset_{preset}")
            self._wait(lambda: not self.window.bench.findings.is_looking("model"), "the groups of the model")
            self._picture(f"4-layers-{preset}")
        self._press("preset_top")
        self._wait(lambda: self.window.bench.findings.cost is not None, "a step to be timed")
        self._picture("4-layers")

    def _train(self) -> None:
        self._press_next("train")
        self._press("settings")
        self._type("train_epochs", str(EPOCHS))
        self._type("train_batch_size", str(BATCH))
        self._type("train_learning_rate", RATE)
        self._press("settings")
        training = self.window.bench.training
        self._press("start")
        self._wait(lambda: training.history.step >= 2, "the first steps")
        self._press("pause")
        self._wait(lambda: training.state == "paused", "the run to pause")
        self._press("go_on")
        self._wait(lambda: training.history.step > training.history.total // 2, "half of the run")
        self._picture("5-train-running")
        self._wait(lambda: training.state == "ended", "the run to end")
        if not training.has_model:
            raise SmokeError(f"Training left no model: {training.ending}")
        self._picture("5-train-finished")

    def _try(self) -> None:
        self._press_next("try")
        self._type("first_text", TEXT)
        classes = self._find("classes")
        self._wait(classes.isVisible, "an answer to a text")
        self._wait(lambda: self.window.bench.worker.idle, "the figures of the trained model")
        self._picture("6-try")

    def _runs(self) -> None:
        area = self.window.rail.row_area("runs")
        QTest.mouseClick(self.window.rail.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
        self._wait(lambda: self.window.current == "runs", "the list of runs to open")
        self._wait(lambda: bool(self.window.bench.findings.runs), "the run to be listed")
        self._picture("7-runs")

    def _race(self) -> None:
        area = self.window.rail.row_area("race")
        below = QPoint(0, area.height() // 4)  # the upper part is the caption of the section
        QTest.mouseClick(self.window.rail.viewport(), Qt.MouseButton.LeftButton, pos=area.center() + below)
        self._wait(lambda: self.window.current == "race", "the Race page to open")
        for name, text in (("race_labels", RACE_LABELS), ("race_seeds", "1")):
            self._type(name, text)
        self._press("race_more")
        self._type("race_least_steps", str(RACE_STEPS))
        self._press("race_more")
        self._picture("8-race")
        self._press("race_start")
        racing = self.window.bench.racing
        self._wait(lambda: racing.report is not None and racing.report.done >= 3, "the first runs of the race")
        self._picture("8-race-running")
        self._wait(lambda: not racing.active, "the race to end")
        if racing.report is None or racing.report.done < racing.report.total:
            raise SmokeError(f"The race did not get to its end: {racing.ending}")
        self._picture("8-race-finished")

    def _train_rows(self) -> int:
        data = self.window.bench.findings.data
        return data.train_rows if data is not None else sys.maxsize

    # Hands and eyes

    def _find(self, name: str) -> QWidget:
        """A widget of the page in front, or of the frame around the pages."""
        page = self.window.page(self.window.current)
        found = page.findChild(QWidget, name) or self.window.findChild(QWidget, name)
        if found is None:
            raise SmokeError(f"There is nothing called “{name}” on the page {self.window.current}.")
        return found

    def _press(self, name: str) -> None:
        widget = self._find(name)
        self._wait(lambda: widget.isVisible() and widget.isEnabled(), f"“{name}” to become usable")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        self._pause()

    def _press_next(self, key: str) -> None:
        self._press("next")
        self._wait(lambda: self.window.current == key, f"the page {key} to open")

    def _type(self, name: str, text: str) -> None:
        """Replace what a field holds, key by key."""
        field = self._find(name)
        self._wait(lambda: field.isVisible() and field.isEnabled(), f"“{name}” to become usable")
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self._pause()

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        """Let the event loop run until something is so."""
        loop, left = QEventLoop(), PATIENCE_SECONDS * 20
        timer = QTimer()
        timer.setInterval(50)

        def look() -> None:
            nonlocal left
            left -= 1
            if self.faults or left <= 0 or done():
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        if not done():
            loop.exec()
        timer.stop()
        if self.faults:
            raise SmokeError(self.faults[0])
        if not done():
            raise SmokeError(f"Waited {PATIENCE_SECONDS} seconds for {what}, in vain.")

    @staticmethod
    def _pause(milliseconds: int = SETTLE_MS) -> None:
        # Not QTest.qWait: it keeps Python's lock, so the worker thread would stand still.
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def _picture(self, name: str) -> None:
        """The window as it is, in both schemes."""
        schemes: tuple[theme.Scheme, ...] = ("dark", "light")
        for scheme in schemes:
            theme.apply(scheme)
            self._pause()
            path = self._folder / f"{name}-{scheme}.png"
            if not self.window.grab().save(str(path)):
                raise SmokeError(f"{path} cannot be written. Choose another folder.")

    def _take_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.faults.append("".join(traceback.format_exception(kind, error, trace)))
