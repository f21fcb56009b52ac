"""Learning rates as curves: solid where they were used, dotted where they are planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from tlgui.core.freeze import HEAD
from tlgui.core.history import History
from tlgui.core.outlook import Outlook, Span
from tlgui.core.rate_lines import RateLine, to_come
from tlgui.core.rates import peak_rates
from tlgui.core.recipe import Recipe
from tlgui.ui.plots.curves import Curve, Points

TOKENS = ("train", "probe", "metric", "val")


def rate_curves(
    lines: Sequence[RateLine], history: History, recipe: Recipe, view: Outlook
) -> list[tuple[Curve, Points]]:
    """One curve a span of each line, with its points."""
    head = peak_rates(recipe, view.keys).get(HEAD, recipe.train.learning_rate)
    drawn: list[tuple[Curve, Points]] = []
    for token, line in zip(TOKENS, lines, strict=False):
        name = line.name if len(lines) > 1 else ""
        for span in line.learned:
            goes_on = span[1] == view.step > 0
            over = view.step == view.total  # all rates are near zero then: a name tells more than a value
            valued = goes_on and not over
            used = _used(line.name, token, _figure(name) if valued else None, "" if valued else name)
            drawn.append((used, _taken(history, span, line, head)))
        for span in line.planned:
            started = any(last == view.step > 0 for _, last in line.learned)
            drawn.append((_planned(line.name, token, "" if started else name), _foretold(recipe, span, line, view)))
    return drawn


def _taken(history: History, span: Span, line: RateLine, head: float) -> Points:
    steps, rates = history.drawn_rates(*span)
    return steps, rates * (line.peak / head)


def _foretold(recipe: Recipe, span: Span, line: RateLine, view: Outlook) -> Points:
    points = np.array(to_come(recipe, span, view.total), dtype=float).reshape(-1, 2)
    return points[:, 0], points[:, 1] * line.peak


@cache  # equal curves must be the same ones, or each update would build the plot anew
def _figure(name: str) -> Callable[[float], str]:
    return lambda value: f"{name} {value:.1f}".strip()


@cache
def _used(name: str, token: str, end: Callable[[float], str] | None, start: str) -> Curve:
    return Curve(f"learning rate of {name}", token, end=end, start=start, thin="subsample")


@cache
def _planned(name: str, token: str, start: str) -> Curve:
    return Curve(f"planned rate of {name}", token, width=1.5, dotted=True, start=start, thin="subsample")
