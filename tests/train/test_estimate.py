"""How far off the forecast was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_runs import loop_in_memory, tiny_recipe

from tlgui.core.control import Control
from tlgui.core.events import EstimateChecked, Event, Note
from tlgui.core.facts import CostFacts, MemoryFacts
from tlgui.core.history import History
from tlgui.core.runs import RunFolder
from tlgui.train import session
from tlgui.train.estimate import check_estimate, foretold_median

MEMORY = MemoryFacts(
    program=600_000_000, weights=100_000_000, gradients=0, optimizer=100_000_000, activations=100_000_000
)


def cost(seconds: float, stages: tuple[tuple[float, int], ...] = ()) -> CostFacts:
    return CostFacts(seconds_per_step=seconds, seconds_everything=1.0, steps=16, memory=MEMORY, stages=stages)


def test_a_stage_counts_for_the_steps_that_are_in_it() -> None:
    facts = cost(0.1, ((0.1, 10), (0.2, 5), (0.4, 1)))
    assert foretold_median(facts, range(16), 8) == 0.1
    assert foretold_median(facts, range(10, 15), 8) == 0.2
    assert foretold_median(facts, range(9, 11), 8) == pytest.approx(0.15)
    assert foretold_median(facts, range(15, 16), 8) == foretold_median(facts, range(20, 21), 8) == 0.4
    assert foretold_median(cost(0.3), range(16), 8) == 0.3


def test_the_epoch_in_which_frozen_groups_run_takes_longer() -> None:
    facts = replace(cost(0.1), first_passes=((8, 4.0),))
    assert [foretold_median(facts, range(at, at + 1), 8) for at in (0, 7, 8, 15, 16)] == [0.1, 0.1, 0.6, 0.6, 0.1]


@pytest.mark.parametrize(
    ("foretold", "says"),
    [
        (cost(0.098), "Steps took 104 ms (foretold 98 ms, 6 % less). Memory at its highest 0.84 GB (foretold 0.90 GB, "
                      "7 % more)."),
        (cost(0.104), "Steps took 104 ms (foretold 104 ms). Memory at its highest 0.84 GB (foretold 0.90 GB, "
                      "7 % more)."),
        (None, "Steps took 104 ms. Memory at its highest 0.84 GB."),
    ],
)  # fmt: skip
def test_the_forecast_is_held_against_what_came(tmp_path: Path, foretold: CostFacts | None, says: str) -> None:
    seen: list[Event] = []
    loop = loop_in_memory(tiny_recipe(tmp_path))
    loop.spent, loop.memory, loop.position.step = [0.5, 0.104, 0.103, 0.105, 0.104], 840_000_000, 5
    check_estimate(loop, foretold, seen.append)
    told = (-1, -1) if foretold is None else (foretold.seconds_per_step, 900_000_000)
    assert seen == [EstimateChecked(5, 0.104, told[0], 840_000_000, told[1]), Note(5, says)]


def test_nobody_foretells_steps_that_validation_decides(tmp_path: Path) -> None:
    seen: list[Event] = []
    recipe = tiny_recipe(tmp_path).edit("transfer", method="gradual").edit("transfer.gradual", rule="plateau")
    loop = loop_in_memory(recipe)
    loop.spent, loop.memory, loop.position.step = [0.104], 840_000_000, 1
    check_estimate(loop, cost(0.3), seen.append)
    assert seen[0] == EstimateChecked(1, 0.104, -1, 840_000_000, 900_000_000)


def test_a_run_measures_itself(tmp_path: Path) -> None:
    ending = session.run(tiny_recipe(tmp_path), tmp_path / "runs", lambda e: None, Control(), foretold=cost(0.05))
    checked = History.of(RunFolder(Path(ending.value.folder)).events()).estimate  # type: ignore[union-attr]
    assert checked is not None
    assert 0 < checked.step_seconds < 5
    assert checked.memory_bytes > 100e6  # torch alone is that large
    assert (checked.foretold_step_seconds, checked.foretold_memory_bytes) == (0.05, MEMORY.total)
