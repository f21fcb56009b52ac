"""`dev.py bench`: picks measurements, lets their sides take turns, writes the results and prints the table.

Standard library only, and small: the memory of each side is told by the kernel together with what started it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.figures import table
from bench.materials import CORPORA, BenchError, default_folder
from bench.table import MEASUREMENTS, Measurement
from bench.work import ROOT, Settings, Turn

BUSY = 0.5
"""Load of the machine above which times are uneven."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    cores = os.cpu_count() or 1
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these measurements; --list names them")
    parser.add_argument("--list", action="store_true", help="name the measurements and tell how long each takes")
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement; odd numbers have a plain median")
    parser.add_argument("--rows", type=int, default=4000, help="to train on")
    parser.add_argument("--threads", type=int, default=cores, help="of every side; all cores if not given")
    parser.add_argument("--texts", choices=CORPORA, default="rt-polarity", help="what the rows are")
    parser.add_argument(
        "--data", type=Path, default=None, help="folder of the real data, as ../shared/data beside here"
    )
    parser.add_argument("--out", type=Path, default=None, help="file of results; else a new one in build/bench")
    parser.add_argument("--show", type=Path, nargs="+", metavar="FILE", help="only print the table of such files")


def run(arguments: argparse.Namespace, python: Path, ready: Callable[[], object]) -> int:
    """Do what the command line asks; returns the exit code.

    Args:
        python: Of the environment in which all sides run.
        ready: Makes that environment; called once the command line is known to be right.
    """
    try:
        if arguments.list:
            print(listing())
        elif arguments.show:
            print(table([one for file in arguments.show for one in json.loads(file.read_text())["measurements"]]))
        else:
            chosen = named(arguments.names)
            settings = Settings(
                python=python,
                data=arguments.data or default_folder(),
                corpus=arguments.texts,
                rows=arguments.rows,
                threads=arguments.threads,
                repeats=arguments.repeats,
            )
            ready()
            measure_all(chosen, settings, arguments.out or _new_file())
    except BenchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def named(names: Sequence[str]) -> list[Measurement]:
    """The measurements of these names, in the table's order; all if there is no name.

    Raises:
        BenchError: a name is none.
    """
    known = {one.name for one in MEASUREMENTS}
    for name in names:
        if name not in known:
            raise BenchError(f"“{name}” is no measurement. These are:\n{listing()}")
    return [one for one in MEASUREMENTS if not names or one.name in names]


def listing() -> str:
    width = max(len(one.name) for one in MEASUREMENTS)
    lines = [f"{one.name:<{width}}  {one.minutes:>4g} min  {one.what}" for one in MEASUREMENTS]
    total = sum(one.minutes for one in MEASUREMENTS)
    return "\n".join([*lines, f"{'all':<{width}}  {total:>4g} min  about, with 3 repeats of 4,000 rows on 2 cores"])


def measure_all(chosen: Sequence[Measurement], settings: Settings, out: Path) -> None:
    """Measure one after the other; after each, the file holds all that is known.

    Raises:
        BenchError: the machine is none that this can be measured on, or a side failed.
    """
    if not hasattr(os, "wait4"):
        raise BenchError(
            "The measurements need Linux or macOS: this system does not tell how much memory a program took."
        )
    if os.getloadavg()[0] > BUSY:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}), so times will be uneven.", flush=True)
    found: dict[str, Any] = {"machine": machine(settings.python), "settings": _plain(settings), "measurements": []}
    out.parent.mkdir(parents=True, exist_ok=True)
    for one in chosen:
        print(f"\n── {one.name}: {one.what}, about {one.minutes:g} min", flush=True)
        found["measurements"].append(measure(one, settings))
        out.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
        print(table(found["measurements"][-1:]), flush=True)
    if len(chosen) > 1:
        print(f"\n{table(found['measurements'])}")
    print(f"\nWritten to {out}.")


def measure(one: Measurement, settings: Settings) -> dict[str, Any]:
    """All repeats of one measurement, as plain values."""
    began, repeats, loads = time.monotonic(), [], []
    with tempfile.TemporaryDirectory(prefix="tlgui-bench-") as folder:
        shared = Path(folder) / "shared"
        shared.mkdir()
        take(one.prepare, settings, shared, 0)
        if one.warm_up:
            for side in one.sides.values():
                take(side, settings, shared, 0)
        for number in range(settings.repeats):
            loads.append(round(os.getloadavg()[0], 2))
            order = list(one.sides) if number % 2 == 0 else list(one.sides)[::-1]
            numbers = {}
            for name in order:
                numbers[name] = take(one.sides[name], settings, shared, number)
                print(f"  repeat {number + 1}, {name}: {_line(numbers[name])}", flush=True)
            _require_same_steps(one, numbers)
            repeats.append({name: numbers[name] for name in one.sides})
    return {
        "name": one.name,
        "what": one.what,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "loads": loads,
        "repeats": repeats,
        "figures": [figure.told(repeats) for figure in one.figures],
    }


def take(side: Any, settings: Settings, shared: Path, seed: int) -> Any:
    """One turn in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="turn-", dir=shared.parent) as folder:
        return side(Turn(settings, Path(folder), shared, seed))


def _require_same_steps(one: Measurement, numbers: dict[str, dict[str, float]]) -> None:
    steps = {name: told["steps"] for name, told in numbers.items() if "steps" in told}
    if len(set(steps.values())) > 1:
        raise BenchError(f"The sides of {one.name} did not do the same: {steps} steps.")


def _line(numbers: dict[str, float]) -> str:
    return ", ".join(f"{key} {value:.6g}" for key, value in numbers.items())


def _plain(settings: Settings) -> dict[str, Any]:
    return {"texts": settings.corpus, "rows": settings.rows, "threads": settings.threads, "repeats": settings.repeats}


def machine(python: Path) -> dict[str, Any]:
    """Where and with what it was measured."""
    code = (
        "import importlib.metadata as m, json; print(json.dumps({n: m.version(n) for n in ('torch', 'transformers')}))"
    )
    versions = json.loads(subprocess.run([python, "-c", code], capture_output=True, check=True).stdout)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now().isoformat(timespec="minutes"),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "python": platform.python_version(),
        **versions,
    }


def _processor() -> str:
    """Its name, where the system tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _new_file() -> Path:
    return ROOT / "build" / "bench" / f"{datetime.now():%Y-%m-%d-%H%M%S}.json"
