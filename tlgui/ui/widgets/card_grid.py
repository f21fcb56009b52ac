"""Cards side by side, in as many columns as fit."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

from tlgui.ui.widgets.flow import FlowLayout


class CardGrid(FlowLayout):
    """Columns of equal width; each row is as high as its highest card."""

    def __init__(self, narrowest: int, most: int, gap: int, parent: QWidget | None = None) -> None:
        """Args:
        narrowest: Width of a column at least.
        most: Columns at most.
        gap: Between cards.
        """
        super().__init__(parent, gap, gap)
        self._narrowest, self._most = narrowest, most

    def columns_at(self, width: int) -> int:
        """How many columns fit."""
        return max(1, min(self._most, (width + self._gap) // (self._narrowest + self._gap)))

    def minimumSize(self) -> QSize:
        return QSize(self._narrowest, max((item.minimumSize().height() for item in self._items), default=0))

    def _place(self, rect: QRect, *, move: bool) -> int:
        columns = self.columns_at(rect.width())
        wide = (rect.width() - self._gap * (columns - 1)) // columns
        y = rect.top()
        for start in range(0, len(self._items), columns):
            row = self._items[start : start + columns]
            height = max(item.heightForWidth(wide) for item in row)
            for place, item in enumerate(row):
                if move:
                    item.setGeometry(QRect(QPoint(rect.left() + place * (wide + self._gap), y), QSize(wide, height)))
            y += height + self._line_gap
        return max(0, y - self._line_gap - rect.top())
