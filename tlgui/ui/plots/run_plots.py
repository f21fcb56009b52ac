"""The plots of a run: loss, heat map, probes, the goal's figure, learning rates. One call a batch of events."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tlgui.core.goals import GOALS, Goal, Metric
from tlgui.core.hidden import split
from tlgui.core.history import History
from tlgui.core.outlook import Outlook
from tlgui.core.rate_lines import rate_lines
from tlgui.core.recipe import Recipe
from tlgui.core.transfer_words import YARDSTICKS, baseline_words
from tlgui.ui import theme
from tlgui.ui.plots import curves, margins, scale
from tlgui.ui.plots.canvas import MOST_LABELS, Canvas
from tlgui.ui.plots.chart import Chart, Look, Range
from tlgui.ui.plots.curves import Curve, Points
from tlgui.ui.plots.heat_card import HeatCard
from tlgui.ui.plots.heat_map import HeatMap
from tlgui.ui.plots.overlays import Level
from tlgui.ui.plots.rate_curves import rate_curves

PART_TOKENS = ("metric", "probe")
"""Colours of the losses that a loss is the sum of."""
NO_PROBES = "Keep a sentence on the Try page, and it is scored here at each check."


class RunPlots(QWidget):
    """Two columns of charts over the same steps, with one cross line."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = Chart(LOSS, curves.LOSS, margins.GROUPS)
        self.heat = HeatCard()
        self.probes = Chart(PROBES, (), margins.GROUPS)
        self.figure = Chart(metric_look(GOALS["classify"].curve), ())
        self.rate = Chart(rate_look(Recipe().train.learning_rate), ())
        self.charts = (self.loss, self.figure, self.rate, self.probes)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(theme.space(12))
        left = ((self.loss, 220), (self.heat, 190), (self.probes, 150))
        for stretch, cards in ((482, left), (282, ((self.figure, 266), (self.rate, 306)))):
            column = QVBoxLayout()
            column.setSpacing(theme.space(12))
            for card, share in cards:
                card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
                column.addWidget(card, share)
            columns.addLayout(column, stretch)
        self._readers: tuple[HeatMap | Canvas, ...] = (self.heat.map, *(chart.canvas for chart in self.charts))
        for reader in self._readers:
            reader.hovered.connect(self._move_cursor)

    def show_run(self, history: History, recipe: Recipe, view: Outlook) -> None:
        """Draw everything anew.

        Args:
            history: The run; an empty one before the first step.
            recipe: What runs, or would run.
            view: Its plan over the steps.
        """
        goal = GOALS[recipe.task]
        metric = goal.curve
        self.loss.show_history(history, view, loss_curves(goal))
        self.heat.show_history(history, view)
        self.figure.show_look(metric_look(metric))
        self.figure.show_note(*_best_notes(history, metric, decides=metric == goal.metric))
        self.figure.show_level(_baseline(history, metric, goal))
        self.figure.show_history(history, view, metric_curves(metric, history.tasks(metric.key)))
        self._show_rates(history, recipe, view)
        named = f"; the {MOST_LABELS} that moved most are named" if len(recipe.probes) > MOST_LABELS else ""
        self.probes.show_note(*((goal.probe_shows + named, goal.probe_shows) if recipe.probes else ()))
        self.probes.show_empty_sentence(PROBES.empty if recipe.probes else NO_PROBES)
        self.probes.show_history(history, view, probe_curves(recipe.probes))

    def _show_rates(self, history: History, recipe: Recipe, view: Outlook) -> None:
        lines = rate_lines(recipe, view)
        highest = max((line.peak for line in lines), default=recipe.train.learning_rate)
        self.rate.show_look(rate_look(highest))
        self.rate.show_note(_power_note(highest))
        if lines:
            drawn = rate_curves(lines, history, recipe, view)
            self.rate.show_points([c for c, _ in drawn], [p for _, p in drawn], view)
        else:  # a run of an earlier version, or no model yet
            self.rate.show_history(history, view, curves.RATE)

    def _move_cursor(self, step: int | None) -> None:
        for reader in self._readers:
            reader.show_cursor(step)


def rate_look(peak: float) -> Look:
    """How the plot of the learning rate reads: from zero to the peak it will reach, powers of ten taken out."""
    factor = 10.0 ** -scale.exponent(peak)
    empty = "The rate of each step appears here."
    return Look(
        "rate",
        "Learning rate",
        empty,
        lambda points: (0.0, max(peak, *(float(np.max(v)) for _, v in points if len(v)), 0.0)),
        lambda highest: factor,
        "{:.2e}".format,
        names_lines=True,
    )


