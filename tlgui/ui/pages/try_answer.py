"""Trying questions: the answer is marked in its passage, and the next best ones stand below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QTextEdit

from tlgui.core.answers import FoundAnswer
from tlgui.core.errors import TlguiError
from tlgui.core.marked import marked_answer, with_marked_answer
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.try_panel import TrainedPanel, add_captioned, button_row, sentence_line
from tlgui.ui.widgets.basics import Card, label
from tlgui.ui.widgets.found_list import FoundList, FoundRow
from tlgui.ui.workbench import Workbench

TYPING_MS = 350


class AnswerPanel(TrainedPanel):
    """Answers while one types; what is kept is the question with its passage and the answer shown in braces."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._found: FoundAnswer | None = None
        self._shown = (0, 0)
        """Characters of the passage that are marked."""
        self.latest = self._questions_to(self.show_answer, TYPING_MS)
        hint = self.tr("Type a question, or click an example.")
        self.question = sentence_line("question", self.tr("Question"), hint)
        self.question.textChanged.connect(lambda _: self.ask())
        self.passage = QPlainTextEdit()
        self.passage.setObjectName("passage")
        self.passage.setAccessibleName(self.tr("Passage"))
        self.passage.setTabChangesFocus(True)
        self.passage.setPlaceholderText(self.tr("Paste the passage that the answer is to be found in."))
        self.passage.textChanged.connect(self._passage_changed)
        self.keep = self._keep_button("keep_question")
        self.verdict = label("", "heading", wrap=True)
        self.model_name = label("", "caption", dim=True)
        self.answers = FoundList("answers", self.tr("Answers, best first"))
        self.answers.shown.connect(self._show_place)
        self._fill_answer()
        self.body.addWidget(self._asking_card(), 1)
        for part in (self.untrained, self.problem, self.answer):
            self.body.addWidget(part)
        self._show_state()
        self.ask()

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

    def ask(self) -> None:
        """Ask for the answer, unless that was asked already."""
        question, passage = self.question.text().strip(), self.passage.toPlainText()
        self.keep.setEnabled(bool(question and passage.strip()))
        if not self._run or not self.isVisible() or (question, passage, self._run) == self._asked:
            return
        self._forget()
        self._asked = (question, passage, self._run)
        if question and passage.strip():
            self._put(self.latest, work.find_answer(question, passage, self._run))
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

    def probes(self) -> tuple[str, ...]:
        question, passage = self.question.text().strip(), self.passage.toPlainText().strip()
        lead = len(self.passage.toPlainText()) - len(self.passage.toPlainText().lstrip())
        begin, end = (max(0, place - lead) for place in self._shown)
        return (with_marked_answer(question, passage, begin, end),)

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

    def _asking_card(self) -> Card:
        card = Card()
        add_captioned(card, self.tr("Question"), self.question)
        add_captioned(card, self.tr("Passage"), self.passage, 1)
        card.body.addLayout(button_row(self.keep))
        return card

    def _fill_answer(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.verdict, 1)
        head.addWidget(self.model_name)
        self.answer.body.addLayout(head)
        self.answer.body.addWidget(self.answers)


def _utf16(text: str) -> int:
    """Length as Qt counts it: letters beyond the first 65,536 are two."""
    return len(text) + sum(character > "\uffff" for character in text)
