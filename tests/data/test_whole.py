"""Sources read without a split."""

from __future__ import annotations

import numpy as np
import pytest

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part
from tlgui.data.whole import open_part, sample_texts

CSV = "text,label\nIt was good,pos\nIt was bad,neg\nIt was good,pos\n"


def opened(recipe: Recipe, labels: tuple[str, ...] | None) -> Part:
    return open_part(recipe, labels, lambda event: None, Control())


def test_every_row_is_there_with_the_models_ids(write, recipe) -> None:
    part = opened(recipe(write("a.csv", CSV)), ("pos", "other", "neg"))
    assert part.labels is not None and part.labels.tolist() == [0, 2, 0]
    assert part.texts(np.array([2, 1])) == [("It was good",), ("It was bad",)]


def test_labels_are_not_needed_to_predict(write, recipe) -> None:
    part = opened(recipe(write("a.csv", "text\nIt was good\n")), None)
    assert part.labels is None and part.texts(np.array([0])) == [("It was good",)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("Odd,mixed\n", r"a\.csv, row 4, column label: the model does not know the label “mixed”"),
        ("Odd,\n", r"a\.csv, row 4, column label: the label is empty"),
    ],
)
def test_a_label_the_model_does_not_know_is_named(write, recipe, rows: str, words: str) -> None:
    with pytest.raises(TlguiError, match=words):
        opened(recipe(write("a.csv", CSV + rows)), ("neg", "pos"))


def test_a_missing_column_is_named(write, recipe) -> None:
    with pytest.raises(TlguiError, match=r"a\.csv has no column sentence"):
        opened(recipe(write("a.csv", CSV), text=("sentence",)), None)


def test_a_sample_is_spread_over_the_source(write, recipe) -> None:
    path = write("a.txt", "".join(f"Line {i}\n" for i in range(101)))
    texts = sample_texts(recipe(path, task="mask"), 3, lambda event: None, Control())
    assert texts == [("Line 0",), ("Line 50",), ("Line 100",)]
