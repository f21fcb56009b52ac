"""Seconds from starting the frozen program to its first painted window, and to a model trained by *Try it now*.

Run it with `python tests/bench/frozen_start.py BUNDLE [REPEATS]` on a screen of its own, such as Xvfb's: it looks at
the screen as a user does, and presses the button with xdotool. Nothing in the program knows that it is measured.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QColor, QGuiApplication, QImage

ACCENT = QColor("#0067A3")
"""The one filled button of the page."""
PATIENCE_SECONDS = 180
LOOK_EVERY_SECONDS = 0.02


def screen() -> QImage:
    """What is seen now."""
    return QGuiApplication.primaryScreen().grabWindow(0).toImage()


def is_painted(image: QImage) -> bool:
    """Whether there is a window with something in it: an empty screen and an empty window have few colours."""
    width, height = image.width(), image.height()
    return len({image.pixel(x, y) for x in range(0, width, 7) for y in range(0, height, 7)}) > 20


def is_accent(image: QImage, x: int, y: int) -> bool:
    """Whether a pixel is of the accent's colour, give or take the button's shading."""
    seen = image.pixelColor(x, y)
    return max(abs(a - b) for a, b in zip(seen.getRgb()[:3], ACCENT.getRgb()[:3], strict=True)) < 48  # type: ignore[misc]


def button(image: QImage) -> tuple[int, int] | None:
    """A place on the filled button: the topmost one whose neighbours 12 pixels below and 40 to the right look alike."""
    for y in range(0, image.height() - 16, 4):
        for x in range(0, image.width() - 40, 4):
            if all(is_accent(image, x + across, y + down) for across in (0, 40) for down in (0, 4, 8, 12)):
                return x + 20, y + 8
    return None


def until(began: float, done: Callable[[], object]) -> float:
    """Seconds from `began` until something is so."""
    while not done():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{done} was not so after {PATIENCE_SECONDS} s")
        time.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - began


def start(bundle: Path, home: Path) -> subprocess.Popen[bytes]:
    """The window's program with an empty home and nothing else in its environment."""
    environ = {"HOME": str(home), "DISPLAY": os.environ["DISPLAY"], "PATH": "/nowhere"}
    return subprocess.Popen([bundle / "tlgui-window"], env=environ, stderr=subprocess.DEVNULL)


def first_paint(bundle: Path) -> float:
    """Seconds to the first painted window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        began = time.monotonic()
        program = start(bundle, Path(home))
        try:
            return until(began, lambda: is_painted(screen()))
        finally:
            program.kill()
            program.wait()


def try_it_now(bundle: Path) -> tuple[float, float]:
    """Seconds from the start of the program to the first step, and to the trained model; pressed as soon as seen."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        runs = Path(home, ".local", "share", "tlgui", "runs")
        began = time.monotonic()
        program = start(bundle, Path(home))
        try:
            until(began, lambda: button(screen()))
            x, y = button(screen()) or (0, 0)
            subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)
            stepped = until(began, lambda: any('"StepDone"' in log.read_text() for log in runs.glob("*/events.jsonl")))
            return stepped, until(began, lambda: list(runs.glob("*/model/config.json")))
        finally:
            program.kill()
            program.wait()


def spread(values: list[float]) -> dict[str, object]:
    return {"median": round(statistics.median(values), 2), "range": [round(min(values), 2), round(max(values), 2)]}


def measure(bundle: Path, repeats: int) -> dict[str, object]:
    """One start to warm up, then both, `repeats` times."""
    first_paint(bundle)
    paints = [first_paint(bundle) for _ in range(repeats)]
    runs = [try_it_now(bundle) for _ in range(max(1, repeats // 2))]
    return {
        "first_paint_seconds": spread(paints),
        "first_step_seconds": spread([step for step, _ in runs]),
        "try_it_now_seconds": spread([done for _, done in runs]),
        "repeats": [len(paints), len(runs)],
    }


if __name__ == "__main__":
    application = QGuiApplication([])
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5), indent=2))
