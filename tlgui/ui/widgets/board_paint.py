"""Where things are on the freeze board, and what is drawn around its rows. All sizes follow the font."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QWidget

from tlgui.ui import theme

MOST_CELLS = 6
"""More epochs than this share a cell, so that a cell's words stay legible."""
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class Columns:
    """Horizontal layout of the board, logical pixels from its left edge."""

    brace: float
    block: float
    block_end: float
    rate: float
    rate_end: float
    cells: tuple[tuple[float, float], ...]
    """(left, width) of each epoch cell."""
    spans: tuple[tuple[int, int], ...]
    """The epochs of each cell, first and last, from 1."""

    @property
    def lock_end(self) -> float:
        return self.block + theme.space(10) + lock_size()

    def x_of(self, epochs: float) -> float:
        """Where a point of the run lies, counted in epochs since the start."""
        for (left, width), (first, last) in zip(self.cells, self.spans, strict=True):
            if epochs <= last:
                return left + width * max(0.0, epochs - first + 1) / (last - first + 1)
        left, width = self.cells[-1]
        return left + width

    def epochs_at(self, x: float) -> float:
        """The point of the run at a place, in epochs since the start."""
        for (left, width), (first, last) in zip(self.cells, self.spans, strict=True):
            if x <= left + width:
                return first - 1 + max(0.0, x - left) / width * (last - first + 1)
        return float(self.spans[-1][1])


def lock_size() -> int:
    """Side of the lock's picture, logical pixels."""
    return theme.space(16)


def columns(width: int, epochs: int) -> Columns:
    """Divide a width among brace, block, learning rate and the cells of the epochs."""
    return _columns(width, epochs, QApplication.font().key())


@lru_cache(maxsize=16)  # asked for once a row and edge in each paint
def _columns(width: int, epochs: int, font: str) -> Columns:
    narrow, body = QFontMetrics(theme.font("caption")), QFontMetrics(theme.font("body"))
    brace = float(narrow.height() + theme.space(10))
    block = brace + theme.space(12)
    rate_width = max(map(narrow.horizontalAdvance, ("8.8e-8 × 0.888", "Learning rate"))) + theme.space(8)
    room = width - block - rate_width - theme.space(40)
    name = body.horizontalAdvance("Embeddings") * 1.15
    whole = name + narrow.horizontalAdvance("new, learns 888.8 M") + theme.space(72)
    block_width = min(whole, max(room * 0.55, body.averageCharWidth() * 30), max(room * 0.6, 40))
    rate = block + block_width + theme.space(14)
    first = rate + rate_width + theme.space(14)
    shared = tuple(spans(epochs))
    each = max(4.0, (width - first) / len(shared))
    cells = tuple((first + i * each, each) for i in range(len(shared)))
    return Columns(brace, block, block + block_width, rate, rate + rate_width, cells, shared)


def spans(epochs: int) -> list[tuple[int, int]]:
    """The epochs of each cell, first and last, from 1; neighbours share a cell when there are many."""
    each = -(-epochs // MOST_CELLS)
    return [(first, min(first + each - 1, epochs)) for first in range(1, epochs + 1, each)]


def row_height(room: int, rows: int) -> int:
    """Height of a row so that all fit if they can: two lines of text where there is room, else one."""
    body, narrow = QFontMetrics(theme.font("body")), QFontMetrics(theme.font("caption"))
    one, two = body.height() + theme.space(9), tall_row()
    fitting = room // max(rows, 1)
    if fitting < body.height() + narrow.height() + theme.space(6):
        return max(one, fitting)
    return min(fitting, two)


def tall_row() -> int:
    """The most a row takes, however much room there is."""
    return QFontMetrics(theme.font("body")).height() + QFontMetrics(theme.font("caption")).height() + theme.space(18)


def block_rect(row: QRect, at: Columns) -> QRectF:
    """The block inside a row; the rest is the gap to the next one."""
    gap = 3 if row.height() > 28 else 2
    return QRectF(at.block, row.top() + 1, at.block_end - at.block, row.height() - gap)


def frozen_hatch(painter: QPainter, area: QRectF, widget: QWidget, opacity: float = 1.0) -> None:
    """Thin diagonal lines over an area: what is frozen, everywhere."""
    painter.save()
    painter.setOpacity(opacity)
    painter.setBrushOrigin(area.topLeft())
    painter.fillRect(area, QBrush(theme.hatch("frozenedge", widget.devicePixelRatioF())))
    painter.restore()


def paint_brace(painter: QPainter, area: QRectF, at: Columns, words: str) -> None:
    """A bracket left of the blocks it covers, with words along it where they fit."""
    right, left = at.block - theme.space(6), at.block - theme.space(12)
    top, bottom = area.top() + 2, area.bottom() - 2
    path = QPainterPath(QPointF(right, top))
    for x, y in ((left, top), (left, bottom), (right, bottom)):
        path.lineTo(x, y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("frozenedge"), 1.6))
    painter.drawPath(path)
    narrow = theme.font("caption")
    if QFontMetrics(narrow).horizontalAdvance(words) > area.height():
        return
    painter.save()
    painter.translate(left - theme.space(4), area.center().y())
    painter.rotate(-90)
    height = QFontMetrics(narrow).height()
    write(painter, QRectF(-area.height() / 2, -height, area.height(), height), words, narrow, "frozentext", _CENTRE)
    painter.restore()


def paint_ring(painter: QPainter, block: QRectF, token: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
    """A two-pixel ring just outside a block, or a run of blocks."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(token), 2, style))
    painter.drawRoundedRect(block.adjusted(-1.5, -1, 1.5, 1), 6, 6)


def fitting(font: QFont, width: float, *wordings: Sequence[str]) -> Sequence[str]:
    """The first of some wordings, longest first, of which every text has room; empty if none has."""
    at = QFontMetrics(font)
    return next((texts for texts in wordings if all(at.horizontalAdvance(text) <= width for text in texts)), ())


def write(
    painter: QPainter, area: QRectF, text: str, font: QFont, token: str = "text", where: Qt.AlignmentFlag = _LEFT
) -> None:
    """One line of text in a token's colour, elided at the right."""
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()) + 1)
    painter.drawText(area, where, elided)
