"""A workbench without a window, and one with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tlgui.ui import theme
from tlgui.ui.window import Window
from tlgui.ui.workbench import Workbench


@pytest.fixture
def bench(qtbot: QtBot, home: Path) -> Iterator[Workbench]:
    """State and worker of a window that has not begun to look at anything."""
    theme.apply("light")
    made = Workbench()
    yield made
    made.close()


@pytest.fixture
def window(bench: Workbench, qtbot: QtBot) -> Iterator[Window]:
    """The whole window on that workbench, shown."""
    made = Window(bench)
    qtbot.addWidget(made)
    made.show()
    yield made
    theme.apply("light")
