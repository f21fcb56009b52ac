"""Rows per label, and how the rows are split."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.core.plan import count
from tlgui.ui import theme
from tlgui.ui.widgets.basics import paint_bar
from tlgui.ui.widgets.board_paint import write

MOST_LABELS = 8
"""More labels than this are summed up in a last line."""
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class LabelBars(QWidget):
    """A name, a bar and a number for each label."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("label_bars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._labels: dict[str, int] = {}
        self._more = ""

    def show_labels(self, labels: Mapping[str, int]) -> None:
        """Take the rows of each label; of many labels the largest are drawn."""
        shown = dict(labels)
        if len(labels) > MOST_LABELS:
            shown = dict(sorted(labels.items(), key=lambda item: -item[1])[: MOST_LABELS - 1])
        self._labels = shown
        rest = len(labels) - len(shown)
        self._more = self.tr("and {more}").format(more=count(rest, self.tr("more label"))) if rest else ""
        self.setAccessibleName(", ".join(f"{name}: {rows:,}" for name, rows in shown.items()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 20, self._line() * (len(self._labels) + bool(self._more)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _line(self) -> int:
        return QFontMetrics(theme.font("body")).height() + theme.space(4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QFontMetrics(theme.font("body"))
        most = max(self._labels.values(), default=0)
        figures = max((body.horizontalAdvance(f"{n:,}") for n in self._labels.values()), default=0)
        widest = max((body.horizontalAdvance(name) for name in self._labels), default=0)
        names = min(widest, self.width() * 0.4)
        for i, (name, rows) in enumerate(self._labels.items()):
            line = QRectF(0, i * self._line(), self.width(), self._line())
            write(painter, QRectF(0, line.top(), names, line.height()), name, theme.font("body"))
            write(painter, line, f"{rows:,}", theme.font("body"), "text", _RIGHT)
            left, right = names + theme.space(10), self.width() - figures - theme.space(10)
            bar = QRectF(left, line.center().y() - theme.space(5), max(right - left, 0), theme.space(10))
            paint_bar(painter, bar, rows / most if most else 0, theme.colour("accent"), hollow=False)
        if self._more:
            line = QRectF(0, len(self._labels) * self._line(), self.width(), self._line())
            write(painter, line, self._more, theme.font("caption"), "dim")


class SplitBar(QWidget):
    """Training rows and rows held back, to scale."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("split_bar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._train = self._held = 0

    def show_split(self, train: int, held: int) -> None:
        """Take the rows of each part."""
        self._train, self._held = train, held
        words = self.tr("Training rows: {train}, held back: {held}")
        self.setAccessibleName(words.format(train=f"{train:,}", held=f"{held:,}"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 20, QFontMetrics(theme.font("caption")).height() + theme.space(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        parts = (
            (self.tr("train {rows}").format(rows=f"{self._train:,}"), "sel", "accent"),
            (self.tr("held {rows}").format(rows=f"{self._held:,}"), "alt", "edge"),
        )
        narrow = QFontMetrics(theme.font("caption"))
        least = [narrow.horizontalAdvance(words) + theme.space(14) for words, _, _ in parts]
        whole = self._train + self._held
        first = self.width() * self._train / whole if whole else self.width() / 2
        first = min(max(first, least[0]), self.width() - least[1])
        edges = (0.0, first, float(self.width()))
        for (words, fill, edge), left, right in zip(parts, edges, edges[1:], strict=False):
            area = QRectF(left + (1 if left else 0), 0, right - left - 1, self.height()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(theme.colour(edge), 1))
            painter.setBrush(theme.colour(fill))
            painter.drawRoundedRect(area, 3, 3)
            write(painter, area.adjusted(theme.space(7), 0, 0, 0), words, theme.font("caption"))
