"""How far off was what was foretold of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from tlgui.core.events import Emit, EstimateChecked, Note
from tlgui.core.facts import CostFacts
from tlgui.train.loop import Loop

UNKNOWN = -1


def check_estimate(loop: Loop, foretold: CostFacts | None, emit: Emit) -> None:
    """Compare the steps that were made here with what was foretold of the same steps, and the memory.

    Where validation or the user decided what learned when, nobody could foretell the steps.
    """
    last, schedule = loop.position.step, loop.setup.schedule
    steps = range(last - len(loop.spent), last)
    by_the_clock = foretold is not None and not schedule.waiting and not schedule.changes
    seconds = median(loop.spent)
    each = loop.steps_per_epoch
    said_seconds = foretold_median(foretold, steps, each) if foretold is not None and by_the_clock else UNKNOWN
    memory, said_memory = loop.memory, UNKNOWN if foretold is None else foretold.memory_bytes
    emit(EstimateChecked(last, seconds, said_seconds, memory, said_memory))
    emit(
        Note(
            last,
            f"Steps took {_ms(seconds)}{_aside(said_seconds, seconds, _ms)}. "
            f"Memory at its highest {_gigabytes(memory)}{_aside(said_memory, memory, _gigabytes)}.",
        )
    )


def foretold_median(foretold: CostFacts, steps: Sequence[int], per_epoch: int) -> float:
    """Median over some steps (done before each) of what they were foretold to take."""
    return median(foretold.seconds_of(step, per_epoch) for step in steps)


def _aside(said: float, came: float, words: Callable[[float], str]) -> str:
    """What was foretold, in brackets; empty if nothing was."""
    if said == UNKNOWN or not came:
        return ""
    off = round(100 * (said - came) / came)
    difference = f", {abs(off)} % {'more' if off > 0 else 'less'}" if off else ""
    return f" (foretold {words(said)}{difference})"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.2f} GB"
