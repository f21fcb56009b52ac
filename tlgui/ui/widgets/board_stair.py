"""The stair of the freeze board: the lower edge of what learns over time, with a handle on each thaw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from tlgui.ui import theme
from tlgui.ui.widgets.board_model import BoardRow
from tlgui.ui.widgets.board_paint import Columns

Placed = Sequence[tuple[BoardRow, QRectF]]
"""Rows from the top, and where each is."""


def handle_rect(row: BoardRow, area: QRectF, at: Columns) -> QRectF | None:
    """Where a row's handle is drawn; None if it does not thaw by the clock."""
    if row.kind != "thaws" or row.begins is None:
        return None
    height = min(float(theme.space(18)), area.height() - 4)
    width = theme.space(8)
    return QRectF(at.x_of(row.begins) - width / 2 - 1, area.center().y() - height / 2, width, height)


def paint_stair(painter: QPainter, rows: Placed, at: Columns) -> None:
    """The edge under the lowest group that learns, from the start to the end of the run."""
    begun = [(row.begins, area.bottom() + 0.5) for row, area in rows if row.begins is not None]
    if not begun:
        return
    lowest = max(y for begins, y in begun if begins == 0)
    path = QPainterPath(QPointF(at.cells[0][0] - 1, lowest))
    for begins, y in sorted(begun):
        if y > lowest:
            x = at.x_of(begins) - 1
            path.lineTo(x, lowest)
            path.lineTo(x, y)
            lowest = y
    left, width = at.cells[-1]
    path.lineTo(left + width - 1, lowest)
    pen = QPen(theme.colour("learnedge"), 2.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(path)


def paint_handles(painter: QPainter, rows: Placed, at: Columns, held: str) -> None:
    """A grip on each thaw, to be dragged sideways; the one that is held is filled."""
    for row, area in rows:
        grip = handle_rect(row, area, at)
        if grip is None:
            continue
        painter.setPen(QPen(theme.colour("learnedge"), 1.5))
        painter.setBrush(theme.colour("learnedge" if row.key == held else "base"))
        painter.drawRoundedRect(grip, 3, 3)
        painter.setPen(QPen(theme.colour("base" if row.key == held else "learnedge"), 1.5))
        centre, reach = grip.center(), grip.height() / 4
        painter.drawLine(QPointF(centre.x(), centre.y() - reach), QPointF(centre.x(), centre.y() + reach))
