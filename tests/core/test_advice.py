"""Sentences about facts say what the numbers say."""

from __future__ import annotations

from typing import Any

import pytest

from tlgui.core import advice, freeze
from tlgui.core.board import Board
from tlgui.core.facts import LengthFacts, RunSummary
from tlgui.core.freeze import FreezePlan
from tlgui.core.presets import PRESETS, choose, with_weights
from tlgui.core.recipe import Recipe

KEYS = ("embeddings", "0", "1", "2", "pooler", "head")


def board(recipe: Recipe) -> Board:
    return Board(recipe, KEYS, frozenset({"head"}), 20)


def test_each_kind_of_plan_has_its_own_reason() -> None:
    start = board(Recipe())
    made = [choose(start, preset, top) for preset in PRESETS for top in ((1, 3) if preset == "top" else (1,))]
    made.append(Recipe().edit("transfer", frozen=("1",)))
    made.append(with_weights(Recipe(), "scratch"))
    assert len({advice.why(board(recipe))[1] for recipe in made}) == len(PRESETS) + 3


def test_the_reason_for_gradual_is_true_of_the_plan() -> None:
    gradual = choose(board(Recipe()), "gradual")
    assert "starts from random values" in advice.why(board(gradual))[1]
    assert "random" not in advice.why(Board(gradual, KEYS))[1]
    stalls = gradual.edit("transfer.gradual", rule="plateau")
    assert advice.why(board(stalls))[1].endswith("steps back if that did no good.")


def run(name: str, values: int, changed: int, status: Any = "finished") -> RunSummary:
    return RunSummary(
        name, "", status, "classify", "", "", "", 9, 9, "accuracy", 0.8, 9, 1.0, "", False, True,
        frozen_values=values, frozen_changed=changed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "level", "words"),
    [
        ((), "info", "After a run, this says whether the frozen parts kept every value."),
        ((run("old", 0, -1),), "info", "After a run, this says whether the frozen parts kept every value."),
        ((run("b", 5, 1, "stopped"), run("reviews-02", 19_000_000, 0)), "good",
         "Last run, reviews-02: 0 of 19.0 M frozen values changed."),
        ((run("reviews-03", 0, 0),), "info", "Last run, reviews-03: nothing was frozen."),
        ((run("reviews-04", 900, 2),), "bad", "Last run, reviews-04: 2 of 900 frozen values changed."),
    ],
)  # fmt: skip
def test_the_receipt_is_of_the_newest_finished_run_that_has_one(runs: Any, level: str, words: str) -> None:
    assert advice.receipt(runs)[:2] == (level, words)


def test_head_only_with_a_new_pooler_is_still_head_only() -> None:
    new = ("pooler", "head")
    plan = freeze.head_only(KEYS, new)
    assert plan.learning == new
    assert freeze.preset(plan, new) == ("head", 0)


@pytest.mark.parametrize(("plan", "found"), [(freeze.top_layers(KEYS, n), ("top", n)) for n in (1, 2, 3)])
def test_presets_are_recognised(plan: FreezePlan, found: tuple[str, int]) -> None:
    assert freeze.preset(plan) == found
    assert freeze.preset(FreezePlan(KEYS, plan.frozen ^ {"1", "head"})) == ("", 0)


def test_a_gesture_changes_what_it_may_and_says_what_it_did_not() -> None:
    plan, refusal = freeze.after_gesture(freeze.everything(KEYS), ("head", "pooler", "2"), learns=False, new=("head",))
    assert plan.spec() == ["2", "pooler"]
    assert refusal == "A new head must learn; its start is random."
    plan, refusal = freeze.after_gesture(plan, KEYS, learns=False, new=("pooler", "head"))
    assert plan.frozen >= {"embeddings", "0", "1", "2"}
    assert refusal == "A new pooler and head must learn; their start is random."
    assert freeze.after_gesture(plan, KEYS, learns=True) == (freeze.everything(KEYS), "")


def test_freezing_a_pretrained_head_with_all_else_is_refused() -> None:
    before = freeze.head_only(KEYS)
    plan, refusal = freeze.after_gesture(before, ("head",), learns=False)
    assert plan == before
    assert refusal.startswith("Every group is frozen")


@pytest.mark.parametrize(
    ("cut", "most", "words"),
    [
        (64, 512, "20.0 % of the texts lose their end. At 80, none do."),
        (70, 512, "No text loses its end."),
        (32, 64, "20.0 % of the texts lose their end."),
    ],
)
def test_the_cut_names_a_length_that_is_enough_if_the_model_takes_it(cut: int, most: int, words: str) -> None:
    assert advice.cut_advice(LengthFacts((5, 20, 24, 30, 70), 1.2, 0.0), cut, most) == words


def test_a_vocabulary_that_does_not_fit_is_a_warning() -> None:
    good = advice.vocabulary(LengthFacts((5,), 1.2, 0.0))
    bad = advice.vocabulary(LengthFacts((5,), 2.6, 0.03))
    assert [level for level, _ in good] == ["good", "good"]
    assert bad == (
        ("warn", "3 % of the tokens are unknown to the model"),
        ("warn", "2.6 tokens per word: many words are in pieces"),
    )


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"a": 10, "b": 12}, "balanced"),
        ({"a": 10, "b": 90}, "largest 9.0 × smallest"),
        ({"a": 10, "b": 0}, ""),
        ({}, ""),
    ],
)
def test_balance(labels: dict[str, int], words: str) -> None:
    assert advice.balance(labels) == words
