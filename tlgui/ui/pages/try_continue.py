"""Trying to continue a text: what models expect next while one types, and texts that they write on request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QHBoxLayout

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
from tlgui.core.wording import unbroken
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.try_panel import sentence_line
from tlgui.ui.pages.try_writing import WritingPanel
from tlgui.ui.widgets.basics import Card, label, scrolling
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


class ContinuePanel(WritingPanel):
    """A prompt, bars for the next word, and a text of each model; of what is kept, the last word is scored."""

    writes = str(QT_TRANSLATE_NOOP("ContinuePanel", "Continue"))
    waits = str(QT_TRANSLATE_NOOP("ContinuePanel", "A {what} is going. The models answer when it has ended."))
    alone = str(QT_TRANSLATE_NOOP("ContinuePanel", "Only the original model answers. Training adds the adapted one."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, ("continue_text", "stop_writing", "keep_prompt"))
        self.drawing = Drawing()
        self.expecting = self._questions_to(self.show_next, TYPING_MS)
        hint = self.tr("Type the beginning of a text.")
        self.prompt = sentence_line("prompt", self.tr("Text to continue"), hint)
        self.prompt.textChanged.connect(lambda _: self.ask())
        self.prompt.returnPressed.connect(self.write)
        self.settings = SettingsForm(DRAWING, columns=len(DRAWING))
        self.settings.edited.connect(self._draw_so)
        self.settings.show_values(lambda _, field: getattr(self.drawing, field))
        self.verdict = label(wrap=True)
        self.bars = (GuessBars("next_original", hollow=True), GuessBars("next_adapted", hollow=False))
        self.expected = self._expected_card()
        self.body.addWidget(self._prompt_card())
        self.body.addWidget(self.problem)
        self.body.addWidget(self.expected)
        self.body.addWidget(scrolling(self._written()), 1)
        self.take_up(GOALS["next-word"].example)

    def take_up(self, text: str) -> None:
        """Go on from a kept sentence or an example; braces, which hide a word elsewhere, mean nothing here."""
        self.prompt.setText(text.replace("{", "").replace("}", ""))

    def ask(self) -> None:
        """Ask what comes next, unless that was asked already; an older question is dropped."""
        text = self.prompt.text().strip()
        self.keep.setEnabled(len(text.split()) > 1)
        sources = self._sources
        question = (text, *sources)
        if question == self._asked or not sources or not self.isVisible():
            self._show_state()
            return
        self._asked = question
        self._put(self.expecting, work.next_words(text, sources[0], sources[1] if len(sources) > 1 else ""))

    def write(self) -> None:
        if self.go.isEnabled():
            self.show_texts(())
            self._put(self.writing, work.continue_text(self.prompt.text().strip(), self._sources, self.drawing))

    def words_of(self, found: Continuation) -> tuple[str, str]:
        return f"{self.prompt.text().strip()}{found.text}", shown_ending(found)

    def probes(self) -> tuple[str, ...]:
        return (self.prompt.text().strip(),)

    def show_next(self, found: NextWords) -> None:
        """Show what the models expect."""
        self.verdict.setText(unbroken(next_words_sentence(found)))
        scale = scale_of((*found.original, *found.adapted), NARROWEST_SCALE)
        for bars, guesses, title in zip(self.bars, (found.original, found.adapted), self._titles, strict=True):
            bars.show_rows(title, [BarRow(guess.word, guess.share) for guess in guesses], scale)
            bars.setVisible(bool(guesses))
        self.expected.show()
        self._show_state()

    def _draw_so(self, _: str, field: str, value: Any) -> None:
        self.drawing = replace(self.drawing, **{field: value})
        likeliest = self.drawing.temperature == 0
        for name in ("top_k", "top_p", "seed"):  # nothing is drawn
            self.settings.fields[f"draw.{name}"].setEnabled(not likeliest)

    def _show_failure(self, failure: Failed) -> None:
        self.expected.hide()
        super()._show_failure(failure)

    def _prompt_card(self) -> Card:
        card = Card()
        card.body.addWidget(self.prompt)
        card.body.addLayout(self.buttons)
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
