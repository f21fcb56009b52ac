"""Trying hidden words: click a word, and both models guess what was there."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core import hidden
from tlgui.core.answers import HiddenWord
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.hidden import Word
from tlgui.core.recipe import Recipe
from tlgui.core.wording import guess_sentence, rank_notes, unbroken
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.try_panel import TryPanel, button_row, sentence_line
from tlgui.ui.widgets.basics import Card, button, label, scrolling
from tlgui.ui.widgets.guess_bars import BarRow, GuessBars
from tlgui.ui.widgets.word_chips import WordChips
from tlgui.ui.workbench import Workbench

DELAY_MS = 60
"""Clicks on two words in a row become one question."""
NARROWEST_SCALE = 0.4
"""Share that fills a bar's width at least, so that a doubtful guess never looks like a sure one."""


class MaskPanel(TryPanel):
    """A sentence of chips, and a card of guesses for each hidden word."""

    wants_examples = False
    waits = str(QT_TRANSLATE_NOOP("MaskPanel", "A {what} is going. The guesses come when it has ended."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._original = self._adapted = self._original_name = self._adapted_name = ""
        self._draw = random.Random()
        self.latest = self._questions_to(self.show_guesses, DELAY_MS)
        self.latest.progressed.connect(self._say)
        self.chips = WordChips()
        self.chips.changed.connect(lambda _: self.ask())
        self.chips.focused.connect(self._mark)
        hint = self.tr("Type a sentence; braces hide a {word}.")
        self.editor = sentence_line("sentence", self.tr("Sentence; braces hide a word"), hint)
        self.editor.returnPressed.connect(self._end_edit)
        self.editor.hide()
        self.edit = button(self.tr("Edit text…"), "edit_text", clicked=self._toggle_edit)
        self.keep = self._keep_button("keep_probe")
        self.waiting = label("", "caption", dim=True)
        self.cards: list[GuessCard] = []
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.space(12))
        self.body.addWidget(self._sentence_card())
        self.body.addWidget(self.problem)
        self.body.addWidget(scrolling(self._answers()), 1)
        self.show_text(GOALS["mask"].example)

    @property
    def text(self) -> str:
        """The sentence with its hidden words in braces."""
        return hidden.join(self.chips.words)

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the recipe's model and, unless `run` is empty, the run of that folder and name."""
        facts, source = self.bench.findings.model, recipe.model.source
        original = facts.name if facts is not None and facts.source == source else source
        self.show_models(source, original, run, name)

    def take_up(self, text: str) -> None:
        """Try a kept sentence."""
        self.show_text(text)

    def show_models(self, original: str, original_name: str, adapted: str, adapted_name: str) -> None:
        """Ask these models from now on; `adapted` may be empty."""
        self._original, self._original_name = original, original_name
        self._adapted, self._adapted_name = adapted, adapted_name
        share = f"{self.bench.draft.recipe.mask.share:.0%}".replace("%", " %")
        self.at_random.setText(self.tr("Hide {share} at random").format(share=share))
        self.ask()

    def show_text(self, text: str) -> None:
        """Take up a sentence; braces mark its hidden words."""
        self.editor.hide()
        self.edit.setText(self.tr("Edit text…"))
        self.chips.show()
        self._change(hidden.split(text))

    def hide_some(self) -> None:
        """Hide the share of the words that training hides."""
        self._change(hidden.hide_some(self.chips.words, self.bench.draft.recipe.mask.share, self._draw))

    def show_all(self) -> None:
        self._change(hidden.shown(self.chips.words))

    def ask(self) -> None:
        """Ask the models for the hidden words, unless that was asked already; an older question is dropped."""
        some_hidden = any(word.hidden for word in self.chips.words)
        self.keep.setEnabled(some_hidden)
        question = (self.text, self._original, self._adapted)
        if question == self._asked or not self._original or not self.isVisible():
            return
        self._asked = question
        if some_hidden:
            self._put(self.latest, work.guess_hidden(*question))
        else:
            self.latest.drop()
            self._show_cards(())
        self._show_state()

    def probes(self) -> tuple[str, ...]:
        return hidden.probes_of(self.chips.words)

    def show_guesses(self, found: Sequence[HiddenWord]) -> None:
        """Show the answer, one card a hidden word."""
        self._show_cards(tuple(found))
        self._show_state()

    def _change(self, words: Sequence[Word]) -> None:
        self.chips.show_words(words)
        self.ask()

    def _show_cards(self, found: tuple[HiddenWord, ...]) -> None:
        while len(self.cards) < len(found):
            self.cards.append(GuessCard(len(self.cards) + 1))
            self._cards.addWidget(self.cards[-1])
        shares = [guess.share for word in found for guess in (*word.original, *word.adapted)]
        scale = max([NARROWEST_SCALE, *(share * 1.05 for share in shares)])
        for i, card in enumerate(self.cards):
            card.setVisible(i < len(found))
            if i < len(found):
                card.show_word(found[i], self._original_name, self._adapted_name, scale)

    def _mark(self, number: int) -> None:
        """Frame the card of the hidden word that the keyboard is on; 0 = none."""
        for i, card in enumerate(self.cards, start=1):
            card.set_chosen(i == number)

    def _show_failure(self, failure: Failed) -> None:
        self._show_cards(())
        super()._show_failure(failure)

    def _show_state(self) -> None:
        if self.latest.is_asking:
            self._say(self.tr("Asking the models"))
        elif not self.keep.isEnabled():
            self._say(self.tr("Click a word to hide it. The models guess what was there."))
        else:
            self.waiting.hide()
        super()._show_state()

    def _state(self) -> str:
        alone = self.tr("Only the original model answers. Training adds the adapted one.")
        return super()._state() or ("" if self._adapted else alone)

    def _say(self, what: str) -> None:
        self.waiting.setText(what)
        self.waiting.show()

    def _sentence_card(self) -> Card:
        card = Card()
        self.at_random = button(self.tr("Hide some at random"), "hide_some", clicked=self.hide_some)
        show_all = button(self.tr("Show all words"), "show_all", clicked=self.show_all)
        card.body.addWidget(self.chips)
        card.body.addWidget(self.editor)
        card.body.addLayout(button_row(self.edit, self.at_random, show_all, self.keep))
        return card

    def _answers(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self.waiting)
        column.addLayout(self._cards)
        column.addStretch(1)
        return holder

    def _toggle_edit(self) -> None:
        if self.editor.isVisible():
            self._end_edit()
            return
        self.editor.setText(self.text)
        self.chips.hide()
        self.editor.show()
        self.editor.setFocus()
        self.editor.selectAll()
        self.edit.setText(self.tr("Done"))

    def _end_edit(self) -> None:
        self.show_text(self.editor.text() or self.text)
        self.edit.setFocus()


class GuessCard(Card):
    """What two models make of one hidden word."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName(f"hidden_{number}")
        edge = theme.space(12)
        self.body.setContentsMargins(edge, theme.space(8), edge, theme.space(8))
        self.body.setSpacing(theme.space(4))
        self.verdict = label(wrap=True)
        self.original = GuessBars(f"original_{number}", hollow=True)
        self.adapted = GuessBars(f"adapted_{number}", hollow=False)
        head = QHBoxLayout()
        head.setSpacing(theme.space(8))
        head.addWidget(label(self.tr("Hidden {number}").format(number=number), "heading"))
        head.addWidget(self.verdict, 1)
        bars = QHBoxLayout()
        bars.setSpacing(theme.space(16))
        bars.addWidget(self.original, 82)
        bars.addWidget(self.adapted, 100)
        self.body.addLayout(head)
        self.body.addLayout(bars)

    def show_word(self, found: HiddenWord, original: str, adapted: str, scale: float) -> None:
        """Show both models' guesses; bars are drawn to `scale`, the share that fills the width."""
        sentence = guess_sentence(found)
        self.verdict.setText(unbroken(sentence))
        self.setAccessibleName(sentence)
        first = [BarRow(guess.word, guess.share, guess.word == found.word) for guess in found.original]
        self.original.show_rows(self.tr("Original: {name}").format(name=original), first, scale)
        notes = rank_notes(found)
        rows = zip(found.adapted, notes, strict=True)
        then = [BarRow(guess.word, guess.share, guess.word == found.word, note) for guess, note in rows]
        self.adapted.show_rows(self.tr("Adapted: {name}").format(name=adapted), then, scale)
        self.adapted.setVisible(bool(then))
