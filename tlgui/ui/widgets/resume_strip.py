"""The offer to go on with a run that did not get to its end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlgui.core.facts import RunSummary
from tlgui.core.window_words import resume_words
from tlgui.ui import theme
from tlgui.ui.widgets.basics import ProblemLabel, button
from tlgui.ui.workbench import Workbench


class ResumeStrip(QWidget):
    """Shown while the newest run can go on and no run is open."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._run: RunSummary | None = None
        self.sentence = ProblemLabel("info")
        self.go_on = button(self.tr("Go on"), "resume_newest", "play", clicked=self._resume)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(8))
        row.addWidget(self.sentence, 1)
        row.addWidget(self.go_on)
        bench.findings.changed.connect(self._show)
        bench.training.changed.connect(self._show)
        bench.racing.changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        free = self._bench.training.state == "none" and not self._bench.going
        newest = self._bench.findings.runs[:1]
        self._run = next((run for run in newest if run.can_resume and free), None)
        self.setVisible(self._run is not None)
        if self._run is not None:
            self.sentence.show_text("info", resume_words(self._run))
            self.go_on.setAccessibleName(f"Go on with {self._run.name}")

    def _resume(self) -> None:
        if self._run is not None:
            self._bench.show_page("train")
            self._bench.training.resume(Path(self._run.folder))
