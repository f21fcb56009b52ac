"""Pictures of a race as SVG text, readable in any browser without a network."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 52, 130, 16, 44
"""Margins; the right one takes the names at the lines' ends."""
NAME_WIDTH, NAME_HEIGHT = 110, 15
INK, EDGE, GRID = "#565e68", "#7b838d", "#e6e8eb"


@dataclass(frozen=True)
class Look:
    """How one strategy is drawn; the same in the window."""

    colour: str
    marker: str
    dash: str = ""


LOOKS: tuple[tuple[str, Look], ...] = (
    # start of a strategy's key → how it is drawn
    ("everything", Look("#b94700", "disc")),
    ("gradual", Look("#007a5a", "square")),
    ("top", Look("#a8437f", "diamond", "6 3")),
    ("feature-based", Look("#1b76ab", "triangle", "2 3")),
    ("scratch", Look("#6b7480", "cross", "8 3 2 3")),
    ("head", Look("#a86400", "tip", "2 5")),
    ("lora", Look("#1b1e22", "star", "12 4")),
)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    spread: float
    """One standard deviation of y; 0 = not known."""


@dataclass(frozen=True)
class Series:
    """One strategy's points, by x."""

    title: str
    look: Look
    points: Sequence[Point]


def look_of(strategy: str) -> Look:
    """How a strategy is drawn; `top-2` and `top-4` look alike."""
    return next(look for start, look in LOOKS if strategy.startswith(start))


def lines(
    title: str,
    series: Sequence[Series],
    ticks: Sequence[float],
    show_x: Callable[[float], str],
    show_y: Callable[[float], str],
    x_name: str,
) -> str:
    """Lines with bands of one standard deviation over a logarithmic x, with a tick at each x that was measured."""
    if not any(one.points for one in series):
        return ""
    across = _scale(math.log(ticks[0]), math.log(ticks[-1]), LEFT + 12, WIDTH - RIGHT - 12)
    plot = _Plot(title, series, lambda x: across(math.log(x)), show_y)
    drawn = [plot.tick(x, show_x(x)) for x in ticks]
    for one in series:
        drawn += [plot.band(one), plot.line(one), *(plot.marker(one, point) for point in one.points)]
    return plot.finish([*drawn, plot.names()], x_name)


def dots(title: str, series: Sequence[Series], show_y: Callable[[float], str], x_name: str) -> str:
    """One marker a strategy over a linear x that starts at 0, with a bar of one standard deviation up and down."""
    points = [point for one in series for point in one.points]
    if not points:
        return ""
    ticks = nice_ticks(0, max(point.x for point in points))
    across = _scale(0, max(ticks[-1], *(point.x for point in points)), LEFT, WIDTH - RIGHT - 12)
    plot = _Plot(title, series, across, show_y)
    drawn = [plot.tick(x, f"{x:g}") for x in ticks]
    for one in series:
        drawn += [plot.bar(one, point) + plot.marker(one, point) for point in one.points]
    return plot.finish([*drawn, plot.names()], x_name)


def spreads(title: str, rows: Sequence[tuple[Series, Sequence[float]]], show: Callable[[float], str]) -> str:
    """One row a strategy: a faint dot for each seed's score, the mean, and a bar of one standard deviation."""
    values = [score for one, scores in rows for score in (*scores, *(p.y - p.spread for p in one.points))]
    values += [point.y + point.spread for one, _ in rows for point in one.points]
    if not values:
        return ""
    ticks = nice_ticks(min(values), max(values))
    across = _scale(min(*ticks, *values), max(*ticks, *values), LEFT + 108, WIDTH - 24)
    height = 28 * len(rows) + 40
    drawn = []
    for x in ticks:
        at = across(x)
        drawn.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="8" y2="{height - 28}" stroke="{GRID}"/>')
        drawn.append(_text(at, height - 10, show(x), "middle"))
    for number, (one, scores) in enumerate(rows):
        y = 24 + 28 * number
        drawn.append(_text(LEFT + 88, y + 4, one.title, "end", one.look.colour))
        drawn += [
            f'<circle cx="{across(s):.1f}" cy="{y}" r="3" fill="{one.look.colour}" opacity=".4"/>' for s in scores
        ]
        for point in one.points:
            ends = across(point.y - point.spread), across(point.y + point.spread)
            drawn.append(_stroke(f"M{ends[0]:.1f} {y}H{ends[1]:.1f}", one.look.colour))
            drawn.append(_marker(one.look, across(point.y), y))
    return _svg(title, height, drawn)


