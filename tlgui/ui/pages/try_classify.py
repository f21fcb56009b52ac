"""Trying a classifier: a text of one's own, bars for its classes, and how it does on the rows kept aside."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tlgui.core.answers import ClassAnswer, Evaluation
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.plan import count
from tlgui.core.recipe import Recipe
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.confusion import ConfusionMatrix
from tlgui.ui.widgets.guess_bars import BarRow, GuessBars
from tlgui.ui.widgets.mistakes import MistakesTable
from tlgui.ui.workbench import Workbench

TYPING_MS = 250


class ClassifyPanel(QWidget):
    """Answers while one types; nothing is asked before there is a trained model."""

    goal = "classify"
    prefix = ""
    """Of the names of its fields and buttons, where another panel has the same."""
    worst = str(QT_TRANSLATE_NOOP("ClassifyPanel", "Confident mistakes first"))
    """Above the table of mistakes."""
    kept = Signal(tuple)
    """The text, as the only probe."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._run = self._name = ""
        self._asked: tuple[tuple[str, ...], str] | None = None
        self._evaluated = ""
        self.latest = Latest(bench.worker, TYPING_MS, self)
        self.latest.answered.connect(self.show_answer)
        self.latest.failed.connect(self._show_failure)
        self.latest.changed.connect(self._show_state)
        self.evaluation = Latest(bench.worker, parent=self)
        self.evaluation.answered.connect(self.show_evaluation)
        self.evaluation.failed.connect(self._show_failure)
        self.texts = (self._line("first_text"), self._line("second_text"))
        self.names = (label("", "caption", dim=True), label("", "caption", dim=True))
        self.problem = ProblemLabel("info")
        self.untrained = ProblemLabel(
            "info",
            self.tr("Nothing is trained yet. This goal's head is new; it has no answers before training."),
            self.tr("Open Train"),
            lambda: bench.show_page("train"),
        )
        self.verdict = label("", "heading", wrap=True)
        self.shown = self.answer_widget()
        self.keep = button(self.tr("Keep as probe"), f"{self.prefix}keep_text", "star", clicked=self._keep)
        self.figures = label(wrap=True)
        self.evaluation.progressed.connect(self.figures.setText)
        self.confusion = ConfusionMatrix()
        self.mistakes = self.mistakes_table()
        self.mistakes.chosen.connect(self.take_up)
        self.answer = self._answer_card()
        self.results = self._results_card()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self._text_card())
        column.addWidget(self.untrained)
        column.addWidget(self.problem)
        column.addWidget(self.answer)
        column.addWidget(self.results, 1)
        column.addStretch(0)
        self.show_columns(())
        self.show_model("", "")

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the run of that folder and name for texts like the recipe's; nobody if `run` is empty."""
        unnamed = (self.tr("First text"), self.tr("Second text")) if recipe.data.reads_pair else ()
        self.show_columns(recipe.data.text or unnamed)
        self.show_model(run, name)

    def question(self, texts: tuple[str, ...], run: str) -> Work:
        """What is asked of a run's model."""
        return work.classify([texts], run)

    def answer_widget(self) -> QWidget:
        """What shows the answer, below its words."""
        self.bars = GuessBars("classes", hollow=False)
        return self.bars

    def mistakes_table(self) -> MistakesTable:
        return MistakesTable()

    def take_up(self, text: str) -> None:
        """Try a kept sentence or an example; of two texts the second is below the first."""
        self.show_texts((text,) if self.texts[1].isHidden() else text.split("\n", 1))

    def show_columns(self, names: Sequence[str]) -> None:
        """Ask for one or two texts, called as the columns they were trained on."""
        for i, (name, line) in enumerate(zip(self.names, self.texts, strict=True)):
            name.setText(names[i] if len(names) > 1 else "")
            name.setVisible(len(names) > 1)
            line.setVisible(i < max(1, len(names)))
            line.setAccessibleName(names[i] if i < len(names) else self.tr("Text"))

    def show_model(self, run: str, name: str) -> None:
        """Ask this run's model from now on; empty = there is none yet."""
        self._run, self._name = run, name
        self._show_state()
        self.ask()

    def show_texts(self, texts: Sequence[str]) -> None:
        """Take up a text to try."""
        for line, text in zip(self.texts, (*texts, ""), strict=False):
            line.setText(text)
        self.texts[0].setFocus()

    def ask(self) -> None:
        """Ask for the classes of the text, unless that was asked already, and for the figures of a new model."""
        texts = tuple(line.text().strip() for line in self.texts if not line.isHidden())
        self.keep.setEnabled(all(texts))
        if not self._run or not self.isVisible():
            return
        if self._evaluated != self._run:
            self._evaluated = self._run
            self.figures.setText(self.tr("Scoring the rows that were kept aside"))
            self.evaluation.ask(work.evaluate(self._run))
        if all(texts) and (texts, self._run) != self._asked:
            self._asked = (texts, self._run)
            self.latest.ask(self.question(texts, self._run))

    def show_answer(self, answers: Sequence[ClassAnswer]) -> None:
        """Show the classes of the text, likeliest first."""
        shares = sorted(answers[0].shares, key=lambda guess: -guess.share)
        self.verdict.setText(f"{shares[0].word}, {percent(shares[0].share)}")
        rows = [BarRow(guess.word, guess.share) for guess in shares]
        self.bars.show_rows(self.tr("Adapted: {name}").format(name=self._name), rows, 1.0)
        self.answer.show()

    def show_evaluation(self, found: Evaluation) -> None:
        """Show how the model does on rows it never learned from."""
        shown = (metric for metric in GOALS[self.goal].metrics if metric.key in found.metrics)
        metrics = (f"{metric.title} {metric.show(found.metrics[metric.key])}" for metric in shown)
        where = self.tr("on {rows} kept aside").format(rows=count(found.rows, "row"))
        self.figures.setText(", ".join(metrics) + " " + where)
        self.confusion.show_counts(found.labels, found.confusion)
        self.confusion.setVisible(bool(found.confusion))
        self.mistakes.mistakes.show_mistakes(found.mistakes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.latest.is_asking:  # asked again when the page comes back
            self.latest.drop()
            self._asked = None

    def _show_state(self) -> None:
        if not self._run:
            self.answer.hide()
        self.results.setVisible(bool(self._run))
        self.untrained.setVisible(not self._run)
        sentence = ""
        if self.latest.is_asking and self.bench.going:
            sentence = self.tr("A {what} is going. The answer comes when it has ended.").format(what=self.bench.going)
        self.problem.show_text("info", sentence)

    def _show_failure(self, failure: Failed) -> None:
        self._asked, self._evaluated = None, self._run
        self.figures.setText("")
        self.problem.show_text("bad", f"{failure.title} {failure.hint}")

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(self.prefix + name)
        line.setFont(theme.font("sentence"))
        line.setPlaceholderText(self.tr("Type a text, or click an example."))
        line.textChanged.connect(lambda _: self.ask())
        return line

    def _text_card(self) -> Card:
        card = Card()
        for name, line in zip(self.names, self.texts, strict=True):
            name.setBuddy(line)
            card.body.addWidget(name)
            card.body.addWidget(line)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        card.body.addLayout(buttons)
        return card

    def _answer_card(self) -> Card:
        card = Card()
        card.body.addWidget(self.verdict)
        card.body.addWidget(self.shown)
        card.hide()
        return card

    def _results_card(self) -> Card:
        card = Card(self.tr("Results"))
        card.head.setStretch(1, 0)
        card.head.insertWidget(1, self.figures, 1)
        heading: QLabel = label(self.tr(self.worst), "caption", dim=True)
        table = QVBoxLayout()
        table.setSpacing(theme.space(4))
        table.addWidget(heading)
        table.addWidget(self.mistakes, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        row.addWidget(self.confusion, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(table, 1)
        card.body.addLayout(row, 1)
        return card

    def _keep(self) -> None:
        self.kept.emit(("\n".join(line.text().strip() for line in self.texts if not line.isHidden()),))
