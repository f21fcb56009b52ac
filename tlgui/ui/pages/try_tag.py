"""Trying a model that marks names: a text of one's own with its names marked, and how well each kind is found."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from tlgui.core.answers import Evaluation, TagAnswer
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.plan import count
from tlgui.core.recipe import Recipe
from tlgui.core.word_lists import split
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label, scrolling
from tlgui.ui.widgets.kept_list import Kept, KeptList
from tlgui.ui.widgets.kind_table import KindTable
from tlgui.ui.widgets.marked_text import KindLegend, Mark, MarkedText
from tlgui.ui.widgets.mistakes import MistakesTable
from tlgui.ui.workbench import Workbench

TYPING_MS = 250
LINES = 3
"""Of the field for the text."""
_MARKED = re.compile(r"\{([^{}]*)\}")


class TagPanel(QWidget):
    """Answers while one types; nothing is asked before there is a trained model."""

    kept = Signal(tuple)
    """The text, as the only probe."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._run = ""
        self._asked = ("", "")
        self._evaluated = self._failed = ""
        self.latest = Latest(bench.worker, TYPING_MS, self)
        self.latest.answered.connect(self.show_answer)
        self.latest.failed.connect(self._show_failure)
        self.latest.changed.connect(self._show_state)
        self.evaluation = Latest(bench.worker, parent=self)
        self.evaluation.answered.connect(self.show_evaluation)
        self.evaluation.failed.connect(self._show_failure)
        self.text = self._field()
        self.keep = button(self.tr("Keep as probe"), "keep_tagged", "star", clicked=self._keep)
        self.problem = ProblemLabel("info")
        self.untrained = ProblemLabel(
            "info",
            self.tr("Nothing is trained yet. This goal's head is new; it has no answers before training."),
            self.tr("Open Train"),
            lambda: bench.show_page("train"),
        )
        self.marked, self.legend = MarkedText("marked_text"), KindLegend("kinds_legend")
        self.names = KeptList("names", self.tr("Names found"), self.tr("No name is marked."))
        self.figures = label(wrap=True)
        self.evaluation.progressed.connect(self.figures.setText)
        self.kinds = KindTable()
        self.mistakes = MistakesTable()
        self.mistakes.setObjectName("tag_mistakes")
        self.mistakes.chosen.connect(lambda text: self.take_up(_MARKED.sub(r"\1", text, count=1)))
        self.answer, self.results = self._answer_card(), self._results_card()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self._text_card())
        column.addWidget(self.untrained)
        column.addWidget(self.problem)
        column.addWidget(self.answer, 1)
        column.addWidget(self.results, 1)
        column.addStretch(0)
        self._show_state()

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the run of that folder and name from now on; nobody if `run` is empty."""
        self._run = run
        self._show_state()
        self.ask()

    def take_up(self, text: str) -> None:
        """Try a kept sentence or an example, which may be a list of words."""
        self.text.setPlainText(" ".join(split(text)) if text.startswith("[") else text)
        self.text.setFocus()

    def ask(self) -> None:
        """Ask for the names of the text, unless that was asked already, and for the figures of a new model."""
        text = self.text.toPlainText()
        self.keep.setEnabled(bool(text.strip()))
        if not self._run or not self.isVisible():
            return
        if self._evaluated != self._run:
            self._evaluated = self._run
            self.figures.setText(self.tr("Scoring the rows that were kept aside"))
            self.evaluation.ask(work.evaluate(self._run))
        if text.strip() and (text, self._run) != self._asked:
            self._asked, self._failed = (text, self._run), ""
            self.latest.ask(work.mark_names(text, self._run))

    def show_answer(self, found: TagAnswer) -> None:
        """Show the text with its names marked."""
        number = {kind: i for i, kind in enumerate(found.kinds)}
        captions = [f"{name.kind} {percent(name.share)}" for name in found.names]
        self.marked.show_marks(
            found.text,
            [Mark(n.begin, n.end, number[n.kind], caption) for n, caption in zip(found.names, captions, strict=True)],
        )
        self.legend.show_kinds(found.kinds)
        self.names.kept.show_rows(
            [Kept(found.text[n.begin : n.end], caption) for n, caption in zip(found.names, captions, strict=True)]
        )
        self.answer.show()

    def show_evaluation(self, found: Evaluation) -> None:
        """Show how the model does on rows it never learned from."""
        shown = (metric for metric in GOALS["tag"].metrics if metric.key in found.metrics)
        metrics = (f"{metric.title} {metric.show(found.metrics[metric.key])}" for metric in shown)
        where = self.tr("on {rows} kept aside").format(rows=count(found.rows, "row"))
        self.figures.setText(", ".join(metrics) + " " + where)
        self.kinds.kinds.show_kinds(found.kinds)
        self.mistakes.mistakes.show_mistakes(found.mistakes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.latest.is_asking:  # asked again when the page comes back
            self.latest.drop()
            self._asked = ("", "")

    def _show_state(self) -> None:
        if not self._run:
            self.answer.hide()
        self.results.setVisible(bool(self._run))
        self.untrained.setVisible(not self._run)
        sentence = ""
        if self.latest.is_asking and self.bench.going:
            sentence = self.tr("A {what} is going. The answer comes when it has ended.").format(what=self.bench.going)
        self.problem.show_text("bad" if self._failed else "info", self._failed or sentence)

    def _show_failure(self, failure: Failed) -> None:
        self._asked, self._evaluated = ("", ""), self._run
        self._failed = f"{failure.title} {failure.hint}"
        self.figures.setText("")
        self._show_state()

    def _field(self) -> QPlainTextEdit:
        field = QPlainTextEdit()
        field.setObjectName("tag_text")
        field.setAccessibleName(self.tr("Text"))
        field.setFont(theme.font("sentence"))
        field.setPlaceholderText(self.tr("Type a text, or click an example."))
        field.setTabChangesFocus(True)
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setFixedHeight(field.fontMetrics().lineSpacing() * LINES + theme.space(16))
        field.textChanged.connect(self.ask)
        return field

    def _text_card(self) -> Card:
        card = Card()
        card.body.addWidget(self.text)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        card.body.addLayout(buttons)
        return card

    def _answer_card(self) -> Card:
        card = Card()
        sheet = QWidget()
        lines = QVBoxLayout(sheet)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.marked)
        lines.addStretch(1)
        texts = QVBoxLayout()
        texts.addWidget(scrolling(sheet), 1)
        texts.addWidget(self.legend)
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        row.addLayout(texts, 3)
        row.addWidget(self.names, 1)
        card.body.addLayout(row, 1)
        card.hide()
        return card

    def _results_card(self) -> Card:
        card = Card(self.tr("Results"))
        card.head.setStretch(1, 0)
        card.head.insertWidget(1, self.figures, 1)
        table = QVBoxLayout()
        table.setSpacing(theme.space(4))
        table.addWidget(label(self.tr("Confident mistakes first"), "caption", dim=True))
        table.addWidget(self.mistakes, 1)
        kinds = QVBoxLayout()
        kinds.addWidget(self.kinds)
        kinds.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        row.addLayout(kinds)
        row.addLayout(table, 1)
        card.body.addLayout(row, 1)
        return card

    def _keep(self) -> None:
        self.kept.emit((self.text.toPlainText().strip(),))
