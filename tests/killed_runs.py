"""Runs that are killed with -9 at a chosen place, in a process of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tlgui.core import recipe as recipes
from tlgui.core.control import Control
from tlgui.core.events import Event, PlanChanged, Progress, Saved, StepDone, Validated
from tlgui.core.runs import RunFolder

PLACES = {
    "first step": lambda e: isinstance(e, StepDone) and e.step == 1,
    "mid epoch": lambda e: isinstance(e, StepDone) and e.step == 6,
    "during validation": lambda e: isinstance(e, Progress) and "validation" in e.what and Kill.steps > 2,
    "after a validation, before its checkpoint": lambda e: isinstance(e, Validated) and e.step > 2,
    "last step": lambda e: isinstance(e, StepDone) and e.step == e.total,
}
CHANGES = {
    "between a change and its step": lambda e: isinstance(e, PlanChanged),
    "between the second change and its step": lambda e: isinstance(e, PlanChanged) and Kill.changes == 2,
    "after a change, before a checkpoint": lambda e: isinstance(e, StepDone) and Kill.changes > 0,
    "after the last change": lambda e: isinstance(e, Saved) and Kill.changes > 1,
}
WISHES = ((3, ("0",), True), (6, ("2", "pooler"), False))
"""Steps done, groups, whether they are to learn: what the user of a run asks for."""


class Kill:
    """How far the run of this process has come."""

    steps = 0
    changes = 0


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_until(place: str, recipe_file: str, runs: str, checkpoint_seconds: float, by_hand: bool = False) -> None:
    """Train until a place is reached; the process ends there without another instruction.

    Args:
        by_hand: Whether the user asks for other groups, as in `WISHES`.
    """
    from tlgui.train import checkpoint, loop, session

    loop.CHECKPOINT_SECONDS, loop.APART_SECONDS = checkpoint_seconds, 0.0
    if place == "during a checkpoint":
        _die_in_the_third_write(checkpoint)
    if place == "while the model is saved":
        session.save_model = lambda *args: kill()  # type: ignore[assignment]
    reached = (PLACES | CHANGES).get(place, lambda event: False)
    control = Control()
    ask = user(control, by_hand)

    def emit(event: Event) -> None:
        Kill.steps += isinstance(event, StepDone)
        Kill.changes += isinstance(event, PlanChanged)
        if reached(event):
            kill()
        ask(event)

    session.run(recipes.load(Path(recipe_file)), Path(runs), emit, control, exact_name="run")


def go_on(run: str, by_hand: bool = False) -> None:
    """Resume a run to its end; what the user has not yet asked for is asked for now."""
    from tlgui.train import session

    control = Control()
    session.resume(Path(run), user(control, by_hand), control)


def killed_and_gone_on(recipe: recipes.Recipe, folder: Path, checkpoint_seconds: float) -> tuple[RunFolder, RunFolder]:
    """A run that was never interrupted, and the same killed in the middle of an epoch and resumed."""
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload(["tlgui.train.session"])
    file = folder / "recipe.toml"
    file.write_text(recipes.dump(recipe), encoding="utf-8")
    ends = []
    for work, *args in (
        (run_until, "never", str(file), str(folder / "whole"), checkpoint_seconds),
        (run_until, "mid epoch", str(file), str(folder / "killed"), checkpoint_seconds),
        (go_on, str(folder / "killed" / "run")),
    ):
        process = forked.Process(target=work, args=args)
        process.start()
        process.join(120)
        ends.append(process.exitcode)
    assert ends == [0, -signal.SIGKILL, 0]
    return RunFolder(folder / "whole" / "run"), RunFolder(folder / "killed" / "run")


def user(control: Control, by_hand: bool) -> Callable[[Event], None]:
    """Somebody who asks for other groups once a step is done."""

    def ask(event: Event) -> None:
        for step, groups, learns in WISHES if by_hand else ():
            if isinstance(event, StepDone) and event.step == step:
                control.wish(groups, learns=learns)

    return ask


def _die_in_the_third_write(checkpoint: Any) -> None:
    whole, calls = checkpoint.save_file, []

    def half(tensors: Any, path: Path, metadata: Any) -> None:
        calls.append(path)
        whole(tensors, path, metadata=metadata)
        if len(calls) == 3:
            path.write_bytes(path.read_bytes()[:1000])
            kill()

    checkpoint.save_file = half
