"""Threads: chosen by measurement, changed when the machine gets busy, fixed where the recipe gives a number."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_runs import tiny_recipe

from tlgui.core import launch
from tlgui.core.control import Control
from tlgui.core.events import Event, Note, StepDone, Stopped
from tlgui.core.facts import RunSummary
from tlgui.core.runs import RunFolder
from tlgui.train import busy, checkpoint, session, trials
from tlgui.train.busy import ThreadWatch
from tlgui.train.checkpoint import Position
from tlgui.train.devices import most_threads, threads_for
from tlgui.train.setup import Setup, set_up

SPARE = 1.02
"""What rounding and the length of single steps may add to a share."""


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: count)


def made_ready(folder: Path, **train: object) -> Setup:
    return set_up(tiny_recipe(folder, **train), lambda event: None, Control())


# What is tried


@pytest.mark.parametrize(("count", "tried"), [(1, [1]), (2, [2, 1]), (6, [6, 5, 4, 2, 1]), (16, [16, 15, 8, 4, 2, 1])])
def test_halves_of_the_cores_are_tried_and_one_core_left_free(
    monkeypatch: pytest.MonkeyPatch, count: int, tried: list[int]
) -> None:
    cores(monkeypatch, count)
    assert trials.thread_choices() == tried


def test_beside_a_window_a_core_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 4)
    found: list[int] = []
    worker = threading.Thread(target=lambda: found.append(most_threads()))
    worker.start()
    worker.join()
    assert (most_threads(), found) == (4, [3])


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 8)
    assert (threads_for(0), threads_for(3)) == (7, 3)
    monkeypatch.setattr(launch, "count_here", lambda: 2)
    assert (threads_for(0), threads_for(3), most_threads()) == (4, 3, 4)


# How it is measured


class Clock:
    """Time that passes as work is done, not otherwise."""

    def __init__(self) -> None:
        self.now, self.done = 0.0, 0

    def perf_counter(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds
        self.done += 1


def timed(
    monkeypatch: pytest.MonkeyPatch, takes: dict[int, float], first: float = 1.0
) -> tuple[dict[int, float], Clock]:
    """What is measured where a pass takes so long with each number; the very first one `first` times as long."""
    clock, using = Clock(), [0]
    monkeypatch.setattr(trials, "time", clock)
    found = trials.measure(
        list(takes),
        lambda number: using.__setitem__(0, number),
        lambda: clock.work(takes[using[0]] * (first if not clock.done else 1.0)),
    )
    return found, clock


def test_the_median_of_a_few_passes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    found, clock = timed(monkeypatch, {2: 0.02, 1: 0.03}, first=20)
    assert found == pytest.approx({2: 0.02, 1: 0.03})
    assert clock.now < 2 * trials.BUDGET_SECONDS


def test_long_passes_are_made_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    found, clock = timed(monkeypatch, {2: 2.0, 1: 3.0})
    assert found == {2: 2.0, 1: 3.0}
    assert clock.done == 3


def test_what_follows_a_hopeless_number_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = timed(monkeypatch, {16: 1.0, 8: 1.2, 4: 2.4, 2: 4.8, 1: 9.6})
    assert list(found) == [16, 8, 4]


@pytest.mark.parametrize(("seconds", "best"), [({2: 1.0, 1: 1.04}, 1), ({2: 1.0, 1: 1.06}, 2), ({2: 3.0, 1: 1.0}, 1)])
def test_fewer_threads_are_taken_if_they_are_as_fast(seconds: dict[int, float], best: int) -> None:
    assert trials.fewest(seconds) == best


# At the start of a run


def test_choosing_changes_nothing_but_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    setup = made_ready(tmp_path, threads=0)
    before, random, notes = setup.checksums(), torch.get_rng_state(), len(setup.notes)
    trials.choose(setup, Control())
    assert setup.checksums() == before
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in setup.model.parameters())
    assert setup.threads == setup.recipe.train.threads == torch.get_num_threads()
    assert len(setup.notes) == notes + 1
    assert f"{setup.threads} thread" in setup.notes[-1]


def test_a_choice_is_told_with_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    monkeypatch.setattr(trials, "measure", lambda choices, *_: {2: 0.034, 1: 0.049})
    setup = made_ready(tmp_path, threads=0)
    trials.choose(setup, Control())
    assert setup.threads == torch.get_num_threads() == 2
    assert setup.notes[-1] == "Measured: 2 threads are 1.4 times as fast as 1."


def test_a_busy_machine_is_seen_before_a_whole_pass_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    asked: list[list[int]] = []

    def measure(choices: list[int], *_: object) -> dict[int, float]:
        asked.append(choices)
        return {2: 0.8, 1: 0.05}

    monkeypatch.setattr(trials, "measure", measure)
    setup = made_ready(tmp_path, threads=0)
    trials.choose(setup, Control())
    assert (asked, setup.threads) == ([[1, 2]], 1)  # products alone, no pass
    assert setup.notes[-1] == "The machine is busy: 1 thread is used, as more would wait for each other."


def test_a_number_in_the_recipe_is_never_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)

    def measure(*_: object) -> NoReturn:
        raise AssertionError("measured")

    monkeypatch.setattr(trials, "measure", measure)
    setup = made_ready(tmp_path, threads=2)
    trials.choose(setup, Control())
    assert (setup.threads, setup.recipe.train.threads, torch.get_num_threads()) == (0, 2, 2)


# During a run


class Machine:
    """A made-up machine on which steps take as long as `pace` says of a number of threads, seconds per token."""

    def __init__(self, setup: Setup, threads: int, pace: Callable[[int], float]) -> None:
        self.pace, self.notes, self.seconds, self.best = pace, [], 0.0, 0.0
        self._setup, self._random = setup, np.random.default_rng(0)
        self.position = Position(threads=threads)
        self.watch = ThreadWatch(setup, self.position, self._hear)

    def _hear(self, event: Event) -> None:
        assert isinstance(event, Note)
        self.notes.append(event.text)

    def steps(self, count: int) -> None:
        """Take steps of rows of any length; they vary by a tenth and now and then one is interrupted."""
        lengths = self._setup.train.lengths
        for _ in range(count):
            rows = self._random.integers(0, len(lengths), size=8)
            tokens = 8 * int(lengths[rows].max())
            noise = self._random.uniform(0.95, 1.05) * (3 if self._random.random() < 0.05 else 1)
            self.position.step += 1
            self.seconds += tokens * self.pace(torch.get_num_threads()) * noise
            self.best += tokens * min(self.pace(1), self.pace(2)) * noise
            self.watch.after_step(rows, tokens * self.pace(torch.get_num_threads()) * noise)


QUIET = {1: 1.0e-3, 2: 0.7e-3}
BUSY = {1: 1.1e-3, 2: 11.0e-3}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A run with 2 measured threads on 2 quiet cores."""
    cores(monkeypatch, 2)
    monkeypatch.setattr(busy, "unstalled", list)
    torch.set_num_threads(2)
    return Machine(made_ready(tmp_path), 2, QUIET.__getitem__)


