"""The Layers page: presets, rates, cost, and one undo step for each gesture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox
from pytestqt.qtbot import QtBot
from ui_facts import COST, table, tell
from ui_layers import LEFT, checked, choose, frozen, open_layers

from tlgui.core import gestures
from tlgui.core import recipe as recipes
from tlgui.core.events import Failed
from tlgui.core.facts import ColumnFacts
from tlgui.core.presets import PRESETS
from tlgui.ui import theme
from tlgui.ui.pages.layers import LayersPage
from tlgui.ui.workbench import Workbench


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> LayersPage:
    return open_layers(bench, qtbot)


@pytest.mark.parametrize(
    ("preset", "spec"),
    [
        ("features", []),
        ("head", ["embeddings", "0-5", "pooler"]),
        ("top", ["embeddings", "0-3"]),
        ("gradual", ["embeddings", "0-3"]),
        ("everything", []),
        ("lora", []),
    ],
)
def test_a_preset_makes_its_plan_and_stays_chosen(page: LayersPage, qtbot: QtBot, preset: str, spec: list[str]) -> None:
    page.bench.draft.edit("transfer", frozen=("2",))
    choose(page, qtbot, preset)
    assert frozen(page) == spec
    assert checked(page) == [f"preset_{preset}"]
    assert [p for p in recipes.problems(page.bench.draft.recipe) if p.field != "data.source"] == []
    assert not page.problems.isVisible()


def test_the_number_of_top_layers_makes_that_plan(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "top")
    page.top.top_layers.setValue(4)
    assert frozen(page) == ["embeddings", "0-1"]
    assert checked(page) == ["preset_top"]


def test_a_hand_edit_leaves_no_preset_chosen(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "top")
    page.board.perform(gestures.learn, ("1",))
    assert checked(page) == []
    assert page.own_plan.isVisible()
    choose(page, qtbot, "everything")
    assert checked(page) == ["preset_everything"]
    assert not page.own_plan.isVisible()


def test_pressing_the_chosen_preset_again_keeps_it_chosen(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "everything")
    choose(page, qtbot, "everything")
    assert checked(page) == ["preset_everything"]


def test_a_drag_is_one_step_of_undo(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "top")
    view, blocks = page.board.viewport(), [page.board._block(row) for row in (4, 5, 6)]
    places = [QPoint(int(block.left()) + 10, int(block.center().y())) for block in blocks]
    qtbot.mousePress(view, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(view, place)
    qtbot.mouseRelease(view, LEFT, pos=places[-1])
    assert frozen(page) == ["embeddings", "0"]
    page.bench.draft.undo()
    assert frozen(page) == ["embeddings", "0-3"]


def test_the_buttons_act_on_the_selection(page: LayersPage, qtbot: QtBot) -> None:
    assert not page.tools.freeze.isEnabled()
    page.board.setCurrentIndex(page.board.model().index(2, 0))
    assert page.tools.range.text() == "Layer 5 selected"
    assert page.tools.let_learn.isChecked()
    qtbot.mouseClick(page.tools.freeze, LEFT)
    assert frozen(page) == ["5"]
    assert page.tools.freeze.isChecked()
    assert page.tools.rate.text() == "Rate: none while frozen"


def test_freezing_the_new_head_is_refused_in_words(page: LayersPage, qtbot: QtBot) -> None:
    page.board.setCurrentIndex(page.board.model().index(0, 0))
    qtbot.mouseClick(page.tools.freeze, LEFT)
    assert page.refusal.isVisible()
    assert page.refusal.text == "A new head must learn; its start is random."
    assert frozen(page) == []
    assert page.tools.let_learn.isChecked()
    assert not page.tools.freeze.isChecked()


def test_the_head_rate_is_typed_in_scientific_notation(page: LayersPage, qtbot: QtBot) -> None:
    page.head_rate.selectAll()
    qtbot.keyClicks(page.head_rate, "2.5e-4")
    qtbot.keyClick(page.head_rate, Qt.Key.Key_Return)
    assert page.bench.draft.recipe.train.learning_rate == 2.5e-4
    assert page.head_rate.text() == "2.5e-4"


@pytest.mark.parametrize("typed", ["0", "7", "-1e-5", "e"])
def test_a_rate_out_of_range_is_not_taken(page: LayersPage, qtbot: QtBot, typed: str) -> None:
    page.head_rate.selectAll()
    qtbot.keyClicks(page.head_rate, typed)
    qtbot.keyClick(page.head_rate, Qt.Key.Key_Return)
    assert 0 < page.bench.draft.recipe.train.learning_rate <= 1


def test_the_decay_lowers_the_rates_of_lower_groups(page: LayersPage) -> None:
    page.layer_decay.setValue(0.5)
    rows = [page.board.model().row(n) for n in range(3)]
    assert [row.factor for row in rows] == [1.0, 0.5, 0.25]
    assert rows[0].rate == page.bench.draft.recipe.train.learning_rate


def test_the_cost_is_said_to_be_measured_until_it_is(page: LayersPage) -> None:
    page.bench.draft.edit("transfer", frozen=("embeddings", "0-3"))
    assert page.cost.parameters.text == "3.70 M of 22.7 M, 16 %"
    assert page.cost.step.text == "measuring…"
    tell(page.bench, cost=COST)
    assert page.cost.memory.text == "900 MB of 6.2 GB free"
    assert page.cost.step.text == "104 ms everything: 310 ms"
    assert page.cost.run.text.startswith("about 3 min")
    assert page.cost.state.text() == "Measured here"


def test_without_data_the_panel_says_what_the_time_waits_for(page: LayersPage) -> None:
    tell(page.bench, data=None)
    assert "once there is data" in page.cost.state.text()


def test_again_measures_again(page: LayersPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(page.bench.findings, "again", asked.append)
    tell(page.bench, cost=COST)
    qtbot.mouseClick(page.cost.again, LEFT)
    assert asked == ["cost"]


def test_the_reason_follows_the_plan(page: LayersPage, qtbot: QtBot) -> None:
    reasons = set()
    for preset in PRESETS:
        choose(page, qtbot, preset)
        reasons.add((page.why.heading.text(), page.reason.text()))
    assert len(reasons) == len(PRESETS)


def test_a_plan_for_another_model_is_a_problem_with_a_way_out(page: LayersPage, qtbot: QtBot) -> None:
    page.bench.draft.edit("transfer", frozen=("embeddings", "0-9"))
    assert page.problems.isVisible()
    assert "0-9" in page.problems.lines["transfer.frozen"].text
    assert not page.sheet.isVisible()
    qtbot.mouseClick(page.problems.lines["transfer.frozen"].findChild(QAbstractButton, "settle"), LEFT)
    assert frozen(page) == []
    assert page.sheet.isVisible()


def test_a_model_that_cannot_be_read_is_named(bench: Workbench, qtbot: QtBot) -> None:
    page = LayersPage(bench)
    qtbot.addWidget(page)
    page.show()
    assert page.waiting.isVisible()
    bench.findings._failures["model"] = Failed("The folder is no model.", "Choose another one.")
    bench.findings.changed.emit("model")
    assert page.failure.text == "The folder is no model. Choose another one."
    assert not page.waiting.isVisible()


def test_labels_and_a_text_stand_at_both_ends_of_the_model(page: LayersPage) -> None:
    assert page.head.accessibleName().endswith("Out: good or bad")
    assert "Text number 1." in page.foot.accessibleName()


def test_a_short_first_column_does_not_hide_the_text_beside_it(page: LayersPage) -> None:
    columns = ColumnFacts("prefix", "text"), ColumnFacts("label", "label"), ColumnFacts("input", "text")
    tell(page.bench, data=replace(table(), columns=columns))
    assert "In: “Text number 1. + blog”" in page.foot.accessibleName()


def test_every_control_has_a_name(page: LayersPage) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSpinBox, QComboBox)
        for widget in page.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]
    assert len(controls) >= 8
    assert [w for w in (*controls, page.board) if not (w.objectName() and w.accessibleName())] == []


def test_the_page_works_by_tab_alone(page: LayersPage, qtbot: QtBot) -> None:
    tell(page.bench, cost=COST)
    choose(page, qtbot, "top")
    page.board.selectAll()
    page.activateWindow()
    page.presets.buttons()[0].setFocus()
    reached: list[str] = []
    while (focused := QApplication.focusWidget()) is not None and focused.objectName() not in reached:
        reached.append(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = ["top_layers", "weights", "head_rate", "layer_decay", "freeze_board", "freeze", "let_learn", "thaw"]
    wanted += ["lora_range", "memory_parts", "measure_again", "to_race"]
    assert [name for name in reached if name in wanted] == wanted


def test_a_narrow_page_puts_the_cost_under_the_board(page: LayersPage, qtbot: QtBot) -> None:
    assert page.cost.mapTo(page, QPoint(0, 0)).x() > page.board.mapTo(page, QPoint(0, 0)).x()
    page.resize(620, 700)
    qtbot.waitUntil(lambda: page.cost.mapTo(page, QPoint(0, 0)).y() > page.sheet.mapTo(page, QPoint(0, 0)).y())
    assert page.sheet.width() > page.width() * 0.9


def test_pictures_in_both_schemes_differ(page: LayersPage, qtbot: QtBot) -> None:
    light = page.grab().toImage()
    theme.apply("dark")
    qtbot.waitUntil(lambda: page.palette().window().color() == theme.colour("window"))
    dark = page.grab().toImage()
    theme.apply("light")
    assert light.pixelColor(3, 3).lightness() > 200
    assert dark.pixelColor(3, 3).lightness() < 80
    block = page.board._block(0).toRect().center() + page.board.mapTo(page, QPoint(0, 0)) - QPoint(0, 12)
    assert light.pixelColor(block) != dark.pixelColor(block)
