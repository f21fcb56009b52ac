"""What a run takes at its highest, in a process of its own, beside what was foretold of it in another."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from tlgui.core import recipe as recipes
from tlgui.core.control import Control
from tlgui.core.events import Event

ROWS = (160, 32)
"""For training and validation."""


def foretell(recipe_file: str, answer: Connection) -> None:
    """Send the bytes that are foretold."""
    from tlgui.train import measure

    recipe = recipes.load(Path(recipe_file))
    lengths = measure.lengths(recipe, _quiet, Control())
    answer.send(measure.cost(recipe, lengths, *ROWS, _quiet, Control()).memory_bytes)


def train(recipe_file: str, answer: Connection) -> None:
    """Train, and send the highest resident memory of this process, bytes."""
    from tlgui.train import session

    file = Path(recipe_file)
    session.run(recipes.load(file), file.parent / "runs", _quiet, Control())
    answer.send(_highest_resident())


def _highest_resident() -> int:
    """Of this process alone, bytes; `getrusage` would give that of the process which started it, if it was larger."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _quiet(event: Event) -> None:
    pass
