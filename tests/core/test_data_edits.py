"""Edits of a recipe's data part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import data_edits
from tlgui.core.data_edits import Role
from tlgui.core.facts import ColumnFacts, DataFacts, DataProblem
from tlgui.core.goals import CARDS
from tlgui.core.recipe import DataPart, ReadingPart, Recipe, problems

COLUMNS = (ColumnFacts("a", "text"), ColumnFacts("b", "label"), ColumnFacts("c", "ignore"), ColumnFacts("d", "ignore"))


def test_another_source_forgets_what_belonged_to_the_old_one() -> None:
    old = DataPart(source="a.csv", text=("x",), label="y", validation=0.3, rows=5, leave_out=("empty-text",))
    assert data_edits.with_source(old, "b.csv") == DataPart(source="b.csv", validation=0.3)


def test_a_second_source_for_validation_goes_with_the_first() -> None:
    old = DataPart(source="a.csv", validation="dev.csv")
    assert data_edits.with_source(old, "b.csv").validation == 0.1


def test_another_source_is_read_in_pairs_as_well() -> None:
    old = DataPart(source="a.csv", text=("x", "y"))
    assert data_edits.with_source(old, "b.csv") == DataPart(source="b.csv", pair=True)
    assert data_edits.with_reading(old, ReadingPart()).reads_pair


@pytest.mark.parametrize(
    ("text", "pair", "wanted", "kept"),
    [
        ((), False, "pairs", ()),
        (("x",), False, "pairs", ()),
        (("x", "y"), False, "pairs", ("x", "y")),
        (("x", "y"), False, "classify", ()),
        ((), True, "classify", ()),
        (("x",), True, "mask", ("x",)),
        (("x", "y"), False, "regress", ()),
    ],
)
def test_a_card_decides_how_many_columns_are_read(
    text: tuple[str, ...], pair: bool, wanted: str, kept: tuple[str, ...]
) -> None:
    recipe = Recipe(data=DataPart(source="a.csv", text=text, pair=pair, label="z"))
    made = data_edits.with_card(recipe, CARDS[wanted])
    assert made.card == CARDS[wanted]
    assert (made.data.text, made.data.label) == (kept, "z")
    assert data_edits.with_card(made, CARDS[wanted]) == made


def test_reading_anew_guesses_the_roles_anew() -> None:
    made = data_edits.with_reading(DataPart(source="a.csv", text=("x",), label="y"), ReadingPart(delimiter=";"))
    assert made == DataPart(source="a.csv", reading=ReadingPart(delimiter=";"))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["text", "label", "ignore"])), max_size=12))
def test_whatever_is_chosen_the_recipe_stays_valid(choices: list[tuple[str, Role]]) -> None:
    data = DataPart(source="a.csv")
    for name, role in choices:
        columns = data_edits.roles(data, COLUMNS)
        try:
            data = data_edits.with_role(data, columns, name, role, needs_label=True)
        except ValueError:
            continue
        if role != "ignore":  # of columns that nothing is said of, the guess counts
            assert ColumnFacts(name, role) in data_edits.roles(data, COLUMNS)
    found = [column.role for column in data_edits.roles(data, COLUMNS)]
    assert 1 <= found.count("text") <= 2
    assert found.count("label") <= 1
    assert [p for p in problems(Recipe(data=data)) if p.field.startswith("data")] == []


def test_text_columns_keep_the_order_of_the_table() -> None:
    first = data_edits.with_role(DataPart(source="a.csv"), COLUMNS, "d", "text", needs_label=True)
    assert first.text == ("a", "d")
    second = data_edits.with_role(first, data_edits.roles(first, COLUMNS), "c", "text", needs_label=True)
    assert second.text == ("a", "c")


def test_the_last_text_and_a_needed_label_stay() -> None:
    data = DataPart(source="a.csv", text=("a",), label="b")
    with pytest.raises(ValueError, match="must be the text"):
        data_edits.with_role(data, COLUMNS, "a", "ignore", needs_label=True)
    with pytest.raises(ValueError, match="needs a label"):
        data_edits.with_role(data, COLUMNS, "b", "ignore", needs_label=True)
    assert data_edits.with_role(data, COLUMNS, "b", "ignore", needs_label=False).label == ""


def test_settling_and_undoing_move_problems_at_once() -> None:
    empty = DataProblem("empty-text", "must", "Row 2 is empty.", (2,), 1, "a", "Leave it out")
    twice = DataProblem("duplicate", "should", "Row 3 occurs twice.", (3,), 1, "a", "Leave one out")
    facts = DataFacts("a.csv", "a.csv", 9, COLUMNS, "comma", (), (twice,), (empty,))
    data = data_edits.settle(DataPart(source="a.csv"), ["empty-text", "empty-text"])
    assert data.leave_out == ("empty-text",)
    assert (data_edits.to_settle(data, facts), data_edits.settled(data, facts)) == ((twice,), (empty,))
    undone = data_edits.unsettle(data, "empty-text")
    assert set(data_edits.to_settle(undone, facts)) == {empty, twice}


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("", ()),
        ("/a/b.CSV", ("delimiter", "encoding", "header", "quoting")),
        ("/a/b.txt", ("encoding",)),
        ("/a/folder", ("encoding",)),
        ("/a/b.jsonl", ()),
        ("hub:imdb", ()),
    ],
)
def test_reading_has_only_fields_that_mean_something(source: str, fields: tuple[str, ...]) -> None:
    assert data_edits.reading_fields(source) == fields
