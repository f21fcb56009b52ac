"""What the panels share in which two models write: who writes, a stop, and both texts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.pages.try_panel import TryPanel, button_row
from tlgui.ui.widgets.basics import Card, button, label
from tlgui.ui.workbench import Workbench


class WritingPanel(TryPanel):
    """Both models write on request; their texts grow and can be stopped."""

    writes = ""
    """On the button that lets them write."""
    alone = ""
    """A sentence for the time in which only the original model is there."""

    def __init__(self, bench: Workbench, names: tuple[str, str, str]) -> None:
        """Args:
        bench: Has the models.
        names: Object names of the buttons that write, stop and keep.
        """
        super().__init__(bench)
        self._models: tuple[tuple[str, str], ...] = ()
        """Source and caption of the models that answer: the original, then the adapted one."""
        self.writing = self._questions_to(self.show_answer)
        self.writing.streamed.connect(self.show_texts)
        go, stop, keep = names
        self.go = button(self.tr(self.writes), go, "play", clicked=self.write)
        self.stop = button(self.tr("Stop"), stop, clicked=self.writing.drop)
        self.keep = self._keep_button(keep)
        self.buttons = button_row(self.go, self.stop, self.keep)
        self.texts = tuple(WrittenCard(name) for name in ("written_original", "written_adapted"))

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

    def write(self) -> None:
        """Let the models write; what they wrote before is replaced."""
        raise NotImplementedError

    def words_of(self, found: Any) -> tuple[str, str]:
        """What a card shows of an answer: the text, and a word on how it ended."""
        raise NotImplementedError

    def show_texts(self, found: Sequence[Any]) -> None:
        """Show what the models have written so far; nothing hides their cards."""
        for place, card in enumerate(self.texts):
            card.setVisible(place < len(found))
            if place < len(found):
                card.show_text(self._titles[place], *self.words_of(found[place]))

    def show_answer(self, found: Sequence[Any]) -> None:
        """Show what the models have written, once they have ended."""
        self.show_texts(found)

    @property
    def _sources(self) -> tuple[str, ...]:
        return tuple(source for source, _ in self._models)

    @property
    def _titles(self) -> tuple[str, str]:
        """Captions of both columns."""
        first, second = (*(caption for _, caption in self._models), "", "")[:2]
        return first, second

    def _can_write(self) -> bool:
        """Whether there is something to write for."""
        return True

    def _show_state(self) -> None:
        busy = self.writing.is_asking
        self.go.setEnabled(bool(self._models) and self._can_write() and not busy and not self.bench.going)
        self.stop.setEnabled(busy)
        super()._show_state()

    def _state(self) -> str:
        if self.bench.going:
            return self.tr(self.waits).format(what=self.bench.going)
        sentences = (self.tr("There is no model to ask yet."), self.tr(self.alone), "")
        return sentences[len(self._models)]

    def _written(self, *below: QWidget) -> QWidget:
        """Both texts side by side, and other widgets below them."""
        holder = QWidget()
        row = QHBoxLayout()
        row.setSpacing(theme.space(12))
        for card in self.texts:
            row.addWidget(card, 1)
            card.hide()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addLayout(row)
        for widget in below:
            column.addWidget(widget)
        column.addStretch(1)
        return holder


class WrittenCard(Card):
    """A caption, a text under it, and how the text ended."""

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

    def show_text(self, title: str, text: str, ending: str = "") -> None:
        """Show a text under its caption."""
        self.title.setText(title)
        self.text.setText(text)
        self.ending.setText(ending)
        self.ending.setVisible(bool(ending))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
