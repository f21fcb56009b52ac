"""Small pictures of what happens between one press and a model one can try; they carry no figures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import paint_bar

_LINES = ((0.16, 0.1, 0.24, 0.3), (0.12, 0.28, 0.2, 0.14), (0.26, 0.14, 0.3, 0.08))
"""Widths of the words of a text, as shares of the width."""
_HIDDEN = ((0, 2), (2, 0))
"""(line, word) that the model has to guess."""
_CURVE = ((0, 0.12), (0.14, 0.22), (0.28, 0.2), (0.42, 0.46), (0.56, 0.52), (0.7, 0.68), (0.84, 0.7), (0.96, 0.78))
_BARS = ((0.22, 0.9), (0.4, 0.3), (0.3, 0.12))
"""Original and adapted, as shares of half the width."""


class StepPicture(QWidget):
    """One picture in a framed well."""

    def __init__(self, paint: Callable[[QPainter, QRectF], None]) -> None:
        super().__init__()
        self._paint = paint
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.space(120), theme.space(72))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("alt"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        edge = theme.space(12)
        self._paint(painter, QRectF(self.rect()).adjusted(edge, edge, -edge, -edge))


def paint_text(painter: QPainter, area: QRectF) -> None:
    """Lines of words, two of them hidden."""
    gap, height = theme.space(6), theme.space(10)
    for line, widths in enumerate(_LINES):
        x = area.left()
        y = area.top() + line * (area.height() - height) / (len(_LINES) - 1)
        for number, share in enumerate(widths):
            word = QRectF(x, y, share * area.width(), height)
            hidden = (line, number) in _HIDDEN
            painter.setPen(QPen(theme.colour("frozenedge"), 1, Qt.PenStyle.DashLine) if hidden else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("frozen" if hidden else "line"))
            painter.drawRoundedRect(word, 2, 2)
            x += word.width() + gap


def paint_curve(painter: QPainter, area: QRectF) -> None:
    """A loss that falls, with points where it is checked."""
    painter.setPen(QPen(theme.colour("edge"), 1))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    painter.drawLine(area.topLeft(), area.bottomLeft())
    points = [QPointF(area.left() + x * area.width(), area.top() + y * area.height()) for x, y in _CURVE]
    painter.setPen(QPen(theme.colour("train"), 2))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("val"))
    for point in points[1::2]:
        painter.drawEllipse(point, theme.space(3), theme.space(3))


def paint_guesses(painter: QPainter, area: QRectF) -> None:
    """Guesses of the original model at the left, hollow; of the adapted one at the right, solid."""
    half = (area.width() - theme.space(16)) / 2
    height = theme.space(10)
    for row, shares in enumerate(_BARS):
        y = area.top() + row * (area.height() - height) / (len(_BARS) - 1)
        left = QRectF(area.left(), y, half, height)
        right = QRectF(area.right() - half, y, half, height)
        paint_bar(painter, left, shares[0], theme.colour("accent"), hollow=True)
        paint_bar(painter, right, shares[1], theme.colour("accent"), hollow=False)
