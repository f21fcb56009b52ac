"""What a step tells and when: its loss is read once, in order, and before anything is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_runs import feature_based, gradual, loop_in_memory, tiny_recipe

from tlgui.core.control import Control, StopRequested
from tlgui.core.events import Event, GroupsMeasured, Paused, StepDone, Validated
from tlgui.train import loop as loops
from tlgui.train.loop import Loop
from tlgui.train.store import Store
from tlgui.train.suspects import DivergedError


def numbers(events: list[Event]) -> list[tuple[object, ...]]:
    """All that is told, without what was timed."""
    kept = []
    for event in events:
        if isinstance(event, StepDone):
            kept.append((StepDone, event.step, event.loss, event.rate))
        elif isinstance(event, Validated):
            kept.append((Validated, event.step, event.loss))
        else:
            kept.append((event,))
    return kept


@pytest.fixture(params=["top learns", "thaws", "features"])
def recipe_of(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    return {
        "top learns": tiny_recipe,
        "thaws": lambda folder: gradual(tiny_recipe(folder, epochs=5)),
        "features": feature_based,
    }[request.param]


def test_losses_that_are_read_later_are_told_the_same_in_the_same_order(
    recipe_of: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "APART_SECONDS", 0.0)
    told = []
    for at_once in (True, False):
        monkeypatch.setattr(Loop, "_reads_at_once", at_once)
        seen: list[Event] = []
        loop_in_memory(recipe_of(tmp_path), seen.append).run()
        told.append(numbers(seen))
    assert told[0] == told[1]
    assert [kind for kind, *_ in told[0]].count(StepDone) > 10


def test_a_loss_is_read_when_the_next_step_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "_reads_at_once", False)
    order: list[tuple[str, int]] = []
    loop = loop_in_memory(
        tiny_recipe(tmp_path, epochs=1, validations=1),
        lambda e: order.append(("told", e.step)) if isinstance(e, StepDone) else None,
    )
    backward = loop.setup.backward
    monkeypatch.setattr(
        loop.setup, "backward", lambda rows, step: order.append(("begun", step)) or backward(rows, step)
    )
    loop.run()
    measured = {1, 5, 8}  # after which something else is told
    for step in range(1, 8):
        later = order.index(("told", step)) > order.index(("begun", step + 1))
        assert later == (step not in measured)
    assert order[-1] == ("told", 8)


@pytest.mark.parametrize("step", [3, 4, 8])
def test_a_loss_that_is_no_number_ends_the_run_before_anything_is_saved(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loop, "_reads_at_once", False)
    monkeypatch.setattr(loops, "CHECKPOINT_SECONDS", 0.0)  # after each step,
    monkeypatch.setattr(loops, "APART_SECONDS", 0.0)  # validated or not
    saved: list[int] = []
    loop = loop_in_memory(tiny_recipe(tmp_path, epochs=1, validations=1))
    monkeypatch.setattr(Store, "save", lambda self: saved.append(loop.position.step))
    backward = loop.setup.backward
    monkeypatch.setattr(
        loop.setup, "backward", lambda rows, at: backward(rows, at) * (torch.nan if at == step else 1.0)
    )
    with pytest.raises(DivergedError) as caught:
        loop.run()
    assert saved == list(range(1, step))
    assert f"after step {step - 1}." in str(caught.value)


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_the_last_step_before_a_stop_or_a_pause_is_told(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loop, "_reads_at_once", False)
    control, seen = Control(), []

    def emit(event: Event) -> None:
        seen.append(event)
        if isinstance(event, GroupsMeasured) and event.step == 1:
            control.wish(("0",), learns=True)  # so that something is told before the next step
            getattr(control, how)()
        if isinstance(event, Paused):
            control.stop()

    loop = loop_in_memory(tiny_recipe(tmp_path, validations=1), emit, control)
    with pytest.raises(StopRequested):
        loop.run()
    steps = [event.step for event in seen if isinstance(event, StepDone)]
    assert steps == list(range(1, loop.position.step + 1))


def test_checkpoints_are_not_written_more_often_than_they_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    loop = loop_in_memory(tiny_recipe(tmp_path, epochs=3, validations=4))
    monkeypatch.setattr(loops, "APART_SECONDS", 1000.0)
    monkeypatch.setattr(Store, "save", lambda self: saved.append(loop.position.step))
    loop.run()
    assert saved == [24]


def test_the_start_is_scored_after_the_first_step_and_changes_nothing(tmp_path: Path) -> None:
    recipe, seen, unwatched = tiny_recipe(tmp_path, epochs=1, validations=1), [], []
    begun = loop_in_memory(recipe).score()
    loop_in_memory(recipe, seen.append).run()
    loop_in_memory(recipe, unwatched.append, watched=False).run()
    start = next(event for event in seen if isinstance(event, Validated))
    assert (start.step, start.loss, start.metrics) == (0, begun.loss, begun.metrics)
    steps = [[(e.step, e.loss) for e in told if isinstance(e, StepDone)] for told in (seen, unwatched)]
    assert steps[0] == steps[1]
    assert [type(e) for e in seen if isinstance(e, (StepDone, Validated))][:3] == [StepDone, Validated, StepDone]
