"""Trying questions: the answer is marked in its passage, and the next best ones stand below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent, QShowEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from tlgui.core.answers import FoundAnswer
from tlgui.core.errors import TlguiError
from tlgui.core.events import Failed
from tlgui.core.marked import marked_answer, with_marked_answer
from tlgui.core.recipe import Recipe
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.found_list import FoundList, FoundRow
from tlgui.ui.workbench import Workbench

TYPING_MS = 350


class AnswerPanel(QWidget):
    """Answers while one types; nothing is asked before there is a trained model."""

    kept = Signal(tuple)
    """The question with its passage and the answer shown in braces, as the only probe."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._run = self._name = ""
        self._asked: tuple[str, str, str] | None = None
        self._found: FoundAnswer | None = None
        self._shown = (0, 0)
        """Characters of the passage that are marked."""
        self._failure = ""
        self.bench = bench
        self.latest = Latest(bench.worker, TYPING_MS, self)
        self.latest.answered.connect(self.show_answer)
        self.latest.failed.connect(self._show_failure)
        self.latest.changed.connect(self._show_state)
        self.question = QLineEdit()
        self.question.setObjectName("question")
        self.question.setFont(theme.font("sentence"))
        self.question.setPlaceholderText(self.tr("Type a question, or click an example."))
        self.question.textChanged.connect(lambda _: self.ask())
        self.passage = QPlainTextEdit()
        self.passage.setObjectName("passage")
        self.passage.setTabChangesFocus(True)
        self.passage.setPlaceholderText(self.tr("Paste the passage that the answer is to be found in."))
        self.passage.textChanged.connect(self._passage_changed)
        self.problem = ProblemLabel("info")
        self.untrained = ProblemLabel(
            "info",
            self.tr("Nothing is trained yet. This goal's head is new; it has no answers before training."),
            self.tr("Open Train"),
            lambda: bench.show_page("train"),
        )
        self.keep = button(self.tr("Keep as probe"), "keep_question", "star", clicked=self._keep)
        self.verdict = label("", "heading", wrap=True)
        self.model_name = label("", "caption", dim=True)
        self.answers = FoundList("answers", self.tr("Answers, best first"))
        self.answers.shown.connect(self._show_place)
        self.answer = self._answer_card()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self._asking_card(), 1)
        column.addWidget(self.untrained)
        column.addWidget(self.problem)
        column.addWidget(self.answer)
        self.show_model("", "")

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the run of that folder and name; nobody if `run` is empty."""
        self.show_model(run, name)

    def take_up(self, text: str) -> None:
        """Try a kept question, or an example: the question on the first line, the passage below it."""
        try:
            question, passage, _, _ = marked_answer(text)
        except TlguiError:  # a text without a passage: the one that is there is asked
            question, passage = " ".join(text.split()), self.passage.toPlainText()
        self.show_texts(question, passage)

    def show_texts(self, question: str, passage: str) -> None:
        """Take up a question and its passage."""
        self.passage.setPlainText(passage)
        self.question.setText(question)
        self.question.setFocus()

    def show_model(self, run: str, name: str) -> None:
        """Ask this run's model from now on; empty = there is none yet."""
        self._run, self._name = run, name
        self._show_state()
        self.ask()

    def ask(self) -> None:
        """Ask for the answer, unless that was asked already."""
        question, passage = self.question.text().strip(), self.passage.toPlainText()
        self.keep.setEnabled(bool(question and passage.strip()))
        if not self._run or not self.isVisible() or (question, passage, self._run) == self._asked:
            return
        self._forget()
        self._asked = (question, passage, self._run)
        if question and passage.strip():
            self.latest.ask(work.find_answer(question, passage, self._run))
        else:
            self.latest.drop()

    def show_answer(self, found: FoundAnswer) -> None:
        """Show the answers, and mark the one that the model gives."""
        self._found = found
        rows = [FoundRow(span.text, span.share) for span in found.spans]
        nothing = FoundRow(self.tr("No answer in this passage"), found.no_answer, chosen=found.says_nothing)
        if found.says_nothing:
            rows.insert(0, nothing)
        else:
            rows[0] = FoundRow(rows[0].text, rows[0].share, chosen=True)
            rows.append(nothing)
        self.verdict.setText(f"{rows[0].text}, {percent(rows[0].share)}")
        self.model_name.setText(self.tr("Adapted: {name}").format(name=self._name))
        self.answers.show_rows(rows)
        self.answer.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.latest.is_asking:  # asked again when the page comes back
            self.latest.drop()
            self._asked = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._mark()

    def _passage_changed(self) -> None:
        if self._found is not None and self.passage.toPlainText() != self._found.passage:
            self._forget()
        self.ask()

    def _forget(self) -> None:
        """Take the answer away that is not of this question any more."""
        self._found, self._shown = None, (0, 0)
        self._mark()
        self.answer.hide()

    def _show_place(self, row: int) -> None:
        """Mark the place of one of the answers; there is none for "no answer"."""
        if self._found is None:
            return
        place = row - self._found.says_nothing
        spans = self._found.spans
        self._shown = (spans[place].begin, spans[place].end) if 0 <= place < len(spans) else (0, 0)
        self._mark()

    def _mark(self) -> None:
        begin, end = self._shown
        if begin == end:
            self.passage.setExtraSelections([])
            return
        text = self.passage.toPlainText()
        cursor = QTextCursor(self.passage.document())
        cursor.setPosition(_utf16(text[:begin]))
        cursor.setPosition(_utf16(text[:end]), QTextCursor.MoveMode.KeepAnchor)
        marked = QTextEdit.ExtraSelection()
        shown = QTextCharFormat()
        shown.setBackground(theme.colour("learn"))
        shown.setForeground(theme.colour("learntext"))
        marked.cursor, marked.format = cursor, shown
        self.passage.setExtraSelections([marked])
        if not self.passage.hasFocus():  # who types there does not want the cursor to jump
            there = QTextCursor(cursor)
            there.setPosition(cursor.selectionStart())
            self.passage.setTextCursor(there)
            self.passage.ensureCursorVisible()

    def _show_state(self) -> None:
        if not self._run:
            self.answer.hide()
        self.untrained.setVisible(not self._run)
        if self.latest.is_asking:
            self._failure = ""
        sentence = self._failure
        if self.latest.is_asking and self.bench.going:
            sentence = self.tr("A {what} is going. The answer comes when it has ended.").format(what=self.bench.going)
        self.problem.show_text("bad" if self._failure else "info", sentence)

    def _show_failure(self, failure: Failed) -> None:
        self._asked = None  # the next look at the page asks again
        self._failure = f"{failure.title} {failure.hint}"

    def _keep(self) -> None:
        question, passage = self.question.text().strip(), self.passage.toPlainText().strip()
        lead = len(self.passage.toPlainText()) - len(self.passage.toPlainText().lstrip())
        begin, end = (max(0, place - lead) for place in self._shown)
        self.kept.emit((with_marked_answer(question, passage, begin, end),))

    def _asking_card(self) -> Card:
        card = Card()
        for title, field in ((self.tr("Question"), self.question), (self.tr("Passage"), self.passage)):
            name = label(title, "caption", dim=True)
            name.setBuddy(field)
            field.setAccessibleName(title)
            card.body.addWidget(name)
            card.body.addWidget(field, int(field is self.passage))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        card.body.addLayout(buttons)
        return card

    def _answer_card(self) -> Card:
        card = Card()
        head = QHBoxLayout()
        head.addWidget(self.verdict, 1)
        head.addWidget(self.model_name)
        card.body.addLayout(head)
        card.body.addWidget(self.answers)
        card.hide()
        return card


def _utf16(text: str) -> int:
    """Length as Qt counts it: letters beyond the first 65,536 are two."""
    return len(text) + sum(character > "\uffff" for character in text)
