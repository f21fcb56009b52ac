"""Made-up event streams of a run, fed to a workbench without a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tlgui.core import events
from tlgui.core.events import Event
from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe

if TYPE_CHECKING:  # tests without Qt read the facts too
    from tlgui.ui.workbench import Workbench

TOTAL, EPOCH, EVERY = 40, 20, 10
PROBES = {
    "classify": ("A slow start.", "Not bad."),
    "mask": ("The queen lays {eggs}.", "Smoke makes bees {calm}."),
    "next-word": ("The queen lays eggs.",),
    "answer": ("Who?\nThe {bees}.",),
    "tag": ("We left Trieste.",),
    "text-to-text": ("shorten: A long text. => A text.",),
    "corrupt": ("The {queen} lays.",),
}
SUMMARY = RunSummary(
    name="run-01",
    folder="/runs/run-01",
    status="finished",
    task="classify",
    model="starter",
    data="x.csv",
    plan="every group learns",
    step=TOTAL,
    total=TOTAL,
    metric="accuracy",
    best=0.784,
    best_step=30,
    seconds=54.0,
    started="2026-01-01T10:00:00",
    can_resume=False,
    has_model=True,
    kept_step=30,
    kept_scored=True,
)


def recipe(task: str = "classify") -> Recipe:
    return Recipe(task=task, probes=PROBES[task]).edit("data", source="x.csv")


def stream(task: str = "classify", steps: int = TOTAL) -> Iterator[Event]:
    """A run that gets better at every check until step 30, and no better after it."""
    yield events.Started("/runs/run-01", 0, TOTAL, EPOCH, ("head",), GOALS[task].metric.key)
    yield events.Note(0, "8 rows kept aside for validation.")
    for step in range(steps + 1):
        if step:
            yield events.StepDone(step, TOTAL, 0.7 - step / 100, 5e-5 * (1 - step / TOTAL), 0.05)
        if step % EVERY == 0:
            good = 0.5 + min(step, 30) / 100
            metrics = {"accuracy": good, "macro_f1": good} if task == "classify" else {"loss": 1 - good, "hits": good}
            metrics = {"perplexity": 2 - good, **metrics} if task == "next-word" else metrics
            metrics = {"f1": good, "exact": good} if task == "answer" else metrics
            metrics = dict.fromkeys(("f1", "precision", "recall", "accuracy"), good) if task == "tag" else metrics
            if task == "text-to-text":
                metrics = {"loss": 1 - good, **dict.fromkeys(("f1", "exact_match", "bleu"), good)}
            yield events.Validated(step, 1 - good, metrics, best=step <= 30)
            for probe in range(len(PROBES[task])):
                yield events.ProbeScored(step, probe, good - 0.1 * probe)
            yield events.Note(step, f"Check at step {step}.")


GROUPS = ("embeddings", "0", "1", "pooler", "head")


def gradual() -> Recipe:
    """Layer 1 thaws after the first epoch, layer 0 ten steps later."""
    thaws = {"method": "gradual", "frozen": ["embeddings"], "layer_decay": 0.9}
    return recipe().edit("transfer", **thaws).edit("transfer.gradual", every=0.5, at={"1": 1.0, "0": 1.5})


def thawing(steps: int = TOTAL, groups: tuple[str, ...] = GROUPS, then: Sequence[Event] = ()) -> Iterator[Event]:
    """A gradual run whose groups are measured at each step; `then` comes last.

    Head and pooler move by a hundredth a step, as layer 1 does after it has thawed.
    """
    learns: tuple[str, ...] = ("pooler", "head")
    yield events.Started("/runs/run-01", 0, TOTAL, EPOCH, learns, "accuracy", groups)
    for step in range(1, steps + 1):
        yield events.StepDone(step, TOTAL, 0.7 - step / 100, 5e-5 * (1 - step / TOTAL), 0.05)
        since = {key: EPOCH if key == "1" else 0 for key in learns}
        distances = {key: (step - start) / 100 for key, start in since.items()}
        yield events.GroupsMeasured(step, distances, {key: 2.4 if key == "head" else 0.3 for key in learns})
        if step % EVERY == 0:
            good = 0.5 + step / 100
            yield events.Validated(step, 1 - step / 100, {"accuracy": good, "macro_f1": good}, best=True)
        if step == EPOCH:
            learns = ("1", *learns)
            yield events.PlanChanged(step, learns, ("1",), (), "planned")
            yield events.Note(step + 1, "Layer 1 thawed, as planned.")
    yield from then


def feed(bench: Workbench, task: str = "classify", steps: int = TOTAL, ending: Event | None = None) -> None:
    """Let the workbench's run have taken some steps, and ended if an ending is given."""
    training = bench.training
    training.recipe, training.state = recipe(task), "preparing"
    training.changed.emit()
    training._take([*stream(task, steps), *([ending] if ending else [])])


def finished(task: str = "classify", **changes: object) -> events.Finished:
    metric = GOALS[task].metric.key
    return events.Finished(replace(SUMMARY, task=task, metric=metric, **changes))  # type: ignore[arg-type]
