"""The lines of a plot of learning rates: one for groups that have the same rate at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlgui.core.freeze import title
from tlgui.core.outlook import Outlook, Span
from tlgui.core.rates import peak_rates, rate_factor
from tlgui.core.recipe import Recipe

MOST = 4
"""Lines that can be told apart."""
PARTS = 160
"""Points of a line that is still to come."""


@dataclass(frozen=True)
class RateLine:
    """One group, or several that always share its rate."""

    name: str
    peak: float
    learned: tuple[Span, ...]
    planned: tuple[Span, ...]


def rate_lines(recipe: Recipe, view: Outlook) -> tuple[RateLine, ...]:
    """At most four lines, topmost group first; of more, the first, the last and some between stand for all."""
    peaks = peak_rates(recipe, view.keys)
    lines: list[RateLine] = []
    for key in reversed(view.keys):
        learned, planned = view.learned.get(key, ()), view.planned.get(key, ())
        hidden = any(
            line.peak == peaks[key] and _covers(line.learned, learned) and _covers(line.planned, planned)
            for line in lines
        )
        if (learned or planned) and not hidden:
            lines.append(RateLine(title(key, view.lower).lower(), peaks[key], learned, planned))
    if len(lines) <= MOST:
        return tuple(lines)
    last = len(lines) - 1
    return tuple(lines[round(place * last / (MOST - 1))] for place in range(MOST))


def to_come(recipe: Recipe, span: Span, total: int) -> tuple[tuple[int, float], ...]:
    """Step and share of the peak over a span that is planned, ends included."""
    first, last = span[0] + 1, span[1]
    stride = max(1, (last - first) // PARTS)
    turn = round(recipe.train.warmup * total)  # the corner of the line is one of its points
    steps = {*range(first, last, stride), last, *(step for step in (turn, turn + 1) if first <= step <= last)}
    return tuple((step, rate_factor(step, total, recipe.train)) for step in sorted(steps) if step >= first)


def _covers(outer: Sequence[Span], inner: Sequence[Span]) -> bool:
    return all(any(first <= start and end <= last for first, last in outer) for start, end in inner)
