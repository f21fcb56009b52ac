"""The recipe being made in the window: one frozen value, changed by replacing it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from tlgui.core.recipe import Recipe

UNDO_STEPS = 200


class Draft(QObject):
    """Holds the recipe; speaks only when it really changed, so widgets and draft cannot chase each other."""

    changed = Signal()

    def __init__(self, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._past: list[Recipe] = []
        self._future: list[Recipe] = []

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    def edit(self, section: str, **fields: Any) -> None:
        """Change some fields of one section ("" is the top level); one step of undo."""
        self.replace(self._recipe.edit(section, **fields))

    def replace(self, recipe: Recipe) -> None:
        """Take another recipe; one step of undo."""
        if recipe == self._recipe:
            return
        self._past = [*self._past[-UNDO_STEPS:], self._recipe]
        self._future = []
        self._recipe = recipe
        self.changed.emit()

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def undo(self) -> None:
        """Go back one change, if there is one."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Undo the last undo, if there is one."""
        self._step(self._future, self._past)

    def _step(self, source: list[Recipe], target: list[Recipe]) -> None:
        if source:
            target.append(self._recipe)
            self._recipe = source.pop()
            self.changed.emit()
