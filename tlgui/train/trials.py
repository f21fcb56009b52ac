"""What is chosen by measurement before a run: its threads, and whether it computes in bfloat16."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median
from typing import TypeVar

import numpy as np
import torch

from tlgui.core import launch
from tlgui.core.control import Control
from tlgui.core.recipe import Precision, TrainPart
from tlgui.train.devices import device_name, has_bfloat16, most_threads, synchronize, use_threads
from tlgui.train.setup import Setup

Choice = TypeVar("Choice")

BUDGET_SECONDS, PROBE_SECONDS = 0.3, 0.03
"""After this no new round begins, of passes and of small products."""
PRODUCTS = 5
"""In a round; few, as each may have to wait for a core."""
ROUNDS = 5
HOPELESS = 2.0
"""A choice that takes this many times as long as the best one is measured no further."""
ALIKE = 1.05
"""Fewer threads are preferred if they take no longer than this: they suffer less when the machine gets busy."""
WORTH = 1.1
"""As many times as fast bfloat16 has to be, as it is less exact."""
MIDDLING_OF = 100
"""Batches among which one of middling size is looked for."""
TOKENS_PER_CORE = 128
"""Of a batch so many tokens are measured on a CPU: as many numbers of threads pay as for all, in less time."""

Pass = Callable[[], object]
"""One forward and backward pass as the run makes it, after which everything is as it was."""


@dataclass(frozen=True)
class Settled:
    """What a run computes with."""

    threads: int
    """As measured; 0 if they were not."""
    seconds: float
    """Of a pass with them; 0 if none was timed."""
    told: tuple[str, ...]
    """What was measured, or is different from what was wanted, as sentences."""


def choose(setup: Setup, control: Control) -> None:
    """Settle what the recipe leaves to measurement; `setup` has the result, its recipe the numbers that run.

    A number of threads, or a precision, that the recipe gives is taken as it is and never measured. What was measured
    is in the recipe that ran, so running that again begins alike; a resumption keeps the precision, and the threads of
    its checkpoint, which `ThreadWatch` may have changed since. Nothing else is different afterwards: no weight, no
    gradient, no random state.

    Raises:
        StopRequested: between two passes.
    """
    rows = _some_rows(setup)

    def once() -> None:
        control.check()
        setup.backward(rows, 1)
        setup.model.zero_grad(set_to_none=True)
        synchronize(setup.device)

    def compute_in(precision: Precision) -> None:
        setup.recipe = setup.recipe.edit("train", precision=precision)

    with torch.random.fork_rng(devices=[]):  # an accelerator's is seeded anew before each step
        found = settle(setup.recipe.train, setup.device, once, compute_in)
    setup.threads, setup.notes = found.threads, setup.notes + found.told
    setup.pace = found.seconds / (len(rows) * int(setup.train.lengths[rows].max()))
    setup.recipe = setup.recipe.edit("train", threads=torch.get_num_threads())


def settle(train: TrainPart, device: torch.device, once: Pass, compute_in: Callable[[Precision], None]) -> Settled:
    """Set torch's threads and the precision: those of the recipe, or what is fastest."""
    found = _threads(train.threads, device, once)
    precision, told = _usable(train.precision, device)
    compute_in("float32" if precision == "auto" else precision)
    if precision == "auto":
        told = _faster_precision(compute_in, once)
    return replace(found, told=found.told + told)


def _threads(wanted: int, device: torch.device, once: Pass) -> Settled:
    """The fewest threads with which a pass takes the least time; processes that train together share the cores."""
    choices = thread_choices()
    if wanted or device.type != "cpu" or launch.count() > 1 or len(choices) == 1:
        use_threads(wanted)
        return Settled(0, 0.0, ())
    choices = unstalled(choices)
    if len(choices) == 1:
        best = use_threads(choices[0])
        words = f"{count_threads(best)} {is_or_are(best)} used"
        return Settled(best, 0.0, (f"The machine is busy: {words}, as more would wait for each other.",))
    seconds = measure(choices, use_threads, once)
    best = use_threads(fewest(seconds))
    other = max(seconds) if best == min(seconds) else min(seconds)
    faster = f"{is_or_are(best)} {times(seconds[other] / seconds[best])} as fast as {other}"
    return Settled(best, seconds[best], (f"Measured: {count_threads(best)} {faster}.",))


