"""A number on a scale, drawn as a bar with its ends written below."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from tlgui.core.wording import plain_number
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Drawn, paint_bar


class NumberScale(Drawn):
    """From the lowest number of the training rows to the highest; a number beyond an end is drawn at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("scale")
        self._number, self._lowest, self._highest = 0.0, 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def place(self) -> float:
        """Where the number is drawn, 0..1 of the width."""
        return min(max((self._number - self._lowest) / (self._highest - self._lowest), 0.0), 1.0)

    def show_number(self, number: float, lowest: float, highest: float) -> None:
        """Draw a number between the ends of its scale; `lowest` is below `highest`."""
        self._number, self._lowest, self._highest = number, lowest, highest
        ends = self.tr("on a scale from {lowest} to {highest}")
        said = ends.format(lowest=plain_number(lowest), highest=plain_number(highest))
        self.setAccessibleName(f"{plain_number(number)} {said}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 30, round(theme.space(20) + QFontMetricsF(theme.font("caption")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.unit() * 16, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.space(6)
        track = QRectF(edge, theme.space(4), self.width() - 2 * edge, theme.space(8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("grid"))
        painter.drawRoundedRect(track, 2, 2)
        paint_bar(painter, track, self.place, theme.colour("accent"), hollow=False)
        painter.setPen(QPen(theme.colour("base"), 2))
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(QPointF(track.left() + track.width() * self.place, track.center().y()), edge, edge)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        below = QRectF(0, theme.space(16), self.width(), self.height() - theme.space(16))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, plain_number(self._lowest))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, plain_number(self._highest))
