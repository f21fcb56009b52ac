"""Titles and values in two columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import label


class FactRows(QWidget):
    """A dim title at the left of each value; figures stand at the right edge."""

    def __init__(self, *, figures: bool = False) -> None:
        super().__init__()
        self._figures = figures
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space(10))
        self._grid.setVerticalSpacing(theme.space(6))
        self._grid.setColumnStretch(1, 1)

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Say these rows and no others."""
        if [made.text() for made in self._labels] == [text for row in rows for text in row]:
            return
        for old in self._labels:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._labels = []
        for place, (title, value) in enumerate(rows):
            self._labels += [label(title, dim=True), self._value(value)]
            self._grid.addWidget(self._labels[-2], place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self._labels[-1], place, 1, Qt.AlignmentFlag.AlignTop)

    def _value(self, text: str) -> QLabel:
        made = label(text, "heading" if self._figures else "body", wrap=not self._figures)
        if self._figures:
            made.setAlignment(Qt.AlignmentFlag.AlignRight)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made
