"""What the Race page reads and says: label counts, what keeps a race from starting, how far it is, and its figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tlgui.core import race, run_words
from tlgui.core.events import Failed
from tlgui.core.facts import DataFacts, ModelFacts
from tlgui.core.goals import GOALS, Metric, metric_of
from tlgui.core.plan import count, duration, millions
from tlgui.core.race import ALL, RaceReport, RaceSpec, Runner
from tlgui.core.race_plan import at, base_of, fullest
from tlgui.core.recipe import Recipe
from tlgui.core.run_words import Blocker

ALL_WORD = "all"
MOST = 10_000_000
"""Labelled rows that a race may be asked for; more is a slip of the finger."""


def read_labels(text: str) -> tuple[int, ...]:
    """The label counts of a line such as "50, 200, all": ascending, each once, ALL last.

    Raises:
        ValueError: the line cannot be read; the message is a sentence.
    """
    words = [word.lower() for word in re.split(r"[,;\s]+", text.strip()) if word]
    odd = next((w for w in words if w != ALL_WORD and not (w.isascii() and w.isdigit() and 0 < int(w) <= MOST)), None)
    if odd is not None:
        raise ValueError(f"“{odd}” is no number of rows. Write it like this: 50, 200, all.")
    return (*sorted({int(word) for word in words if word != ALL_WORD}), *([ALL] if ALL_WORD in words else []))


def show_labels(labels: tuple[int, ...]) -> str:
    """Label counts as they are typed: "50, 200, all"."""
    return ", ".join(ALL_WORD if rows == ALL else str(rows) for rows in labels)


def blockers(
    recipe: Recipe, model: ModelFacts | None, data: DataFacts | None, failures: Mapping[str, Failed | None], going: str
) -> tuple[Blocker, ...]:
    """What keeps any race of a recipe from starting; empty while something is still being read.

    Args:
        failures: Of the looks at `model` and `data`.
        going: "run" if one holds the worker; empty if nothing does.
    """
    if GOALS[recipe.task].truth != "class":
        return (Blocker("goal", "A race compares how well classes are predicted. Choose a goal that has classes."),)
    plain = base_of(recipe).edit("", probes=())
    found = run_words.blockers(plain, model, data, failures.get("model"), failures.get("data"))
    if going == "run":
        found = (*found, Blocker("train", "A run is going. The race can start when it has ended."))
    return found


def waits_for(going: str) -> tuple[Blocker, ...]:
    """Why a run cannot start while a race holds the worker."""
    if going != "race":
        return ()
    return (Blocker("race", "A race is going. The run can start when it has ended or is stopped."),)


def field_problems(spec: RaceSpec, model: ModelFacts | None, data: DataFacts | None) -> dict[str, str]:
    """The first sentence about each of the race's own fields that has a problem."""
    keys, new = (model.keys, model.new) if model is not None else ((), ())
    rows, classes = (data.train_rows, len(data.labels)) if data is not None else (0, 0)
    found = [p for p in race.problems(spec, keys, new, rows, classes) if not p.field.startswith("recipe.")]
    return {problem.field: problem.text for problem in reversed(found)}


def chosen_words(chosen: int, of: int) -> str:
    """What the button of the strategies shows: "4 of 7"."""
    return f"{chosen} of {of}"


def plan_words(runs: int, seconds: float) -> str:
    """What Start would do: "36 runs, about 24 min"; below 0 the time is not known yet."""
    return count(runs, "run") + (f", about {duration(seconds)}" if seconds >= 0 else "")


def left_words(done: int, total: int, seconds: float) -> str:
    """How far a race is that has been stopped: "12 of 36 runs, about 15 min left"; below 0 the time is not known."""
    left = f", about {duration(seconds)} left" if seconds >= 0 else ""
    return f"{done:,} of {count(total, 'run')}{left}"


def going_words(report: RaceReport) -> str:
    """How far a race is: "12 of 36 runs, about 15 min left"."""
    return left_words(report.done, report.total, report.seconds_left)


def ended_words(report: RaceReport) -> str:
    """What a race took: "75 of 75 runs, 1 h 12 min"."""
    return f"{report.done:,} of {count(report.total, 'run')}, {duration(report.seconds_spent)}"


