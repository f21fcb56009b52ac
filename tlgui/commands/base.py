"""What every command is made of, and what several of them share."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlgui.core.control import Control
from tlgui.core.events import Emit

DONE, OUR_FAULT, USER_INPUT, STOPPED = 0, 1, 2, 130


@dataclass(frozen=True)
class Answer:
    """What a command found: an object for programs and lines for people."""

    value: Any
    lines: Sequence[str]
    code: int = DONE


@dataclass(frozen=True)
class Command:
    """A row of the table of commands."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Emit, Control], Answer]


def plain(value: Any) -> Any:
    """Dataclasses, paths and tuples as what JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value


def recipe_of(source: str) -> Any:
    """A recipe file, or the recipe of a sample."""
    from tlgui.core import recipe, samples

    if source.startswith("sample:"):
        return samples.find(source).recipe()
    return recipe.load(Path(source))