class _Plot:
    """A frame with scores going up, and what is drawn in it."""

    def __init__(
        self, title: str, series: Sequence[Series], across: Callable[[float], float], show_y: Callable[[float], str]
    ) -> None:
        points = [point for one in series for point in one.points]
        low, high = min(p.y - p.spread for p in points), max(p.y + p.spread for p in points)
        self._ticks = nice_ticks(low, high)
        low, high = min(low, self._ticks[0]), max(high, self._ticks[-1])
        self._title, self._series, self._across, self._show_y = title, series, across, show_y
        self._up = _scale(low, high, HEIGHT - BOTTOM - 6, TOP + 6)

    def tick(self, x: float, words: str) -> str:
        return _text(self._across(x), HEIGHT - BOTTOM + 16, words, "middle")

    def band(self, one: Series) -> str:
        ends = [(self._across(p.x), self._up(p.y + p.spread)) for p in one.points]
        ends += [(self._across(p.x), self._up(p.y - p.spread)) for p in reversed(one.points)]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in ends)
        return f'<polygon points="{corners}" fill="{one.look.colour}" opacity=".14"/>'

    def line(self, one: Series) -> str:
        path = "L".join(f"{self._across(p.x):.1f} {self._up(p.y):.1f}" for p in one.points)
        return _stroke(f"M{path}", one.look.colour, one.look.dash)

    def bar(self, one: Series, point: Point) -> str:
        ends = self._up(point.y - point.spread), self._up(point.y + point.spread)
        return _stroke(f"M{self._across(point.x):.1f} {ends[0]:.1f}V{ends[1]:.1f}", one.look.colour)

    def marker(self, one: Series, point: Point) -> str:
        return _marker(one.look, self._across(point.x), self._up(point.y))

    def names(self) -> str:
        """Each strategy's name beside its last point, moved down where it would touch another."""
        ends = [(self._up(one.points[-1].y), self._across(one.points[-1].x), one) for one in self._series if one.points]
        placed: list[tuple[float, float]] = []
        said = []
        for y, x, one in sorted(ends, key=lambda end: end[0]):
            near = [other for at, other in placed if abs(at - x) < NAME_WIDTH]
            down = max([y, *(other + NAME_HEIGHT for other in near)])
            placed.append((x, down))
            said.append(_text(x + 12, down + 4, one.title, "start", one.look.colour))
        return "".join(said)

    def finish(self, drawn: Sequence[str], x_name: str) -> str:
        grid, right, floor = [], WIDTH - RIGHT, HEIGHT - BOTTOM
        for y in self._ticks:
            at = self._up(y)
            grid.append(f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" stroke="{GRID}"/>')
            grid.append(_text(LEFT - 8, at + 4, self._show_y(y), "end"))
        axis = f'<line x1="{LEFT}" x2="{right}" y1="{floor}" y2="{floor}" stroke="{EDGE}"/>'
        name = _text((LEFT + right) / 2, HEIGHT - 8, x_name, "middle")
        return _svg(self._title, HEIGHT, [*grid, axis, name, *drawn])


def nice_ticks(low: float, high: float) -> list[float]:
    """At most seven round numbers that lie between two, or one below if there is none."""
    span = (high - low) or abs(high) or 1.0
    step = 10 ** math.floor(math.log10(span))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2) if span / (step * part) <= 6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)] or [math.floor(low / step) * step]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = high - low
    return lambda value: (start + end) / 2 if span == 0 else start + (value - low) / span * (end - start)


def _stroke(path: str, colour: str, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'


_MARKERS = {
    "square": "M-4.5-4.5h9v9h-9z",
    "diamond": "M0-6l6 6-6 6-6-6z",
    "triangle": "M0-5.5l5.5 10h-11z",
    "tip": "M0 5.5l5.5-10h-11z",
    "cross": "M-4-4l8 8M-4 4l8-8",
    "star": "M0-6l1.8 3.6 4 .6-2.9 2.8.7 4L0 3.1-3.6 5l.7-4L-5.8-1.8l4-.6z",
    "disc": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
}


def _marker(look: Look, x: float, y: float) -> str:
    at = f'transform="translate({x:.1f} {y:.1f})"'
    return f'<path {at} d="{_MARKERS[look.marker]}" fill="#fff" stroke="{look.colour}" stroke-width="1.8"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = INK) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="12" fill="{colour}">{html.escape(words)}</text>'


def _svg(title: str, height: float, drawn: Sequence[str]) -> str:
    inside = "".join(drawn)
    svg = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(title)}">{inside}</svg>'
    return f"<h2>{html.escape(title)}</h2>{svg}"
