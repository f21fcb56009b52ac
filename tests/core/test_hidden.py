"""Sentences with hidden words keep their words through splitting, hiding and joining."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import hidden
from tlgui.core.hidden import Word


def test_marks_stay_outside_the_word():
    assert hidden.split("“Hello,” she said.") == (
        Word("“", "Hello", ",”"),
        Word("", "she", ""),
        Word("", "said", "."),
    )


def test_braces_hide_a_word_with_its_marks_outside():
    words = hidden.split("The queen lays ({eggs}), daily.")
    assert words[3] == Word("(", "eggs", "),", hidden=True)
    assert hidden.join(words) == "The queen lays ({eggs}), daily."


def test_a_hidden_word_may_have_a_space():
    assert [w.word for w in hidden.split("A {queen bee} flies") if w.hidden] == ["queen bee"]


@pytest.mark.parametrize("text", ["{}", "a { b", "} a {", "{ } a"])
def test_braces_that_hide_nothing_are_dropped(text):
    assert not any(word.hidden for word in hidden.split(text))
    assert not set("{}") & set(hidden.join(hidden.split(text)))


def test_a_dash_cannot_be_hidden():
    assert [word.can_hide for word in hidden.split("one — two")] == [True, False, True]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_joined_words_split_into_the_same_words(text):
    words = hidden.split(text)
    assert hidden.split(hidden.join(words)) == words


@given(st.lists(st.sampled_from(["bee", "hive,", "—", "(wax)"]), max_size=30), st.floats(0.01, 0.99))
def test_hiding_some_hides_the_share_and_at_least_one(tokens, share):
    words = hidden.split(" ".join(tokens))
    found = hidden.hide_some(words, share, random.Random(0))
    can = sum(word.can_hide for word in words)
    assert sum(word.hidden for word in found) == (min(can, max(1, round(share * can))))
    assert hidden.shown(found) == words


def test_each_hidden_word_makes_a_probe_of_its_own():
    words = hidden.split("The {queen} lays {eggs}.")
    assert hidden.probes_of(words) == ("The {queen} lays eggs.", "The queen lays {eggs}.")
