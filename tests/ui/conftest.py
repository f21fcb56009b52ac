"""A workbench without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tlgui.ui import theme
from tlgui.ui.workbench import Workbench


@pytest.fixture
def bench(qtbot: QtBot, home: Path) -> Iterator[Workbench]:
    """State and worker of a window that has not begun to look at anything."""
    theme.apply("light")
    made = Workbench()
    yield made
    made.close()
