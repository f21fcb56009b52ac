"""The offer to a newcomer: one press, and a model learns and is tried."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QT_TRANSLATE_NOOP, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from tlgui.core.samples import FIRST
from tlgui.ui import theme
from tlgui.ui.first_run import FirstRun
from tlgui.ui.widgets.basics import Card, label, primary
from tlgui.ui.widgets.try_now_pictures import StepPicture, paint_curve, paint_guesses, paint_text
from tlgui.ui.workbench import Workbench

Painting = Callable[[QPainter, QRectF], None]
STEPS: tuple[tuple[Painting, object, object], ...] = (
    (
        paint_text,
        QT_TRANSLATE_NOOP("TryNowCard", "It learns"),
        QT_TRANSLATE_NOOP("TryNowCard", "Words of the notes are hidden, and the model guesses them."),
    ),
    (
        paint_curve,
        QT_TRANSLATE_NOOP("TryNowCard", "You watch"),
        QT_TRANSLATE_NOOP("TryNowCard", "Curves show how its guesses change, step by step."),
    ),
    (
        paint_guesses,
        QT_TRANSLATE_NOOP("TryNowCard", "You compare"),
        QT_TRANSLATE_NOOP("TryNowCard", "One sentence, one hidden word: guesses before and after."),
    ),
)
"""Picture, title and sentence of what happens, in its order."""


def is_new_here(bench: Workbench) -> bool:
    """Whether nothing was trained on this computer yet."""
    return not bench.findings.runs


class TryNowCard(Card):
    """Says what one press does; the button is the filled one until there is a run."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.run = FirstRun(bench, self)
        self.button = primary(self.tr("Try it now"), "try_now", "play", clicked=self.run.begin)
        self.button.setAutoDefault(True)  # Return presses it, too
        edge = theme.space(14)  # as the goal cards
        self.body.setContentsMargins(edge, theme.space(12), edge, theme.space(12))
        self.body.setSpacing(theme.space(12))
        self.body.addLayout(self._offer())
        self.body.addLayout(self._steps())
        bench.findings.changed.connect(self._show)
        self.run.changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        hindrance = self.run.hindrance
        self.button.setEnabled(not hindrance)
        self.button.setToolTip(hindrance)
        self.button.setAccessibleDescription(hindrance or self._what.text())
        self.button.make_primary(is_new_here(self._bench))

    def _offer(self) -> QHBoxLayout:
        notes = f"{FIRST.size()} of {FIRST.title.lower()}"
        what = self.tr("The starter model learns from {notes}. It takes a minute or two.")
        self._what = label(what.format(notes=notes), wrap=True)
        undo = self.tr("One press, nothing to choose. It replaces the present plan; Undo brings that back.")
        words = QVBoxLayout()
        words.setSpacing(theme.space(2))
        words.addWidget(label(self.tr("See a model learn"), "sentence"))
        words.addWidget(self._what)
        words.addWidget(label(undo, "caption", dim=True, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(theme.space(12))
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _steps(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        for number, (paint, title, sentence) in enumerate(STEPS, start=1):
            column = QVBoxLayout()
            column.setSpacing(theme.space(2))
            column.addWidget(StepPicture(paint))
            column.addSpacing(theme.space(4))
            column.addWidget(label(f"{number}  {self.tr(str(title))}", "heading"))
            column.addWidget(label(self.tr(str(sentence)), "caption", dim=True, wrap=True))
            column.addStretch(1)
            row.addLayout(column, 1)
        return row
