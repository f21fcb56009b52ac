"""Trying a classifier: a text of one's own, bars for its classes, and how it does on the rows kept aside."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from tlgui.core.answers import ClassAnswer, Evaluation
from tlgui.core.recipe import Recipe
from tlgui.core.wording import percent
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_panel import ScoredPanel, button_row, sentence_line
from tlgui.ui.widgets.basics import Card, label
from tlgui.ui.widgets.confusion import ConfusionMatrix
from tlgui.ui.widgets.guess_bars import BarRow, GuessBars
from tlgui.ui.workbench import Workbench

TYPING_MS = 250


class ClassifyPanel(ScoredPanel):
    """Answers while one types; nothing is asked before there is a trained model."""

    goal = "classify"
    prefix = ""
    """Of the names of its fields and buttons, where another panel has the same."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.latest = self._questions_to(self.show_answer, TYPING_MS)
        self.texts = (self._line("first_text"), self._line("second_text"))
        self.names = (label("", "caption", dim=True), label("", "caption", dim=True))
        self.keep = self._keep_button(f"{self.prefix}keep_text")
        self.verdict = label("", "heading", wrap=True)
        self.answer.body.addWidget(self.verdict)
        self.answer.body.addWidget(self.answer_widget())
        self.confusion = ConfusionMatrix()
        self.mistakes.chosen.connect(self.take_up)
        self._fill_results(self.confusion)
        for part in (self._text_card(), self.untrained, self.problem, self.answer):
            self.body.addWidget(part)
        self.body.addWidget(self.results, 1)
        self.body.addStretch(0)
        self.show_columns(())
        self._show_state()
        self.ask()

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the run of that folder and name for texts like the recipe's; nobody if `run` is empty."""
        unnamed = (self.tr("First text"), self.tr("Second text")) if recipe.data.reads_pair else ()
        self.show_columns(recipe.data.text or unnamed)
        super().show_run(recipe, run, name)

    def question(self, texts: tuple[str, ...], run: str) -> Work:
        """What is asked of a run's model."""
        return work.classify([texts], run)

    def answer_widget(self) -> QWidget:
        """What shows the answer, below its words."""
        self.bars = GuessBars("classes", hollow=False)
        return self.bars

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
        self._score()
        if all(texts) and (texts, self._run) != self._asked:
            self._asked = (texts, self._run)
            self._put(self.latest, self.question(texts, self._run))

    def show_answer(self, answers: Sequence[ClassAnswer]) -> None:
        """Show the classes of the text, likeliest first."""
        shares = sorted(answers[0].shares, key=lambda guess: -guess.share)
        self.verdict.setText(f"{shares[0].word}, {percent(shares[0].share)}")
        rows = [BarRow(guess.word, guess.share) for guess in shares]
        self.bars.show_rows(self.tr("Adapted: {name}").format(name=self._name), rows, 1.0)
        self.answer.show()

    def show_evaluation(self, found: Evaluation) -> None:
        super().show_evaluation(found)
        self.confusion.show_counts(found.labels, found.confusion)
        self.confusion.setVisible(bool(found.confusion))

    def probes(self) -> tuple[str, ...]:
        return ("\n".join(line.text().strip() for line in self.texts if not line.isHidden()),)

    def _line(self, name: str) -> QLineEdit:
        line = sentence_line(self.prefix + name, hint=self.tr("Type a text, or click an example."))
        line.textChanged.connect(lambda _: self.ask())
        return line

    def _text_card(self) -> Card:
        card = Card()
        for name, line in zip(self.names, self.texts, strict=True):
            name.setBuddy(line)
            card.body.addWidget(name)
            card.body.addWidget(line)
        card.body.addLayout(button_row(self.keep))
        return card
