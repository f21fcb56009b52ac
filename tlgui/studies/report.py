"""A race as files to pass on: one HTML page, and a table of every finished run."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from pathlib import Path

from tlgui.core import recipe as recipes
from tlgui.core.goals import Metric, metric_of
from tlgui.core.plan import count, duration
from tlgui.core.race import RaceReport, RaceSpec, Runner, Standing, resolved, steps_of, strategy
from tlgui.core.race_plan import at, fullest
from tlgui.core.race_words import figure, foot_note, table_rows
from tlgui.core.runs import cannot_write
from tlgui.export.report import page
from tlgui.studies.charts import Point, Series, dots, lines, look_of, spreads
from tlgui.studies.race_files import Found, RaceFolder, Record

COLUMNS = ("strategy", "labels", "seed", "score", "loss", "seconds", "parameters")
"""Of `results.csv`: the fields of a cell."""


def write_report(report: RaceReport, path: Path) -> None:
    """Write `report.html` and `results.csv` into the race's folder.

    Raises:
        TlguiError: the disk is full, or the folder holds no race.
    """
    folder = RaceFolder(path)
    read = folder.read()
    if read is None:
        return
    spec, found = read
    texts = {folder.report: as_html(report, spec, found), folder.results: as_csv(spec, found, folder)}
    for file, text in texts.items():
        try:
            file.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise cannot_write(folder.path, error) from error


def as_csv(spec: RaceSpec, found: Found, folder: RaceFolder) -> str:
    """One row a finished run that the race asks for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "steps"])
    labels, records = resolved(spec.labels, found.rows), folder.records()
    for key in spec.strategies:
        ran = [records.get((key, rows, seed)) for rows in labels for seed in range(spec.seeds)]
        writer.writerows(_row(record) for record in ran if record is not None)
    return out.getvalue()


def _row(record: Record) -> list[object]:
    return [*(getattr(record.cell, name) for name in COLUMNS), record.steps]


def as_html(report: RaceReport, spec: RaceSpec, found: Found) -> str:
    """The page: what the data say first, then pictures, figures, and how they were made."""
    metric = metric_of(report.task, report.metric)
    name = spec.recipe.name
    parts = [f"<h1>Race: {html.escape(name)}</h1>", f"<p>{html.escape(_summary(report, spec))}</p>", _said(report)]
    parts += _pictures(report, metric)
    parts += [
        f"<h2>Figures</h2>{_table(report)}<p class=dim>{html.escape(foot_note(report))}</p>",
        f"<h2>How it was done</h2><ul>{''.join(f'<li>{html.escape(s)}</li>' for s in _method(spec, found))}</ul>",
        f"<h2>Recipe</h2><pre>{html.escape(recipes.dump(spec.recipe))}</pre>",
    ]
    return page(f"Race: {name}", parts)


def _summary(report: RaceReport, spec: RaceSpec) -> str:
    told = f"{report.done:,} of {count(report.total, 'run')} in {duration(report.seconds_spent)}"
    return f"{spec.recipe.model.source} on {spec.recipe.data.source}: {told}."


def _said(report: RaceReport) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(v.claim)}</th><td><b>{html.escape(v.chip)}</b></td><td>{html.escape(v.text)}</td></tr>"
        for v in report.verdicts
    )
    advice = f"<p>{html.escape(report.advice)}</p>" if report.advice else ""
    return f"<h2>What the data say</h2><table>{rows}</table>{advice}"


def _pictures(report: RaceReport, metric: Metric) -> list[str]:
    def show(value: float) -> str:
        return figure(metric, value)

    def series(runner: Runner, points: Sequence[Point]) -> Series:
        return Series(runner.title, look_of(runner.strategy), points)

    by_labels = [series(r, [Point(s.labels, s.mean, s.deviation) for s in r.standings]) for r in report.runners]
    most = fullest(report)
    last = [(runner, standing) for runner in report.runners if (standing := at(runner, most)) is not None]
    by_minutes = [series(r, [Point(s.minutes, s.mean, s.deviation)]) for r, s in last]
    rows = [(series(r, [Point(0, s.mean, s.deviation)]), s.scores) for r, s in last]
    title, counted = metric.title, count(most, "label")
    return [
        lines(f"{title} by number of labels", by_labels, report.labels, lambda x: f"{x:,.0f}", show, "labelled rows"),
        dots(f"{title} by minutes, {counted}", by_minutes, show, "minutes for one run"),
        spreads(f"{title} of each seed, {counted}", rows, show),
    ]


def table(report: RaceReport) -> list[list[str]]:
    """A heading and a line a strategy, with the mean score at each label count and its spread over the seeds."""
    metric = metric_of(report.task, report.metric)
    standings = {runner.strategy: [at(runner, rows) for rows in report.labels] for runner in report.runners}
    lines = [["Strategy", "Parameters that learn", "Minutes", *(count(rows, "label") for rows in report.labels)]]
    for row in table_rows(report):
        ran = standings.get(row.strategy)
        scores = row.scores if ran is None else [_spread(metric, standing) for standing in ran]
        lines.append([row.title, row.parameters, row.minutes, *scores])
    return lines


def _spread(metric: Metric, standing: Standing | None) -> str:
    if standing is None:
        return "–"
    mean = figure(metric, standing.mean)
    return f"{mean} ± {figure(metric, standing.deviation)}" if len(standing.scores) > 1 else mean


def _table(report: RaceReport) -> str:
    lines = []
    for number, line in enumerate(table(report)):
        kind = "td" if number else "th"
        lines.append("".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in line))
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _method(spec: RaceSpec, found: Found) -> list[str]:
    """What a reader must know to believe the figures, as sentences."""
    train = spec.recipe.train
    rates = ", ".join(
        f"{strategy(key).title} {train.learning_rate * strategy(key).rate_factor:g}" for key in spec.strategies
    )
    lengths = ", ".join(_length(spec, rows) for rows in resolved(spec.labels, found.rows))
    features = [
        "The features of the frozen encoder are computed once for all runs; each run is charged the time of its rows."
    ]
    return [
        f"One split for all: {count(found.rows, 'row')} to learn from, and {found.score_rows:,} of the rows that are "
        "kept for validation score every run.",
        f"Each seed draws its own rows, each label in its share; its larger sets contain the smaller ones. "
        f"All strategies learn from the same rows. {count(spec.seeds, 'seed')}.",
        f"Epochs and steps: {lengths}. At least {count(spec.least_steps, 'step')} a run.",
        f"Learning rates: {rates}.",
        "The last weights count: no run was chosen by its score on the scoring rows.",
        "Seconds of a run are those of its steps; opening the model and scoring are not counted.",
        *(features if "feature-based" in spec.strategies else []),
        "Claims rest on 95 % intervals of a paired bootstrap over seeds and rows (Koehn 2004), widened for few seeds "
        "as Student’s t demands; deviations are those of a sample (n − 1).",
    ]


def _length(spec: RaceSpec, rows: int) -> str:
    epochs, each = steps_of(spec, rows)
    return f"{count(rows, 'label')} {count(epochs, 'epoch')} of {count(each, 'step')}"
