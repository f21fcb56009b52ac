"""What the frame around the pages says: the rail, the facts at its foot, and the questions before something is lost."""

from __future__ import annotations

from pathlib import Path

from tlgui.core.events import Event, Failed
from tlgui.core.facts import Machine, ModelFacts, RunSummary
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.plan import Answer, count, duration, size
from tlgui.core.recipe import Recipe
from tlgui.core.run_words import lost_words

_GOING = {
    "preparing": "Getting ready",
    "running": "Running",
    "pausing": "Pausing",
    "paused": "Paused",
    "stopping": "Stopping",
}


def run_answer(state: str, history: History, ending: Event | None) -> Answer | None:
    """What the rail says of a run that is going or has ended; None when there is none."""
    if state in _GOING:
        share = f", {history.step / history.total:.0%}".replace("%", " %") if history.step and history.total else ""
        return Answer("train", "open", _GOING[state] + share, "")
    if isinstance(ending, Failed):
        return Answer("train", "problem", "Failed", "")
    summary = getattr(ending, "value", None)
    if not isinstance(summary, RunSummary):
        return None
    if summary.status == "finished":
        return Answer("train", "filled", f"Finished, {duration(summary.seconds)}", "")
    return Answer("train", "filled", f"{summary.status.capitalize()}, step {summary.step:,}", "")


def try_answer(has_model: bool) -> Answer:
    """What the rail says of the Try page."""
    return Answer("try", "open", "Ready" if has_model else "After training", "")


def runs_words(runs: tuple[RunSummary, ...]) -> str:
    """How many runs there are."""
    return count(len(runs), "run") if runs else "none yet"


def machine_words(machine: Machine | None, recipe: Recipe, model: ModelFacts | None) -> str:
    """Lines for the foot of the rail: what this computer has, and whether the network is needed."""
    if machine is None:
        return "Looking at this computer"
    has = f"{machine.device}, {count(machine.cores, 'core')}\n{size(machine.memory_free_bytes)} free"
    wanted = (recipe.data.source, recipe.model.source if model is None else "")
    on_hub = any(source.startswith("hub:") for source in wanted)
    if not on_hub:
        need = "Everything needed is here" if machine.online else "Offline: everything needed is here"
    else:
        need = "Needs the network once" if machine.online else "Offline: what is not here cannot be downloaded"
    return f"{has}\n{need}"


def resume_words(run: RunSummary) -> str:
    """The offer to go on with a run that did not get to its end."""
    why = {"interrupted": "was interrupted", "failed": "failed"}.get(run.status, "was stopped")
    return f"{run.name} {why} at step {run.step:,} of {run.total:,}. It can go on exactly where it was."


def close_question(recipe: Recipe, name: str, history: History) -> tuple[str, str]:
    """Title and text of the question before the window is closed on a run."""
    title = f"Close while {name} is training?"
    if not history.step:
        return title, "No step is done yet, so there is nothing to keep."
    done = f"{history.step:,} of {count(history.total, 'step')} are done"
    discarded = lost_words(recipe, history)
    return title, f"{done}. Kept, the run can go on from step {history.step:,} later. Discarding deletes {discarded}."


def discard_run_question(run: RunSummary) -> tuple[str, str]:
    """Title and text of the question before a run is deleted from the list."""
    lost = count(run.step, "step")
    if run.best is not None:
        metric = GOALS[run.task].metric
        lost += f" and the weights at step {run.best_step:,} ({metric.show(run.best)})"
    return f"Discard the run {run.name}?", f"The folder with {lost} is deleted. This cannot be undone."


def source_words(source: str) -> str:
    """A model's or table's source for people: the last part of a path, a sample's or Hub name without its scheme."""
    scheme, colon, rest = source.partition(":")
    if colon and scheme in ("sample", "hub"):
        return rest
    return Path(source).name or source
