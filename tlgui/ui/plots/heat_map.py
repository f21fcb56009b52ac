"""The heat map of a run: one row a group, bottom at the bottom, over the same steps as the plots beside it."""

from __future__ import annotations

from math import ceil, isfinite

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.core.freeze import title
from tlgui.core.outlook import Outlook
from tlgui.ui import theme
from tlgui.ui.plots import cursor, margins
from tlgui.ui.plots.heat_values import MOVED, HeatValues, Measure
from tlgui.ui.plots.overlays import paint_mark_lines, paint_mark_words

RAMP = (("base", 0.0), ("learn", 0.3), ("learnedge", 0.75), ("learntext", 1.0))
SHADES = 256
NO_VALUES = HeatValues((), np.empty(0), np.empty((0, 0)))


class HeatMap(QWidget):
    """Paints measurements; the mouse and the arrow keys read them and change nothing."""

    hovered = Signal(object)
    """The step under the mouse or the arrow keys; None when it leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("heat_map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.space(120), theme.space(72))
        self._measure = MOVED
        self._values, self._view = NO_VALUES, Outlook()
        self._cursor: int | None = None
        self._area = QRectF()
        self._image = QImage()
        self._imaged: tuple[object, ...] = ()
        """What the image was made from: it is not made twice."""
        self.empty_sentence = ""

    @property
    def read_step(self) -> int | None:
        """The step that the cross line stands on."""
        return self._cursor

    @property
    def is_empty(self) -> bool:
        return not len(self._values.steps)

    def show_values(self, measure: Measure, values: HeatValues, view: Outlook) -> None:
        """Draw the measurements of a run so far."""
        changed = (measure, len(values.steps), values.keys, view) != (
            self._measure,
            len(self._values.steps),
            self._values.keys,
            self._view,
        )
        self._measure, self._values, self._view = measure, values, view
        if changed:
            self.setAccessibleDescription(self._spoken())
            self.update()

    def show_cursor(self, step: int | None) -> None:
        """Put the cross line on a step, or away."""
        if step != self._cursor:
            self._cursor = step
            self.update()

    def area(self) -> QRectF:
        """The rectangle of the cells; a step lies where the plots of the same column have it."""
        return self._area

    def row(self, place: int) -> QRectF:
        """Where a group is drawn, counted from the top."""
        area, count = self.area(), max(1, len(self._values))
        height = area.height() / count
        gap = 2 if height >= 8 else 1 if height >= 4 else 0
        top, bottom = round(area.top() + place * height), round(area.top() + (place + 1) * height)
        return QRectF(area.left(), top, area.width(), max(1, bottom - top - gap))

    def x_of(self, step: int) -> float:
        """Where a step lies, pixels."""
        area = self.area()
        return area.left() + step / max(1, self._view.total) * area.width()

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if len(self._values):
            self._paint_cells(painter)
            self._paint_names(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.area()
        paint_mark_lines(painter, area, self.x_of, self._view.marks)
        if self.is_empty:
            self._paint_sentence(painter, area)
        else:
            baseline = self.row(len(self._values) // 3).center().y() + QFontMetricsF(theme.font("caption")).ascent() / 2
            paint_mark_words(painter, area, self.x_of, self._view.marks, baseline, past=False)
        if self._cursor is not None:
            x = round(self.x_of(self._cursor)) + 0.5
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_area()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._imaged = ()
            self._lay_area()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self.area()
        share = (event.position().x() - area.left()) / max(1.0, area.width())
        inside = area.contains(event.position()) and not self.is_empty
        self.hovered.emit(round(share * self._view.total) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        there = None if self.is_empty else cursor.moved(event.key(), self._cursor, self._view.step, self._view.total)
        if there is not None:
            self.hovered.emit(there)
        elif event.key() == Qt.Key.Key_Escape and self._cursor is not None:
            self.hovered.emit(None)
        else:
            super().keyPressEvent(event)

    # Parts

    def _lay_area(self) -> None:
        left = margins.left(margins.GROUPS)
        self._area = QRectF(left, 2, self.width() - left - margins.right(), self.height() - theme.space(6))

    def _paint_cells(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        self._make_image(round(self.area().width() * ratio))
        hatch = QBrush(theme.hatch("frozenedge", ratio))
        for place, key in enumerate(self._values.keys):
            row = self.row(place)
            painter.fillRect(row, theme.colour("alt"))
            painter.drawImage(row, self._image, QRectF(0, place, self._image.width(), 1))
            for first, last in self._frozen(key):
                left = self.x_of(first)
                painter.fillRect(QRectF(left, row.top(), self.x_of(last) - left, row.height()), hatch)

    def _make_image(self, width: int) -> None:
        """One pixel a group and screen column, clear where nothing was measured."""
        made_of = (self._measure, len(self._values.steps), self._values.keys, width, self._view.total)
        if made_of == self._imaged or not width:
            return
        self._imaged = made_of
        pixels = np.zeros((max(1, len(self._values)), width), dtype=np.uint32)
        if not self.is_empty:
            steps = (np.arange(width) + 0.5) / width * max(1, self._view.total)
            measured = np.searchsorted(self._values.steps, steps)
            shades = self._values.shades(logarithmic=self._measure.logarithmic)
            places = np.nan_to_num(shades * (SHADES - 1)).astype(int)
            colours = np.where(np.isnan(shades), np.uint32(0), ramp()[places])
            reached = measured < len(self._values.steps)
            pixels[:, reached] = colours[:, measured[reached]]
        picture = QImage(pixels.tobytes(), width, len(pixels), 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        self._image = picture.copy()  # the bytes above are gone with this function

    def _frozen(self, key: str) -> list[tuple[int, int]]:
        """Spans in which a group did not learn, up to the step that is done."""
        spans, since = [], 0
        for first, last in self._view.learned.get(key, ()):
            spans.append((since, first))
            since = last
        return [(first, last) for first, last in (*spans, (since, self._view.step)) if last > first]

    def _paint_names(self, painter: QPainter) -> None:
        font, bold = theme.font("caption"), theme.font("caption")
        bold.setBold(True)
        line = QFontMetricsF(font).height()
        stride = max(1, ceil(line * 0.95 / max(1.0, self.area().height() / len(self._values))))
        newest, edge, room_right = self._values.newest, theme.space(8), margins.right()
        for place, key in enumerate(self._values.keys):
            if place % stride:
                continue
            row = self.row(place)
            learns = self._view.step > 0 and self._view.learns_at(key, self._view.step)
            room = row.adjusted(0, -line, 0, line)
            painter.setFont(font)
            painter.setPen(theme.colour("text" if learns else "dim"))
            name = QRectF(0, room.top(), row.left() - theme.space(6), room.height())
            to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(name, to_the_right, short_title(key, self._view.lower))
            if not self.is_empty:
                painter.setFont(bold if learns else font)
                value = QRectF(row.right() + edge, room.top(), room_right, room.height())
                painter.drawText(value, Qt.AlignmentFlag.AlignVCenter, self._figure(newest[place]))

    def _figure(self, value: float) -> str:
        """A group's value; one that was never measured has not moved, and has no gradient."""
        if isfinite(value):
            return self._measure.figure(value)
        return "0" if self._measure is MOVED else "–"

    def _paint_sentence(self, painter: QPainter, area: QRectF) -> None:
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.setFont(theme.font("body"))
        words = painter.boundingRect(area.adjusted(8, 0, -8, 0), flags, self.empty_sentence)
        painter.fillRect(words.adjusted(-theme.space(4), 0, theme.space(4), 0), theme.colour("base"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(area.adjusted(8, 0, -8, 0), flags, self.empty_sentence)

    def _spoken(self) -> str:
        if self.is_empty:
            return self.empty_sentence
        known = zip(self._values.keys, self._values.newest, strict=True)
        lower = self._view.lower
        told = [f"{title(key, lower)} {self._measure.figure(value)}" for key, value in known if isfinite(value)]
        still = len(self._values) - len(told)
        return ", ".join([*told, *([f"{still} frozen"] if still else [])])


SHORTER = (("Embeddings", "Embed."), ("Encoder layer", "Enc."), ("Decoder layer", "Dec."))


def short_title(key: str, lower: int = 0) -> str:
    """A group's name for the left of a plot; see `freeze.title`."""
    words = title(key, lower)
    return next((words.replace(long, short) for long, short in SHORTER if words.startswith(long)), words)


def ramp() -> np.ndarray:
    """The colours of the scheme from nothing to the maximum, shape (256,), as 0xAARRGGBB."""
    places = np.linspace(0, 1, SHADES)
    stops = [QColor(theme.colour(token)) for token, _ in RAMP]
    at = [place for _, place in RAMP]
    red, green, blue = (
        np.interp(places, at, [channel(stop) for stop in stops]).astype(np.uint32)
        for channel in (QColor.red, QColor.green, QColor.blue)
    )
    return np.asarray((np.uint32(255) << 24) | (red << 16) | (green << 8) | blue, dtype=np.uint32)
