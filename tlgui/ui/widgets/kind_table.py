"""How well a trained model finds names of each kind, as a table."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt

from tlgui.core.wording import percent
from tlgui.ui.widgets.rows_table import LEFT, RIGHT, Column, RowsModel, RowsTable

MOST_ROWS = 8
"""That are shown without scrolling."""

COLUMNS: tuple[Column, ...] = (
    ("Kind", lambda k: k.kind, LEFT),
    ("Precision", lambda k: percent(k.precision), RIGHT),
    ("Recall", lambda k: percent(k.recall), RIGHT),
    ("F1", lambda k: percent(k.f1), RIGHT),
    ("Names", lambda k: f"{k.support:,}", RIGHT),
)


class KindTable(RowsTable):
    """As large as its rows, up to a few of them."""

    def __init__(self) -> None:
        self.kinds = RowsModel(COLUMNS)
        super().__init__("kinds", "How well each kind is found", self.kinds)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.kinds.modelReset.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        rows = min(max(1, self.kinds.rowCount()), MOST_ROWS)
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        bar = self.verticalScrollBar().sizeHint().width() if self.kinds.rowCount() > MOST_ROWS else 0
        edge = 2 * self.frameWidth()
        return QSize(self.horizontalHeader().length() + bar + edge, height + edge)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
