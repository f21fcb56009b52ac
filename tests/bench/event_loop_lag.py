"""How long the window's event loop is late while a model trains: `python event_loop_lag.py STEPS`.

Needs a display, or QT_QPA_PLATFORM=offscreen. A timer asks to be called every 5 ms; the lag is how much later it comes.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from tlgui.core.events import StepDone
from tlgui.core.samples import SAMPLES
from tlgui.ui import app

INTERVAL_MS = 5


def measure(steps: int) -> dict[str, float]:
    """Train the review sample with the Train page in front, from its first step to the last."""
    qt = app.make_application()
    recipe = SAMPLES["reviews"].recipe().edit("train", epochs=1 + steps // 60, batch_size=8, validations=1)
    window = app.make_window(recipe)
    window.show()
    window.show_page("train")
    training, loop, lags = window.bench.training, QEventLoop(), []
    last = 0.0
    first_shown = {}

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        if last:
            lags.append((now - last) * 1000 - INTERVAL_MS)
        last = now if training.state == "running" and training.history.step else 0.0
        if training.history.step >= steps or training.state == "ended":
            loop.quit()

    def note_first(batch: list[object]) -> None:
        steps_seen = [e.step for e in batch if isinstance(e, StepDone)]
        if steps_seen and not first_shown:
            first_shown["first_batch_steps"] = len(steps_seen)

    training.advanced.connect(note_first)
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(INTERVAL_MS)
    timer.timeout.connect(tick)
    training.start(recipe)
    timer.start()
    loop.exec()
    timer.stop()
    done = training.history.step
    training.stop(discard=True)
    while training.active:
        qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    window.close()
    late = np.maximum(lags, 0)
    return {
        "steps": done,
        "ticks": len(lags),
        **{name: float(np.percentile(late, q)) for name, q in (("p50_ms", 50), ("p99_ms", 99), ("worst_ms", 100))},
        **first_shown,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
