"""The report tells of thawing, receipts, yardstick and mix, and draws them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ui_streams import EPOCH, GROUPS, SUMMARY, TOTAL, gradual, thawing

from tlgui.core import events
from tlgui.core.events import Receipt, RunEvent
from tlgui.core.history import History
from tlgui.core.outlook import outlook
from tlgui.core.runs import RunFolder
from tlgui.export.card import card
from tlgui.export.figures import MOST_CELLS, heat_map
from tlgui.export.report import report


def made(runs: Path, *later: RunEvent) -> RunFolder:
    folder = RunFolder.create(runs, "run")
    folder.begin(gradual())
    for event in thawing(TOTAL, then=(*later, events.Finished())):
        folder.append(event)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    later = (
        Receipt(TOTAL, "embeddings", 1000, 0, 0, "0badcafe", "0badcafe", 0, 0.0, 0.0),
        Receipt(TOTAL, "head", 770, 770, 0, "00000001", "00000002", 770, 0.0012, 0.031),
        events.BaselineScored(0, {"accuracy": 0.712}, 1.0, 384),
        events.MixLearned(TOTAL, ("embeddings", "0", "1"), (0.2, 0.3, 0.5), 1.0),
        events.EstimateChecked(TOTAL, 0.052, 0.05, 1, -1),
    )
    return report(made(tmp_path_factory.mktemp("report"), *later), SUMMARY)


def test_what_was_checked_is_said_in_words(html: str) -> None:
    assert "Checked group by group: 0 of 1,000 frozen values changed." in html
    assert "A step took 52 ms (foretold 50 ms, 4 % less)." in html
    assert "Logistic regression on the same features: accuracy 71.2 %." in html


def test_receipts_are_a_table_topmost_first(html: str) -> None:
    table = re.search(r"<table class=receipts>(.*?)</table>", html).group(1)  # type: ignore[union-attr]
    rows = [re.findall(r"<td[^>]*>([^<]*)", row) for row in table.split("</tr>")[1:-1]]
    assert [row[0] for row in rows] == ["Head", "Embeddings"]
    assert rows[1] == ["Embeddings", "1,000", "0", "0badcafe", "0badcafe", "0", "0", "0"]


def test_a_thaw_is_marked_in_every_drawing_over_steps(html: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", html)
    over_steps = [drawing for drawing in drawings if "mixes the layers" not in drawing]
    assert len(over_steps) == 4
    assert all(f"<title>layer 1 thaws, step {EPOCH}</title>" in drawing for drawing in over_steps)
    assert "will thaw" not in html


def test_the_yardstick_lies_inside_the_plot(html: str) -> None:
    drawing = next(d for d in re.findall(r"<svg.*?</svg>", html) if 'aria-label="Accuracy"' in d)
    y = float(re.search(r'y1="([\d.]+)" y2="[\d.]+" stroke="#6b7480"', drawing).group(1))  # type: ignore[union-attr]
    assert 22 <= y <= 218
    assert "Logistic regression on the same features: 71.2 %" in drawing


def test_the_heat_map_has_a_cell_a_measurement_and_is_thinned(html: str) -> None:
    drawing = next(d for d in re.findall(r"<svg.*?</svg>", html) if "each group has moved" in d)
    colours = re.findall(r'fill="(#[0-9a-fA-F]{6})"', drawing)
    learned = 2 * TOTAL + (TOTAL - EPOCH)
    assert len([c for c in colours if c.lower() != "#f6f7f9"]) == learned
    assert "#6b3f00" in [c.lower() for c in colours]
    many = History.of([events.Started("r", 0, 10_000, 10, ("head",), "accuracy", GROUPS)])
    many.measured = [events.GroupsMeasured(i, {"head": i / 100}, {}) for i in range(1, 2001)]
    assert heat_map("Moved", many, outlook(many, gradual())).count("<rect x=") <= MOST_CELLS + 1 + len(GROUPS)


def test_a_mix_is_bars_and_a_run_without_any_of_it_is_told_as_before(html: str, tmp_path: Path) -> None:
    assert "How the head mixes the layers" in html
    bare = report(made(tmp_path), SUMMARY)
    assert "Receipts" not in bare
    assert "How the head mixes" not in bare
    assert "<script" not in html
    assert "http" not in html


def test_the_card_says_what_was_checked(tmp_path: Path) -> None:
    frozen = Receipt(TOTAL, "embeddings", 1000, 0, 0, "0badcafe", "0badcafe", 0, 0.0, 0.0)
    assert "\n\nChecked group by group: 0 of 1,000 frozen values changed.\n" in card(made(tmp_path, frozen), SUMMARY)
    assert "Checked" not in card(made(tmp_path), SUMMARY)
