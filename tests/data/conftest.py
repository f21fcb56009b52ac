"""Opening small files the way a recipe does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlgui.core.control import Control
from tlgui.core.recipe import DataPart, ReadingPart, Recipe
from tlgui.data.sources import Source, open_source

Write = Callable[..., Path]
Open = Callable[..., Source]


def ignore(event: object) -> None:
    """An `emit` for tests that do not look at events."""


@pytest.fixture
def write(tmp_path: Path, home: Path) -> Write:
    """Write a file of text or bytes under the test's folder; the cache is the test's own."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def opened() -> Open:
    """Open a source with some reading settings."""

    def make(source: Path | str, **reading: Any) -> Source:
        return open_source(str(source), ReadingPart(**reading), ignore, Control())

    return make


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe for a source; keywords are those of its data section."""

    def make(source: Path | str, task: str = "classify", **data: Any) -> Recipe:
        return Recipe(task=task, data=DataPart(source=str(source), **data))

    return make
