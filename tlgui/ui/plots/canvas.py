"""The drawing area of one plot: axes, horizontal grid, curves, values at the ends, cross line, empty sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QSizePolicy, QWidget

from tlgui.core.outlook import Mark
from tlgui.ui import theme
from tlgui.ui.plots import cursor, margins, scale
from tlgui.ui.plots.curves import Curve, Points
from tlgui.ui.plots.overlays import Level, paint_haloed, paint_level, paint_mark_lines, paint_mark_words

ROOM = 160
"""Pixels to the right of a line's end below which only the short words fit."""
MOST_LABELS = 6
"""Lines whose ends are labelled; of more, those that moved most."""
LINES_FOR_WORDS = 9
"""Lines of text that a plot must be high for its marks to have words; a lower one has its curves there."""
LABEL_ROOM = 60
"""Pixels by which a tick's label may hang over its axis; pyqtgraph drops a label that hangs further."""


@dataclass(frozen=True)
class Extent:
    """How long a run is and how far it has come, in steps."""

    total: int = 0
    step: int = 0
    epoch: int = 0
    """Steps per epoch; 0 if it is not known."""


@dataclass(frozen=True)
class EndLabel:
    """What is printed where a curve ends."""

    at: QPointF
    figure: str
    words: tuple[str, str]
    token: str


