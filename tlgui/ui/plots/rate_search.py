"""The loss while the learning rate grows: raw and smoothed over a logarithmic axis, the suggestion marked."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.core.facts import RateSearch
from tlgui.core.plan import scientific
from tlgui.ui import theme
from tlgui.ui.plots import margins, scale
from tlgui.ui.plots.overlays import paint_haloed

DECADES = 7
"""Powers of ten that the axis shows at least, so that it does not move while the rate grows."""
HEADROOM = 0.6
"""How far above its start the loss is still drawn, as a share of its fall; what diverges leaves the plot."""


class RateSearchPlot(QWidget):
    """Painted by hand: it has a few hundred points and an axis of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rate_search_plot")
        self.setAccessibleName(self.tr("Loss against learning rate"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.space(320), theme.space(180))
        self._found = RateSearch((), (), ())
        self.empty_sentence = ""

    @property
    def found(self) -> RateSearch:
        return self._found

    def show_search(self, found: RateSearch) -> None:
        """Draw what was found so far."""
        self._found = found
        self.setAccessibleDescription(self._spoken())
        self.update()

    def show_empty_sentence(self, text: str) -> None:
        self.empty_sentence = text
        if not self._found.rates:
            self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(560), theme.space(300))

    def area(self) -> QRectF:
        """The rectangle between the axes."""
        line = QFontMetricsF(theme.font("caption")).height()
        left = margins.left(margins.FIGURES)
        return QRectF(left, line, self.width() - left - line * 2, self.height() - 2 * line - theme.space(10))

    def place(self, rate: float, loss: float) -> QPointF:
        """Where a point lies, in pixels."""
        area, (first, last), ticks = self.area(), self._decades(), self._ticks()
        x = (math.log10(rate) - first) / (last - first)
        y = (loss - ticks[0]) / (ticks[-1] - ticks[0])
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("base"))
        self._paint_axes(painter)
        if not self._found.rates:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.area(), flags, self.empty_sentence)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(self.area().adjusted(0, -1, 0, 1))
        self._paint_line(painter, self._found.losses, 1.0, 0.4)
        self._paint_line(painter, self._found.smoothed, 2.5, 1.0)
        painter.restore()
        if self._found.suggestion:
            self._paint_suggestion(painter)

    # Parts

    def _decades(self) -> tuple[int, int]:
        """The powers of ten at the ends of the axis."""
        if not self._found.rates:
            return -7, -7 + DECADES
        first = math.floor(math.log10(self._found.rates[0]) + 1e-9)
        return first, max(first + DECADES, math.ceil(math.log10(self._found.rates[-1]) - 1e-9))

    def _ticks(self) -> tuple[float, ...]:
        """From the lowest loss to a little above the first; what diverges would flatten all that matters."""
        smooth = np.asarray([loss for loss in self._found.smoothed if math.isfinite(loss)])
        if not smooth.size:
            return scale.y_ticks(0.0, 1.0)
        low, start = float(smooth.min()), float(smooth[0])
        raw = [loss for loss in self._found.losses if math.isfinite(loss) and loss <= start]
        top = min(float(smooth.max()), start + HEADROOM * max(start - low, 0.2 * abs(start), 1e-6))
        return scale.y_ticks(min(low, *raw) if raw else low, max(top, start))

    def _paint_axes(self, painter: QPainter) -> None:
        area, ticks, (first, last) = self.area(), self._ticks(), self._decades()
        font = theme.font("caption")
        line = QFontMetricsF(font).height()
        painter.setFont(font)
        for tick in ticks:
            y = round(area.bottom() - (tick - ticks[0]) / (ticks[-1] - ticks[0]) * area.height()) + 0.5
            painter.setPen(QPen(theme.colour("edge" if tick == ticks[0] else "grid"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("dim"))
            room = QRectF(0, y - line / 2, area.left() - theme.space(8), line)
            words = scale.tick_text(tick, ticks)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        for power in range(first, last + 1):
            x = round(area.left() + (power - first) / (last - first) * area.width()) + 0.5
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + theme.space(4)))
            painter.setPen(theme.colour("dim"))
            room = QRectF(x - 4 * line, area.bottom() + theme.space(5), 8 * line, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, f"1e{power}")

    def _paint_line(self, painter: QPainter, losses: tuple[float, ...], width: float, opacity: float) -> None:
        known = [(r, loss) for r, loss in zip(self._found.rates, losses, strict=False) if math.isfinite(loss)]
        ink = theme.colour("train")
        ink.setAlphaF(opacity)
        painter.setPen(QPen(ink, width))
        points = [self.place(rate, loss) for rate, loss in known]
        if len(points) == 1:
            painter.drawEllipse(points[0], 2, 2)
        painter.drawPolyline(QPolygonF(points))

    def _paint_suggestion(self, painter: QPainter) -> None:
        area, found = self.area(), self._found
        x = self.place(found.suggestion, self._ticks()[0]).x()
        painter.setPen(QPen(theme.colour("metric"), 2))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        bold = theme.font("caption")
        bold.setBold(True)
        metrics, words = QFontMetricsF(bold), scientific(found.suggestion)
        width = metrics.horizontalAdvance(words) + theme.space(6)
        left = x + theme.space(6) if x + width + theme.space(6) <= area.right() else x - width
        paint_haloed(painter, QPointF(left, area.top() + metrics.ascent()), words, bold, theme.colour("metric"))

    def _spoken(self) -> str:
        found = self._found
        if not found.rates:
            return self.empty_sentence
        if found.suggestion:
            return self.tr("Suggestion {rate}").format(rate=scientific(found.suggestion))
        where = self.tr("Loss {loss:.2f} at rate {rate}")
        return where.format(loss=found.losses[-1], rate=scientific(found.rates[-1]))
