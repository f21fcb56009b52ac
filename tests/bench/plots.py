"""Time one update of the four plots of a long run, to be under 50 ms: `python tests/bench/plots.py [STEPS]`."""

from __future__ import annotations

import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from tlgui.core import events
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.plots.run_plots import RunPlots

UPDATES = 30


def long_run(steps: int) -> History:
    """A run of some steps with a hundred checks and three probes."""
    noise = np.random.default_rng(0).normal(0, 0.05, steps + 1)
    history = History()
    history.add(events.Started("r", 0, steps + UPDATES, steps // 10, ("head",), "accuracy"))
    for step in range(1, steps + 1):
        history.add(events.StepDone(step, steps + UPDATES, 0.7 + noise[step], 5e-5, 0.05))
        if step % (steps // 100) == 0:
            history.add(events.Validated(step, 0.6, {"accuracy": 0.7}, best=True))
            for probe in range(3):
                history.add(events.ProbeScored(step, probe, 0.2 * probe))
    return history


def main(steps: int) -> None:
    app = QApplication([])
    theme.apply("light")
    plots, history = RunPlots(), long_run(steps)
    recipe = Recipe(probes=("One.", "Two.", "Three."))
    plots.resize(780, 560)
    plots.show()
    plots.show_run(history, recipe, outlook(history, recipe))
    app.processEvents()
    taken = []
    for step in range(steps + 1, steps + 1 + UPDATES):
        history.add(events.StepDone(step, steps + UPDATES, 0.7, 5e-5, 0.05))
        start = time.perf_counter()
        plots.show_run(history, recipe, outlook(history, recipe))
        plots.grab()  # the painting counts too
        taken.append((time.perf_counter() - start) * 1000)
        app.processEvents()
    print(f"{steps:,} steps: median {statistics.median(taken):.1f} ms, worst {max(taken):.1f} ms an update")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
