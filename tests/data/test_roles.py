"""Which column is the text and which the label."""

from __future__ import annotations

import pytest

from tlgui.data.roles import decide

TABLES = {
    "names": ("id,review_date,text,label\n1,2024,It was a good film,1\n2,2024,It was bad,0\n" * 3, ("text",), "label"),
    "cells": (
        "a,b,c\nu1,It was good enough,x\nu2,It was bad throughout,y\nu3,It was so so,x\nu4,Never again this,y\n",
        ("b",),
        "c",
    ),
    "pair": (
        "premise,hypothesis,gold_label\nA man eats,A man sleeps,no\nShe runs,She moves,yes\n",
        ("premise", "hypothesis"),
        "gold_label",
    ),
    "title and body": (
        "title,content,category\nGood,A long text about many good things,x\nBad,A long text about many bad things,y\n",
        ("content",),
        "category",
    ),
    "numbers": ("n,m\n1,2\n3,4\n5,6\n", (), ""),
    "only texts": ("sentence\nOne text here\nTwo texts here\n", ("sentence",), ""),
}


@pytest.mark.parametrize("case", TABLES)
def test_roles_are_guessed(write, opened, recipe, case: str) -> None:
    content, text, label = TABLES[case]
    path = write("a.csv", content)
    roles = decide(opened(path), recipe(path), needs_label=True)
    assert (roles.text, roles.label) == (text, label)
    assert [p.kind for p in roles.problems] == ["no-text"] * (not text) + ["no-label"] * (not label)


def test_the_recipe_decides(write, opened, recipe) -> None:
    path = write("a.csv", "text,label,other\nIt is good,1,A text too\nIt is bad,0,One more text\n")
    roles = decide(opened(path), recipe(path, text=("other", "text"), label="label"), needs_label=True)
    assert (roles.text, roles.label, roles.problems) == (("other", "text"), "label", ())


def test_a_pair_is_looked_for_where_one_is_wanted(write, opened, recipe) -> None:
    content = "claim,about,label\nIt was good enough for me,Was it good at all,x\nIt was bad,Was it bad or not,y\n"
    path = write("a.csv", content * 3)
    assert decide(opened(path), recipe(path, pair=True), needs_label=True).text == ("claim", "about")
    assert len(decide(opened(path), recipe(path), needs_label=True).text) == 1
    named = recipe(path, pair=True, text=("about",))
    assert decide(opened(path), named, needs_label=True).text == ("about",)


def test_one_column_of_text_is_no_pair(write, opened, recipe) -> None:
    path = write("a.csv", "text,label\nIt is good,1\nIt is bad,0\n" * 3)
    roles = decide(opened(path), recipe(path, pair=True), needs_label=True)
    assert [(problem.kind, problem.severity) for problem in roles.problems] == [("no-pair", "must")]


def test_a_goal_without_labels_has_none(write, opened, recipe) -> None:
    path = write("a.csv", "text,label\nIt is good,1\nIt is bad,0\n")
    roles = decide(opened(path), recipe(path, task="mask", label="lable"), needs_label=False)
    assert (roles.text, roles.label, roles.problems) == (("text",), "", ())


def test_a_renamed_column_names_its_neighbour(write, opened, recipe) -> None:
    path = write("a.csv", "sentence,label\nIt is good,1\nIt is bad,0\n")
    roles = decide(opened(path), recipe(path, text=("sentense",)), needs_label=True)
    assert roles.text == ("sentence",)
    (problem,) = roles.problems
    assert problem.severity == "must"
    assert problem.text == "a.csv has no column sentense. Did you mean sentence? It has: sentence, label."


def test_the_label_is_no_text(write, opened, recipe) -> None:
    path = write("a.csv", "text,label\nIt is good,1\nIt is bad,0\n")
    assert decide(opened(path), recipe(path, label="text"), needs_label=True).text != ("text",)
