"""Trying a model that marks names: a text of one's own with its names marked, and how well each kind is found."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from tlgui.core.answers import Evaluation, TagAnswer
from tlgui.core.word_lists import split
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.try_panel import ScoredPanel, button_row
from tlgui.ui.widgets.basics import Card, scrolling
from tlgui.ui.widgets.kept_list import Kept, KeptList
from tlgui.ui.widgets.kind_table import KindTable
from tlgui.ui.widgets.marked_text import KindLegend, Mark, MarkedText
from tlgui.ui.widgets.mistakes import MistakesTable
from tlgui.ui.workbench import Workbench

TYPING_MS = 250
LINES = 3
"""Of the field for the text."""
_MARKED = re.compile(r"\{([^{}]*)\}")


class TagPanel(ScoredPanel):
    """Answers while one types; nothing is asked before there is a trained model."""

    goal = "tag"

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.latest = self._questions_to(self.show_answer, TYPING_MS)
        self.text = self._field()
        self.keep = self._keep_button("keep_tagged")
        self.marked, self.legend = MarkedText("marked_text"), KindLegend("kinds_legend")
        self.names = KeptList("names", self.tr("Names found"), self.tr("No name is marked."))
        self.kinds = KindTable()
        self.mistakes.chosen.connect(lambda text: self.take_up(_MARKED.sub(r"\1", text, count=1)))
        self._fill_answer()
        self._fill_results(self.kinds)
        for part in (self._text_card(), self.untrained, self.problem):
            self.body.addWidget(part)
        self.body.addWidget(self.answer, 1)
        self.body.addWidget(self.results, 1)
        self.body.addStretch(0)
        self._show_state()

    def mistakes_table(self) -> MistakesTable:
        made = MistakesTable()
        made.setObjectName("tag_mistakes")
        return made

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
        self._score()
        if text.strip() and (text, self._run) != self._asked:
            self._asked = (text, self._run)
            self._put(self.latest, work.mark_names(text, self._run))

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
        super().show_evaluation(found)
        self.kinds.kinds.show_rows(found.kinds)

    def probes(self) -> tuple[str, ...]:
        return (self.text.toPlainText().strip(),)

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
        card.body.addLayout(button_row(self.keep))
        return card

    def _fill_answer(self) -> None:
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
        self.answer.body.addLayout(row, 1)
