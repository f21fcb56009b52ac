"""Drawings of a run as SVG, for its report: curves with the marks of thawed groups, heat map, bars."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlgui.core.events import MixLearned
from tlgui.core.freeze import title
from tlgui.core.history import History
from tlgui.core.outlook import Mark, Outlook
from tlgui.core.wording import percent

WIDTH, HEIGHT, EDGE = 720, 240, 44
"""Of a plot, in the units of its view box."""
LEFT, ROW = 84, 16
"""Room for the names of groups, and the height of a row."""
MOST_POINTS = 600
MOST_CELLS = 120
"""Of a row of the heat map; neighbouring measurements are joined where there are more."""
RAMP = ("#FFFFFF", "#FFE7B8", "#E0A83A", "#A86400", "#6B3F00")
HATCH = (
    '<defs><pattern id="frozen" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#f6f7f9"/><path d="M0 6L6 0" stroke="#7089a3" stroke-opacity=".35"/>'
    "</pattern></defs>"
)


@dataclass(frozen=True)
class Series:
    """One curve."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Yardstick:
    """A value to compare curves with."""

    words: str
    value: float


def plot(name: str, series: Sequence[Series], view: Outlook, yardstick: Yardstick | None = None) -> str:
    """Curves over the steps of a run; empty if there is nothing to draw."""
    values = [y for one in series for _, y in one.points if math.isfinite(y)]
    if not values:
        return ""
    if yardstick is not None:
        values.append(yardstick.value)
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def height(value: float) -> float:
        return HEIGHT - EDGE / 2 - (value - low) / span * (HEIGHT - EDGE)

    drawn = [_marks(view.marks, view.total, EDGE, WIDTH - 2 * EDGE, EDGE / 2, HEIGHT - EDGE / 2)]
    for one in series:
        thin = one.points[:: max(1, len(one.points) // MOST_POINTS)]
        known = [f"{_x(x, view.total):.1f},{height(y):.1f}" for x, y in thin if math.isfinite(y)]
        drawn.append(f'<polyline fill="none" stroke="{one.colour}" stroke-width="1.5" points="{" ".join(known)}"/>')
    if yardstick is not None:
        y = height(yardstick.value)
        drawn.append(
            f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#6b7480" stroke-dasharray="5 4"/>'
            f'<text x="{EDGE + 4}" y="{y - 4:.1f}" font-size="11">{html.escape(yardstick.words)}</text>'
        )
    names = " · ".join(f'<span style="color:{one.colour}">{html.escape(one.name)}</span>' for one in series)
    inside = _frame(((EDGE / 2, high), (HEIGHT - EDGE / 2, low)), view.total) + "".join(drawn)
    return f"<h2>{html.escape(name)}</h2><div>{names}</div>{_svg(HEIGHT, name, inside)}"


def heat_map(name: str, history: History, view: Outlook) -> str:
    """How far each group moved, bottom at the bottom; empty if it was not measured."""
    measured = history.measured[:: max(1, math.ceil(len(history.measured) / MOST_CELLS))]
    if history.measured and measured[-1] is not history.measured[-1]:
        measured.append(history.measured[-1])
    most = max((value for one in measured for value in one.distances.values() if math.isfinite(value)), default=0.0)
    if not most:
        return ""
    width = WIDTH - LEFT - EDGE
    rows = []
    for place, key in enumerate(reversed(view.keys)):
        top, before = place * ROW, 0
        rows.append(_text(LEFT - 6, top + 12, title(key, view.lower), anchor="end"))
        reached = _part(view.step, view, width)
        rows.append(f'<rect x="{LEFT}" y="{top}" width="{reached:.1f}" height="{ROW - 2}" fill="url(#frozen)"/>')
        for one in measured:
            value = one.distances.get(key)
            if value is not None and math.isfinite(value):
                left, right = _part(before, view, width), _part(one.step, view, width)
                rows.append(
                    f'<rect x="{LEFT + left:.1f}" y="{top}" width="{right - left + 0.2:.1f}" height="{ROW - 2}" '
                    f'fill="{_shade(value / most)}"/>'
                )
            before = one.step
        newest = history.measured[-1].distances.get(key)
        rows.append(_text(WIDTH - EDGE + 6, top + 12, "0" if newest is None else f"{newest:.3f}"))
    bottom = len(view.keys) * ROW
    marks = _marks(view.marks, view.total, LEFT, width, 0, bottom)
    caption = f"Norm of the change over the norm of the first weights, from 0 (white) to {most:.3f}. Hatched: frozen."
    drawing = _svg(bottom + 2, name, HATCH + "".join(rows) + marks)
    return f"<h2>{html.escape(name)}</h2><div class=dim>{caption}</div>{drawing}"


def bars(name: str, mix: MixLearned) -> str:
    """The shares of a learned mix of layers, topmost first."""
    most, rows = max(mix.shares), []
    for place, (key, share) in enumerate(reversed([*zip(mix.layers, mix.shares, strict=True)])):
        top, width = place * ROW, share / most * (WIDTH - LEFT - EDGE)
        rows.append(_text(LEFT - 6, top + 12, title(key), anchor="end"))
        rows.append(f'<rect x="{LEFT}" y="{top + 2}" width="{width:.1f}" height="{ROW - 4}" fill="#A86400"/>')
        rows.append(_text(LEFT + width + 6, top + 12, percent(share)))
    return f"<h2>{html.escape(name)}</h2>{_svg(len(mix.layers) * ROW, name, ''.join(rows))}"


def _x(step: float, total: int) -> float:
    return EDGE + step / max(1, total) * (WIDTH - 2 * EDGE)


def _part(step: float, view: Outlook, width: float) -> float:
    return step / max(1, view.total) * width


def _shade(share: float) -> str:
    """A colour of the ramp, between its neighbouring stops."""
    place = min(max(share, 0.0), 1.0) * (len(RAMP) - 1)
    lower = min(int(place), len(RAMP) - 2)
    low, high = (bytes.fromhex(RAMP[i][1:]) for i in (lower, lower + 1))
    return "#" + "".join(f"{round(a + (b - a) * (place - lower)):02x}" for a, b in zip(low, high, strict=True))


def _marks(marks: Sequence[Mark], total: int, left: float, width: float, top: float, bottom: float) -> str:
    """Lines where other groups began or ceased to learn; what never came is not drawn."""
    drawn = []
    for mark in marks:
        if not mark.planned:
            x = left + mark.step / max(1, total) * width
            drawn.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#a86400">'
                f"<title>{html.escape(mark.words)}, step {mark.step:,}</title></line>"
                + _text(x + 4, top + 11, mark.words)
            )
    return "".join(drawn)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11">{html.escape(words)}</text>'


def _frame(ticks: Sequence[tuple[float, float]], total: int) -> str:
    bottom = HEIGHT - EDGE / 2
    axis = f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{bottom}" y2="{bottom}" stroke="#7b838d"/>'
    labels = "".join(_text(EDGE - 6, y + 4, f"{value:.3g}", anchor="end") for y, value in ticks)
    return axis + labels + _text(WIDTH - EDGE, HEIGHT - 6, f"step {total:,}", anchor="end")


def _svg(height: float, name: str, inside: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(name)}">{inside}</svg>'
