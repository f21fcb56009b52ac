"""Sequences of tags: what is repaired, what counts as a name, and figures worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.core.answers import KindScore
from tlgui.tasks.tag_sequences import compare, kind_of, names_in, ordered, repaired

TAGS = st.lists(st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"]), max_size=12)


@pytest.mark.parametrize(
    ("tags", "made", "changed"),
    [
        ("O B-x I-x O", "O B-x I-x O", 0),
        ("I-x I-x O I-y", "B-x I-x O B-y", 2),
        ("B-x I-y I-y", "B-x B-y I-y", 1),
        ("I-x B-x I-x", "B-x B-x I-x", 1),  # IOB1, where B- only parts two names
        ("B-x I-x E-x S-x", "B-x I-x E-x S-x", 0),
        ("S-x I-x", "S-x B-x", 1),
        ("NOUN I VERB -LRB- B", "NOUN I VERB -LRB- B", 0),
        ("I-a-b I-a-b", "B-a-b I-a-b", 1),
        ("", "", 0),
    ],
)
def test_a_name_begins_with_b(tags: str, made: str, changed: int) -> None:
    assert repaired(tags.split()) == (made.split(), changed)


@settings(deadline=None)  # the first call imports scikit-learn
@given(TAGS)
def test_what_is_repaired_needs_no_other_repair_and_holds_the_same_names(tags: list[str]) -> None:
    made, changed = repaired(tags)
    assert repaired(made) == (made, 0)
    assert names_in(made) == names_in(tags)
    assert changed == sum(a != b for a, b in zip(tags, made, strict=True))


def test_o_comes_first_and_each_kind_as_a_name_goes_on() -> None:
    assert ordered(["I-b", "B-a", "O", "B-b", "I-a", "O"]) == ("O", "B-a", "I-a", "B-b", "I-b")
    assert ordered(["VERB", "NOUN", "."]) == (".", "NOUN", "VERB")
    assert [kind_of(tag) for tag in ("O", "B-a-b", "NOUN")] == ["", "a-b", "NOUN"]


def test_names_are_spans_of_words() -> None:
    assert names_in(["B-x", "I-x", "O", "B-y", "B-y", "I-x"]) == [("x", 0, 2), ("y", 3, 4), ("y", 4, 5), ("x", 5, 6)]
    assert names_in(["B-x", "I-x", "L-x", "U-y", "O"]) == [("x", 0, 3), ("y", 3, 4)]


def test_figures_of_whole_names_by_hand() -> None:
    truth = [["B-x", "I-x", "O", "B-y"], ["B-x", "O"]]
    guess = [["B-x", "O", "O", "B-y"], ["B-x", "B-y"]]
    metrics, kinds = compare(truth, guess)
    assert metrics == pytest.approx({"precision": 2 / 4, "recall": 2 / 3, "f1": 4 / 7, "accuracy": 4 / 6})
    assert kinds == [KindScore("x", 0.5, 0.5, 0.5, 2), KindScore("y", 0.5, 1.0, pytest.approx(2 / 3), 1)]


def test_of_plain_tags_every_word_counts() -> None:
    metrics, kinds = compare([["NOUN", "VERB", "."]], [["NOUN", "NOUN", "."]])
    assert metrics == pytest.approx(dict.fromkeys(("precision", "recall", "f1", "accuracy"), 2 / 3))
    assert [(kind.kind, kind.support) for kind in kinds] == [(".", 1), ("NOUN", 1), ("VERB", 1)]


def test_where_there_are_no_names_nothing_is_counted() -> None:
    assert compare([["O", "O"]], [["O", "O"]]) == ({"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": 1.0}, [])
    assert compare([["B-x"]], [["O"]])[0] == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": 0.0}
