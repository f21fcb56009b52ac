"""What a run takes at its highest, in a process of its own, beside what was foretold of it in another."""

from __future__ import annotations

import resource
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
    answer.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _quiet(event: Event) -> None:
    pass
