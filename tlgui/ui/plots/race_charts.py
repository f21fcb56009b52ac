"""The two plots of a race: score by number of labels, and by minutes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlgui.core import race_words
from tlgui.core.goals import Metric
from tlgui.core.race import RaceReport, Runner, Standing
from tlgui.core.race_plan import at, fullest
from tlgui.ui import theme
from tlgui.ui.plots import scale
from tlgui.ui.plots.chart import Caption, ReadingWindow
from tlgui.ui.plots.race_canvas import Axis, RaceCanvas, RaceLine
from tlgui.ui.plots.race_styles import OTHER, style_of
from tlgui.ui.widgets.basics import Card

EMPTY_LABELS = (50, 200, 800)
"""What the axis shows before there is a race."""


class RaceChart(Card):
    """One plot with its heading, a caption, and a small window that reads the values at a stop."""

    def __init__(self, name: str, title: str, empty: str, *, joined: bool) -> None:
        super().__init__(title)
        self.setObjectName(f"{name}_chart")
        self.canvas = RaceCanvas(joined=joined)
        self.canvas.setObjectName(f"{name}_plot")
        self.canvas.empty_sentence = empty
        self.canvas.hovered.connect(self._read)
        self.caption = Caption()
        edge = theme.space(10)
        self.body.setContentsMargins(edge, theme.space(8), theme.space(4), theme.space(4))
        self.body.setSpacing(theme.space(4))
        self.head.setContentsMargins(0, 0, edge - theme.space(4), 0)
        self.head.setStretch(1, 0)
        self.head.addWidget(self.caption, 1)
        self.body.addWidget(self.canvas, 1)
        self._window = ReadingWindow(self.canvas)
        self._readings: tuple[tuple[float, str], ...] = ()
        """Place and text of each stop."""

    @property
    def reading(self) -> str:
        """What the small window says; empty while it is away."""
        return "" if self._window.isHidden() else self._window.text()

    def show_title(self, title: str) -> None:
        self.heading.setText(title)
        self.canvas.setAccessibleName(title)

    def show_lines(
        self, lines: Sequence[RaceLine], axis: Axis, readings: Sequence[tuple[float, str]], factor: float, spoken: str
    ) -> None:
        """Draw lines; `readings` are the texts of the small window, by their places on the x axis."""
        self._readings = tuple(readings)
        self.canvas.show_lines(lines, axis, [x for x, _ in readings], factor)
        self.canvas.setAccessibleDescription(spoken if not self.canvas.is_empty else self.canvas.empty_sentence)
        self._read(self.canvas.stop)

    def _read(self, stop: int | None) -> None:
        self.canvas.show_stop(stop)
        if stop is None or stop >= len(self._readings):
            self._window.hide()
            return
        x, text = self._readings[stop]
        self._window.show_at(self.canvas.place(x, 0).x(), text)


class RacePlots(QWidget):
    """Both plots side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.by_labels = RaceChart(
            "by_labels",
            "Score by number of labels",
            self.tr("Press Start. The first run of each strategy appears here."),
            joined=True,
        )
        self.by_minutes = RaceChart(
            "by_minutes",
            "Score by minutes",
            self.tr("What each strategy takes and gives, once it has run."),
            joined=False,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(12))
        row.addWidget(self.by_labels, 408)
        row.addWidget(self.by_minutes, 344)

    def show_report(self, report: RaceReport, metric: Metric, train_rows: int) -> None:
        """Draw a race as far as it has come."""
        self.by_labels.show_title(self.tr("{metric} by number of labels").format(metric=metric.title))
        self.by_minutes.show_title(self.tr("{metric} by minutes").format(metric=metric.title))
        factor = 100.0 if metric.percent else 1.0
        self._show_by_labels(report, metric, factor)
        self._show_by_minutes(report, metric, factor, train_rows)

    def _show_by_labels(self, report: RaceReport, metric: Metric, factor: float) -> None:
        counts = report.labels or EMPTY_LABELS
        low, high = math.log10(counts[0]), math.log10(counts[-1])
        room = max((high - low) * 0.05, 0.05)
        ticks = tuple((math.log10(rows), f"{rows:,}") for rows in counts)
        axis = Axis(low - room, high + room, ticks, self.tr("labelled rows"))
        lines = [
            RaceLine(
                runner.title,
                style_of(runner.strategy),
                tuple((math.log10(s.labels), s.mean, s.deviation) for s in runner.standings),
            )
            for runner in report.runners
        ]
        if report.baseline:
            points = tuple((math.log10(rows), score, 0.0) for rows, score in sorted(report.baseline.items()))
            lines.append(RaceLine(race_words.BASELINE, OTHER, points))
        readings = [(math.log10(rows), self._at_labels(report, rows, metric)) for rows in counts] if report.done else []
        spoken = _spoken(report.runners, metric)
        self.by_labels.show_lines(lines, axis, readings, factor, spoken)

    def _at_labels(self, report: RaceReport, rows: int, metric: Metric) -> str:
        found = [(runner, standing) for runner in report.runners if (standing := at(runner, rows))]
        found.sort(key=lambda pair: pair[1].mean, reverse=metric.higher_is_better)
        lines = [f"{_swatch(runner)} {escape(runner.title)} <b>{_figure(s, metric)}</b>" for runner, s in found]
        if report.baseline and rows in report.baseline:
            score = race_words.figure(metric, report.baseline[rows])
            lines.append(f"{race_words.BASELINE} <b>{score}</b>")
        return "<br>".join([f"<b>{rows:,} {self.tr('labels')}</b>", *lines])

    def _show_by_minutes(self, report: RaceReport, metric: Metric, factor: float, train_rows: int) -> None:
        rows = fullest(report)
        found = [(r, s) for r in report.runners if (s := at(r, rows))]
        found.sort(key=lambda pair: pair[1].minutes)
        longest = max((standing.minutes for _, standing in found), default=1.0)
        step = scale.nice_step(longest * 1.12, 5)
        end = longest * 1.12
        ticks = tuple((i * step, f"{i * step:.6g}") for i in range(int(end / step + 1e-9) + 1))
        axis = Axis(0.0, end, ticks, self.tr("minutes for one run"))
        lines = [
            RaceLine(runner.title, style_of(runner.strategy), ((s.minutes, s.mean, s.deviation),))
            for runner, s in found
        ]
        readings = [
            (s.minutes, f"{_swatch(r)} {escape(r.title)} <b>{_figure(s, metric)}</b><br>{_took(s)}") for r, s in found
        ]
        self.by_minutes.caption.show_texts([race_words.count_words(rows, train_rows).lower()] if rows else [])
        spoken = ", ".join(f"{runner.title} {_took(s)}, {_figure(s, metric)}" for runner, s in found)
        self.by_minutes.show_lines(lines, axis, readings, factor, spoken)


def _figure(standing: Standing, metric: Metric) -> str:
    spread = f" ± {race_words.figure(metric, standing.deviation)}" if len(standing.scores) > 1 else ""
    return race_words.figure(metric, standing.mean) + spread


def _took(standing: Standing) -> str:
    return f"{race_words.minutes_words(standing.minutes)} min"


def _spoken(runners: Sequence[Runner], metric: Metric) -> str:
    last = [(runner, runner.standings[-1]) for runner in runners if runner.standings]
    return ", ".join(f"{r.title} {_figure(s, metric)} with {s.labels:,} labels" for r, s in last)


def _swatch(runner: Runner) -> str:
    return f"<span style='color:{theme.colour(style_of(runner.strategy).token).name()}'>■</span>"
