"""Trying to continue a text: what models expect next while one types, and texts that they write on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tlgui.core.continuation import (
    MOST_WORDS,
    Continuation,
    Drawing,
    NextWords,
    next_words_sentence,
    scale_of,
    shown_ending,
)
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.wording import unbroken
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label, scrolling
from tlgui.ui.widgets.guess_bars import BarRow, GuessBars
from tlgui.ui.widgets.settings_form import Setting, SettingsForm
from tlgui.ui.workbench import Workbench

TYPING_MS = 250
NARROWEST_SCALE = 0.2
"""Share that fills a bar's width at least: the next word is rarely sure."""

# fmt: off
DRAWING = (
    Setting("draw", "words", "Words", "whole",
            "How many words are written, at most.", 1, MOST_WORDS),
    Setting("draw", "temperature", "Temperature", "number",
            "Below 1 likely words are preferred, above 1 unlikely ones get a chance.", 0, 10, 0.1,
            zero="likeliest word"),
    Setting("draw", "top_k", "Top-k", "whole",
            "Draw among so many of the likeliest pieces.", 0, 100_000, zero="all"),
    Setting("draw", "top_p", "Top-p", "number",
            "Draw among the likeliest pieces that together have this share.", 0.01, 1, 0.05),
    Setting("draw", "seed", "Seed", "whole",
            "The same seed draws the same words.", 0, 2**31 - 1),
)
# fmt: on


