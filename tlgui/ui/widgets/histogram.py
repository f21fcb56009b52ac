"""How long the texts are: a histogram in tokens with the place where they are cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.core.facts import LengthFacts
from tlgui.core.wording import cut_sentence
from tlgui.ui import theme

BINS = 28
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512)
"""Tokens a bar may stand for."""


def binned(lengths: Sequence[int]) -> tuple[int, list[int]]:
    """Tokens per bar, and how many texts fall into each bar from 0 up.

    There are at most BINS bars; the last one also takes what is longer.
    """
    longest = max(lengths, default=0)
    width = next((w for w in WIDTHS if w * BINS > longest), WIDTHS[-1])
    counts = [0] * min(BINS, longest // width + 1)
    for length in lengths:
        counts[min(length // width, len(counts) - 1)] += 1
    return width, counts


class Histogram(QWidget):
    """Bars in the accent colour, and in another from the cut on."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("length_histogram")
        self.setAccessibleName(self.tr("Length of the texts in tokens"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._facts: LengthFacts | None = None
        self._width, self._counts, self._cut = 1, [0], 0
        self._empty = ""

    def show_lengths(self, facts: LengthFacts | None, cut: int, empty: str = "", *, windows: bool = False) -> None:
        """Take the lengths and where they are cut, or a sentence why there are none."""
        if facts is not self._facts:
            self._facts = facts
            self._width, self._counts = binned(facts.lengths) if facts is not None else (1, [0])
        self._cut, self._empty = cut, empty
        if facts is not None:
            lost = cut_sentence(facts.cut_share(cut), windows=windows)
            self.setAccessibleDescription(self.tr("Median {median}. {cut}").format(median=facts.median, cut=lost))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 24, theme.unit() * 11)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        narrow = QFontMetrics(theme.font("caption"))
        edge = theme.space(4)
        plot = QRectF(self.rect()).adjusted(edge, edge, -edge, -narrow.height() - edge)
        if self._facts is not None and self._facts.lengths:
            self._bars(painter, plot)
            self._axis(painter, plot, narrow)
            self._cut_line(painter, plot, narrow)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if self._facts is None:
            painter.setPen(theme.colour("dim"))
            where = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(plot, where, self._empty)

    def _x(self, plot: QRectF, tokens: float) -> float:
        return plot.left() + plot.width() * tokens / (self._width * len(self._counts))

    def _bars(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        most = max(self._counts)
        for i, texts in enumerate(self._counts):
            if not texts:
                continue
            left, right = self._x(plot, i * self._width), self._x(plot, (i + 1) * self._width)
            height = max(1.0, plot.height() * 0.94 * texts / most)
            painter.setBrush(theme.colour("val" if i * self._width >= self._cut else "train"))
            painter.drawRect(QRectF(left + 0.5, plot.bottom() - height, max(1.0, right - left - 1.5), height))

    def _axis(self, painter: QPainter, plot: QRectF, narrow: QFontMetrics) -> None:
        step = self._width * 4
        whole = self._width * len(self._counts)
        while step / whole * plot.width() < narrow.horizontalAdvance("8,888") + theme.space(6):
            step *= 2
        for tokens in range(0, whole + 1, step):
            x = self._x(plot, tokens)
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3))
            painter.setPen(theme.colour("dim"))
            words = f"{tokens:,}"
            wide = narrow.horizontalAdvance(words)
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            painter.drawText(QPointF(left, plot.bottom() + 3 + narrow.ascent()), words)

    def _cut_line(self, painter: QPainter, plot: QRectF, narrow: QFontMetrics) -> None:
        if self._cut > self._width * len(self._counts):
            return
        x = self._x(plot, self._cut)
        pen = QPen(theme.colour("val"), 1.2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        words = self.tr("cut here")
        fits = x + theme.space(4) + narrow.horizontalAdvance(words) <= self.width()
        left = x + theme.space(4) if fits else x - theme.space(4) - narrow.horizontalAdvance(words)
        painter.setPen(theme.colour("dim"))
        painter.drawText(QPointF(left, plot.top() + narrow.ascent()), words)
