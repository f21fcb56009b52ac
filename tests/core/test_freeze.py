"""Freeze plans: any set of groups, said in the fewest words, never nothing that learns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import freeze
from tlgui.core.freeze import FreezePlan

KEYS = ("embeddings", "0", "1", "2", "3", "4", "5", "pooler", "head")


@st.composite
def plans(draw: st.DrawFn) -> FreezePlan:
    layers = draw(st.integers(1, 24))
    keys = ("embeddings", *map(str, range(layers)), *(("pooler",) if draw(st.booleans()) else ()), "head")
    frozen = draw(st.frozensets(st.sampled_from(keys), max_size=len(keys) - 1))
    return FreezePlan(keys, frozen)


@given(plans())
def test_a_plan_is_the_same_after_writing_and_reading(plan: FreezePlan) -> None:
    assert FreezePlan.parse(plan.spec(), plan.keys) == plan


@given(plans())
def test_prefix_is_frozen_and_ends_below_the_lowest_that_learns(plan: FreezePlan) -> None:
    assert set(plan.prefix) <= plan.frozen
    assert plan.keys[len(plan.prefix)] == plan.learning[0]


@given(plans(), st.data())
def test_locking_and_opening_changes_only_the_chosen_groups(plan: FreezePlan, data: st.DataObject) -> None:
    chosen = data.draw(st.frozensets(st.sampled_from(plan.keys)))
    opened = plan.with_state(chosen, learns=True)
    assert opened.frozen == plan.frozen - chosen
    if plan.frozen | chosen < set(plan.keys):
        assert plan.with_state(chosen, learns=False).frozen == plan.frozen | chosen
    else:
        with pytest.raises(ValueError, match="nothing would learn"):
            plan.with_state(chosen, learns=False)


def test_ranges_and_names_are_read() -> None:
    plan = FreezePlan.parse(["embeddings", "0-3"], KEYS)
    assert plan == freeze.top_layers(KEYS, 2)
    assert plan.learning == ("4", "5", "pooler", "head")


@pytest.mark.parametrize("entry", ["6", "0-9", "3-1", "Head", "", "-", "encoder.layer"])
def test_an_unknown_group_is_named_with_those_there_are(entry: str) -> None:
    with pytest.raises(ValueError, match="embeddings, 0 to 5, pooler, head"):
        FreezePlan.parse([entry], KEYS)


def test_freezing_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing would learn"):
        FreezePlan.parse(KEYS, KEYS)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (freeze.everything(KEYS), "every layer learns"),
        (freeze.head_only(KEYS), "only the head learns"),
        (freeze.top_layers(KEYS, 1), "the top layer learns"),
        (freeze.top_layers(KEYS, 2), "top 2 layers learn"),
        (FreezePlan.parse(["2"], KEYS), "8 of 9 groups learn"),
    ],
)
def test_plans_in_words(plan: FreezePlan, words: str) -> None:
    assert freeze.describe(plan) == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (KEYS, "embeddings, 0 to 5, pooler, head"),
        (("0", "5", "head"), "0, 5, head"),
        (("1", "2", "4"), "1 to 2, 4"),
        ((), ""),
    ],
)
def test_keys_in_words_leave_no_gap_out(keys: tuple[str, ...], words: str) -> None:
    assert freeze.describe_keys(keys) == words


@pytest.mark.parametrize(
    ("key", "lower", "words"),
    [
        ("embeddings", 6, "Embeddings"),
        ("3", 0, "Layer 3"),
        ("0", 6, "Encoder layer 0"),
        ("5", 6, "Encoder layer 5"),
        ("6", 6, "Decoder layer 0"),
        ("head", 6, "Head"),
    ],
)
def test_layers_that_read_and_layers_that_write_have_numbers_of_their_own(key: str, lower: int, words: str) -> None:
    assert freeze.title(key, lower) == words


def test_rates_fall_by_the_decay_from_the_head_down() -> None:
    rates = freeze.group_rates(KEYS, 1e-4, 0.5)
    assert rates["head"] == 1e-4
    assert rates["pooler"] == 0.5e-4
    assert rates["embeddings"] == pytest.approx(1e-4 * 0.5**8)
