"""The sides of a measurement: whole processes, each started afresh, and the numbers that they give."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.materials import BenchError
from bench.work import Turn, Work, recipe_of, spec_of

if TYPE_CHECKING:
    from resource import struct_rusage

HERE = Path(__file__).resolve().parent
LOOK_EVERY_SECONDS = 0.05


Side = Callable[[Turn], dict[str, float]]


@dataclass(frozen=True)
class Ran:
    """A process that has ended."""

    began: float
    """Seconds since 1970."""
    seconds: float
    processor_seconds: float
    """Of all its threads together."""
    peak_bytes: int
    """Highest resident memory."""
    output: str


def run(command: Sequence[str], turn: Turn, until: Callable[[], bool] | None = None) -> Ran:
    """A whole process with a home of its own and without a network.

    Args:
        until: Looked at again and again; the process is ended as soon as it is so.
    Raises:
        BenchError: the process failed; the end of what it wrote is in the sentence.
    """
    out, errors = turn.folder / "stdout", turn.folder / "stderr"
    with out.open("wb") as stdout, errors.open("wb") as stderr:
        began, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=_surroundings(turn)
        )
        try:
            code, usage = _ended(process, until)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - clock
    if code:
        tail = errors.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()[-8:]
        how = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
        raise BenchError("\n".join([*tail, f"{' '.join(map(str, command[:5]))} … {how}."]))
    # The kernel counts the memory of what was there before the program, this small process, as the program's.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Ran(began, seconds, usage.ru_utime + usage.ru_stime, peak, out.read_text(encoding="utf-8"))


def _ended(process: subprocess.Popen[bytes], until: Callable[[], bool] | None) -> tuple[int, struct_rusage]:
    """Exit code, 0 for a process that was ended here, and what it took."""
    ended = 0
    while not ended:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG if until else 0)
        if not ended and until:
            time.sleep(LOOK_EVERY_SECONDS)
            if until():
                process.kill()
                _, _, usage = os.wait4(process.pid, 0)
                ended, status = process.pid, 0
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _surroundings(turn: Turn) -> dict[str, str]:
    """The environment of every process: nothing of the user's that would change threads, files or windows."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_", "PYTHON"))}
    offscreen = {} if kept.get("DISPLAY") or sys.platform != "linux" else {"QT_QPA_PLATFORM": "offscreen"}
    home = str(turn.folder / "home")
    return {**kept, **offscreen, "TLGUI_HOME": home, "HF_HOME": home, "HF_HUB_OFFLINE": "1", "PYTHONNOUSERSITE": "1"}


def script(name: str, *words: str) -> Side:
    """A script beside this file that prints its numbers as one JSON object, last."""

    def take(turn: Turn) -> dict[str, float]:
        ran = run([turn.settings.python, "-P", HERE / name, *words], turn)
        numbers = json.loads(ran.output.splitlines()[-1])
        if "at" in numbers:
            numbers["start_s"] = numbers.pop("at") - ran.began
        return numbers | {"peak_mb": ran.peak_bytes / 1e6}

    return take


def tlgui(work: Work, *, to_first_step: bool = False) -> Side:
    """`tlgui train`, timed by what its run folder tells."""

    def take(turn: Turn) -> dict[str, float]:
        recipe = turn.folder / "recipe.toml"
        recipe.write_text(recipe_of(work, turn), encoding="utf-8")
        log = turn.folder / "runs" / "run-01" / "events.jsonl"
        command = [turn.settings.python, "-P", "-m", "tlgui", "train", recipe, "--runs", turn.folder / "runs"]
        seen = (lambda: log.exists() and '"StepDone"' in log.read_text(encoding="utf-8")) if to_first_step else None
        ran = run(command, turn, seen)
        events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
        checks = [{**e, **e["metrics"]} for e in events if e["event"] == "Validated"]
        steps = [e for e in events if e["event"] == "StepDone"]
        return numbers_of(ran, steps[0]["at"], len(steps), checks)

    return take


def trainer(work: Work, *, padded: bool = False, to_first_step: bool = False) -> Side:
    """A script with `transformers.Trainer` that does the same, set up well, or as the library's examples are."""

    def take(turn: Turn) -> dict[str, float]:
        spec = turn.folder / "spec.json"
        spec.write_text(json.dumps({**spec_of(work, turn), "padded": padded, "one_step": to_first_step}))
        ran = run([turn.settings.python, "-P", HERE / "trainer_peer.py", spec], turn)
        told = json.loads(ran.output.splitlines()[-1])
        return numbers_of(ran, told["first_step_at"], told["steps"], told["checks"])

    return take


def open_layers(work: Work) -> Side:
    """The layers that learn, alone and in full, over states of the frozen ones that lie in memory."""

    def take(turn: Turn) -> dict[str, float]:
        spec = turn.folder / "spec.json"
        spec.write_text(json.dumps(spec_of(work, turn)))
        ran = run([turn.settings.python, "-P", HERE / "open_layers.py", spec], turn)
        return {"later_epochs_s": statistics.median(json.loads(ran.output.splitlines()[-1])["epochs_s"][1:])}

    return take


def numbers_of(ran: Ran, first_step_at: float, steps: int, checks: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The numbers of one training.

    Args:
        checks: The validations, the first before the first step and one at each epoch's end: when it was over (`at`),
            how long the scoring took (`seconds`), what it found.
    """
    numbers = {
        "whole_s": ran.seconds,
        "processor_s": ran.processor_seconds,
        "first_step_s": first_step_at - ran.began,
        "peak_mb": ran.peak_bytes / 1e6,
        "steps": steps,
    }
    epochs = epoch_seconds(checks)
    if epochs:
        numbers["first_epoch_s"] = epochs[0]
        numbers |= {key: checks[-1][key] for key in ("loss", "accuracy") if key in checks[-1]}
    if epochs[1:]:
        numbers["later_epochs_s"] = statistics.median(epochs[1:])
    return numbers


def epoch_seconds(checks: Sequence[Mapping[str, Any]]) -> list[float]:
    """Wall time from validation to validation without the scoring: steps, and all that happens between them."""
    return [after["at"] - before["at"] - after["seconds"] for before, after in itertools.pairwise(checks)]