def _usable(wanted: Precision, device: torch.device) -> tuple[Precision, tuple[str, ...]]:
    """The precision that can be computed in here, and why it is another one, as a sentence."""
    if wanted == "float32" or (wanted == "bfloat16" and has_bfloat16(device)):
        return wanted, ()
    if not has_bfloat16(device):
        return "float32", (f"The {device_name(device)} has no bfloat16, so the run computes in float32.",)
    if launch.count() > 1:
        return "float32", ("Several processes train together, so no precision was measured: float32 it is.",)
    return "auto", ()


def _faster_precision(compute_in: Callable[[Precision], None], once: Pass) -> tuple[str, ...]:
    """Compute in bfloat16 if a pass is clearly faster in it, else in float32, and say what was measured."""
    choices: tuple[Precision, ...] = ("float32", "bfloat16")
    seconds = measure(choices, compute_in, once)
    ratio = seconds["float32"] / seconds["bfloat16"]
    best: Precision = "bfloat16" if ratio >= WORTH else "float32"
    compute_in(best)
    return (f"Measured: bfloat16 is {times(ratio)} as fast as float32, so the run computes in {best}.",)


def measure(
    choices: Sequence[Choice], use: Callable[[Choice], object], once: Pass, budget: float = BUDGET_SECONDS
) -> dict[Choice, float]:
    """Seconds of a pass with each choice, the median of a few that are made by turns.

    The first pass with a choice also makes ready what later ones find, so it counts only where it is the only one.

    Args:
        choices: So that one that comes after a hopeless one is hopeless too; it is left out.
    """
    spent: dict[Choice, list[float]] = {choice: [] for choice in choices}
    ends, alive = time.perf_counter() + budget, list(choices)
    use(choices[0])
    once()
    for turn in range(ROUNDS):
        best = inf
        for choice in alive:
            use(choice)
            began = time.perf_counter()
            once()
            spent[choice].append(time.perf_counter() - began)
            best = min(best, spent[choice][-1])
            if spent[choice][-1] > HOPELESS * best:
                break
        if time.perf_counter() > ends:
            break
        alive = [one for one in alive if spent[one] and (not turn or spent[one][-1] <= HOPELESS * best)]
    return {choice: median(times[1:] or times) for choice, times in spent.items() if times}


def thread_choices() -> list[int]:
    """Numbers of threads that are worth a try, from all cores down to one: halves, and one core left free."""
    most = most_threads()
    return sorted({most, max(1, most - 1), *(2**power for power in range(most.bit_length()) if 2**power <= most)})[::-1]


def fewest(seconds: Mapping[int, float]) -> int:
    """The smallest number that is as fast as the fastest, or nearly so."""
    return min(number for number, took in seconds.items() if took <= ALIKE * min(seconds.values()))


def count_threads(number: int) -> str:
    """As in “2 threads”."""
    return f"{number} thread{'s' * (number > 1)}"


def unstalled(choices: Sequence[int]) -> list[int]:
    """The numbers of threads that do not make small products many times slower, as they do where the cores are busy.

    So it shows in moments what would make whole passes slow; torch has another number of threads afterwards.
    """
    seconds = measure(sorted(choices), use_threads, _products, PROBE_SECONDS)
    return [one for one in choices if seconds.get(one, inf) <= HOPELESS * min(seconds.values())]


def _products() -> None:
    """Small matrix products one after the other: threads have to wait for each other at each of them."""
    one = torch.ones(64, 384)
    for _ in range(PRODUCTS):
        one @ one.T


def times(ratio: float) -> str:
    """As in “1.4 times” or “16 times”."""
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:,.0f} times"


def is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


def _some_rows(setup: Setup) -> np.ndarray:
    """Rows of a step of middling size among the first ones: all, or as many as are measured on a CPU."""
    batches, lengths = setup.batches(0), setup.train.lengths
    some = [batches[i] for i in range(min(MIDDLING_OF, len(batches)))]
    rows = sorted(some, key=lambda rows: len(rows) * int(lengths[rows].max()))[len(some) // 2]
    wanted = TOKENS_PER_CORE * most_threads() // int(lengths[rows].max())
    return rows if setup.device.type != "cpu" else rows[: max(1, wanted)]
