"""How each strategy of a race is drawn: colour, marker and dash, the same in plots and table. Without pyqtgraph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from tlgui.ui import theme


@dataclass(frozen=True)
class Style:
    """One strategy's line and marker."""

    token: str
    """Name of its colour in the theme."""
    marker: str
    """`o` disc, `s` square, `d` diamond, `t1` triangle, `t` triangle on its tip, `x` cross, `star`; empty = none."""
    dash: tuple[float, ...] = ()
    """Lengths of strokes and gaps, in widths of the line; empty = solid."""
    width: float = 2.0


_STYLES: tuple[tuple[str, Style], ...] = (
    # start of the strategy's key → how it is drawn
    ("everything", Style("val", "o")),
    ("gradual", Style("metric", "s")),
    ("top", Style("probe", "d", (3, 1.5))),
    ("feature-based", Style("sky", "t1", (1, 1.5))),
    ("scratch", Style("original", "x", (4, 1.5, 1, 1.5))),
    ("head", Style("learnedge", "t", (1, 2.5))),
    ("lora", Style("text", "star", (6, 2))),
)
OTHER = Style("dim", "", (1, 3), 1.2)
"""Of what is no strategy: the baseline."""
MARKER = 9
"""Side of a marker, in the units of `theme.space`."""


def style_of(strategy: str) -> Style:
    """How a strategy is drawn; `top-2` and `top-4` look alike."""
    return next((style for start, style in _STYLES if strategy and strategy.startswith(start)), OTHER)


def draw_marker(painter: QPainter, at: QPointF, style: Style) -> None:
    """Draw a strategy's marker around a point, hollow so that lines under it are seen to meet."""
    if not style.marker:
        return
    painter.save()
    painter.translate(at)
    painter.setPen(QPen(theme.colour(style.token), 1.6))
    painter.setBrush(theme.colour("base"))
    painter.drawPath(_marker(style.marker, theme.space(MARKER)))
    painter.restore()


def draw_sample(painter: QPainter, area: QRectF, style: Style) -> None:
    """Draw a short piece of a strategy's line with its marker."""
    painter.setPen(line_pen(style, theme.colour(style.token)))
    painter.drawLine(QPointF(area.left(), area.center().y()), QPointF(area.right(), area.center().y()))
    draw_marker(painter, area.center(), style)


def line_pen(style: Style, ink: QColor) -> QPen:
    """A pen for a strategy's line, in logical pixels."""
    pen = QPen(ink, style.width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if style.dash:
        pen.setDashPattern(list(style.dash))
    return pen


@cache
def _marker(name: str, side: int) -> QPainterPath:
    half = side / 2
    path = QPainterPath()
    match name:
        case "o":
            path.addEllipse(QPointF(0, 0), half, half)
        case "s":
            path.addRect(QRectF(-half, -half, side, side).adjusted(0.5, 0.5, -0.5, -0.5))
        case "x":
            reach = half * 0.85
            for one, other in (((-reach, -reach), (reach, reach)), ((-reach, reach), (reach, -reach))):
                path.moveTo(*one)
                path.lineTo(*other)
        case "star":
            corners = [(half * 1.25 if i % 2 == 0 else half * 0.5, math.pi * (i / 5 - 0.5)) for i in range(10)]
            path.addPolygon(_closed([(r * math.cos(a), r * math.sin(a)) for r, a in corners]))
        case _:
            path.addPolygon(_closed([(x * half, y * half) for x, y in _POLYGONS[name]]))
    return path


_POLYGONS: dict[str, Sequence[tuple[float, float]]] = {
    "d": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "t1": ((0, -1.15), (1.15, 0.9), (-1.15, 0.9)),
    "t": ((0, 1.15), (1.15, -0.9), (-1.15, -0.9)),
}


def _closed(corners: Sequence[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in (*corners, corners[0])])
