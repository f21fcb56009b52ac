"""Trying a model that writes: an input of one's own, and what the original and the adapted model make of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QLineEdit

from tlgui.core import prefixes
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.ui.pages.try_panel import add_captioned, sentence_line
from tlgui.ui.pages.try_writing import WritingPanel, WrittenCard
from tlgui.ui.widgets.basics import Card, scrolling
from tlgui.ui.workbench import Workbench


class GeneratePanel(WritingPanel):
    """A prefix and an input, and an output of each model; what is kept has the output wanted, if there is one."""

    writes = str(QT_TRANSLATE_NOOP("GeneratePanel", "Write"))
    waits = str(QT_TRANSLATE_NOOP("GeneratePanel", "A {what} is going. The models write when it has ended."))
    alone = str(QT_TRANSLATE_NOOP("GeneratePanel", "One model writes so far. Training adds the adapted one."))

    def __init__(self, bench: Workbench, task: str) -> None:
        super().__init__(bench, (f"{task}_write", f"{task}_stop", f"{task}_keep"))
        self.task = task
        self._most = 0
        """Tokens of an output."""
        self._usual = ""
        """The prefix of inputs that bring none."""
        self.prefix = self._line("prefix", self.tr("Prefix"), self.tr("What is asked for, such as “shorten”."))
        self.input = self._line("input", self.tr("Input"), self._hint())
        self.wanted = WrittenCard("wanted")
        self.body.addWidget(self._input_card())
        self.body.addWidget(self.problem)
        self.body.addWidget(scrolling(self._written(self.wanted)), 1)
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
        super().show_run(recipe, run, name)

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
        if self.go.isEnabled():
            self.show_texts(())
            prefix = self.prefix.text() if self._has_prefix else ""
            asked = work.write_texts(self.task, prefix, self.input.text(), self._sources, self._most)
            self._put(self.writing, asked)

    def words_of(self, found: str) -> tuple[str, str]:
        return found, ""

    def show_answer(self, found: Sequence[str]) -> None:
        super().show_answer([text or self.tr("It ended at once and wrote nothing.") for text in found])

    def probes(self) -> tuple[str, ...]:
        """The sentence to keep; none if this one cannot be scored."""
        if not self._has_prefix:
            return (self.input.text().strip(),) if "{" in self.input.text() else ()
        wanted = self.wanted.text.text()
        return (prefixes.kept(self.asked, wanted),) if wanted and self.asked else ()

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

    def _can_write(self) -> bool:
        return bool(self.input.text().strip())

    def _show_state(self) -> None:
        self.keep.setEnabled(bool(self.probes()))
        super()._show_state()

    def _hint(self) -> str:
        return self.tr("Type a text.") if self._has_prefix else self.tr("Type a sentence; braces hide {words}.")

    def _line(self, name: str, title: str, hint: str) -> QLineEdit:
        line = sentence_line(f"{self.task}_{name}", title, hint)
        line.textEdited.connect(lambda _: self._edited())
        line.returnPressed.connect(self.write)
        return line

    def _input_card(self) -> Card:
        card = Card()
        if self._has_prefix:
            add_captioned(card, self.tr("Prefix"), self.prefix)
            add_captioned(card, self.tr("Input"), self.input)
        else:
            card.body.addWidget(self.input)
        card.body.addLayout(self.buttons)
        return card
