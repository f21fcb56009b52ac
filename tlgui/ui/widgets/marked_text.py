"""A text with marked places: tinted, underlined and captioned, its own spaces and lines kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import Drawn
from tlgui.ui.widgets.flow import FlowLayout

INKS = ("train", "val", "metric", "probe", "warn", "original")
"""Tokens of colours that can be read and told apart in both schemes."""
LINES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
"""Once every colour is taken, the next kinds have another line."""
_TINT = 0.16
LINE_SEPARATOR = "\N{LINE SEPARATOR}"


@dataclass(frozen=True)
class Mark:
    """Characters of a text, from `begin` up to `end`, that are of a kind."""

    begin: int
    end: int
    kind: int
    """Number of the kind, from 0, which decides its looks."""
    caption: str


class MarkedText(Drawn):
    """As high as its lines at the width that it is given; each has room for captions below if there are marks."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(self.tr("Marked text"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._text, self._marks = "", tuple[Mark, ...]()

    @property
    def text(self) -> str:
        return self._text

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._marks

    def show_marks(self, text: str, marks: Sequence[Mark]) -> None:
        """Show a text; the marks do not overlap and are in reading order."""
        self._text, self._marks = text, tuple(marks)
        spoken = [f"{text[mark.begin : mark.end]}: {mark.caption}" for mark in marks]
        self.setAccessibleDescription("; ".join(spoken) or self.tr("Nothing is marked."))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._lay(width)[1])

    def sizeHint(self) -> QSize:
        width = theme.unit() * 40
        return QSize(width, self.heightForWidth(max(self.width(), theme.unit() * 12)))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.unit() * 12, round(self._pitch()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        layout, _ = self._lay(self.width())
        lines = [layout.lineAt(i) for i in range(layout.lineCount())]
        places = [(_units(self._text, mark.begin), _units(self._text, mark.end)) for mark in self._marks]
        for line in lines:
            begin, end = line.textStart(), line.textStart() + line.textLength()
            here = [
                (_box(line, max(begin, low), min(end, high)), mark, begin <= low)
                for (low, high), mark in zip(places, self._marks, strict=True)
                if low < end and high > begin
            ]
            for i, (box, mark, starts) in enumerate(here):
                paint_mark(painter, box, mark.kind)
                if starts:
                    room = (here[i + 1][0].left() - theme.space(6) if i + 1 < len(here) else self.width()) - box.left()
                    self._paint_caption(painter, box, mark, room)
        painter.setPen(theme.colour("text"))
        layout.draw(painter, QPointF(0, 0))

    def _paint_caption(self, painter: QPainter, box: QRectF, mark: Mark, room: float) -> None:
        font = theme.font("caption")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(ink_of(mark.kind))
        shown = metrics.elidedText(mark.caption, Qt.TextElideMode.ElideRight, max(room, box.width()))
        painter.drawText(QPointF(box.left(), box.bottom() + theme.space(3) + metrics.ascent()), shown)

    def _pitch(self) -> float:
        """From one line of the text to the next."""
        caption = QFontMetricsF(theme.font("caption")).height() + theme.space(6) if self._marks else 0
        return QFontMetricsF(theme.font("sentence")).height() + theme.space(6) + caption

    def _lay(self, width: int) -> tuple[QTextLayout, float]:
        """The text in lines, and the height of them all."""
        layout = QTextLayout(self._text.replace("\n", LINE_SEPARATOR), theme.font("sentence"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top + theme.space(3)))
            top += self._pitch()
        layout.endLayout()
        return layout, max(top, self._pitch())


class KindLegend(QWidget):
    """The looks of each kind, with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(self.tr("Kinds of names"))
        self._flow = FlowLayout(self, theme.space(8), theme.space(4))
        self._kinds: tuple[str, ...] = ()

    def show_kinds(self, kinds: Sequence[str]) -> None:
        """Show kinds in the order of their numbers."""
        if tuple(kinds) == self._kinds:
            return
        self._kinds = tuple(kinds)
        self.setAccessibleDescription(", ".join(kinds))
        while (item := self._flow.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for number, kind in enumerate(kinds):
            self._flow.addWidget(_Swatch(kind, number))


class _Swatch(QWidget):
    """The name of a kind, marked as the kind is."""

    def __init__(self, kind: str, number: int) -> None:
        super().__init__()
        self._kind, self._number = kind, number

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(theme.font("caption"))
        return QSize(
            round(metrics.horizontalAdvance(self._kind) + theme.space(12)), round(metrics.height() + theme.space(6))
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 0, 0, -theme.space(2))
        paint_mark(painter, box, self._number)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._kind)


def ink_of(kind: int) -> QColor:
    """The colour of a kind's line and caption."""
    return theme.colour(INKS[kind % len(INKS)])


def paint_mark(painter: QPainter, box: QRectF, kind: int) -> None:
    """Tint a box and draw a line under it."""
    ink = ink_of(kind)
    tint = QColor(ink)
    tint.setAlphaF(_TINT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(box, 3, 3)
    pen = QPen(ink, 2, LINES[kind // len(INKS) % len(LINES)])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(box.bottomLeft(), box.bottomRight())


def _units(text: str, place: int) -> int:
    """A place counted as Qt does, for which some signs are two characters."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def _box(line: QTextLine, begin: int, end: int) -> QRectF:
    """Around some characters of a line."""
    low, high = (_x(line, place) for place in (begin, end))
    return QRectF(min(low, high), line.y(), abs(high - low), line.height()).adjusted(-1, 0, 1, 1)


def _x(line: QTextLine, place: int) -> float:
    found: Any = line.cursorToX(place)  # with the place itself, if that lies within a sign
    return float(found[0])
