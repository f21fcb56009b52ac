"""Events: every kind survives the log; curves are gathered from them."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from tlgui.core import events
from tlgui.core.events import Note, ProbeScored, Progress, Started, StepDone, Validated
from tlgui.core.history import History
from tlgui.core.step_curve import SMOOTHING

EXAMPLES = (
    Started("/runs/a-01", 0, 10, 5, ("pooler", "head"), "accuracy"),
    StepDone(1, 10, 0.6931, 5e-5, 0.1),
    Validated(5, 0.5, {"accuracy": 0.75}, best=True),
    ProbeScored(5, 0, 0.25),
    events.PlanChanged(5, ("5", "head"), ("5",), (), "planned"),
    events.GroupsMeasured(5, {"5": 0.01, "head": 0.4}, {"head": 1.5}),
    events.Receipt(10, "5", 1000, 1000, 0, "0123abcd", "89ab4567", 990, 1e-4, 3e-3),
    events.BaselineScored(0, {"accuracy": 0.7}, 0.4, 384),
    events.MixLearned(10, ("embeddings", "0"), (0.25, 0.75), 1.1),
    events.EstimateChecked(10, 0.1, 0.09, 900, 1000),
    Note(5, "Accuracy 75 %, “the best” so far."),
    events.Paused(5),
    events.Resumed(5),
    events.Saved(5),
    events.Kept(5, True),
    events.Finished(),
    events.Stopped(),
    events.Failed("The disk is full.", "Free some space."),
)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda e: type(e).__name__)
def test_an_event_survives_the_log(event: events.RunEvent) -> None:
    assert events.from_line(events.to_line(event)) == event


def test_a_line_tells_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events.time, "time", lambda: 1.7e9 + 0.25)
    assert json.loads(events.to_line(events.Saved(3))) == {"event": "Saved", "step": 3, "at": 1.7e9 + 0.25}


def test_every_recorded_kind_has_an_example_and_is_frozen() -> None:
    assert {type(e).__name__ for e in EXAMPLES} == set(events.RECORDED)
    for kind in (*events.RECORDED.values(), Progress, events.Partial):
        assert dataclasses.is_dataclass(kind)
        assert kind.__dataclass_params__.frozen


def test_kinds_and_fields_of_a_newer_version_are_passed_over() -> None:
    assert events.from_line('{"event": "Danced", "step": 3}') is None
    assert events.from_line('{"event": "Saved", "step": 3, "mood": "good"}') == events.Saved(3)


def test_history_gathers_curves_and_smooths_without_a_late_start() -> None:
    history = History()
    losses = np.linspace(2.0, 1.0, 1000)
    for i, loss in enumerate(losses, 1):
        history.add(StepDone(i, 1000, float(loss), 1e-4, 0.01))
    assert history.steps.tolist() == list(range(1, 1001))
    assert np.array_equal(history.losses, losses)
    assert history.smoothed[0] == pytest.approx(2.0)
    expected = losses[-1] * (1 - SMOOTHING) + SMOOTHING * history.smoothed[-2]
    assert history.smoothed[-1] == pytest.approx(expected)


def test_a_resumption_forgets_what_comes_again() -> None:
    history = History.of(
        [
            Started("r", 0, 4, 4, ("head",), "accuracy"),
            *(StepDone(i, 4, 1.0, 1e-4, 0.1) for i in (1, 2, 3)),
            Validated(3, 1.0, {"accuracy": 0.5}, best=True),
            ProbeScored(3, 0, 0.5),
            Note(3, "gone"),
            Started("r", 2, 4, 4, ("head",), "accuracy", from_checkpoint=True),
            StepDone(3, 4, 1.0, 1e-4, 0.1),
        ]
    )
    assert history.steps.tolist() == [1, 2, 3]
    assert history.validations == []
    assert history.probes == {0: []}
    assert history.notes == []


def test_a_run_killed_before_its_first_checkpoint_begins_anew() -> None:
    start = Started("r", 0, 4, 4, ("head",), "accuracy")
    seen = [Note(0, "Reading."), Validated(0, 1.0, {"accuracy": 0.5}, best=True)]
    again = History.of([start, *seen, start, *seen])
    assert (len(again.notes), len(again.validations)) == (1, 1)
    kept = History.of(
        [start, *seen, events.Saved(0), Started("r", 0, 4, 4, ("head",), "accuracy", from_checkpoint=True)]
    )
    assert (len(kept.notes), len(kept.validations)) == (1, 1)
