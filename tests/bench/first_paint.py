"""Seconds from starting the program to the first painted window, beside `import torch, transformers`.

Run it with `python tests/bench/first_paint.py [REPEATS]`; it needs a display, or QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

WINDOW = """
import sys, time
from PySide6.QtCore import QTimer
from tlgui.ui import app
qt = app.make_application()
window = app.make_window()
window.show()
qt.processEvents()
loaded = [name for name in ("torch", "transformers", "pyqtgraph", "datasets", "pyarrow") if name in sys.modules]
print(time.time(), *loaded)
window.close()
"""
LIBRARIES = "import torch, transformers, time; print(time.time())"


def seconds(code: str) -> tuple[float, list[str]]:
    """From exec to the time that the code prints, and the words after it."""
    with tempfile.TemporaryDirectory() as home:
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "TLGUI_HOME": home, "HOME": home},
        )
    at, *words = done.stdout.split()
    return float(at) - began, words


def measure(repeats: int) -> dict[str, object]:
    """Both, alternating, so that a busy moment hits both."""
    paint, libraries, loaded = [], [], set()
    for _ in range(repeats):
        spent, words = seconds(WINDOW)
        paint.append(spent)
        loaded.update(words)
        libraries.append(seconds(LIBRARIES)[0])
    ratios = [a / b for a, b in zip(paint, libraries, strict=True)]
    return {
        "first_paint_seconds": statistics.median(paint),
        "range": [min(paint), max(paint)],
        "import_torch_transformers_seconds": statistics.median(libraries),
        "ratio": statistics.median(ratios),
        "heavy_modules_loaded_at_first_paint": sorted(loaded),
        "repeats": repeats,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5), indent=2))