class Canvas(pg.PlotWidget):
    """Draws curves over steps 0..total; the mouse reads values and changes nothing."""

    hovered = Signal(object)
    """The step under the mouse or the arrow keys; None when it leaves."""

    def __init__(self, curves: Sequence[Curve], parent: QWidget | None = None, labels: str = margins.FIGURES) -> None:
        """`labels` are the widest words that stand at the left of a plot in this column."""
        super().__init__(parent, background=None)
        self._labels = labels
        self._marks: tuple[Mark, ...] = ()
        self._has_words = True
        self._level: Level | None = None
        self._curves = tuple(curves)
        self._points: tuple[Points, ...] = ()
        self._run, self._factor = Extent(), 1.0
        self._cursor: int | None = None
        self._low, self._high = 0.0, 1.0
        self._ticks: tuple[float, ...] = (0.0, 0.5, 1.0)
        """Lowest to highest; the y axis runs from the first to the last."""
        self._drawn: tuple[object, ...] = ()
        """What the curves were drawn from, and below what the ticks were laid out for: neither is done twice."""
        self._laid: tuple[object, ...] = ()
        self.empty_sentence = ""
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # the grid is painted as background and changes
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.space(120), theme.space(72))
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.getViewBox().setDefaultPadding(0)
        # A marker on the first step is drawn whole, over the axis.
        plot.getViewBox().setFlag(plot.getViewBox().GraphicsItemFlag.ItemClipsChildrenToShape, False)
        self._items = [self._make_item() for _ in self._curves]
        self._dress()

    def replace_curves(self, curves: Sequence[Curve]) -> None:
        """Show other curves, as when another run has other probes or a group thaws.

        Items are kept for later curves: one that is taken out of its scene and deleted may still be painted, and then
        the process ends.
        """
        if tuple(curves) != self._curves:
            self._curves = tuple(curves)
            self._items += [self._make_item() for _ in self._curves[len(self._items) :]]
            for item in self._items[len(self._curves) :]:
                item.setData([], [])
            self._drawn = ()
            self._dress()

    @property
    def cursor(self) -> int | None:
        """The step that the cross line stands on."""
        return self._cursor

    @property
    def is_empty(self) -> bool:
        return not any(len(steps) for steps, _ in self._points)

    def show_points(self, points: Sequence[Points], run: Extent, low: float, high: float, factor: float) -> None:
        """Draw one set of points a curve; the y axis encloses low..high and is written in value × factor."""
        drawn = (run.total, low, high, factor, *map(_outline, points))
        if drawn == self._drawn:
            self._run = run
            return
        self._drawn = drawn
        self._points, self._run, self._factor = tuple(points), run, factor
        self._low, self._high = low, high
        for curve, item, (steps, values) in zip(self._curves, self._items, self._points, strict=False):
            # A line of one point draws nothing, and a run's first step is worth seeing.
            item.setSymbol(curve.marker or ("o" if len(steps) == 1 else None))
            item.setData(steps, values, skipFiniteCheck=True)
        self._lay_axes()
        self.update_all()

    def show_marks(self, marks: Sequence[Mark], level: Level | None = None, *, words: bool = True) -> None:
        """Vertical lines where other groups learn, with words where there is room, and a value to compare with."""
        self._has_words = words
        if (tuple(marks), level) != (self._marks, self._level):
            self._marks, self._level = tuple(marks), level
            self.update_all()

    def show_cursor(self, step: int | None) -> None:
        """Put the cross line on a step, or away."""
        if step != self._cursor:
            self._cursor = step
            self.update_all()

    def update_all(self) -> None:
        """Paint again what is not a pyqtgraph item."""
        self.viewport().update()

    def place(self, step: float, value: float) -> QPointF:
        """Where a point lies, in pixels of this widget."""
        return QPointF(self.getPlotItem().getViewBox().mapViewToScene(QPointF(step, value)))

    def area(self) -> QRectF:
        """The rectangle between the axes, in pixels of this widget."""
        left, right = self.place(0, self._ticks[-1]), self.place(max(self._run.total, 1), self._ticks[0])
        return QRectF(left, right)

    def _x_of(self, step: int) -> float:
        return self.place(step, 0).x()

    # What Qt calls

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        painter.fillRect(rect, theme.colour("base"))
        painter.setPen(QPen(theme.colour("grid"), 1))
        area = self.area()
        for tick in self._ticks[1:]:
            y = round(self.place(0, tick).y()) + 0.5
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.area()
        marks = [mark for mark in self._marks if mark.step <= self._run.total]
        paint_mark_lines(painter, area, self._x_of, marks)
        line = QFontMetricsF(theme.font("caption"))
        if self._has_words and area.height() > LINES_FOR_WORDS * line.height():
            paint_mark_words(painter, area, self._x_of, marks, area.top() + line.ascent())
        if self._level is not None:
            paint_level(painter, area, self.place(0, self._level.value).y(), self._level)
        if self.is_empty:
            self._draw_empty(painter, area)
            return
        if self._cursor is not None:
            x = round(self.place(self._cursor, 0).x()) + 0.5
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        self._draw_ends(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def sizeHint(self) -> QSize:
        return self.minimumSize()  # a graphics view would ask for the size of its scene

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_axes()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._dress()
        return bool(super().event(event))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._dress()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        inside = self.area().contains(event.position())
        step = self.getPlotItem().getViewBox().mapSceneToView(event.position()).x()
        self.hovered.emit(round(min(max(step, 0), self._run.total)) if inside and not self.is_empty else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        there = None if self.is_empty else cursor.moved(event.key(), self._cursor, self._run.step, self._run.total)
        if there is not None:
            self.hovered.emit(there)
        elif event.key() == Qt.Key.Key_Escape and self._cursor is not None:
            self.hovered.emit(None)
        else:
            QGraphicsView.keyPressEvent(self, event)

    # Parts

    _draw_haloed = staticmethod(paint_haloed)

    def _make_item(self) -> pg.PlotDataItem:
        item = self.plot([], [])
        item.setClipToView(True)
        return item

    def _dress(self) -> None:
        if not hasattr(self, "_items"):
            return  # Qt says that the font changed while the base class is being made
        figures = theme.font("caption")
        metrics = QFontMetricsF(figures)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setTextPen(theme.colour("dim"))
            axis.setTickPen(pg.mkPen(theme.colour("edge")) if side == "bottom" else pg.mkPen(None))
            axis.setPen(pg.mkPen(theme.colour("edge") if side == "bottom" else None))
            length, gap = (theme.space(4), 4) if side == "bottom" else (0, theme.space(8))
            axis.setStyle(tickFont=figures, tickLength=length, tickTextOffset=gap, hideOverlappingLabels=LABEL_ROOM)
        self.getAxis("left").setWidth(margins.left(self._labels))
        self.getAxis("bottom").setHeight(metrics.height() + theme.space(8))
        self.getPlotItem().layout.setContentsMargins(0, margins.top(), margins.right(), 0)
        for curve, item in zip(self._curves, self._items, strict=False):
            item.setDownsampling(auto=True, method=curve.thin)
            # Points per pixel: pyqtgraph's own 5 make wide lines slow to paint, and a smooth line needs fewer still.
            item.opts["autoDownsampleFactor"] = 1.0 if curve.thin == "peak" else 0.5
            ink = theme.colour(curve.token)
            ink.setAlphaF(curve.opacity)
            width = curve.width * self.devicePixelRatioF()  # pyqtgraph's pens count the screen's own pixels
            dash = (3, 2) if curve.dashed else (1, 2) if curve.dotted else None
            item.setPen(pg.mkPen(ink, width=width, dash=dash))
            item.opts["antialias"] = curve.width > 1  # the thin raw line is the one with 100,000 points
            item.setSymbolPen(pg.mkPen(theme.colour(curve.token), width=1.5))
            item.setSymbolBrush(theme.colour(curve.token if curve.filled or not curve.marker else "base"))
            item.setSymbolSize(theme.space(9 if curve.filled else 7 if curve.marker else 5))
        self.update_all()

    def _lay_axes(self) -> None:
        if not hasattr(self, "_items"):
            return
        span = max(self._run.total, 1)
        line = QFontMetricsF(theme.font("caption")).height()
        most = min(5, max(3, int(self.height() / (3 * line))))
        shown = scale.y_ticks(self._low * self._factor, self._high * self._factor, most)
        self._ticks = tuple(tick / self._factor for tick in shown)
        view = self.getPlotItem().getViewBox()
        view.setRange(xRange=(0, span), yRange=(self._ticks[0], self._ticks[-1]), padding=0)
        laid = (self._ticks, self._factor, self._run.total, self._run.epoch, self.size())
        if laid == self._laid:
            return  # new ticks make pyqtgraph paint the axes anew, which costs more than the curves
        self._laid = laid
        left = [(tick, scale.tick_text(value, shown)) for tick, value in zip(self._ticks, shown, strict=True)]
        widest = QFontMetricsF(theme.font("caption")).horizontalAdvance(f" {span:,} ") * 1.5
        steps = scale.step_ticks(self._run.total, int(self.area().width() / widest), self._run.epoch)
        self.getAxis("left").setTicks([left])
        self.getAxis("bottom").setTicks([[(step, f"{step:,}") for step in steps]])

    def _draw_empty(self, painter: QPainter, area: QRectF) -> None:
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = area.adjusted(theme.space(12), 0, -theme.space(12), 0)
        painter.setFont(theme.font("body"))
        words = painter.boundingRect(room, flags, self.empty_sentence)
        painter.fillRect(words.adjusted(-theme.space(4), 0, theme.space(4), 0), theme.colour("base"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(room, flags, self.empty_sentence)

    def _draw_ends(self, painter: QPainter, area: QRectF) -> None:
        drawn = [(c, p) for c, p in zip(self._curves, self._points, strict=True) if c.end and len(p[0])]
        drawn.sort(key=lambda line: -abs(float(line[1][1][-1] - line[1][1][0])))
        ends = [self._end_of(curve, points) for curve, points in drawn[:MOST_LABELS]]
        gap = QFontMetricsF(theme.font("caption")).height()
        heights = scale.spread([end.at.y() for end in ends], gap, area.top(), area.bottom())
        for label, y in zip(ends, heights, strict=True):
            self._draw_end(painter, label, y)
        for curve, points in zip(self._curves, self._points, strict=True):
            if curve.start and len(points[0]):
                self._draw_start(painter, area, curve, points)

    def _draw_start(self, painter: QPainter, area: QRectF, curve: Curve, points: Points) -> None:
        """A curve's name at its highest point: before it where there is room, else after it."""
        bold = theme.font("caption")
        bold.setBold(True)
        metrics = QFontMetricsF(bold)
        highest = int(np.argmax(points[1]))
        at = self.place(float(points[0][highest]), float(points[1][highest]))
        width, gap = metrics.horizontalAdvance(curve.start), theme.space(6)
        before = at.x() - width - gap
        x = before if before > area.left() and highest == 0 else at.x() + gap
        self._draw_haloed(
            painter, QPointF(x, at.y() + metrics.ascent() / 2), curve.start, bold, theme.colour(curve.token)
        )

    def _end_of(self, curve: Curve, points: Points) -> EndLabel:
        step, value = float(points[0][-1]), float(points[1][-1])
        figure = curve.end(value * self._factor) if curve.end else ""
        return EndLabel(self.place(step, value), figure, curve.words, curve.token)

    def _draw_end(self, painter: QPainter, label: EndLabel, y: float) -> None:
        bold = theme.font("caption")
        bold.setBold(True)
        plain = theme.font("caption")
        width = QFontMetricsF(bold).horizontalAdvance(label.figure)
        fits = label.at.x() + theme.space(8) + width <= self.width()
        x = label.at.x() + theme.space(8) if fits else label.at.x() - theme.space(8) - width
        baseline = y + QFontMetricsF(bold).ascent() / 2 - 1
        self._draw_haloed(painter, QPointF(x, baseline), label.figure, bold, theme.colour(label.token))
        metrics = QFontMetricsF(plain)
        right = x + QFontMetricsF(bold).horizontalAdvance(label.figure + " ")
        if self.width() - x >= ROOM:
            words = metrics.elidedText(label.words[0], Qt.TextElideMode.ElideRight, self.width() - right)
            at = QPointF(right, baseline)
        else:
            words = metrics.elidedText(label.words[1], Qt.TextElideMode.ElideRight, ROOM)
            at = QPointF(label.at.x() - theme.space(8) - metrics.horizontalAdvance(words), y - theme.space(4))
        if words:
            self._draw_haloed(painter, at, words, plain, theme.colour("text"))


def _outline(points: Points) -> tuple[float, ...]:
    """What tells a curve from what it was before; curves only grow, or are those of another run."""
    steps, values = points
    return (len(steps), *(float(x) for x in (steps[-1], values[0], values[-1]))) if len(steps) else (0,)


def value_at(points: Points, step: int) -> float | None:
    """A curve's newest value up to a step."""
    steps, values = points
    place = int(np.searchsorted(steps, step, side="right")) - 1
    return float(values[place]) if place >= 0 else None