def test_a_quiet_machine_keeps_its_number(machine: Machine) -> None:
    machine.steps(2000)
    assert machine.seconds == machine.best
    assert machine.notes == []


def test_a_busy_machine_gets_fewer_threads_and_later_more_again(machine: Machine) -> None:
    machine.steps(400)
    machine.pace = BUSY.__getitem__
    machine.steps(40)
    assert machine.position.threads == torch.get_num_threads() == 1
    assert machine.notes[0].startswith("The machine got busy: training goes on with 1 thread, which is ")
    machine.pace = QUIET.__getitem__
    machine.steps(4000)
    assert machine.position.threads == torch.get_num_threads() == 2
    assert len(machine.notes) == 2
    assert machine.notes[1].startswith("Training goes on with 2 threads, which are 1.")


def test_looking_for_more_threads_costs_little(machine: Machine) -> None:
    machine.pace = BUSY.__getitem__
    machine.position.threads = 1
    torch.set_num_threads(1)
    machine.steps(20_000)
    assert machine.seconds > machine.best  # it did look
    assert machine.seconds <= (1 + busy.SHARE) * SPARE * machine.best
    assert machine.notes == []


def test_a_machine_that_was_busy_at_the_first_step_is_noticed(machine: Machine) -> None:
    machine.watch._setup.pace = QUIET[2]
    machine.watch = ThreadWatch(machine.watch._setup, machine.position, machine._hear)
    machine.pace = BUSY.__getitem__
    machine.steps(60)
    assert machine.position.threads == 1
    assert machine.notes[0].startswith("The machine got busy")


