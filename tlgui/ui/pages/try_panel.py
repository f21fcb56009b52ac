"""What the panels of the Try page share: when they ask, what they say meanwhile, and how they show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tlgui.core.answers import Evaluation
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.plan import count
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.mistakes import MistakesTable
from tlgui.ui.workbench import Workbench


class TryPanel(QWidget):
    """Asks while it is in sight, drops its questions while it is not, and tells a failure until it asks again."""

    kept = Signal(tuple)
    """Probes of what is being tried."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""
    waits = str(QT_TRANSLATE_NOOP("TryPanel", "A {what} is going. The answer comes when it has ended."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._asked: tuple[object, ...] | None = None
        """The newest question; None = the next look at the panel asks."""
        self._failure = ""
        self._questions: list[Latest] = []
        self.problem = ProblemLabel("info")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.space(12))

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the recipe's model, the run of that folder and name, or both; there is no run if `run` is empty."""
        raise NotImplementedError

    def take_up(self, text: str) -> None:
        """Try a kept sentence or an example."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask what is asked unbidden, unless that was asked already."""
        self._show_state()

    def probes(self) -> tuple[str, ...]:
        """What is kept of the text that is being tried."""
        return ()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for questions in self._questions:
            if questions.is_asking:  # asked again when the page comes back
                questions.drop()
                self._asked = None

    def _questions_to(self, answered: Callable[[Any], object], delay_ms: int = 0) -> Latest:
        """Questions that are asked after a delay and dropped when the panel is hidden."""
        made = Latest(self.bench.worker, delay_ms, self)
        made.answered.connect(answered)
        made.failed.connect(self._show_failure)
        made.changed.connect(self._show_state)
        self._questions.append(made)
        return made

    def _put(self, questions: Latest, asked: Work) -> None:
        """Ask, and forget what failed before."""
        self._failure = ""
        questions.ask(asked)

    def _show_failure(self, failure: Failed) -> None:
        self._asked = None
        self._failure = f"{failure.title} {failure.hint}"
        self._show_state()

    def _show_state(self) -> None:
        self.problem.show_text("bad" if self._failure else "info", self._failure or self._state())

    def _state(self) -> str:
        """What there is to say while nothing has failed."""
        if self.bench.going and any(questions.is_asking for questions in self._questions):
            return self.tr(self.waits).format(what=self.bench.going)
        return ""

    def _keep_button(self, name: str) -> QPushButton:
        return button(self.tr("Keep as probe"), name, "star", clicked=lambda: self.kept.emit(self.probes()))


class TrainedPanel(TryPanel):
    """Asks trained models only: a new head has no answers."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._run = self._name = ""
        self.untrained = ProblemLabel(
            "info",
            self.tr("Nothing is trained yet. This goal's head is new; it has no answers before training."),
            self.tr("Open Train"),
            lambda: bench.show_page("train"),
        )
        self.answer = Card()
        self.answer.hide()

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the run of that folder and name from now on; nobody if `run` is empty."""
        self._run, self._name = run, name
        self._show_state()
        self.ask()

    def _show_state(self) -> None:
        if not self._run:
            self.answer.hide()
        self.untrained.setVisible(not self._run)
        super()._show_state()


class ScoredPanel(TrainedPanel):
    """Tells also how the model does on the rows kept aside, and shows what it got wrong there."""

    goal = ""
    worst = str(QT_TRANSLATE_NOOP("ScoredPanel", "Confident mistakes first"))
    """Above the table of mistakes."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._evaluated = ""
        self.figures = label(wrap=True)
        self.mistakes = self.mistakes_table()
        self.results = Card(self.tr("Results"))
        self.evaluation = Latest(bench.worker, parent=self)  # goes on while the page is hidden
        self.evaluation.answered.connect(self.show_evaluation)
        self.evaluation.progressed.connect(self.figures.setText)
        self.evaluation.failed.connect(self._show_unscored)

    def mistakes_table(self) -> MistakesTable:
        """The rows that the model got wrong."""
        return MistakesTable()

    def show_evaluation(self, found: Evaluation) -> None:
        """Show how the model does on rows it never learned from."""
        shown = (metric for metric in GOALS[self.goal].metrics if metric.key in found.metrics)
        metrics = (f"{metric.title} {metric.show(found.metrics[metric.key])}" for metric in shown)
        where = self.tr("on {rows} kept aside").format(rows=count(found.rows, "row"))
        self.figures.setText(", ".join(metrics) + " " + where)
        self.mistakes.mistakes.show_rows(found.mistakes)

    def _score(self) -> None:
        """Ask for the figures of a run that has none yet."""
        if self._evaluated != self._run:
            self._evaluated = self._run
            self.figures.setText(self.tr("Scoring the rows that were kept aside"))
            self._put(self.evaluation, work.evaluate(self._run))

    def _show_unscored(self, failure: Failed) -> None:
        self.figures.setText("")
        self._failure = f"{failure.title} {failure.hint}"
        self._show_state()

    def _show_state(self) -> None:
        self.results.setVisible(bool(self._run))
        super()._show_state()

    def _fill_results(self, overview: QWidget) -> None:
        """Lay out the card of results: the figures above, an overview and the mistakes side by side."""
        self.results.head.setStretch(1, 0)
        self.results.head.insertWidget(1, self.figures, 1)
        table = QVBoxLayout()
        table.setSpacing(theme.space(4))
        table.addWidget(label(self.tr(self.worst), "caption", dim=True))
        table.addWidget(self.mistakes, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        row.addWidget(overview, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(table, 1)
        self.results.body.addLayout(row, 1)


def sentence_line(name: str, title: str = "", hint: str = "") -> QLineEdit:
    """A field for a sentence, with its object name, its accessible name and what stands in it while it is empty."""
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setPlaceholderText(hint)
    line.setFont(theme.font("sentence"))
    return line


def add_captioned(card: Card, title: str, field: QWidget, stretch: int = 0) -> None:
    """Add a field to a card, with its caption above it."""
    name = label(title, "caption", dim=True)
    name.setBuddy(field)
    card.body.addWidget(name)
    card.body.addWidget(field, stretch)


def button_row(*buttons: QWidget) -> QHBoxLayout:
    """Buttons in a row, the last one at the right."""
    row = QHBoxLayout()
    row.setSpacing(theme.space(8))
    for each in buttons[:-1]:
        row.addWidget(each)
    row.addStretch(1)
    row.addWidget(buttons[-1])
    return row
