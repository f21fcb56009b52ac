"""Cells that hold words: whatever the words are, they read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core.word_lists import join, split

WORD = st.text(st.sampled_from('ab[]",1 \t\n\u00a0\u2028\u200b\U0001f600#{}'), max_size=6)


@given(st.lists(WORD, max_size=6))
def test_words_read_back_whatever_spaces_are_around_the_cell(words: list[str]) -> None:
    assert split(join(words).strip()) == words
    assert split(f" {join(words)}\n".strip()) == words


def test_ordinary_words_are_joined_by_spaces() -> None:
    assert join(["[", "1", "]", "We", "left", "."]) == "[ 1 ] We left ."
    assert json.loads(join(["New York", "."])) == ["New York", "."]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", []),
        ("[]", []),
        ("  We \t left\n", ["We", "left"]),
        ('["We", "left"]', ["We", "left"]),
        ("[0, 3, 3]", ["0", "3", "3"]),
        ("[ 1 ]", ["[", "1", "]"]),
        ('["We", ["left"]]', ['["We",', '["left"]]']),
        ("[true]", ["[true]"]),
        ("[1.5]", ["[1.5]"]),
        ("[" * 100_000, ["[" * 100_000]),
        ("a\u00a0b c\u2028", ["a\u00a0b", "c\u2028"]),
    ],
)
def test_a_json_list_or_words_between_spaces(cell: str, words: list[str]) -> None:
    assert split(cell) == words