def test_more_threads_are_not_tried_while_they_would_wait(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "unstalled", lambda choices: [1])
    machine.position.threads = 1
    torch.set_num_threads(1)
    machine.pace = BUSY.__getitem__
    machine.steps(400)
    assert machine.seconds == machine.best
    monkeypatch.setattr(busy, "unstalled", list)
    machine.pace = QUIET.__getitem__
    machine.steps(400)
    assert machine.position.threads == torch.get_num_threads() == 2


def test_where_all_is_slow_the_number_stays(machine: Machine) -> None:
    machine.steps(400)
    machine.pace = lambda threads: 5 * QUIET[threads]
    machine.steps(400)
    assert machine.position.threads == 2
    assert machine.notes == []


def test_other_groups_that_learn_are_no_busy_machine(machine: Machine) -> None:
    setup = machine.watch._setup
    machine.steps(400)
    setup.follow(setup.plan.with_state(["0"], learns=True))
    machine.pace = lambda threads: 3 * QUIET[threads]
    machine.steps(400)
    assert machine.seconds == machine.best  # no step was tried with another number


def test_a_fixed_number_is_never_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    machine = Machine(made_ready(tmp_path, threads=2), 0, QUIET.__getitem__)
    machine.steps(400)
    machine.pace = BUSY.__getitem__
    machine.steps(400)
    assert (torch.get_num_threads(), machine.notes) == (2, [])


# Going on


def stopped_run(folder: Path, threads: int) -> RunFolder:
    """A run that was stopped after 3 steps."""
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()

    ending = session.run(tiny_recipe(folder, threads=threads, epochs=1, validations=1), folder / "runs", stop, control)
    assert isinstance(ending, Stopped)
    assert isinstance(ending.value, RunSummary)
    return RunFolder(Path(ending.value.folder))


def position_of(folder: RunFolder) -> Position:
    path = checkpoint.newest(folder.checkpoints)
    assert path is not None
    return checkpoint.read_position(path)


def test_a_run_goes_on_with_the_number_of_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    monkeypatch.setattr(trials, "fewest", lambda seconds: 1)
    folder = stopped_run(tmp_path, threads=0)
    assert position_of(folder).threads == folder.recipe().train.threads == 1
    folder.record(folder.recipe().edit("train", threads=2))  # so that the number can only be the checkpoint's
    session.resume(folder.path, lambda event: None, Control())
    assert torch.get_num_threads() == position_of(folder).threads == 1


def test_a_run_of_a_fixed_number_stays_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores(monkeypatch, 2)
    folder = stopped_run(tmp_path, threads=1)
    session.resume(folder.path, lambda event: None, Control())
    assert (torch.get_num_threads(), position_of(folder).threads) == (1, 0)


def test_a_checkpoint_from_before_threads_were_measured_goes_on(tmp_path: Path) -> None:
    folder = stopped_run(tmp_path, threads=1)
    path = checkpoint.newest(folder.checkpoints)
    assert path is not None
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    position = json.loads(metadata["position"])
    del position["threads"]
    save_file(load_file(path), path, metadata={**metadata, "position": json.dumps(position)})
    session.resume(folder.path, lambda event: None, Control())
    assert folder.summary().status == "finished"
