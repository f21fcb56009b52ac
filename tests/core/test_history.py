"""What is found out from a run's events, beyond the curves."""

from __future__ import annotations

import pytest

from tlgui.core.events import (
    EstimateChecked,
    Event,
    GroupsMeasured,
    MixLearned,
    Note,
    PlanChanged,
    ProbeScored,
    Receipt,
    Saved,
    Started,
    StepDone,
    Validated,
)
from tlgui.core.history import History

Scores = dict[int, tuple[float, ...]]


@pytest.mark.parametrize(
    ("scores", "best", "place"),
    [
        ({}, 0, 0),
        ({0: (0.1, 0.3, 0.4), 1: (0.2, 0.7, 0.3)}, 1, 1),
        ({0: (0.1, 0.3, 0.4), 1: (0.2, 0.7, 0.3)}, 2, 0),  # what counts is the kept weights
        ({0: (0.5, 0.4, 0.3), 1: (0.5, 0.45, 0.4)}, 2, 1),
        ({0: (0.5, 0.4, 0.3), 1: (0.5, 0.6, 0.4)}, 0, 0),  # nothing after the start was better
    ],
)
def test_the_probe_that_gained_most(scores: Scores, best: int, place: int) -> None:
    history = History()
    for step in range(3):
        history.add(Validated(step, 1.0, {}, step <= best))
        for probe, found in scores.items():
            history.add(ProbeScored(step, probe, found[step]))
    assert history.most_gained() == place


KEYS = ("0", "1", "head")


def started(first_step: int, learns: tuple[str, ...], *, from_checkpoint: bool) -> Started:
    return Started("run", first_step, 20, 10, learns, "accuracy", KEYS, from_checkpoint)


def recorded() -> list[Event]:
    """A run of 12 steps whose groups thaw after 5 and 10, with a checkpoint after each step."""
    told: list[Event] = [started(0, ("head",), from_checkpoint=False)]
    for step in range(1, 13):
        told.append(StepDone(step, 20, 1.0, 1e-3, 0.1))
        told.append(GroupsMeasured(step, {"head": 0.1 * step}, {"head": 1.0}))
        if step == 5:
            told.append(PlanChanged(5, ("1", "head"), ("1",), (), "planned"))
        if step == 10:
            told.append(PlanChanged(10, ("0", "1", "head"), ("0",), (), "planned"))
    return told


@pytest.mark.parametrize(
    ("resumed", "learns", "changes"),
    [(4, ("head",), []), (5, ("head",), []), (6, ("1", "head"), [5]), (10, ("1", "head"), [5]), (12, KEYS, [5, 10])],
)
def test_what_comes_after_a_checkpoint_comes_again(resumed: int, learns: tuple[str, ...], changes: list[int]) -> None:
    # The checkpoint after a step is written before the change that holds from the next one.
    history = History.of([*recorded(), started(resumed, learns, from_checkpoint=True)])
    assert [change.step for change in history.changes] == changes
    assert [one.step for one in history.measured] == list(range(1, resumed + 1))
    assert history.learns == learns
    again = [e for e in recorded()[1:] if getattr(e, "step", 0) > resumed or isinstance(e, PlanChanged)]
    for event in again:
        if not isinstance(event, PlanChanged) or event.step >= resumed:
            history.add(event)
    assert [change.step for change in history.changes] == [5, 10]
    assert (history.learns, history.step) == (KEYS, 12)


def test_a_change_that_comes_again_is_told_once() -> None:
    told = [
        started(0, ("head",), from_checkpoint=False),
        StepDone(1, 20, 1.0, 1e-3, 0.1),
        Note(1, "Accuracy 50 %."),
        Saved(1),
        Note(1, "Layer 1 thawed, as planned."),
    ]
    history = History.of([*told, started(1, ("head",), from_checkpoint=True), told[-1]])
    assert [note.text for note in history.notes] == ["Accuracy 50 %.", "Layer 1 thawed, as planned."]


def test_a_run_without_a_checkpoint_begins_from_nothing() -> None:
    history = History.of([*recorded(), started(0, ("head",), from_checkpoint=False)])
    assert (history.changes, history.measured, history.step, history.learns) == ([], [], 0, ("head",))


def test_what_is_told_at_the_end_is_told_anew_when_a_run_goes_on() -> None:
    ending: list[Event] = [
        Receipt(12, "head", 10, 10, 0, "0" * 8, "f" * 8, 10, 0.1, 0.2),
        MixLearned(12, KEYS, (0.2, 0.3, 0.5), 1.0),
        EstimateChecked(12, 0.1, -1, 10**9, -1),
    ]
    whole = History.of([*recorded(), *ending])
    assert (list(whole.receipts), whole.mix, whole.estimate) == (["head"], ending[1], ending[2])
    going_on = History.of([*recorded(), *ending, started(12, KEYS, from_checkpoint=True)])
    assert (going_on.receipts, going_on.mix, going_on.estimate) == ({}, None, None)
