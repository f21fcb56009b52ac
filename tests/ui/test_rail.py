"""The rail and the plan line: what they show and say, and how the plan shortens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tlgui.ui import theme
from tlgui.ui.widgets.plan_line import PlanLine, fitted
from tlgui.ui.widgets.rail import CAPTION, Rail, RailRow

ROWS = (
    RailRow("goal", "Goal", "Classify texts", "filled", 1),
    RailRow("data", "Data", "1 problem to settle", "problem", 2),
    RailRow("train", "Train", "Not set yet", "open", 3),
    RailRow("runs", "Runs", "none yet", icon="disk"),
    RailRow("race", "Race", "", caption="Labs"),
    RailRow("other", "Other", "12 of 36"),
)


@pytest.fixture
def rail(qtbot: QtBot) -> Rail:
    theme.apply("light")
    made = Rail()
    qtbot.addWidget(made)
    made.resize(184, 400)
    made.show_rows(ROWS)
    made.show()
    return made


def test_the_model_keeps_qts_rules(rail: Rail) -> None:
    QAbstractItemModelTester(rail.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    rail.show_rows(tuple(RailRow(r.key, r.title, "changed", r.state, r.number, r.icon) for r in ROWS))
    rail.show_rows(ROWS[:2])


def test_a_screen_reader_hears_page_step_and_answer(rail: Rail) -> None:
    said = [rail.model().index(i, 0).data(Qt.ItemDataRole.AccessibleTextRole) for i in range(6)]
    assert said == [
        "Goal, step 1, Classify texts",
        "Data, step 2, 1 problem to settle",
        "Train, step 3, Not set yet",
        "Runs, none yet",
        "Labs, Race",
        "Other, 12 of 36",
    ]


def test_a_section_stands_under_its_caption_and_keys_go_through_it(rail: Rail, qtbot: QtBot) -> None:
    heights = {row.key: rail.row_area(row.key).height() for row in ROWS}
    assert heights["race"] - heights["other"] == theme.space(CAPTION)
    rail.show_current("runs")
    said: list[str] = []
    rail.wanted.connect(said.append)
    for _ in range(2):
        qtbot.keyClick(rail, Qt.Key.Key_Down)
    assert said == ["race", "other"]
    qtbot.mouseClick(rail.viewport(), Qt.MouseButton.LeftButton, pos=rail.row_area("race").center())
    assert said[-1] == "race"


def test_showing_the_current_page_does_not_ask_for_it(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rail.wanted):
        rail.show_current("train")
    with qtbot.waitSignal(rail.wanted) as got:
        qtbot.keyClick(rail, Qt.Key.Key_Down)
    assert got.args == ["runs"]


def test_new_words_keep_the_place(rail: Rail, qtbot: QtBot) -> None:
    rail.show_current("train")
    with qtbot.assertNotEmitted(rail.wanted):
        rail.show_rows((*ROWS[:2], RailRow("train", "Train", "Running, 42 %", "open", 3), *ROWS[3:]))
    assert rail.currentIndex().row() == 2


def test_states_are_told_by_shape_not_by_colour_alone(rail: Rail) -> None:
    image = rail.grab().toImage().convertToFormat(rail.grab().toImage().Format.Format_Grayscale8)
    shapes = set()
    for row in ROWS[:3]:
        area = rail.row_area(row.key)
        side = theme.space(18)
        part = image.copy(area.left() + theme.space(14), area.top() + theme.space(6), side, side)
        shapes.add(bytes(part.constBits()))
    assert len(shapes) == 3


@given(st.lists(st.integers(1, 500), min_size=1, max_size=8), st.integers(0, 2000))
def test_widths_fit_and_only_the_longest_are_cut(widths: list[int], available: int) -> None:
    cut = fitted(widths, available)
    assert sum(cut) <= available or cut == widths
    assert all(after <= before for after, before in zip(cut, widths, strict=True))
    shortened = [after for after, before in zip(cut, widths, strict=True) if after < before]
    assert len(set(shortened)) <= 1
    assert all(after <= shortened[0] for after in cut if shortened)
    if sum(widths) <= available:
        assert cut == widths


def test_the_plan_line_keeps_the_focus_when_its_words_change(qtbot: QtBot) -> None:
    line = PlanLine()
    qtbot.addWidget(line)
    line.resize(600, 40)
    line.show()
    line.show_parts([("goal", "Goal", "Classify"), ("data", "Data", "no data yet")])
    first = next(part for part in line._parts if part.objectName() == "plan_data")
    line.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    line.show_parts([("goal", "Goal", "Classify"), ("data", "Data", "reviews.csv, 650 rows")])
    assert line.text == "Classify · reviews.csv, 650 rows"
    second = next(part for part in line._parts if part.objectName() == "plan_data")
    qtbot.waitUntil(second.hasFocus)
    with qtbot.waitSignal(line.wanted) as got:
        qtbot.keyClick(second, Qt.Key.Key_Space)
    assert got.args == ["data"]