def metric_look(metric: Metric) -> Look:
    """How the plot of a goal's figure reads."""
    factor = 100.0 if metric.percent else 1.0
    empty = "The first check comes before the first step."
    return Look("metric", metric.title, empty, _enclosing, lambda peak: factor, metric.show)


@cache  # equal curves must be the same ones, or each update would build the plot anew
def metric_curves(metric: Metric, tasks: tuple[str, ...] = ()) -> tuple[Curve, ...]:
    """The goal's figure at each check, and that of each task; the weights that are kept as a filled mark."""
    each = tuple(
        Curve(
            task,
            "metric",
            curves.validation_metric(f"{metric.key}:{task}"),
            width=1.4,
            opacity=0.7,
            dotted=True,
            marker=marker,
            end="{:.1f}".format,
            words=(task, task),
        )
        for task, marker in zip(tasks, itertools.cycle(curves.PROBE_MARKERS))
    )
    return (
        *each,
        Curve(metric.title, "metric", curves.validation_metric(metric.key), marker="s", end="{:.1f}".format),
        Curve("kept weights", "metric", curves.best_metric(metric.key), marker="s", filled=True),
    )


@cache
def loss_curves(goal: Goal) -> tuple[Curve, ...]:
    """The loss of each step and of each check; and of a loss that is a sum, its parts at each check."""
    parts = [metric for metric in goal.metrics if metric.part]
    return curves.LOSS + tuple(
        Curve(metric.title, token, curves.validation_metric(metric.key), dotted=True, marker="d")
        for metric, token in zip(parts, PART_TOKENS, strict=False)
    )


@lru_cache(maxsize=16)
def probe_curves(probes: tuple[str, ...]) -> tuple[Curve, ...]:
    """One curve a kept sentence, told apart by its marker."""
    return tuple(
        Curve(
            probe.replace("{", "").replace("}", ""),
            "probe",
            curves.probe_score(i),
            width=1.8,
            marker=curves.PROBE_MARKERS[i % len(curves.PROBE_MARKERS)],
            end=_share_figure,
            words=_probe_words(probe),
        )
        for i, probe in enumerate(probes)
    )


def _baseline(history: History, metric: Metric, goal: Goal) -> Level | None:
    """The figure of a linear model on the same features, to compare the head with."""
    found = history.baseline.metrics.get(metric.key) if history.baseline else None
    if found is None:
        return None
    short = f"{YARDSTICKS[goal.truth]} {metric.show(found)}"
    return Level(found, (baseline_words(metric.show(found), goal.key), short))


def _share_figure(share: float) -> str:
    return f"{share:.2f}" if share >= 0.1 else f"{share:.3f}"


def _probe_words(probe: str) -> tuple[str, str]:
    words = split(probe)
    hidden = " ".join(word.word for word in words if word.hidden)
    whole = " ".join(f"{w.before}{w.word}{w.after}" for w in words)
    return whole, hidden or whole


def _best_notes(history: History, metric: Metric, *, decides: bool) -> tuple[str, ...]:
    best = history.best
    if best is None or metric.key not in best.metrics:
        return ()
    short = f"{'best' if decides else 'kept'} {metric.show(best.metrics[metric.key])}"
    return f"{short}, step {best.step:,}", short


def _power_note(peak: float) -> str:
    power = str(scale.exponent(peak)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"× 10{power}" if peak > 0 else ""


def _enclosing(points: Sequence[Points]) -> Range:
    values = [values for _, values in points if len(values)]
    if not values:
        return 0.0, 1.0
    return min(float(np.min(v)) for v in values), max(float(np.max(v)) for v in values)


def _roomy(points: Sequence[Points]) -> Range:
    """At least a tenth of the highest value, so that the first steps do not look like leaps."""
    low, high = _enclosing(points)
    return min(low, high * 0.9), high


def _shares(points: Sequence[Points]) -> Range:
    """From nothing to the highest share, so that a word that is still unlikely is seen to gain."""
    return 0.0, max(0.1, _enclosing(points)[1] if any(len(values) for _, values in points) else 1.0)


LOSS = Look("loss", "Loss", "The first step appears here, a few seconds after Start.", _roomy, legend=True)
PROBES = Look("probes", "Probes", "Each kept sentence is scored at each check.", _shares, figure=_share_figure)
