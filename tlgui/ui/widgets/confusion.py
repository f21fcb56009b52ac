"""A confusion matrix: rows are the truth, columns the guess, every cell with its figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.ui import theme

WIDEST_LABEL = 12
"""Characters of a label before it is cut."""


class ConfusionMatrix(QWidget):
    """The darker a cell, the larger its share of the row; the diagonal is right and has a border."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion")
        self.setAccessibleName(self.tr("Confusion matrix"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()

    def show_counts(self, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show counts, row = truth, column = guess."""
        self._labels, self._counts = tuple(labels), tuple(tuple(row) for row in counts)
        spoken = (
            self.tr("{count} rows of {truth} guessed as {guess}").format(count=n, truth=truth, guess=guess)
            for truth, row in zip(self._labels, self._counts, strict=True)
            for guess, n in zip(self._labels, row, strict=True)
            if n
        )
        self.setAccessibleDescription("; ".join(spoken))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = len(self._labels)
        width = self._label_width() + side * self._cell_width()
        return QSize(round(width), round((side + 2) * self._cell_height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, high, wide = self._label_width(), self._cell_height(), self._cell_width()
        dim, centre = self.palette().color(QPalette.ColorRole.PlaceholderText), Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font("caption"))
        painter.setPen(dim)
        painter.drawText(QRectF(left, 0, wide * len(self._labels), high), centre, self.tr("guessed"))
        middle_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for i, name in enumerate(self._labels):
            short = _short(name)
            painter.drawText(QRectF(left + i * wide, high, wide, high), centre, short)
            painter.drawText(QRectF(0, (i + 2) * high, left - theme.space(6), high), middle_right, short)
        for i, row in enumerate(self._counts):
            for j, count in enumerate(row):
                cell = QRectF(left + j * wide, (i + 2) * high, wide, high).adjusted(1, 1, -1, -1)
                self._paint_cell(painter, cell, count, count / max(1, sum(row)), right=i == j)

    @staticmethod
    def _paint_cell(painter: QPainter, cell: QRectF, count: int, share: float, *, right: bool) -> None:
        tint = theme.colour("good" if right else "bad")
        tint.setAlphaF(0.06 + 0.24 * share)
        painter.setPen(QColor(theme.colour("good")) if right else Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(cell, 3, 3)
        painter.setFont(theme.font("heading" if right else "body"))
        painter.setPen(theme.colour("text"))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, f"{count:,}")

    def _label_width(self) -> float:
        metrics = QFontMetricsF(theme.font("caption"))
        return max((metrics.horizontalAdvance(_short(n)) for n in self._labels), default=0.0) + theme.space(10)

    def _cell_width(self) -> float:
        figures = QFontMetricsF(theme.font("heading")).horizontalAdvance("00,000")
        return max(figures, self._label_width())

    @staticmethod
    def _cell_height() -> float:
        return QFontMetricsF(theme.font("body")).height() + theme.space(8)


def _short(name: str) -> str:
    return name if len(name) <= WIDEST_LABEL else name[: WIDEST_LABEL - 1] + "…"
