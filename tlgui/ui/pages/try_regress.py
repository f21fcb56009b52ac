"""Trying a model that predicts a number: a text of one's own, the number on its scale, and the rows farthest off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from tlgui.core.answers import ClassAnswer, NumberAnswer
from tlgui.core.recipe import Recipe
from tlgui.core.wording import plain_number
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_classify import ClassifyPanel
from tlgui.ui.widgets.mistakes import MistakesTable
from tlgui.ui.widgets.number_scale import NumberScale
from tlgui.ui.workbench import Workbench


class RegressPanel(ClassifyPanel):
    """As for classes, with a place on a scale for the answer."""

    goal = "regress"
    prefix = "number_"
    worst = str(QT_TRANSLATE_NOOP("RegressPanel", "Farthest off first"))

    def __init__(self, bench: Workbench) -> None:
        self._column = ""
        super().__init__(bench)
        self.confusion.hide()

    def show_run(self, recipe: Recipe, run: str, name: str) -> None:
        self._column = recipe.data.label
        super().show_run(recipe, run, name)

    def question(self, texts: tuple[str, ...], run: str) -> Work:
        return work.predict_number([texts], run)

    def answer_widget(self) -> QWidget:
        self.scale = NumberScale()
        return self.scale

    def mistakes_table(self) -> MistakesTable:
        made = MistakesTable(self.tr("Off"), self.tr("Rows farthest off"))
        made.setObjectName("farthest")
        return made

    def show_answer(self, answers: Sequence[ClassAnswer | NumberAnswer]) -> None:
        """Show the number of the text, called as the column it was learned from."""
        found = answers[0]
        assert isinstance(found, NumberAnswer)
        self.verdict.setText(f"{self._column or self.tr('Number')}: {plain_number(found.number)}")
        self.scale.show_number(found.number, found.lowest, found.highest)
        self.answer.show()