class ContinuePanel(QWidget):
    """A prompt, bars for the next word, and a text of each model that grows word by word."""

    kept = Signal(tuple)
    """The prompt, as the only probe; its last word is what is scored."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._models: tuple[tuple[str, str], ...] = ()
        """Source and caption of the models that answer: the original, then the adapted one."""
        self._asked: tuple[object, ...] | None = None
        self._failure = ""
        self.drawing = Drawing()
        self.expecting = Latest(bench.worker, TYPING_MS, self)
        self.expecting.answered.connect(self.show_next)
        self.expecting.failed.connect(self._show_failure)
        self.expecting.changed.connect(self._show_state)
        self.writing = Latest(bench.worker, parent=self)
        self.writing.streamed.connect(self.show_texts)
        self.writing.answered.connect(self.show_texts)
        self.writing.failed.connect(self._show_failure)
        self.writing.changed.connect(self._show_state)
        self.prompt = QLineEdit()
        self.prompt.setObjectName("prompt")
        self.prompt.setAccessibleName(self.tr("Text to continue"))
        self.prompt.setPlaceholderText(self.tr("Type the beginning of a text."))
        self.prompt.setFont(theme.font("sentence"))
        self.prompt.textChanged.connect(lambda _: self.ask())
        self.prompt.returnPressed.connect(self.write)
        self.go = button(self.tr("Continue"), "continue_text", "play", clicked=self.write)
        self.stop = button(self.tr("Stop"), "stop_writing", clicked=self.writing.drop)
        self.keep = button(self.tr("Keep as probe"), "keep_text", "star", clicked=self._keep)
        self.settings = SettingsForm(DRAWING, columns=len(DRAWING))
        self.settings.edited.connect(self._draw_so)
        self.settings.show_values(lambda _, field: getattr(self.drawing, field))
        self.problem = ProblemLabel("info")
        self.verdict = label(wrap=True)
        self.bars = (GuessBars("next_original", hollow=True), GuessBars("next_adapted", hollow=False))
        self.expected = self._expected_card()
        self.texts = tuple(TextCard(name) for name in ("written_original", "written_adapted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self._prompt_card())
        column.addWidget(self.problem)
        column.addWidget(self.expected)
        column.addWidget(scrolling(self._written()), 1)
        self.take_up(GOALS["next-word"].example)

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the recipe's model and, unless `run` is empty, the run of that folder and name."""
        facts, source = self.bench.findings.model, recipe.model.source
        known = facts is not None and facts.source == source
        title = facts.name if facts is not None and known else source
        if recipe.model.from_nothing:  # it has no place of its own; its folder is known once it was looked at
            source = facts.folder if facts is not None and known else ""
        models: tuple[tuple[str, str], ...] = ()
        if source:
            models += ((source, self.tr("Original: {name}").format(name=title)),)
        if run:
            models += ((run, self.tr("Adapted: {name}").format(name=name)),)
        if models != self._models:
            self._models = models
            self.writing.drop()
            self.show_texts(())
        self.ask()

    def take_up(self, text: str) -> None:
        """Go on from a kept sentence or an example; braces, which hide a word elsewhere, mean nothing here."""
        self.prompt.setText(text.replace("{", "").replace("}", ""))

    def ask(self) -> None:
        """Ask what comes next, unless that was asked already; an older question is dropped."""
        text = self.prompt.text().strip()
        self.keep.setEnabled(len(text.split()) > 1)
        sources = [source for source, _ in self._models]
        question = (text, *sources)
        if question == self._asked or not sources or not self.isVisible():
            self._show_state()
            return
        self._asked = question
        self.expecting.ask(work.next_words(text, sources[0], sources[1] if len(sources) > 1 else ""))

    def write(self) -> None:
        """Let the models go on with the prompt; what they wrote before is replaced."""
        if self.go.isEnabled():
            self.show_texts(())
            sources = tuple(source for source, _ in self._models)
            self.writing.ask(work.continue_text(self.prompt.text().strip(), sources, self.drawing))

    def show_next(self, found: NextWords) -> None:
        """Show what the models expect."""
        self.verdict.setText(unbroken(next_words_sentence(found)))
        scale = scale_of((*found.original, *found.adapted), NARROWEST_SCALE)
        for bars, guesses, title in zip(self.bars, (found.original, found.adapted), self._titles(), strict=True):
            bars.show_rows(title, [BarRow(guess.word, guess.share) for guess in guesses], scale)
            bars.setVisible(bool(guesses))
        self.expected.show()
        self._show_state()

    def show_texts(self, found: Sequence[Continuation]) -> None:
        """Show what the models have written so far; nothing hides their cards."""
        for place, (card, title) in enumerate(zip(self.texts, self._titles(), strict=True)):
            card.setVisible(place < len(found))
            if place < len(found):
                card.show_text(title, self.prompt.text().strip(), found[place])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.writing.drop()
        if self.expecting.is_asking:  # asked again when the page comes back
            self.expecting.drop()
            self._asked = None

    def _titles(self) -> tuple[str, str]:
        """Captions of both columns."""
        first, second = (*(caption for _, caption in self._models), "", "")[:2]
        return first, second

    def _draw_so(self, _: str, field: str, value: Any) -> None:
        self.drawing = replace(self.drawing, **{field: value})
        likeliest = self.drawing.temperature == 0
        for name in ("top_k", "top_p", "seed"):  # nothing is drawn
            self.settings.fields[f"draw.{name}"].setEnabled(not likeliest)

    def _show_failure(self, failure: Failed) -> None:
        self._asked = None  # the next look at the page asks again
        self._failure = f"{failure.title} {failure.hint}"
        self.expected.hide()
        self._show_state()

    def _show_state(self) -> None:
        busy = self.writing.is_asking
        self.go.setEnabled(bool(self._models) and not busy and not self.bench.going)
        self.stop.setEnabled(busy)
        if self.expecting.is_asking or busy:
            self._failure = ""
        if self._failure:
            self.problem.show_text("bad", self._failure)
        elif self.bench.going:
            sentence = self.tr("A {what} is going. The models answer when it has ended.")
            self.problem.show_text("info", sentence.format(what=self.bench.going))
        elif not self._models:
            self.problem.show_text("info", self.tr("There is no model to ask yet."))
        elif len(self._models) == 1:
            self.problem.show_text("info", self.tr("Only the original model answers. Training adds the adapted one."))
        else:
            self.problem.show_text("info", "")

    def _prompt_card(self) -> Card:
        card = Card()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(8))
        buttons.addWidget(self.go)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        card.body.addWidget(self.prompt)
        card.body.addLayout(buttons)
        card.body.addWidget(self.settings)
        return card

    def _expected_card(self) -> Card:
        card = Card(self.tr("What comes next"))
        row = QHBoxLayout()
        row.setSpacing(theme.space(16))
        for bars in self.bars:
            row.addWidget(bars, 1)
        card.body.addWidget(self.verdict)
        card.body.addLayout(row)
        card.hide()
        return card

    def _written(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout()
        row.setSpacing(theme.space(12))
        for card in self.texts:
            row.addWidget(card, 1)
            card.hide()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addStretch(1)
        return holder

    def _keep(self) -> None:
        self.kept.emit((self.prompt.text().strip(),))


class TextCard(Card):
    """What one model has written after the prompt."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = label("", "caption", dim=True)
        self.text = label(wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.ending = label("", "caption", dim=True)
        for part in (self.title, self.text, self.ending):
            self.body.addWidget(part)
        self.body.addStretch(1)  # the card beside it may be higher

    def show_text(self, title: str, prompt: str, found: Continuation) -> None:
        """Show the prompt with what follows it."""
        self.title.setText(title)
        self.text.setText(f"{prompt}{found.text}")
        self.ending.setText(shown_ending(found))
        self.ending.setVisible(found.ended)
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.text.text())
