"""What the Data page is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Progress
from tlgui.core.facts import ColumnFacts, DataFacts
from tlgui.core.recipe import Recipe
from tlgui.data.checkup import look

GOOD = "".join(f"Text number {i} is a fine one,pos,web\nText number {i} is a poor one,neg,shop\n" for i in range(150))


def looked(recipe: Recipe) -> DataFacts:
    return look(recipe, lambda event: None, Control())


def test_a_clean_table_is_described(write, recipe) -> None:
    path = write("reviews.csv", f"text,label,source\n{GOOD}")
    facts = looked(recipe(path))
    assert (facts.source, facts.name, facts.rows) == (str(path), "reviews.csv", 300)
    assert facts.columns == (
        ColumnFacts("text", "text"),
        ColumnFacts("label", "label"),
        ColumnFacts("source", "ignore"),
    )
    assert facts.reading == "comma, UTF-8, header in line 1"
    assert facts.labels == {"neg": 150, "pos": 150}
    assert (facts.train_rows, facts.validation_rows) == (270, 30)
    assert facts.problems == facts.settled == () and "No text is empty" in facts.passed


def test_the_preview_has_the_first_rows_and_problems_with_neighbours(write, recipe) -> None:
    facts = looked(recipe(write("a.csv", f"text,label,source\n{GOOD},pos,web\n{'x' * 3000},pos,web\n")))
    rows = dict(facts.preview)
    assert [number for number, _ in facts.preview] == [*range(1, 51), 299, 300, 301, 302]
    assert rows[1] == ("Text number 0 is a fine one", "pos", "web") and rows[301] == ("", "pos", "web")
    assert rows[302][0] == "x" * 1999 + "…"


def test_settled_problems_stay_visible(write, recipe) -> None:
    facts = looked(recipe(write("a.csv", f"text,label,source\n{GOOD},pos,web\n"), leave_out=("empty-text",)))
    assert facts.problems == () and [p.kind for p in facts.settled] == ["empty-text"]
    assert facts.rows == 301 and facts.train_rows + facts.validation_rows == 300
    assert facts.preview[-1][0] == 301


def test_what_must_be_settled_comes_first(write, recipe) -> None:
    facts = looked(recipe(write("a.csv", f"text,label,source\n{GOOD}Text number 0 is a fine one,pos,web\n,pos,web\n")))
    assert [p.severity for p in facts.problems] == ["must", *["should"] * (len(facts.problems) - 1)]
    assert len(facts.problems) > 1


def test_a_table_without_a_label_is_still_shown(write, recipe) -> None:
    facts = looked(recipe(write("a.csv", "text\n" + "".join(f"Some text {i}\n" for i in range(60)))))
    assert [p.text for p in facts.problems] == ["The file has no label column. Pick one in a column header."]
    assert len(facts.preview) == 50 and facts.labels == {} and facts.train_rows == 0


def test_a_missing_column_is_a_problem_and_another_is_guessed(write, recipe) -> None:
    facts = looked(recipe(write("a.csv", f"text,label,source\n{GOOD}"), label="class"))
    assert [p.kind for p in facts.problems] == ["missing-column"]
    assert facts.columns[1] == ColumnFacts("label", "label") and facts.train_rows == 270


def test_nothing_to_read_raises(recipe, tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="There is no file"):
        looked(recipe(tmp_path / "absent.csv"))


def test_progress_is_sent(write, recipe) -> None:
    seen: list[object] = []
    look(recipe(write("a.csv", f"text,label,source\n{GOOD}")), seen.append, Control())
    assert {e.what for e in seen if isinstance(e, Progress)} == {"Reading a.csv", "Checking the rows"}


def test_sst2_is_checked_in_seconds(shared_data: Path, home: Path, recipe) -> None:
    source = recipe(f"glue:{shared_data}/glue/SST-2")
    start = time.perf_counter()
    facts = looked(source)
    assert time.perf_counter() - start < 10  # 0.6 s on an idle core
    assert facts.labels == {"negative": 30208, "positive": 38013}
    assert (facts.train_rows, facts.validation_rows) == (67349, 872)
    assert {p.kind: p.count for p in facts.problems} == {"conflicting-label": 10, "duplicate": 366}
    assert len(facts.preview) <= 500
