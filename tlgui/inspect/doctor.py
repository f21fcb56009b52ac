"""What this machine has and lacks, for `tlgui doctor`."""

from __future__ import annotations

import os
import platform
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

from tlgui.core import installation, paths
from tlgui.core.plan import count, size
from tlgui.models.families import FAMILIES
from tlgui.models.fit import check_family
from tlgui.train.devices import choose_device, machine, most_threads, threads_for

LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "scikit-learn",
    "tokenizers",
    "sentencepiece",
    "pyarrow",
    "PySide6-Essentials",
    "pyqtgraph",
)
ENOUGH_DISK_BYTES = 1e9
HELPER_SECONDS = 60
AGAIN = "Install TLGUI again."


@dataclass(frozen=True)
class Finding:
    what: str
    found: str
    good: bool = True
    hint: str = ""
    """What to do, if it is not good."""


def examine() -> tuple[Finding, ...]:
    """Look at the processor, memory, disk, libraries, display and the network setting; asks nothing of the network."""
    here = machine()
    return (
        Finding("Python", platform.python_version()),
        Finding("device", f"{here.device}, {count(here.cores, 'core')}; {_threads()}"),
        Finding("memory", f"{size(here.memory_free_bytes)} free of {size(here.memory_total_bytes)}"),
        _installation(),
        *(_library(name) for name in LIBRARIES),
        _families(),
        _starter(),
        _helper(),
        _folder("runs", paths.runs()),
        _folder("cache", paths.cache_folder()),
        _display(),
        Finding("network", "allowed; used for hub: sources only" if here.online else "switched off by HF_HUB_OFFLINE"),
    )


def _threads() -> str:
    most = most_threads()
    if choose_device().type != "cpu" or most == 1:
        return f"{count(threads_for(0), 'thread')} for training"
    return f"1 to {most} threads for training, whatever is measured to be fastest"


def _library(name: str) -> Finding:
    try:
        return Finding(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "missing", good=False, hint=AGAIN)


def _installation() -> Finding:
    folder = installation.frozen_folder()
    if folder is None:
        return Finding("installation", "runs from Python packages")
    damaged = installation.damaged(folder)
    if damaged:
        found = f"{len(damaged)} files are not as they were built, such as {damaged[0]}"
        return Finding("installation", found, good=False, hint=installation.AGAIN)
    return Finding("installation", f"{folder}, every file as it was built")


def _families() -> Finding:
    """Whether the classes of every model family are there, which a bundle that left too much out would lack."""
    problems = [problem for model_type in FAMILIES if (problem := check_family(model_type))]
    if problems:
        return Finding("model families", problems[0], good=False, hint=AGAIN)
    return Finding("model families", f"{len(FAMILIES)} of {len(FAMILIES)} can be loaded")


def _helper() -> Finding:
    """Whether a second process of this program starts and answers, as parallel work needs."""
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(os.getpid).result(timeout=HELPER_SECONDS)
    except (OSError, RuntimeError, TimeoutError) as error:
        return Finding("helper processes", str(error), good=False, hint="Allow TLGUI to start itself, and /dev/shm.")
    return Finding("helper processes", "one was started and answered")


def _starter() -> Finding:
    weights = paths.resources() / "starter" / "model.safetensors"
    if not weights.exists():
        return Finding("starter model", "missing", good=False, hint=AGAIN)
    return Finding("starter model", size(weights.stat().st_size))


def _folder(what: str, folder: Path) -> Finding:
    there = paths.nearest_existing(folder)
    if there is None:
        return Finding(f"{what} folder", f"{folder} is on no drive", good=False, hint="Move TLGUI_HOME.")
    free = shutil.disk_usage(there).free
    if not os.access(there, os.W_OK):
        return Finding(
            f"{what} folder", f"{folder} cannot be written", good=False, hint="Set TLGUI_HOME to a folder of yours."
        )
    good = free > ENOUGH_DISK_BYTES
    return Finding(f"{what} folder", f"{folder}, {size(free)} free", good, "Free some space.")


def _display() -> Finding:
    if paths.has_display():
        return Finding("display", "there is one")
    return Finding("display", "none", good=False, hint="The commands work without one; the window does not.")
