"""What the Train page says of a run: before, during and after it."""

from __future__ import annotations

from dataclasses import dataclass

from tlgui.core import recipe as recipes
from tlgui.core.board import layer_problems
from tlgui.core.events import Failed, Finished, Stopped
from tlgui.core.facts import CostFacts, DataFacts, ModelFacts, RunSummary
from tlgui.core.goals import GOALS, metric_of
from tlgui.core.history import History
from tlgui.core.plan import Page, count, duration, size
from tlgui.core.recipe import Recipe

_PAGES: tuple[tuple[str, Page], ...] = (
    ("task", "goal"),
    ("model", "model"),
    ("data", "data"),
    ("transfer", "layers"),
    ("head", "layers"),
    ("probes", "try"),
)
_MISSING = {
    "data.source": "There is no data yet. Open a file or a sample.",
    "model.source": "No model is chosen yet. Pick one.",
}
"""What an empty field means to someone who has not come to its page."""


@dataclass(frozen=True)
class Blocker:
    """Why a run cannot start, and the page that settles it."""

    page: Page
    text: str


def page_of(field: str) -> Page:
    """The page that owns a field of the recipe, such as `data.text`."""
    return next((page for start, page in _PAGES if field.partition(".")[0] == start), "train")


def blockers(
    recipe: Recipe,
    model: ModelFacts | None,
    data: DataFacts | None,
    model_failure: Failed | None = None,
    data_failure: Failed | None = None,
) -> tuple[Blocker, ...]:
    """All that keeps a run from starting, in the order of the pages; empty while something is still being read."""
    found = [Blocker(page_of(p.field), _MISSING.get(p.field) or sentence(p.text)) for p in recipes.problems(recipe)]
    for page, failure in (("model", model_failure), ("data", data_failure)):
        if failure is not None:
            found.append(Blocker(page, f"{failure.title} {failure.hint}"))  # type: ignore[arg-type]
    if data is not None:
        found += [Blocker("data", problem.text) for problem in data.problems if problem.severity == "must"]
    if model is not None:
        found += [Blocker("layers", sentence(problem.text)) for problem in layer_problems(recipe, model, data)]
    return tuple(found)


def sentence(text: str) -> str:
    """A problem's text with a capital letter; names of fields lose their underscores."""
    name, _, rest = text.partition(" ")
    said = f"{name.replace('_', ' ')} {rest}"
    return said[:1].upper() + said[1:]


def settings_words(recipe: Recipe) -> str:
    """The settings in one glance: "3 epochs, batch 16, 64 tokens"."""
    train = recipe.train
    return f"{count(train.epochs, 'epoch')}, {batch_words(recipe)}, {train.max_length} tokens"


def batch_words(recipe: Recipe) -> str:
    """What a step learns from: "batch 16", "batches of 2,048 tokens"."""
    tokens = recipe.train.batch_tokens
    return f"batches of {tokens:,} tokens" if tokens else f"batch {recipe.train.batch_size}"


def plan_sentence(recipe: Recipe, data: DataFacts, cost: CostFacts | None) -> str:
    """What Start will do, and about how long it takes."""
    train = recipe.train
    first = f"{count(train.epochs, 'epoch')} over {count(data.train_rows, 'row')}"
    times = "once" if train.validations == 1 else f"{train.validations} times"
    checked = f"checked {times} an epoch on {count(data.validation_rows, 'row')} kept aside"
    if cost is None:
        return f"{first}, {checked}. The time it takes is being measured."
    price = f"{count(cost.steps, 'step')}, about {duration(cost.seconds)} and {size(cost.memory_bytes)}"
    return f"{first}, {checked}. {price}."


def epoch_words(history: History, epochs: int) -> str:
    """Where the run is: "Epoch 2 of 3"."""
    done = (max(history.step, 1) - 1) // max(1, history.steps_per_epoch)
    return f"Epoch {min(done + 1, epochs)} of {epochs}"


def step_words(history: History, step_seconds: float | None) -> str:
    """ "step 612 of 1,440, 52 ms each"."""
    where = f"step {history.step:,} of {history.total:,}"
    if step_seconds is None:
        return where
    each = f"{step_seconds * 1000:.0f} ms" if step_seconds < 1 else f"{step_seconds:.1f} s"
    return f"{where}, {each} each"


def paused_words(history: History) -> str:
    """ "at step 612 of 1,440"."""
    return f"at step {history.step:,} of {history.total:,}"


def left_words(seconds: float) -> str:
    """ "1 min 41 s left"; seconds are told only below ten minutes."""
    whole = max(1, round(seconds))
    if whole < 60 or whole >= 600:
        return f"{duration(whole)} left"
    return f"{whole // 60} min {whole % 60} s left"


def lost_words(recipe: Recipe, history: History) -> str:
    """What discarding deletes, in numbers: "612 steps and the weights at step 600 (78.4 %)"."""
    lost = count(history.step, "step")
    if history.best is not None:
        metric = GOALS[recipe.task].metric
        value = metric.show(history.best.metrics.get(metric.key, history.best.loss))
        lost += f" and the weights at step {history.best.step:,} ({value})"
    return lost


def discard_question(recipe: Recipe, name: str, history: History) -> tuple[str, str]:
    """Title and text of the question before a run is deleted; says what is lost, in numbers."""
    lost = lost_words(recipe, history)
    verb = "is" if lost == "1 step" else "are"
    return f"Discard the run {name}?", f"{lost} {verb} deleted. “Stop and keep” would save them."


def outcome(ending: Finished | Stopped | Failed, summary: RunSummary | None) -> str:
    """What came of a run, in a sentence or two; empty for a failure, which speaks for itself."""
    if isinstance(ending, Failed):
        return ""
    if summary is None:
        return "The run was discarded. Nothing of it is left."
    kept = "No weights were kept."
    if summary.kept_step >= 0 and not summary.kept_scored:
        kept = f"The weights of step {summary.kept_step:,} are kept; no validation was made with them."
    elif summary.kept_step >= 0 and summary.best is not None:
        metric = metric_of(summary.task, summary.metric)
        kept = f"{metric.title} {metric.show(summary.best)} at step {summary.kept_step:,}; these weights are kept."
    where = f"step {summary.step:,} of {summary.total:,}"
    return f"{_ENDED[summary.status].format(where=where, time=duration(summary.seconds))} {kept}"


_ENDED = {
    "finished": "Finished in {time}.",
    "stopped": "Stopped at {where}.",
    "interrupted": "Interrupted at {where}.",
    "failed": "Failed at {where}.",
    "running": "Another window is training this run, now at {where}.",
}


def run_in_words(run: RunSummary) -> str:
    """A run as one line of a list: "reviews-01: finished, 120 of 120 steps, accuracy 78.4 % at step 100"."""
    metric = metric_of(run.task, run.metric)
    best = "" if run.best is None else f", {metric.title.lower()} {metric.show(run.best)} at step {run.best_step:,}"
    return f"{run.name}: {run.status}, {run.step:,} of {count(run.total, 'step')}{best}"
