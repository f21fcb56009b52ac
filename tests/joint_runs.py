"""Processes that train together, each started as a launcher starts them, with something done to one on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

forked = multiprocessing.get_context("forkserver")  # imports what takes long once, for all processes
forked.set_forkserver_preload(["tlgui.train.session", "pandas", "transformers.models.bert.modeling_bert"])

PATIENCE = 60
"""Seconds after which processes that wait for each other have failed the test."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int | None
    """Negative: killed by that signal; None: it waits for ever."""
    said: str
    answered: str


def launched(index: int, count: int, port: int) -> dict[str, str]:
    """What a launcher puts into the environment of a process."""
    return {
        "RANK": str(index),
        "LOCAL_RANK": str(index),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def in_processes(
    count: int, folder: Path, work: Callable[[], int], happens: Mapping[int, str] | None = None
) -> list[Ended]:
    """Do the same in several processes at once, and wait for them.

    Args:
        folder: For what they say.
        work: Pickled; its result is the process's exit code.
        happens: By number of a process: what happens to it before a step, as in `HAPPENINGS`.
    Returns:
        One `Ended` a process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    streams = [(folder / f"said-{index}", folder / f"answered-{index}") for index in range(count)]
    processes = [
        forked.Process(
            target=_member, args=(launched(index, count, port), streams[index], work, (happens or {}).get(index, ""))
        )
        for index in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    codes = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
        process.join()
    texts = [[file.read_text(encoding="utf-8") for file in pair] for pair in streams]
    return [Ended(code, *text) for code, text in zip(codes, texts, strict=True)]


@dataclass(frozen=True)
class Command:
    """A `tlgui` command, as work for processes."""

    words: Sequence[str]

    def __call__(self) -> int:
        from tlgui.cli import main

        return main(self.words)


@dataclass(frozen=True)
class Asked:
    """A run in whose second process the user pauses for a moment, and asks for other groups."""

    recipe_file: Path
    runs: Path

    def __call__(self) -> int:
        from tlgui.core import launch, recipe
        from tlgui.core.control import Control
        from tlgui.train import session
        from tlgui.train.processes import joined

        control = Control()
        if launch.index() == 1:
            _before_step(3, control.pause)
            _when_paused(control.go_on)
            _before_step(5, lambda: control.wish(("0",), learns=True))
        with joined() as processes:
            read = recipe.load(self.recipe_file)
            session.run(read, self.runs, lambda e: None, control, exact_name="run", processes=processes)
        return 0


def _when_paused(do: Callable[[], None]) -> None:
    from tlgui.train import processes

    class Clock:
        """In place of the time that the loop waits for."""

        @staticmethod
        def sleep(seconds: float) -> None:
            do()

    processes.time = Clock  # type: ignore[assignment]


def _before_step(number: int, do: Callable[[], None]) -> None:
    """Do something when the gradients of a step are about to be computed."""
    from tlgui.train.setup import Setup

    whole = Setup.backward

    def backward(self: Setup, rows: np.ndarray, step: int) -> Any:
        if step == number:
            do()
        return whole(self, rows, step)

    Setup.backward = backward  # type: ignore[method-assign]


def _fault() -> None:
    raise RuntimeError("A fault that nobody thought of.")


def _input() -> None:
    from tlgui.core.errors import TlguiError

    raise TlguiError("The disk is full.", "Free some space.")


HAPPENINGS: dict[str, Callable[[], None]] = {
    "stop": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "fault": _fault,
    "input": _input,
}


def _member(environment: dict[str, str], streams: tuple[Path, Path], work: Callable[[], int], happens: str) -> None:
    os.environ.update(environment)
    for stream, file in zip((sys.stderr, sys.stdout), streams, strict=True):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    if happens:
        _before_step(5, HAPPENINGS[happens])
    try:
        code = work()
    except Exception:  # noqa: BLE001 - shown by the test that waits for this process
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