def running_words(report: RaceReport | None, progress: str) -> str:
    """What goes on in this moment, in a line."""
    running = report.running if report is not None else ""
    return ", ".join(said for said in (running, progress) if said) or "Getting ready"


def rail_words(report: RaceReport | None, *, active: bool) -> str:
    """What the rail adds to the page's name while a race is going: "12 of 36"."""
    if not active:
        return ""
    return f"{report.done} of {report.total}" if report is not None else "starting"


def figure(metric: Metric, value: float) -> str:
    """A score in the table and the plots, where the heading says what it is: "84.1"."""
    return f"{value * 100:.1f}" if metric.percent else f"{value:.2f}"


def metric_of_report(report: RaceReport) -> Metric:
    return metric_of(report.task, report.metric)


def count_words(rows: int, train_rows: int) -> str:
    """A column of the table: "50 labels", "All labels"."""
    return "All labels" if rows == train_rows else count(rows, "label")


def last_column(rows: int, train_rows: int, seeds: int) -> str:
    """The column with the spread: "All labels, ± over 3 seeds"."""
    return count_words(rows, train_rows) + (f", ± over {seeds} seeds" if seeds > 1 else "")


def foot_note(report: RaceReport) -> str:
    """What the figures rest on."""
    rows = f"{count(report.score_rows, 'validation row')}."
    if report.seeds < 2:
        return f"{rows} One seed, so the spread is not known."
    few = " Two seeds say little of the spread." if report.seeds == 2 else ""
    return f"{rows} Bands and ± are one standard deviation over {report.seeds} seeds.{few}"


def bound(text: str) -> str:
    """The text with each unit bound to its figure, for lines that wrap."""
    return re.sub(r"(?<=\d) (?=(s|min|h|points?|%)(\W|$))", "\N{NO-BREAK SPACE}", text)


@dataclass(frozen=True)
class TableRow:
    """One line of the table of a race."""

    strategy: str
    """Key; empty for the baseline."""
    title: str
    parameters: str
    minutes: str
    """Of one run, with the label count that the plot by minutes shows."""
    scores: tuple[str, ...]
    """One figure a label count, "–" where there is none yet."""
    spread: str
    """"± 0.4" of the last score; empty where it is not known."""
    best: tuple[bool, ...]
    """Whether a score is the best of its column."""


def table_rows(report: RaceReport) -> tuple[TableRow, ...]:
    """A line a strategy, in the order of the report, and one for the baseline if there is one."""
    metric = metric_of_report(report)
    better = max if metric.higher_is_better else min
    best = {}
    for rows in report.labels:
        means = [standing.mean for runner in report.runners if (standing := at(runner, rows)) is not None]
        best[rows] = better(means, default=None)
    return (
        *(_row(report, runner, metric, best) for runner in report.runners),
        *([_baseline_row(report, report.baseline, metric)] if report.baseline else []),
    )


def _row(report: RaceReport, runner: Runner, metric: Metric, best: Mapping[int, float | None]) -> TableRow:
    standings = [at(runner, rows) for rows in report.labels]
    last = standings[-1] if standings else None
    timed = at(runner, fullest(report))
    return TableRow(
        strategy=runner.strategy,
        title=runner.title,
        parameters=millions(runner.parameters) if runner.parameters else "–",
        minutes=minutes_words(timed.minutes) if timed is not None else "–",
        scores=tuple("–" if s is None else figure(metric, s.mean) for s in standings),
        spread=f"± {figure(metric, last.deviation)}" if last is not None and len(last.scores) > 1 else "",
        best=tuple(s is not None and s.mean == best[s.labels] for s in standings),
    )


def minutes_words(minutes: float) -> str:
    """Minutes of a run: "7.4", "0.35"."""
    return f"{minutes:.1f}" if minutes >= 0.95 else f"{minutes:.2f}"


def _baseline_row(report: RaceReport, baseline: Mapping[int, float], metric: Metric) -> TableRow:
    scores = tuple(figure(metric, baseline[rows]) if rows in baseline else "–" for rows in report.labels)
    return TableRow("", BASELINE, "–", "–", scores, "", (False,) * len(scores))


BASELINE = "Logistic regression"
"""On frozen features, as a yardstick."""
