"""What is wrong with the rows: one line a problem, with the way to see it and the way to settle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tlgui.core.facts import DataProblem
from tlgui.core.plan import count
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, button, label, scrolling
from tlgui.ui.widgets.choice import LinkButton

_ICONS = {"must": "bad", "should": "warn"}  # also the token of its colour
MOST_LINES = 4
"""So many lines are in sight; the others scroll."""


class ProblemList(Card):
    """Says what is wrong and asks for what is to be done."""

    settle_wanted = Signal(list)
    """(kinds of problem) whose rows are to be left out."""
    undo_wanted = Signal(str)
    """(kind of problem) whose rows are to be taken back in."""
    show_wanted = Signal(int)
    """(row of the table) that is to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("problem_list")
        self._shown: tuple[object, ...] = ()
        self.title = label("", "heading")
        self.summary = label("", dim=True)
        self.settle_all = button(self.tr("Settle all as proposed"), "settle_all", clicked=self._settle_all)
        self._fixable: list[str] = []
        edge = theme.space(10)
        head = QHBoxLayout()
        head.setContentsMargins(edge, theme.space(8), edge, theme.space(8))
        head.setSpacing(theme.space(8))
        self._tick = Icon("check", "good")
        for widget in (self._tick, self.title, self.summary):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.settle_all)
        self._lines = QWidget()
        self.body.setContentsMargins(1, 0, 1, 1)
        self.body.setSpacing(0)
        self.body.addLayout(head)
        self.body.addWidget(self._lines)

    def show_problems(
        self, problems: Sequence[DataProblem], settled: Sequence[DataProblem], can_show: Callable[[int], bool]
    ) -> None:
        """Take what is open and what is settled; `can_show` says whether a row of the table can be scrolled to."""
        shown = (tuple(problems), tuple(settled), tuple(_first_row(p, can_show) for p in problems))
        if shown == self._shown:
            return
        self._shown = shown
        must = sum(problem.severity == "must" for problem in problems)
        self._fixable = [problem.kind for problem in problems if problem.fix]
        self._tick.setVisible(not problems)
        number = count(len(problems), self.tr("problem"), self.tr("problems"))
        self.title.setText(number if problems else self.tr("No problems"))
        self.summary.setText(self.tr("{must} must be settled before training").format(must=must) if must else "")
        self.settle_all.setVisible(len(self._fixable) > 1)
        lines = [self._problem_line(problem, _first_row(problem, can_show)) for problem in problems]
        lines += [self._settled_line(problem) for problem in settled]
        self._fill(lines)

    def _fill(self, lines: Sequence[QWidget]) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for line in lines:
            column.addWidget(line)
        held: QWidget = inner
        if len(lines) > MOST_LINES:
            held = scrolling(inner)
            held.setObjectName("problem_lines")
            held.setFixedHeight(round((MOST_LINES + 0.5) * lines[0].sizeHint().height()))
        self.body.replaceWidget(self._lines, held)
        self._lines.deleteLater()
        self._lines = held
        held.setVisible(bool(lines))
        for before, after in pairwise((self.settle_all, *inner.findChildren(QPushButton))):
            QWidget.setTabOrder(before, after)

    def _problem_line(self, problem: DataProblem, row: int) -> QWidget:
        line = _Line(_ICONS[problem.severity], _ICONS[problem.severity], problem.text)
        if row:
            show = LinkButton(self.tr("Show"), f"show_{problem.kind}")
            show.setAccessibleName(self.tr("Show row {row}").format(row=row))
            show.clicked.connect(lambda: self.show_wanted.emit(row))
            line.row.addWidget(show)
        if problem.fix:
            fix = button(problem.fix, f"fix_{problem.kind}", clicked=lambda: self.settle_wanted.emit([problem.kind]))
            fix.setAccessibleName(f"{problem.fix}: {problem.text}")
            fix.setMinimumWidth(self.fontMetrics().averageCharWidth() * 22)
            line.row.addWidget(fix)
        return line

    def _settled_line(self, problem: DataProblem) -> QWidget:
        fix = problem.fix[:1].lower() + problem.fix[1:]
        line = _Line("check", "good", self.tr("Settled, {fix}: {text}").format(fix=fix, text=problem.text), dim=True)
        undo = button(self.tr("Undo"), f"undo_{problem.kind}", clicked=lambda: self.undo_wanted.emit(problem.kind))
        undo.setAccessibleName(self.tr("Undo: {text}").format(text=problem.text))
        line.row.addWidget(undo)
        return line

    def _settle_all(self) -> None:
        self.settle_wanted.emit(self._fixable)


class _Line(QWidget):
    """Icon and sentence under a thin rule; what can be done is added at the right."""

    def __init__(self, icon: str, token: str, text: str, *, dim: bool = False) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.space(10), theme.space(6), theme.space(10), theme.space(6))
        self.row.setSpacing(theme.space(10))
        self.row.addWidget(Icon(icon, token))
        sentence = label(text, dim=dim, wrap=True)
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.row.addWidget(sentence, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPoint(0, 0), QPoint(self.width(), 0))


def _first_row(problem: DataProblem, can_show: Callable[[int], bool]) -> int:
    return next((row for row in problem.rows if can_show(row)), 0)
