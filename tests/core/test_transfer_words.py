"""Sentences about thawing, receipts, forecasts and replays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlgui.core import transfer_words as words
from tlgui.core.events import (
    BaselineScored,
    EstimateChecked,
    GroupsMeasured,
    MixLearned,
    PlanChanged,
    Receipt,
    Started,
    StepDone,
    Validated,
)
from tlgui.core.facts import CostFacts, MemoryFacts
from tlgui.core.history import History
from tlgui.core.outlook import outlook
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import HandChange

KEYS = ("embeddings", "0", "1", "head")
GRADUAL = Recipe().edit("transfer", method="gradual")
BEGIN = Started("r", 0, 300, 100, ("head",), "accuracy", KEYS)


def receipt(group: str, parameters: int, changed: int = 0, *, learned: bool = False) -> Receipt:
    return Receipt(9, group, parameters, parameters if learned else 0, 0, "0" * 8, "0" * 8, changed, 0.001, 0.02)


def next_words(recipe: Recipe, *later: object) -> str:
    history = History.of([BEGIN, *later])  # type: ignore[list-item]
    return words.next_words(history, recipe, outlook(history, recipe))


def test_the_next_thaw_is_told_with_the_first_step_it_learns_in() -> None:
    assert next_words(GRADUAL) == "Next: layer 1 thaws at step 101."
    two = GRADUAL.edit("transfer.gradual", at={"1": 1.0, "0": 1.0})
    assert next_words(two) == "Next: layers 0 to 1 thaw at step 101."
    frozen = Recipe().edit("transfer", changes=[HandChange(step=7, groups=("0",), learns=False)])
    history = History.of([Started("r", 0, 300, 100, KEYS, "accuracy", KEYS)])
    assert words.next_words(history, frozen, outlook(history, frozen)) == "Next: layer 0 is frozen at step 8."
    assert next_words(Recipe()) == ""


def test_the_plateau_rule_counts_checks_that_brought_nothing() -> None:
    recipe = GRADUAL.edit("transfer.gradual", rule="plateau", checks=3)
    best, worse = Validated(10, 0.5, best=True), [Validated(20, 0.6), Validated(30, 0.6)]
    assert next_words(recipe, best) == "Layer 1 thaws when 3 checks bring nothing better (0 so far)."
    assert next_words(recipe, best, *worse) == "Layer 1 thaws when 3 checks bring nothing better (2 so far)."
    thawed = PlanChanged(30, ("1", "head"), ("1",), (), "plateau")
    trial = "Layer 1 is frozen again if 3 checks bring nothing better (0 so far)."
    assert next_words(recipe, best, *worse, thawed) == trial
    better = Validated(40, 0.4, best=True)
    waits = "Layer 0 thaws when 3 checks bring nothing better (0 so far)."
    assert next_words(recipe, best, *worse, thawed, better) == waits
    back = PlanChanged(60, ("head",), (), ("1",), "worse", 10)
    assert next_words(recipe, best, *worse, thawed, back) == ""


@pytest.mark.parametrize(
    ("receipts", "said"),
    [
        ([], ""),
        ([receipt("head", 770, 770, learned=True)], "Checked group by group: all of 770 could learn."),
        (
            [receipt("0", 19_000_000), receipt("head", 770, 770, learned=True)],
            "Checked group by group: 0 of 19.0 M frozen values changed.",
        ),
        ([receipt("0", 1_200, 3)], "Checked group by group: 3 of 1,200 frozen values changed."),
    ],
)
def test_receipts_count_what_was_frozen(receipts: list[Receipt], said: str) -> None:
    assert words.receipt_words(receipts) == said


def test_a_forecast_is_compared_with_what_came() -> None:
    assert words.estimate_words(EstimateChecked(9, 0.052, 0.05, 950_000_000, 900_000_000)) == (
        "A step took 52 ms (foretold 50 ms, 4 % less). Memory 0.95 GB (foretold 0.90 GB, 5 % less)."
    )
    assert words.estimate_words(EstimateChecked(9, 0.05, 0.05, 1, -1)) == (
        "A step took 50 ms (foretold 50 ms, just so)."
    )
    assert words.estimate_words(EstimateChecked(9, 0.05, -1, 1, -1)) == ""


def test_after_a_run_only_what_is_there_is_told() -> None:
    assert words.after_sentences(History(), Recipe()) == ()
    history = History.of(
        [
            BEGIN,
            StepDone(1, 300, 0.7, 1e-4, 0.1),
            GroupsMeasured(1, {"head": 0.1}, {"head": 1.0}),
            receipt("head", 770, 770, learned=True),
            receipt("0", 100),
            BaselineScored(0, {"accuracy": 0.712}, 1.0, 384),
            MixLearned(1, ("embeddings", "0"), (0.25, 0.75), 1.0),
        ]
    )
    assert words.after_sentences(history, Recipe()) == (
        "Checked group by group: 0 of 100 frozen values changed.",
        "Logistic regression on the same features: accuracy 71.2 %.",
        "The head mixes the layers so: Layer 0 75 %, Embeddings 25 %.",
    )
    assert [one.group for one in words.ordered_receipts(history)] == ["head", "0"]


def test_a_recipe_with_changes_made_by_hand_says_so() -> None:
    change = HandChange(step=7, groups=("0",), learns=False)
    assert words.replay_words(Recipe()) == ""
    recipe = Recipe().edit("transfer", changes=[change, change])
    assert words.replay_words(recipe) == "This recipe replays 2 changes made by hand."


@pytest.mark.parametrize("method", ["fine-tune", "gradual", "feature-based", "lora"])
def test_only_fine_tuning_can_be_changed_by_hand(method: str) -> None:
    blocked = words.change_blocker(Recipe().edit("transfer", method=method))
    assert bool(blocked) == (method in ("feature-based", "lora"))


def test_a_wish_is_repeated_in_words() -> None:
    assert words.change_sentence(("4",), learns=True) == "Layer 4 will learn from the next step."
    assert words.change_sentence(("3", "4"), learns=False) == "Layers 3 to 4 will be frozen from the next step."


def test_frozen_layers_that_run_once_are_told_with_their_time_and_room() -> None:
    facts = CostFacts(0.1, 0.3, 30, MemoryFacts(1, 1, 1, 1, 1), kept_bytes=184_000_000, kept_limit_bytes=4_000_000_000)
    assert words.kept_words(facts) == ""
    once = replace(facts, first_passes=((0, 9.0), (15, 3.0)))
    assert words.kept_words(once) == (
        "Frozen layers run once for each text: 12 s of this. What they give takes 184 MB on the disk."
    )
    more = replace(once, kept_bytes=6_100_000_000)
    assert words.kept_words(more).endswith("takes 6.1 GB on the disk, of which 4.0 GB may be kept.")
