"""The whole way from a sample to a trained model, by mouse and keys in a window of its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tlgui.core.presets import PRESETS
from tlgui.ui.pages.table import PAGES

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("smoke") / "pictures"
    command = [sys.executable, "-m", "tlgui", "--smoke-test", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def brightness(image: QImage) -> float:
    """Mean grey of a grid of pixels, 0..255."""
    points = [(x, y) for x in range(5, image.width(), 40) for y in range(5, image.height(), 40)]
    return sum(image.pixelColor(x, y).lightness() for x, y in points) / len(points)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.key)
def test_every_page_has_a_picture_in_both_schemes(pictures: Path, row: object, scheme: str) -> None:
    found = [path for path in pictures.glob(f"*-{scheme}.png") if f"-{row.key}-" in path.name]  # type: ignore[attr-defined]
    assert found
    for path in found:
        image = QImage(str(path))
        assert image.width() >= 1024
        assert image.height() >= 680
        assert brightness(image) > 200 if scheme == "light" else brightness(image) < 80
        colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
        assert len(colours) > 30  # text, icons and curves, not an empty sheet


def test_the_board_is_pictured_with_every_preset(pictures: Path) -> None:
    boards = [QImage(str(pictures / f"4-layers-{preset}-light.png")) for preset in PRESETS]
    assert all(one != other for one, other in pairwise(boards))


def test_training_is_pictured_while_it_runs_and_when_it_has_ended(pictures: Path) -> None:
    names = {path.name for path in pictures.iterdir()}
    assert {"5-train-running-light.png", "5-train-finished-light.png"} <= names
    running, finished = (QImage(str(pictures / f"5-train-{state}-light.png")) for state in ("running", "finished"))
    assert running != finished


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("not a folder", encoding="utf-8")
    command = [sys.executable, "-m", "tlgui", "--smoke-test", str(target / "pictures")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(target) in done.stderr
