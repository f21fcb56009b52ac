"""The four plots of a run: loss, the goal's figure, learning rate, probes. One call a batch of events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core.goals import GOALS, Metric
from tlgui.core.hidden import split
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.plots import curves, scale
from tlgui.ui.plots.canvas import MOST_LABELS
from tlgui.ui.plots.chart import Chart, Look, Range
from tlgui.ui.plots.curves import Curve, Points

NO_PROBES = "Keep a sentence on the Try page, and it is scored here at each check."


class RunPlots(QWidget):
    """Two columns of charts over the same steps, with one cross line."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = Chart(LOSS, curves.LOSS)
        self.figure = Chart(metric_look(GOALS["classify"].curve), ())
        self.rate = Chart(rate_look(Recipe().train.learning_rate), curves.RATE)
        self.probes = Chart(PROBES, ())
        self.charts = (self.loss, self.figure, self.rate, self.probes)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(theme.space(12))
        for stretch, pair in ((482, ((self.loss, 58), (self.probes, 42))), (282, ((self.figure, 1), (self.rate, 1)))):
            column = QVBoxLayout()
            column.setSpacing(theme.space(12))
            for chart, share in pair:
                column.addWidget(chart, share)
            columns.addLayout(column, stretch)
        for chart in self.charts:
            chart.canvas.hovered.connect(self._move_cursor)

    def show_run(self, history: History, recipe: Recipe, planned: int) -> None:
        """Draw everything anew.

        Args:
            history: The run; an empty one before the first step.
            recipe: What runs, or would run.
            planned: Steps it will take; 0 if that is not known yet.
        """
        total = history.total or planned
        goal = GOALS[recipe.task]
        metric = goal.curve
        self.loss.show_history(history, total)
        self.figure.show_look(metric_look(metric))
        self.figure.show_note(*_best_notes(history, metric, decides=metric == goal.metric))
        self.figure.show_history(history, total, metric_curves(metric))
        self.rate.show_look(rate_look(recipe.train.learning_rate))
        self.rate.show_note(_power_note(recipe.train.learning_rate))
        self.rate.show_history(history, total)
        named = f"; the {MOST_LABELS} that moved most are named" if len(recipe.probes) > MOST_LABELS else ""
        self.probes.show_note(*((goal.probe_shows + named, goal.probe_shows) if recipe.probes else ()))
        self.probes.show_empty_sentence(PROBES.empty if recipe.probes else NO_PROBES)
        self.probes.show_history(history, total, probe_curves(recipe.probes))

    def _move_cursor(self, step: int | None) -> None:
        for chart in self.charts:
            chart.canvas.show_cursor(step)


def rate_look(peak: float) -> Look:
    """How the plot of the learning rate reads: from zero to the peak it will reach, powers of ten taken out."""
    factor = 10.0 ** -scale.exponent(peak)
    empty = "The rate of each step appears here."
    return Look(
        "rate",
        "Learning rate",
        empty,
        lambda points: (0.0, max(peak, _enclosing(points)[1] if len(points[0][0]) else 0.0)),
        lambda highest: factor,
        "{:.2e}".format,
    )


def metric_look(metric: Metric) -> Look:
    """How the plot of a goal's figure reads."""
    factor = 100.0 if metric.percent else 1.0
    empty = "The first check comes before the first step."
    return Look("metric", metric.title, empty, _enclosing, lambda peak: factor, metric.show)


@cache  # equal curves must be the same ones, or each update would build the plot anew
def metric_curves(metric: Metric) -> tuple[Curve, ...]:
    """The goal's figure at each check; the weights that are kept as a filled mark."""
    return (
        Curve(metric.title, "metric", curves.validation_metric(metric.key), marker="s", end="{:.1f}".format),
        Curve("kept weights", "metric", curves.best_metric(metric.key), marker="s", filled=True),
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
