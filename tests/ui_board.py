"""A freeze board on its own, for tests that click, drag and type on it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import model

from tlgui.core.board import Board
from tlgui.core.recipe import Recipe
from tlgui.ui.widgets.board import FreezeBoard
from tlgui.ui.widgets.board_stair import handle_rect

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


TOP = {"frozen": ("embeddings", "0-3")}
GRADUAL = {"method": "gradual", **TOP}


class Desk:
    """A board in a window, and all that it has asked for and said."""

    def __init__(self, qtbot: QtBot, *, new_head: bool = True, layers: int = 6, epochs: int = 3) -> None:
        self.qtbot, self.facts = qtbot, model(layers, new_head=new_head)
        self.board = FreezeBoard()
        self.recipes: list[Recipe] = []
        self.refusals: list[str] = []
        self.board.recipe_wanted.connect(self._take)
        self.board.refused.connect(self.refusals.append)
        self.window = QWidget()
        QVBoxLayout(self.window).addWidget(self.board)
        qtbot.addWidget(self.window)
        self.window.resize(900, 500)
        self.epochs = epochs
        self.show(**TOP)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def show(self, gradual: dict[str, Any] | None = None, **transfer: Any) -> None:
        recipe = Recipe().edit("train", epochs=self.epochs).edit("transfer", layer_decay=0.95, **transfer)
        self._draw(recipe.edit("transfer.gradual", **(gradual or {})))

    def _draw(self, recipe: Recipe) -> None:
        self.board.show_board(self.facts.groups, Board(recipe, self.facts.keys, frozenset(self.facts.new), 20))

    def _take(self, recipe: Recipe) -> None:
        self.recipes.append(recipe)
        self._draw(recipe)

    @property
    def shown(self) -> Board:
        assert self.board.shown is not None
        return self.board.shown

    @property
    def frozen(self) -> list[tuple[str, ...]]:
        """What stays frozen in each recipe that was asked for."""
        return [recipe.transfer.frozen for recipe in self.recipes]

    def grip(self, row: int) -> QPoint:
        """The handle of a row's thaw."""
        rect = handle_rect(self.board._placed()[row][0], self.board._placed()[row][1], self.board.columns())
        assert rect is not None
        return rect.center().toPoint()

    def at(self, epochs: float, row: int) -> QPoint:
        """A point of the run, in a row."""
        return QPoint(int(self.board.columns().x_of(epochs)), self.body(row).y())

    def lock(self, row: int) -> QPoint:
        block = self.board._block(row)
        return QPoint(int(block.left()) + 10, int(block.center().y()))

    def body(self, row: int) -> QPoint:
        block = self.board._block(row)
        return QPoint(int(block.center().x()), int(block.center().y()))

    def click(self, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.mouseClick(self.board.viewport(), LEFT, keys, at)

    def drag(self, *path: QPoint) -> None:
        self.qtbot.mousePress(self.board.viewport(), LEFT, pos=path[0])
        for at in path[1:]:
            self.qtbot.mouseMove(self.board.viewport(), at)
        self.qtbot.mouseRelease(self.board.viewport(), LEFT, pos=path[-1])

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.qtbot.keyClick(self.board, key)
