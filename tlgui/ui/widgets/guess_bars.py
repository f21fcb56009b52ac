"""What two models say, side by side: hollow bars for the original, solid ones for the adapted, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy

from tlgui.core.wording import percent
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Drawn, paint_bar


@dataclass(frozen=True)
class BarRow:
    """One bar with its word."""

    word: str
    share: float
    """0..1"""
    right: bool = False
    """Whether it is the true answer: ticked and tinted."""
    note: str = ""


class GuessBars(Drawn):
    """One column of bars under a title."""

    def __init__(self, name: str, *, hollow: bool) -> None:
        super().__init__()
        self.setObjectName(name)
        self._hollow = hollow
        self._title, self._rows, self._scale, self._notes = "", tuple[BarRow, ...](), 1.0, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> tuple[BarRow, ...]:
        return self._rows

    def show_rows(self, title: str, rows: Sequence[BarRow], scale: float) -> None:
        """Show bars; `scale` is the share that fills the width, the same on both sides."""
        self._title, self._rows, self._scale = title, tuple(rows), max(scale, 0.01)
        self._notes = any(row.note for row in rows)
        self.setAccessibleName(title)
        self.setAccessibleDescription("; ".join(_spoken(row) for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 30, round(self._title_height() + len(self._rows) * self._row_height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.unit() * 24, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_title(painter)
        for i, row in enumerate(self._rows):
            top = self._title_height() + i * self._row_height()
            self._paint_row(painter, row, QRectF(0, top, self.width(), self._row_height()))

    def _paint_title(self, painter: QPainter) -> None:
        height = self._title_height()
        sample = QRectF(0, (height - theme.space(9)) / 2, theme.space(14), theme.space(9))
        paint_bar(painter, sample, 1.0, self._ink(), hollow=self._hollow)
        caption = theme.font("caption")
        painter.setFont(caption)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        room = QRectF(theme.space(20), 0, self.width() - theme.space(20), height)
        title = QFontMetricsF(caption).elidedText(self._title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_row(self, painter: QPainter, row: BarRow, area: QRectF) -> None:
        if row.right:
            painter.fillRect(area, theme.colour("goodbg"))
        metrics = QFontMetricsF(theme.font("body"))
        edge = theme.space(6)
        small = QFontMetricsF(theme.font("caption"))
        note = small.horizontalAdvance("was 00th") + theme.space(12) if self._notes else 0
        word_room = min(theme.unit() * 11.5, area.width() * 0.32)
        figure_room = metrics.horizontalAdvance("under 1 %") + edge
        self._paint_word(painter, row, QRectF(edge, area.top(), word_room - edge, area.height()))
        track = area.width() - word_room - figure_room - note - 2 * edge
        bar = QRectF(word_room + edge, area.center().y() - theme.space(6), track, theme.space(12))
        paint_bar(painter, bar, row.share / self._scale, self._ink(), hollow=self._hollow)
        painter.setFont(theme.font("body"))
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        figure = QRectF(area.right() - note - figure_room - edge, area.top(), figure_room, area.height())
        painter.drawText(figure, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(row.share))
        if row.note:
            painter.setFont(theme.font("caption"))
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            room = QRectF(area.right() - note + theme.space(6), area.top(), note - theme.space(6), area.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, row.note)

    def _paint_word(self, painter: QPainter, row: BarRow, area: QRectF) -> None:
        font = QFont(theme.font("heading" if row.right else "body"))
        tick = theme.space(13)
        room = area.width() - (tick + theme.space(6) if row.right else 0)
        word = QFontMetricsF(font).elidedText(row.word, Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text)))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
        if row.right:
            x = round(area.left() + QFontMetricsF(font).horizontalAdvance(word) + theme.space(4))
            y = round(area.center().y() - tick / 2)
            painter.drawPixmap(x, y, theme.pixmap("check", "good", tick, self.devicePixelRatioF()))

    def _ink(self) -> QColor:
        return theme.colour("original" if self._hollow else "accent")

    def _row_height(self) -> float:
        return QFontMetricsF(theme.font("body")).height() + theme.space(9)

    def _title_height(self) -> float:
        return QFontMetricsF(theme.font("caption")).height() + theme.space(4)


def _spoken(row: BarRow) -> str:
    parts = [row.word, percent(row.share), "the hidden word" if row.right else "", row.note]
    return ", ".join(part for part in parts if part)
