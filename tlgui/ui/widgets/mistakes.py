"""Rows that a trained classifier got wrong, the most confident first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal

from tlgui.core.wording import percent
from tlgui.ui.widgets.rows_table import LEFT, RIGHT, Column, RowsModel, RowsTable


class MistakesTable(RowsTable):
    """A click or Enter takes the text up, to try it with other words."""

    chosen = Signal(str)

    def __init__(self, share: str = "Sure", name: str = "Confident mistakes") -> None:
        """Args:
        share: Title of the column of shares.
        name: Of the table, for people who hear it.
        """
        columns: tuple[Column, ...] = (
            ("Row", lambda m: f"{m.row:,}", RIGHT),
            ("Truth", lambda m: m.truth, LEFT),
            ("Guess", lambda m: m.guess, LEFT),
            (share, lambda m: percent(m.share), RIGHT),
            ("Text", lambda m: m.text.replace("\n", " / "), LEFT),
        )
        self.mistakes = RowsModel(columns)
        super().__init__("mistakes", name, self.mistakes)
        self.setWordWrap(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.activated.connect(self._choose)
        self.clicked.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.mistakes.rows[index.row()].text)
