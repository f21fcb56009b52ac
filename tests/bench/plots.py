"""Processor time of one update of the plots of a long run: `python plots.py STEPS [LAYERS]`."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from tlgui.core import events
from tlgui.core.history import History
from tlgui.core.outlook import outlook
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.plots.run_plots import RunPlots

UPDATES, CHECKS, MEASUREMENTS = 30, 100, 200


def long_run(steps: int, recipe: Recipe, keys: tuple[str, ...]) -> History:
    """A run of some steps that thaws a group each epoch, with checks, three probes and measurements of every group."""
    noise = np.random.default_rng(0).normal(0, 0.05, steps + 1)
    history, total, epoch = History(), steps + UPDATES, steps // recipe.train.epochs
    learns: tuple[str, ...] = keys[-2:]
    history.add(events.Started("r", 0, total, epoch, learns, "accuracy", keys))
    for step in range(1, steps + 1):
        history.add(events.StepDone(step, total, 0.7 + noise[step], 5e-5, 0.05))
        if step % (steps // CHECKS) == 0:
            history.add(events.Validated(step, 0.6, {"accuracy": 0.7}, best=True))
            for probe in range(3):
                history.add(events.ProbeScored(step, probe, 0.2 * probe))
        if step % (steps // MEASUREMENTS) == 0:
            history.add(events.GroupsMeasured(step, dict.fromkeys(learns, step / steps), dict.fromkeys(learns, 1.0)))
        if step % epoch == 0 and step < steps and len(learns) < len(keys):
            thawed = keys[-len(learns) - 1]
            learns = (thawed, *learns)
            history.add(events.PlanChanged(step, learns, (thawed,), (), "planned"))
    return history


def milliseconds(action: Callable[[], object]) -> float:
    """Processor time, which a busy machine does not lengthen."""
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


def main(steps: int, layers: int = 24) -> None:
    app = QApplication([])
    theme.apply("light")
    keys = ("embeddings", *map(str, range(layers)), "pooler", "head")
    recipe = Recipe(probes=("One.", "Two.", "Three.")).edit("transfer", method="gradual", layer_decay=0.9)
    recipe = recipe.edit("train", epochs=layers + 2)
    plots, history = RunPlots(), long_run(steps, recipe, keys)
    plots.resize(780, 560)
    plots.show()
    plots.show_run(history, recipe, outlook(history, recipe))
    app.processEvents()
    taken, heat = [], []
    for step in range(steps + 1, steps + 1 + UPDATES):
        history.add(events.StepDone(step, steps + UPDATES, 0.7, 5e-5, 0.05))
        history.add(events.GroupsMeasured(step, dict.fromkeys(keys, step / steps), dict.fromkeys(keys, 1.0)))

        def update() -> None:
            plots.show_run(history, recipe, outlook(history, recipe))
            plots.grab()  # the painting counts too

        taken.append(milliseconds(update))
        heat.append(milliseconds(plots.heat.map.grab))
        app.processEvents()
    numbers = {
        "update_ms": statistics.median(taken),
        "worst_ms": max(taken),
        "heat_map_ms": statistics.median(heat),
        "heat_map_worst_ms": max(heat),
    }
    print(json.dumps(numbers))


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:]))
