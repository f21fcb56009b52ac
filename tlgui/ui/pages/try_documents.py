"""Trying hidden words and, where a model learns from documents, whether one text follows another."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLineEdit

from tlgui.core.answers import OrderAnswer
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.try_mask import MaskPanel
from tlgui.ui.pages.try_panel import TryPanel, sentence_line
from tlgui.ui.widgets.basics import Bar, Card, label
from tlgui.ui.workbench import Workbench

TYPING_MS = 250
FIRST, SECOND = "The queen lays eggs in the cells.", "Three days later they hatch."


class DocumentsPanel(TryPanel):
    """The panel of hidden words, and, for goals that read documents, two lines and how likely the second follows."""

    wants_examples = False

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.words = MaskPanel(bench)
        self.words.kept.connect(self.kept)
        self._models = ("", "")
        self.latest = self._questions_to(self.show_order, TYPING_MS)
        self.texts = (self._line("order_first", FIRST), self._line("order_second", SECOND))
        self.verdict = label("", "heading", wrap=True)
        self.bars = (Bar(token="original", hollow=True), Bar())
        self.names = (label(self.tr("Original"), "caption", dim=True), label(self.tr("Adapted"), "caption", dim=True))
        self.figures = (label(""), label(""))
        self.order = self._order_card()
        self.body.addWidget(self.words, 1)
        self.body.addWidget(self.order)
        for line in self.texts:
            line.textChanged.connect(lambda _: self.ask())
        self._show_state()

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the recipe's model and, unless `run` is empty, the run of that folder and name."""
        self.words.show_run(recipe, run, name)
        self._models = recipe.model.source, run
        self.order.setVisible(GOALS[recipe.task].reads_documents)
        self.ask()

    def take_up(self, text: str) -> None:
        """Try a kept sentence."""
        self.words.take_up(text)

    def ask(self) -> None:
        """Ask whether the second text follows, unless that was asked already."""
        first, second = (line.text().strip() for line in self.texts)
        original, adapted = self._models
        question = (first, second, original, adapted)
        if question == self._asked or not (first and second and original) or not self.order.isVisible():
            return
        self._asked = question
        self._put(self.latest, work.tell_order(first, second, original, adapted))

    def show_order(self, found: OrderAnswer) -> None:
        """Show both models' shares; a model that cannot tell has no bar."""
        shares = (found.original, found.adapted)
        for share, name, bar, figure in zip(shares, self.names, self.bars, self.figures, strict=True):
            for part in (name, bar, figure):
                part.setVisible(share is not None)
            bar.show_share(share or 0.0)
            figure.setText(percent(share or 0.0))
            bar.setAccessibleName(f"{name.text()}: {percent(share or 0.0)}")
        best = found.original if found.adapted is None else found.adapted
        if best is None:
            said = self.tr("This model was never asked which text follows. Training teaches it.")
        else:
            said = self.tr("The second text follows: {share}").format(share=percent(best))
        self.verdict.setText(said)

    def _line(self, name: str, text: str) -> QLineEdit:
        line = sentence_line(name)
        line.setText(text)
        return line

    def _order_card(self) -> Card:
        card = Card(self.tr("Does the second text follow the first?"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(12))
        grid.setVerticalSpacing(theme.space(6))
        for row, (line, words) in enumerate(zip(self.texts, (self.tr("First"), self.tr("Second")), strict=True)):
            name = label(words, "caption", dim=True)
            name.setBuddy(line)
            line.setAccessibleName(words)
            grid.addWidget(name, row, 0)
            grid.addWidget(line, row, 1, 1, 2)
        for row, parts in enumerate(zip(self.names, self.bars, self.figures, strict=True), start=2):
            for column, part in enumerate(parts):
                grid.addWidget(part, row, column)
                part.hide()
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        card.body.addWidget(self.verdict)
        card.body.addWidget(self.problem)
        return card
