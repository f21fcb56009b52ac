"""How well a trained model finds names of each kind, as a table."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt

from tlgui.core.wording import percent
from tlgui.ui.widgets.plain_table import PlainTable
from tlgui.ui.widgets.rows import Column, RowsModel

MOST_ROWS = 8
"""That are shown without scrolling."""

COLUMNS = (
    Column("Kind", lambda k: k.kind),
    Column("Precision", lambda k: percent(k.precision), right=True),
    Column("Recall", lambda k: percent(k.recall), right=True),
    Column("F1", lambda k: percent(k.f1), right=True),
    Column("Names", lambda k: f"{k.support:,}", right=True),
)


class KindTable(PlainTable):
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
