"""The Layers page on a workbench that knows model and data, and what a person does on it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from ui_facts import MACHINE, model, table, tell

from tlgui.core.transfer import GradualPart
from tlgui.ui.pages.layers import LayersPage
from tlgui.ui.pages.layers_options import Chooser
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton


def open_layers(bench: Workbench, qtbot: QtBot) -> LayersPage:
    """The page, shown; the cost is not measured yet."""
    bench.draft.edit("data", source="/data/reviews.csv")
    made = LayersPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=table(), machine=MACHINE)
    return made


def frozen(page: LayersPage) -> list[str]:
    return list(page.bench.draft.recipe.transfer.frozen)


def choose(page: LayersPage, qtbot: QtBot, preset: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, f"preset_{preset}"), LEFT)


def checked(page: LayersPage) -> list[str]:
    return [choice.objectName() for choice in page.presets.buttons() if choice.isChecked()]


def pick(box: Chooser, value: object) -> None:
    """Choose a value as a person does."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def gradual(page: LayersPage) -> GradualPart:
    return page.bench.draft.recipe.transfer.gradual
