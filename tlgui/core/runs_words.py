"""What the list of runs says of each."""

from __future__ import annotations

from datetime import datetime

from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS, metric_of
from tlgui.core.plan import duration, millions
from tlgui.core.window_words import source_words

MARKS = {
    # status → icon and colour
    "finished": ("check", "good"),
    "stopped": ("keep", "dim"),
    "interrupted": ("warn", "warn"),
    "failed": ("bad", "bad"),
    "running": ("play", "accent"),
}


def what(run: RunSummary) -> str:
    """Model, data and plan in one line."""
    model = "starter model" if run.model == "starter" else source_words(run.model)
    return f"{source_words(run.data)}, {model}, {run.plan}"


def goal(run: RunSummary) -> str:
    return GOALS[run.task].short


def best(run: RunSummary) -> str:
    """The figure that decided which weights were kept."""
    return "–" if run.best is None else metric_of(run.task, run.metric).show(run.best)


def steps(run: RunSummary) -> str:
    return f"{run.step:,}" if run.step == run.total else f"{run.step:,} of {run.total:,}"


def time(run: RunSummary) -> str:
    return duration(run.seconds) if run.seconds else "–"


def state(run: RunSummary) -> str:
    return run.status


def receipt(run: RunSummary) -> str:
    """What happened to the values that were to stay frozen: "0 of 19.0 M changed"."""
    if run.frozen_changed < 0:
        return "–"
    if not run.frozen_values:
        return "nothing frozen"
    return f"{run.frozen_changed:,} of {millions(run.frozen_values)} changed"


def started(run: RunSummary) -> str:
    """Day and time: "2026-11-23 08:40"."""
    return datetime.fromisoformat(run.started).strftime("%Y-%m-%d %H:%M")


def going(name: str) -> str:
    return f"{name} is training now. It joins the list when it has ended."
