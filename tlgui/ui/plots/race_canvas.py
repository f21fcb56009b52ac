"""The drawing area of a race's plots: lines with bands or points with error bars, each named beside itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsView, QWidget

from tlgui.ui import theme
from tlgui.ui.plots import scale
from tlgui.ui.plots.canvas import Canvas
from tlgui.ui.plots.overlays import paint_haloed
from tlgui.ui.plots.race_labels import Named, place
from tlgui.ui.plots.race_styles import Style, draw_marker, line_pen

ROOM = 0.03
"""Share of the scores' range that is left free above and below them."""
BAND = 0.14
"""Opacity of the spread around a line."""


@dataclass(frozen=True)
class RaceLine:
    """What is drawn of one strategy."""

    title: str
    style: Style
    points: tuple[tuple[float, float, float], ...]
    """(x, score, standard deviation), x ascending; scores as they are measured."""


@dataclass(frozen=True)
class Axis:
    """The x axis: where it begins and ends, and what is written on it."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    title: str


class RaceCanvas(Canvas):
    """Draws lines; the mouse and the arrow keys go from stop to stop, and `hovered` says which."""

    def __init__(self, *, joined: bool, parent: QWidget | None = None) -> None:
        self._joined = joined
        self._lines: tuple[RaceLine, ...] = ()
        self._axis = Axis(0.0, 1.0, (), "")
        self._stops: tuple[float, ...] = ()
        self._stop: int | None = None
        self._names: list[tuple[float, float]] = []
        """Upper left corner of each line's name, in pixels; found anew when lines or size changed."""
        super().__init__((), parent=parent)

    @property
    def is_empty(self) -> bool:
        return not any(line.points for line in self._lines)

    @property
    def lines(self) -> tuple[RaceLine, ...]:
        return self._lines

    @property
    def stop(self) -> int | None:
        """Number of the stop that is read."""
        return self._stop

    def show_lines(self, lines: Sequence[RaceLine], axis: Axis, stops: Sequence[float], factor: float) -> None:
        """Draw these lines and no others.

        Args:
            stops: Places on the x axis that can be read, ascending.
            factor: What the y axis multiplies scores with.
        """
        drawn = (tuple(lines), axis, tuple(stops), factor)
        if drawn == self._drawn:
            return
        self._drawn, self._lines, self._axis, self._stops, self._factor = (
            drawn,
            tuple(lines),
            axis,
            tuple(stops),
            factor,
        )
        values = [score + side * spread for line in lines for _, score, spread in line.points for side in (-1, 1)]
        self._low, self._high = (min(values), max(values)) if values else (0.5, 1.0)
        if values:
            room = (self._high - self._low) * ROOM  # markers on the rim would be drawn half outside
            self._low, self._high = self._low - room, self._high + room
        self._stop = None
        self._lay_axes()

    def show_stop(self, stop: int | None) -> None:
        """Put the cross line on a stop, or away."""
        self._stop = stop
        self.update_all()

    def area(self) -> QRectF:
        """The rectangle between the axes, in pixels of this widget."""
        axis = self._axis
        return QRectF(self.place(axis.low, self._ticks[-1]), self.place(axis.high, self._ticks[0]))

    def name_areas(self) -> list[QRectF]:
        """Where the lines' names are drawn, in pixels."""
        metrics = QFontMetricsF(_bold())
        shown = [line for line in self._lines if line.points]
        size = [(metrics.horizontalAdvance(line.title), metrics.height()) for line in shown]
        if not self._names:
            wanted = [Named(*room, *self._occupied(line)) for line, room in zip(shown, size, strict=True)]
            area = self.area().adjusted(theme.space(4), 0, 0, -theme.space(4))
            self._names = place(wanted, area.getCoords(), joined=self._joined)  # type: ignore[arg-type]
        return [QRectF(x, y, w, h) for (x, y), (w, h) in zip(self._names, size, strict=True)]

    def _occupied(self, line: RaceLine) -> tuple[np.ndarray, np.ndarray]:
        """The points of a line, and those of its error bars; pixels."""
        ends = [
            (self.place(x, y - spread), self.place(x, y), self.place(x, y + spread)) for x, y, spread in line.points
        ]
        points = np.array([[at.x(), at.y()] for _, at, _ in ends])
        if self._joined:
            return points, np.empty((0, 2))
        bars = [np.linspace((low.x(), low.y()), (high.x(), high.y()), 12) for low, _, high in ends]
        return points, np.concatenate(bars)

    # What Qt calls

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QGraphicsView.mouseMoveEvent(self, event)
        inside = self.area().adjusted(-8, 0, 8, 0).contains(event.position())
        self.hovered.emit(self._nearest(event.position()) if inside and not self.is_empty else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in moves and self._stops:
            start = len(self._stops) if self._stop is None else self._stop
            self.hovered.emit(min(max(start + moves[event.key()], 0), len(self._stops) - 1))
        elif event.key() == Qt.Key.Key_Escape and self._stop is not None:
            self.hovered.emit(None)
        else:
            QGraphicsView.keyPressEvent(self, event)

    # Parts

    def _nearest(self, at: QPointF) -> int | None:
        places = [abs(self.place(x, self._ticks[0]).x() - at.x()) for x in self._stops]
        return int(np.argmin(places)) if places else None

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_items"):
            return
        metrics = QFontMetricsF(theme.font("caption"))
        self.getAxis("bottom").setHeight(2 * metrics.height() + theme.space(12))  # ticks, and the axis's title
        self.getPlotItem().layout.setContentsMargins(0, metrics.height() * 0.6, metrics.averageCharWidth() * 3, 0)
        self._names = []

    def _lay_axes(self) -> None:
        if not hasattr(self, "_items"):
            return
        line = QFontMetricsF(theme.font("caption")).height()
        most = min(6, max(3, int(self.height() / (3 * line))))
        shown = scale.y_ticks(self._low * self._factor, self._high * self._factor, most)
        self._ticks = tuple(tick / self._factor for tick in shown)
        view = self.getPlotItem().getViewBox()
        view.setRange(xRange=(self._axis.low, self._axis.high), yRange=(self._ticks[0], self._ticks[-1]), padding=0)
        left = [(tick, scale.tick_text(value, shown)) for tick, value in zip(self._ticks, shown, strict=True)]
        self.getAxis("left").setTicks([left])
        self.getAxis("bottom").setTicks([list(self._axis.ticks)])
        self._names = []
        self.update_all()

    def _draw_ends(self, painter: QPainter, area: QRectF) -> None:
        """Markers and names; called with the cross line's place free, as stops are no steps."""
        if self._stop is not None and self._stop < len(self._stops):
            x = round(self.place(self._stops[self._stop], self._ticks[0]).x()) + 0.5
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        shown = [line for line in self._lines if line.points]
        for line in reversed(shown):  # the first stands on top
            self._draw_spread(painter, line)
        for line in reversed(shown):
            self._draw_line(painter, line)
        bold = _bold()
        ascent = QFontMetricsF(bold).ascent()
        for line, room in zip(shown, self.name_areas(), strict=True):
            ink = theme.colour(line.style.token)
            paint_haloed(painter, QPointF(room.left(), room.top() + ascent), line.title, bold, ink)

    def _draw_spread(self, painter: QPainter, line: RaceLine) -> None:
        """A band around a line, or a bar through each point that stands alone."""
        low = [self.place(x, y - spread) for x, y, spread in line.points]
        high = [self.place(x, y + spread) for x, y, spread in line.points]
        ink = theme.colour(line.style.token)
        if self._joined and len(line.points) > 1:
            ink.setAlphaF(BAND)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawPolygon(QPolygonF([*low, *reversed(high)]))
            return
        painter.setPen(QPen(ink, 1.6))
        for bottom, top in zip(low, high, strict=True):
            painter.drawLine(bottom, top)

    def _draw_line(self, painter: QPainter, line: RaceLine) -> None:
        places = [self.place(x, y) for x, y, _ in line.points]
        if self._joined:
            painter.setPen(line_pen(line.style, theme.colour(line.style.token)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(places))
        for at in places:
            draw_marker(painter, at, line.style)
        if len(places) == 1 and not line.style.marker:  # a line of one point would not be seen
            painter.setBrush(theme.colour(line.style.token))
            painter.drawEllipse(places[0], 1.5, 1.5)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawForeground(painter, rect)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        area = self.area()
        below = QRectF(area.left(), area.bottom(), area.width(), self.height() - area.bottom() - theme.space(2))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self._axis.title)


def _bold() -> QFont:
    bold = theme.font("caption")
    bold.setBold(True)
    return bold
