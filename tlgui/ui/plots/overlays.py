"""What is painted over a plot: marks of thawed groups, lines to compare with, and text that reads over curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from tlgui.core.outlook import Mark
from tlgui.ui import theme

RIM = tuple((dx, dy) for dx in (-1.5, 0, 1.5) for dy in (-1.5, 0, 1.5) if dx or dy)
"""Offsets at which a text's rim is drawn, pixels."""


@dataclass(frozen=True)
class Level:
    """A value to compare a curve with, over the whole width."""

    value: float
    words: tuple[str, ...]
    """Longest first; the first that fits is shown."""
    token: str = "original"


def paint_haloed(painter: QPainter, at: QPointF, text: str, font: QFont, ink: QColor) -> None:
    """Text with a rim in the sheet's colour, so that it reads over lines."""
    painter.setFont(font)
    painter.setPen(theme.colour("base"))
    for dx, dy in RIM:  # stroking the outline of the letters takes ten times as long
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(ink)
    painter.drawText(at, text)


def paint_mark_lines(painter: QPainter, area: QRectF, x_of: Callable[[int], float], marks: Sequence[Mark]) -> None:
    """Solid amber where groups began or ceased to learn, dashed grey where they will."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for mark in marks:
        pen = QPen(theme.colour("edge" if mark.planned else "learnedge"), 1)
        if mark.planned:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        x = round(x_of(mark.step))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def paint_mark_words(
    painter: QPainter,
    area: QRectF,
    x_of: Callable[[int], float],
    marks: Sequence[Mark],
    baseline: float,
    *,
    past: bool = True,
) -> None:
    """The words of each mark beside its line, at the left of what is done and the right of what is to come.

    Words that would run into another line, or out of the plot, change the side, become shorter or are left out.

    Args:
        past: Whether marks of what is done have words too.
    """
    font, gap = theme.font("caption"), theme.space(4)
    metrics = QFontMetricsF(font)
    places = [x_of(mark.step) for mark in marks]
    taken = [area.left(), *places, area.right()]
    for mark, x in zip(marks, places, strict=True):
        if not (mark.planned or past):
            continue
        before = max((place for place in taken if place < x), default=area.left())
        after = min((place for place in taken if place > x), default=area.right())
        for words in (mark.words, *mark.shorter):
            width = metrics.horizontalAdvance(words) + 2 * gap
            sides = [(x - before, x - width + gap), (after - x, x + gap)]
            start = next((at for room, at in (reversed(sides) if mark.planned else sides) if room >= width), None)
            if start is not None:
                paint_haloed(painter, QPointF(start, baseline), words, font, theme.colour("dim"))
                taken.append(start if start < x else start + width)
                break


def paint_level(painter: QPainter, area: QRectF, y: float, level: Level) -> None:
    """A dashed line over the whole width with its words at the left, above it where there is room."""
    pen = QPen(theme.colour(level.token), 1.5)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    font = theme.font("caption")
    metrics = QFontMetricsF(font)
    room = area.width() - theme.space(8)
    words = next((words for words in level.words if metrics.horizontalAdvance(words) <= room), level.words[-1])
    above = y - metrics.descent() - 2
    baseline = above if above - metrics.ascent() > area.top() else y + metrics.ascent() + 2
    paint_haloed(painter, QPointF(area.left() + theme.space(4), baseline), words, font, theme.colour("text"))
