"""Runs that are killed with -9 at a chosen place, in a process of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from tlgui.core import recipe as recipes
from tlgui.core.control import Control
from tlgui.core.events import Event, Progress, StepDone, Validated

PLACES = {
    "first step": lambda e: isinstance(e, StepDone) and e.step == 1,
    "mid epoch": lambda e: isinstance(e, StepDone) and e.step == 6,
    "during validation": lambda e: isinstance(e, Progress) and "validation" in e.what and Kill.steps > 2,
    "after a validation, before its checkpoint": lambda e: isinstance(e, Validated) and e.step > 2,
    "last step": lambda e: isinstance(e, StepDone) and e.step == e.total,
}


class Kill:
    """How far the run of this process has come."""

    steps = 0


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_until(place: str, recipe_file: str, runs: str, checkpoint_seconds: float) -> None:
    """Train until a place is reached; the process ends there without another instruction."""
    from tlgui.train import checkpoint, loop, session

    loop.CHECKPOINT_SECONDS = checkpoint_seconds
    if place == "during a checkpoint":
        _die_in_the_third_write(checkpoint)
    if place == "while the model is saved":
        session.save_model = lambda *args: kill()  # type: ignore[assignment]
    reached = PLACES.get(place, lambda event: False)

    def emit(event: Event) -> None:
        Kill.steps += isinstance(event, StepDone)
        if reached(event):
            kill()

    session.run(recipes.load(Path(recipe_file)), Path(runs), emit, Control(), exact_name="run")


def go_on(run: str) -> None:
    """Resume a run to its end."""
    from tlgui.train import session

    session.resume(Path(run), lambda event: None, Control())


def _die_in_the_third_write(checkpoint: Any) -> None:
    whole, calls = checkpoint.save_file, []

    def half(tensors: Any, path: Path, metadata: Any) -> None:
        calls.append(path)
        whole(tensors, path, metadata=metadata)
        if len(calls) == 3:
            path.write_bytes(path.read_bytes()[:1000])
            kill()

    checkpoint.save_file = half
