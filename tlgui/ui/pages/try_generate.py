"""Trying a model that writes: an input of one's own, and what the original and the adapted model make of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tlgui.core import prefixes
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.latest import Latest
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label, scrolling
from tlgui.ui.workbench import Workbench


class GeneratePanel(QWidget):
    """A prefix and an input, and an output of each model that grows as it is written."""

    kept = Signal(tuple)
    """The input as the only probe; with the output that is wanted, where the goal has one."""
    wants_examples = True
    """Whether rows of the data are worth trying as they are."""

    def __init__(self, bench: Workbench, task: str) -> None:
        super().__init__()
        self.bench, self.task = bench, task
        self._models: tuple[tuple[str, str], ...] = ()
        """Source and caption of the models that answer: the original, then the adapted one."""
        self._most = 0
        """Tokens of an output."""
        self._usual = ""
        """The prefix of inputs that bring none."""
        self._failure = ""
        self.writing = Latest(bench.worker, parent=self)
        self.writing.streamed.connect(self.show_texts)
        self.writing.answered.connect(self.show_answer)
        self.writing.failed.connect(self._show_failure)
        self.writing.changed.connect(self._show_state)
        self.prefix = self._line("prefix", self.tr("Prefix"), self.tr("What is asked for, such as “shorten”."))
        self.input = self._line("input", self.tr("Input"), self._hint())
        self.go = button(self.tr("Write"), "write", "play", clicked=self.write)
        self.stop = button(self.tr("Stop"), "stop_writing", clicked=self.writing.drop)
        self.keep = button(self.tr("Keep as probe"), "keep_text", "star", clicked=self._keep)
        self.problem = ProblemLabel("info")
        self.wanted = WrittenCard("wanted")
        self.texts = tuple(WrittenCard(name) for name in ("written_original", "written_adapted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self._input_card())
        column.addWidget(self.problem)
        column.addWidget(scrolling(self._written()), 1)
        if not self._has_prefix:
            self.take_up(GOALS[task].example)
        self._show_wanted("")

    @property
    def asked(self) -> str:
        """The input as the models read it."""
        return prefixes.prefixed(self.prefix.text() if self._has_prefix else "", self.input.text())

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        """Ask the recipe's model and, unless `run` is empty, the run of that folder and name."""
        self._most = recipe.text.max_output
        if self._usual != recipe.text.prefix:
            self._usual = recipe.text.prefix
            self.prefix.setText(self._usual)
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
        self._show_state()

    def take_up(self, text: str) -> None:
        """Try an example, whose prefix stands in a line of its own, or a kept sentence with the output wanted."""
        wanted = self._wanted_of(text)
        asked, kept = prefixes.parts(text) if self._has_prefix else ("", "")
        first, line, rest = (asked or text).partition("\n")
        if line and self._has_prefix:
            self.prefix.setText(first)
        else:  # a kept sentence has its prefix in front already
            self.prefix.setText("" if asked else self._usual)
            rest = asked or text
        self.input.setText(rest.replace("\n", " "))
        self.input.setCursorPosition(0)
        self._show_wanted(wanted or kept)
        self.show_texts(())

    def write(self) -> None:
        """Let the models write; what they wrote before is replaced."""
        if self.go.isEnabled():
            self.show_texts(())
            sources = tuple(source for source, _ in self._models)
            prefix = self.prefix.text() if self._has_prefix else ""
            self.writing.ask(work.write_texts(self.task, prefix, self.input.text(), sources, self._most))

    def show_texts(self, found: Sequence[str]) -> None:
        """Show what the models have written so far; nothing hides their cards."""
        for place, card in enumerate(self.texts):
            card.setVisible(place < len(found))
            if place < len(found):
                card.show_text(self._models[place][1], found[place])

    def show_answer(self, found: Sequence[str]) -> None:
        """Show what the models have written, once they have ended."""
        self.show_texts([text or self.tr("It ended at once and wrote nothing.") for text in found])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.writing.drop()

    @property
    def _has_prefix(self) -> bool:
        """Whether the goal turns an input into an output, so that there is something to ask for."""
        return GOALS[self.task].needs_label

    def _wanted_of(self, text: str) -> str:
        """The output of the row of the data that is shown as an example, if it is one."""
        data = self.bench.findings.data
        if data is None:
            return ""
        texts = [place for place, column in enumerate(data.columns) if column.role == "text"]
        label = next((place for place, column in enumerate(data.columns) if column.role == "label"), -1)
        rows = (cells for _, cells in data.preview if label >= 0 and len(cells) > max([label, *texts]))
        return next((cells[label] for cells in rows if "\n".join(cells[place] for place in texts) == text), "")

    def _show_wanted(self, wanted: str) -> None:
        self.wanted.setVisible(bool(wanted))
        self.wanted.show_text(self.tr("In the data"), wanted)
        self._show_state()

    def _edited(self) -> None:
        """What was wanted for another input says nothing of this one."""
        self._show_wanted("")

    def _show_failure(self, failure: Failed) -> None:
        self._failure = f"{failure.title} {failure.hint}"
        self._show_state()

    def _show_state(self) -> None:
        busy = self.writing.is_asking
        self.go.setEnabled(bool(self._models and self.input.text().strip()) and not busy and not self.bench.going)
        self.stop.setEnabled(busy)
        self.keep.setEnabled(bool(self._probe()))
        if busy:
            self._failure = ""
        if self._failure:
            self.problem.show_text("bad", self._failure)
        elif self.bench.going:
            sentence = self.tr("A {what} is going. The models write when it has ended.")
            self.problem.show_text("info", sentence.format(what=self.bench.going))
        elif not self._models:
            self.problem.show_text("info", self.tr("There is no model to ask yet."))
        elif len(self._models) == 1:
            self.problem.show_text("info", self.tr("One model writes so far. Training adds the adapted one."))
        else:
            self.problem.show_text("info", "")

    def _probe(self) -> str:
        """The sentence to keep; empty if this one cannot be scored."""
        if not self._has_prefix:
            return self.input.text().strip() if "{" in self.input.text() else ""
        wanted = self.wanted.text.text()
        return prefixes.kept(self.asked, wanted) if wanted and self.asked else ""

    def _keep(self) -> None:
        self.kept.emit((self._probe(),))

    def _hint(self) -> str:
        return self.tr("Type a text.") if self._has_prefix else self.tr("Type a sentence; braces hide {words}.")

    def _line(self, name: str, title: str, hint: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(f"{self.task}_{name}")
        line.setAccessibleName(title)
        line.setPlaceholderText(hint)
        line.setFont(theme.font("sentence"))
        line.textEdited.connect(lambda _: self._edited())
        line.returnPressed.connect(self.write)
        return line

    def _input_card(self) -> Card:
        card = Card()
        if self._has_prefix:
            for title, line in ((self.tr("Prefix"), self.prefix), (self.tr("Input"), self.input)):
                name = label(title, "caption", dim=True)
                name.setBuddy(line)
                card.body.addWidget(name)
                card.body.addWidget(line)
        else:
            card.body.addWidget(self.input)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(8))
        buttons.addWidget(self.go)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        card.body.addLayout(buttons)
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
        column.setSpacing(theme.space(12))
        column.addLayout(row)
        column.addWidget(self.wanted)
        column.addStretch(1)
        return holder


class WrittenCard(Card):
    """A caption and a text under it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = label("", "caption", dim=True)
        self.text = label(wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)
        self.body.addStretch(1)

    def show_text(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
