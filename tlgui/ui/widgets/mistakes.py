"""Rows that a trained classifier got wrong, the most confident first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal

from tlgui.core.wording import percent
from tlgui.ui.widgets.plain_table import PlainTable
from tlgui.ui.widgets.rows import Column, RowsModel


class MistakesTable(PlainTable):
    """A click or Enter takes the text up, to try it with other words."""

    chosen = Signal(str)

    def __init__(self, share: str = "Sure", name: str = "Confident mistakes") -> None:
        """Args:
        share: Title of the column of shares.
        name: Of the table, for people who hear it.
        """
        columns = (
            Column("Row", lambda m: f"{m.row:,}", right=True),
            Column("Truth", lambda m: m.truth),
            Column("Guess", lambda m: m.guess),
            Column(share, lambda m: percent(m.share), right=True),
            Column("Text", lambda m: m.text.replace("\n", " / ")),
        )
        self.mistakes = RowsModel(columns)
        super().__init__("mistakes", name, self.mistakes)
        self.setWordWrap(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.activated.connect(self._choose)
        self.clicked.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.mistakes.rows[index.row()].text)
