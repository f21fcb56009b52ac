"""What learned when, what is to come, and the marks of both."""

from __future__ import annotations

import pytest

from tlgui.core import events
from tlgui.core.history import History
from tlgui.core.outlook import Mark, group_words, outlook
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import HandChange

KEYS = ("embeddings", "0", "1", "2", "pooler", "head")
GRADUAL = Recipe().edit("transfer", method="gradual", frozen=["embeddings"])
TOP = ("pooler", "head")


def run(*later: events.Event, learns: tuple[str, ...] = TOP, steps: int = 0, total: int = 300) -> History:
    """A run of three epochs of which some steps are done, with what is given at its own step."""
    found: list[events.Event] = [events.Started("r", 0, total, 100, learns, "accuracy", KEYS)]
    for step in range(steps + 1):
        if step:
            found.append(events.StepDone(step, total, 0.7, 1e-4, 0.05))
        found += [event for event in later if getattr(event, "step", -1) == step]
    return History.of(found + [event for event in later if not hasattr(event, "step")])


def thaw(step: int, key: str, learns: tuple[str, ...], why: events.Why = "planned") -> events.PlanChanged:
    return events.PlanChanged(step, learns, (key,), (), why)


def test_before_a_run_all_thaws_are_to_come() -> None:
    found = outlook(History(), GRADUAL, KEYS, (), planned=300)
    assert found.marks == (Mark(100, "layer 2 will thaw", True), Mark(200, "layer 1 will thaw", True))
    assert found.planned["head"] == ((0, 300),)
    assert found.planned["2"] == ((100, 300),)
    assert "embeddings" not in found.planned
    assert not any(found.learned.values())


def test_what_is_done_is_told_from_what_is_to_come() -> None:
    found = outlook(run(thaw(100, "2", ("2", *TOP)), steps=120), GRADUAL)
    assert found.marks == (Mark(100, "layer 2 thaws"), Mark(200, "layer 1 will thaw", True))
    assert found.learned["2"] == ((100, 120),)
    assert found.learned["head"] == ((0, 120),)
    assert found.learned["embeddings"] == ()
    assert found.planned["1"] == ((200, 300),)
    assert [found.learns_at("2", step) for step in (100, 101, 120, 121)] == [False, True, True, False]


def test_a_thaw_taken_back_is_a_span_with_an_end() -> None:
    back = events.PlanChanged(150, TOP, (), ("2",), "worse", back_to=90)
    found = outlook(run(thaw(100, "2", ("2", *TOP)), back, steps=160), GRADUAL)
    assert found.learned["2"] == ((100, 150),)
    assert [mark.words for mark in found.marks if not mark.planned] == ["layer 2 thaws", "layer 2 frozen again"]


def test_frozen_by_hand_from_the_start_is_not_again() -> None:
    history = run(events.PlanChanged(5, ("head",), (), ("pooler",), "by hand"), steps=9)
    found = outlook(history, Recipe())
    assert found.marks[0] == Mark(5, "pooler frozen")
    assert found.learned["pooler"] == ((0, 5),)


def test_recorded_changes_are_planned_until_they_have_come() -> None:
    changes = [HandChange(step=40, groups=("0", "1"), learns=True), HandChange(step=80, groups=("1",), learns=False)]
    recipe = Recipe().edit("transfer", frozen=["embeddings", "0-2"], changes=changes)
    found = outlook(run(steps=10), recipe)
    assert found.marks == (Mark(40, "layers 0 to 1 will thaw", True), Mark(80, "layer 1 will be frozen", True))
    assert found.planned["1"] == ((40, 80),)
    done = events.PlanChanged(40, ("0", "1", *TOP), ("0", "1"), (), "by hand")
    later = outlook(run(done, steps=50), recipe)
    assert [(mark.step, mark.planned) for mark in later.marks] == [(40, False), (80, True)]


def test_a_finished_run_has_nothing_to_come_and_a_stopped_one_has() -> None:
    assert not outlook(run(events.Finished(), steps=20), GRADUAL).marks
    assert len(outlook(run(events.Stopped(), steps=20), GRADUAL).marks) == 2


def test_groups_wait_in_their_order_with_the_plateau_rule() -> None:
    recipe = GRADUAL.edit("transfer.gradual", rule="plateau")
    assert outlook(run(steps=5), recipe).waiting == ("2", "1", "0")
    assert outlook(run(thaw(3, "2", ("2", *TOP), "plateau"), steps=5), recipe).waiting == ("1", "0")


def test_without_a_model_nothing_is_foretold() -> None:
    found = outlook(History(), GRADUAL, (), (), 0)
    assert (found.keys, found.marks, found.total) == ((), (), 0)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("5",), "layer 5"),
        (("3", "4", "5"), "layers 3 to 5"),
        (("0", "2", "5"), "layers 0, 2 and 5"),
        (("embeddings", "0"), "layer 0 and embeddings"),
        (("head",), "head"),
        (("4", "5", "pooler", "head"), "layers 4 to 5, pooler and head"),
    ],
)
def test_groups_are_named_as_one_would(keys: tuple[str, ...], words: str) -> None:
    assert group_words(keys) == words
