"""Processor time and memory a row, for some number of rows: `python scale.py FOLDER ROWS`.

A CSV is made in the folder and then, in a process of its own, read and checked, its texts are put into the starter's
tokens, and the batches of one epoch are made, by rows and by tokens. The memory is what the process itself holds; pages
of files that are mapped are not counted, as the system may drop them.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

WORDS = 5_000
"""Different words, drawn as in a language: the k-th most common one 1/k as often as the first."""
BATCHES = 200

Result = TypeVar("Result")


def write(file: Path, rows: int) -> None:
    """Made-up rows of 5 to 40 words, no two alike."""
    draw = random.Random(0)
    words = ["".join(draw.choices("aeioubdfglmnprst", k=draw.randint(2, 9))) for _ in range(WORDS)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))
    with file.open("w", encoding="utf-8") as out:
        out.write("text,label\n")
        for row in range(rows):
            text = " ".join(draw.choices(words, cum_weights=weights, k=draw.randint(5, 40)))
            out.write(f"{text} {row},{'pos' if row % 2 else 'neg'}\n")


class Meter:
    """Times phases and watches the memory meanwhile."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.microseconds: dict[str, float] = {}
        """Processor time a row, by phase."""
        self.megabytes: dict[str, float] = {}
        """The most that was held during a phase above what was held at the start."""
        self._start = private_bytes()

    def phase(self, name: str, action: Callable[[], Result]) -> Result:
        most, over = private_bytes(), threading.Event()

        def watch() -> None:
            nonlocal most
            while not over.wait(0.01):
                most = max(most, private_bytes())

        thread = threading.Thread(target=watch)
        thread.start()
        began = time.process_time()
        result = action()
        self.microseconds[name] = round((time.process_time() - began) * 1e6 / self.rows, 2)
        over.set()
        thread.join()
        self.megabytes[name] = round((max(most, private_bytes()) - self._start) / 1e6, 1)
        return result


def private_bytes() -> int:
    """Memory of this process that no file stands behind (Linux)."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - a Path would cost more than the read
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


def measure(file: Path, rows: int) -> dict[str, float]:
    """All phases for one file, in this process."""
    from tlgui.core.control import Control
    from tlgui.core.recipe import Recipe
    from tlgui.data import checkup
    from tlgui.data.batches import epoch_batches
    from tlgui.data.prepare import prepare
    from tlgui.models.loading import load_tokenizer
    from tlgui.models.source import resolve
    from tlgui.tasks.table import TASKS

    def quiet(event: object) -> None:
        pass

    recipe = Recipe().edit("data", source=str(file), text=("text",), label="label")
    by_tokens = recipe.edit("train", batch_tokens=2048)
    tokenizer, task = load_tokenizer(resolve("starter", quiet, Control())), TASKS["classify"]
    warm = file.with_name("warm.csv")
    write(warm, 50)
    checkup.look(recipe.edit("data", source=str(warm)), quiet, Control())  # loads what is loaded once
    meter = Meter(rows)
    meter.phase("check-data", lambda: checkup.look(recipe, quiet, Control()))
    prepared = meter.phase("prepare", lambda: prepare(recipe, quiet, Control()))
    encoded = meter.phase("encode", lambda: task.encode(prepared.train, tokenizer, recipe, quiet, Control()))
    batches = meter.phase("epoch by rows", lambda: epoch_batches(encoded.lengths, recipe.train, 0))
    meter.phase("epoch by tokens", lambda: epoch_batches(encoded.lengths, by_tokens.train, 0))
    chosen, began = batches[:BATCHES], time.process_time()
    for place in chosen:
        encoded.padded("input_ids", place, 0)
    each = (time.process_time() - began) * 1e6 / len(chosen)
    phases = {f"{name.replace(' ', '_')}_us": spent for name, spent in meter.microseconds.items()}
    return {
        "file_mb": file.stat().st_size / 1e6,
        **phases,
        "row_us": sum(phases.values()),
        "batch_us": each,
        "held_mb": max(meter.megabytes.values()),
    }


def main(folder: str, rows: str) -> None:
    file = Path(folder) / f"{rows}.csv"
    write(file, int(rows))
    subprocess.run([sys.executable, "-P", __file__, "--one", str(file), rows], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(*sys.argv[1:])
