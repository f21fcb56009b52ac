"""The same recipe with its number of threads gives the same numbers in window and command line, to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tlgui.core import recipe as recipes
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.ui import app

ROOT = Path(__file__).parents[2]
LONG = 240_000
pytestmark = pytest.mark.long


def curves(run: Path) -> tuple[list[float], list[tuple[int, float, dict[str, float]]]]:
    history = History.of(RunFolder(run).events())
    return history.losses.tolist(), [(v.step, v.loss, dict(v.metrics)) for v in history.validations]


def test_window_and_command_line_agree(shared_data: Path, qtbot: QtBot, home: Path, tmp_path: Path) -> None:
    recipe = (
        Recipe(name="rt")
        .edit("data", source=str(shared_data / "rt-polarity"), rows=500)
        .edit("transfer", frozen=("embeddings", "0-3"))
        .edit("train", epochs=1, learning_rate=1e-4, validations=2, threads=1)
    )
    file = tmp_path / "rt.toml"
    file.write_text(recipes.dump(recipe), encoding="utf-8")
    command = [sys.executable, "-m", "tlgui", "train", str(file), "--runs", str(tmp_path), "--name", "cli", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr

    window = app.make_window(recipes.load(file))
    try:
        window.show()
        window.show_page("train")
        start = window.page("train").findChild(QAbstractButton, "start")
        qtbot.waitUntil(lambda: start.isVisible() and start.isEnabled(), timeout=LONG)
        qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
        training = window.bench.training
        with qtbot.waitSignal(training.changed, timeout=LONG, check_params_cb=lambda: training.state == "ended"):
            pass
        assert training.folder is not None
        assert curves(training.folder) == curves(tmp_path / "cli")
        assert training.summary is not None
        assert training.summary.best == json.loads(done.stdout)["best"]
    finally:
        window.close()
        window.deleteLater()
