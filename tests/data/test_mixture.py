"""Data sets that are learned together: shares as announced, epoch after epoch, and warnings."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import MixingPart, MixturePart, Recipe
from tlgui.data.mixture import MixedPart, counts_of, drawn, of_source, prepare_mixture, shares_of

SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("mixing", "expected"),
    [
        (MixingPart(), (0.1, 0.9)),
        (MixingPart(limit=100), (0.5, 0.5)),
        (MixingPart(limit=300), (0.25, 0.75)),
        (MixingPart(rule="equal"), (0.5, 0.5)),
        (MixingPart(rule="temperature", temperature=1), (0.1, 0.9)),
        (MixingPart(rule="temperature", temperature=2), (0.25, 0.75)),
    ],
)
def test_shares(mixing: MixingPart, expected: tuple[float, ...]) -> None:
    assert shares_of((100, 900), mixing) == pytest.approx(expected)


@given(sizes=SIZES, limit=st.integers(0, 200), rule=st.sampled_from(["proportional", "temperature", "equal"]))
def test_an_epoch_has_the_shares_that_were_announced(sizes: list[int], limit: int, rule: str) -> None:
    mixing = MixingPart(rule=rule, limit=limit)  # type: ignore[arg-type]
    counts = counts_of(sizes, mixing)
    total = sum(min(size, limit) if limit else size for size in sizes)
    assert sum(counts) == total
    assert np.abs(np.array(counts) - shares_of(sizes, mixing) * total).max() < 1
    sets = np.repeat(np.arange(len(sizes)), sizes)
    rows = drawn(sets, counts, 0, 3)
    assert np.bincount(sets[rows], minlength=len(sizes)).tolist() == list(counts)


@given(sizes=SIZES, limit=st.integers(1, 50))
def test_each_row_of_a_set_comes_equally_often(sizes: list[int], limit: int) -> None:
    sets, counts = np.repeat(np.arange(len(sizes)), sizes), counts_of(sizes, MixingPart(limit=limit))
    seen = np.zeros(len(sets), dtype=np.int64)
    for epoch in range(6):
        np.add.at(seen, drawn(sets, counts, 1, epoch), 1)
    for number in range(len(sizes)):
        assert np.ptp(seen[sets == number]) <= 1


def test_proportional_without_a_limit_is_every_row_once() -> None:
    sets = np.array([0, 1, 1, 0, 1])
    first, second = (drawn(sets, counts_of((2, 3), MixingPart()), 0, epoch) for epoch in range(2))
    assert sorted(first) == sorted(second) == [0, 1, 2, 3, 4]


def write(file: Path, rows: int, column: str = "input") -> str:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([(column, "output"), *((f"{file.stem} {i}", f"out {i}") for i in range(rows))])
    return str(file)


def recipe_of(tmp_path: Path, *prefixes: str) -> Recipe:
    first, *others = [write(tmp_path / f"set{i}.csv", 20 + 10 * i) for i in range(len(prefixes))]
    recipe = Recipe(task="text-to-text").edit("data", source=first, validation=0.2).edit("text", prefix=prefixes[0])
    more = tuple(MixturePart(source=source, prefix=p) for source, p in zip(others, prefixes[1:], strict=True))
    return recipe.model_copy(update={"mixture": more})


def test_the_rows_of_all_sets_are_read_where_they_stand(tmp_path: Path) -> None:
    found = prepare_mixture(recipe_of(tmp_path, "one", "two:"), lambda e: None, Control())
    assert isinstance(found.train, MixedPart)
    assert [member.name for member in found.train.members] == ["one", "two"]
    assert (len(found.train), len(found.validation)) == (16 + 24, 4 + 6)
    rows = np.array([39, 0, 16, 15])
    stems = [text.split()[0] for (text,) in found.train.texts(rows)]
    assert stems == ["set1", "set0", "set1", "set0"]
    texts, truths = found.train.texts(rows), found.train.truths(rows)
    assert [text.split()[1] for (text,) in texts] == [truth.split()[1] for truth in truths]


def test_sets_that_share_a_prefix_are_warned_of(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "one", "two", "one:")
    third = recipe.mixture[1].model_copy(update={"name": "third"})
    recipe = recipe.model_copy(update={"mixture": (recipe.mixture[0], third)})
    notes = prepare_mixture(recipe, lambda e: None, Control()).notes
    assert "one and third share the prefix “one”, so the model cannot tell which of them is asked for." in notes
    assert not any(
        "share" in note for note in prepare_mixture(recipe_of(tmp_path, "a", "b"), lambda e: None, Control()).notes
    )


def test_a_set_is_read_alone_as_in_the_mixture(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "one", "two")
    other = recipe.mixture[0].model_copy(update={"text": ("input",), "label": "output"})
    recipe = recipe.model_copy(update={"mixture": (other,)})
    alone = of_source(recipe.edit("data", source=other.source), other.source)
    assert (alone.text.prefix, alone.data.text, alone.data.label, alone.mixture) == ("two", ("input",), "output", ())
    assert of_source(recipe, "elsewhere.csv") == recipe.model_copy(update={"mixture": ()})


def test_two_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="are called “one”"):
        prepare_mixture(recipe_of(tmp_path, "one", "one"), lambda e: None, Control())
