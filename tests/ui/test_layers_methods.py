"""What each method can be told on the Layers page, and what stands beside the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from ui_facts import COST, MEMORY, model, tell
from ui_layers import LEFT, checked, choose, frozen, gradual, open_layers, pick

from tlgui.core import gestures
from tlgui.core.facts import CostFacts, RunSummary
from tlgui.core.presets import PRESETS
from tlgui.ui.pages.layers import LayersPage
from tlgui.ui.workbench import Workbench


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> LayersPage:
    return open_layers(bench, qtbot)


@pytest.mark.parametrize(
    ("preset", "shown"), [("features", "features"), ("top", "top"), ("gradual", "gradual"), ("lora", "lora")]
)
def test_each_method_has_a_line_of_its_own(page: LayersPage, qtbot: QtBot, preset: str, shown: str) -> None:
    choose(page, qtbot, "everything")
    lines = {"features": page.features, "top": page.top, "gradual": page.gradual, "lora": page.lora}
    assert [name for name, line in lines.items() if line.isVisible()] == []
    choose(page, qtbot, preset)
    assert [name for name, line in lines.items() if line.isVisible()] == [shown]


def test_a_preset_is_one_step_of_undo(page: LayersPage, qtbot: QtBot) -> None:
    before = page.bench.draft.recipe
    for preset in PRESETS:
        choose(page, qtbot, preset)
    for _ in PRESETS:
        page.bench.draft.undo()
    assert page.bench.draft.recipe == before


def test_layers_thaw_down_to_the_chosen_one_and_the_pace_follows(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "gradual")
    assert (page.gradual.every.text(), page.gradual.down_to.currentData()) == ("1", "4")
    pick(page.gradual.down_to, "0")
    assert frozen(page) == ["embeddings"]
    assert gradual(page).every == 0.42
    assert page.gradual.every.text() == "0.42"
    assert not page.problems.isVisible()


def test_thaws_are_timed_in_steps_or_by_stalled_validation(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "gradual")
    pick(page.gradual.unit, "steps")
    assert (gradual(page).unit, gradual(page).every) == ("steps", 23.0)
    pick(page.gradual.rule, "plateau")
    assert page.gradual.checks.isVisible()
    assert not page.gradual.every.isVisible()
    page.gradual.checks.setValue(2)
    assert (gradual(page).rule, gradual(page).checks) == ("plateau", 2)
    assert checked(page) == ["preset_gradual"]


def test_a_plan_too_long_for_the_run_is_a_problem_that_one_click_settles(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "gradual")
    page.gradual.every.setValue(2.0)
    line = page.problems.lines["transfer.gradual"]
    assert line.text == "Layer 4 would thaw after 4 epochs, when the run is over."
    assert page.sheet.isVisible()
    qtbot.mouseClick(line.findChild(QAbstractButton, "settle"), LEFT)
    assert gradual(page).every == 1.0
    assert not line.isVisible()


def test_the_head_reads_what_is_chosen(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "features")
    assert page.features.pooling.currentData() == "mean"
    pick(page.features.features, "mix")
    pick(page.features.pooling, "attention")
    pick(page.features.kind, True)
    page.features.hidden_width.setValue(64)
    page.features.baseline.setChecked(False)
    head = page.bench.draft.recipe.head
    assert (head.features, head.pooling, head.hidden, head.baseline) == ("mix", "attention", 64, False)
    assert page.board.shown is not None
    assert page.board.shown.use("3") == "mixed"


def test_the_models_own_head_gives_way_to_a_mix(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "features")
    pick(page.features.pooling, "own")
    pick(page.features.features, "2")
    assert page.bench.draft.recipe.head.pooling == "mean"
    assert not page.problems.isVisible()


def test_an_unusual_head_stays_in_sight_under_any_method(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "features")
    pick(page.features.kind, True)
    page.board.perform(gestures.learn, ("5",))
    assert page.bench.draft.recipe.transfer.method == "fine-tune"
    assert page.features.isVisible()
    assert not page.features.baseline.isVisible()
    choose(page, qtbot, "top")
    assert not page.features.isVisible()


def test_features_are_for_goals_with_a_new_head(page: LayersPage) -> None:
    button = page.findChild(QAbstractButton, "preset_features")
    assert button.isEnabled()
    page.bench.draft.edit("", task="mask")
    assert not button.isEnabled()
    assert "no new head" in button.toolTip()


def test_lora_has_the_matrices_of_the_model(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "lora")
    boxes = page.lora.matrices
    assert [name for name, box in boxes.items() if box.isChecked()] == ["query", "value"]
    qtbot.mouseClick(boxes["output"], LEFT, pos=QPoint(8, boxes["output"].height() // 2))
    page.lora.rank.setValue(4)
    lora = page.bench.draft.recipe.transfer.lora
    assert (lora.matrices, lora.rank) == (("query", "value", "output"), 4)
    tell(page.bench, model=replace(model(), matrices=("query",)))
    assert list(page.lora.matrices) == ["query"]
    assert not page.lora.matrices["query"].isEnabled()  # one has to be left
    tell(page.bench, model=replace(model(), matrices=()))
    assert not page.findChild(QAbstractButton, "preset_lora").isEnabled()


def test_dropout_is_folded_away_until_it_is_used(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "lora")
    assert not page.lora.dropout.isVisible()
    qtbot.mouseClick(page.lora.more, LEFT)
    page.lora.dropout.setValue(0.1)
    assert page.bench.draft.recipe.transfer.lora.dropout == 0.1


def test_random_weights_are_the_control_and_learn_whole(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "top")
    pick(page.weights, "scratch")
    recipe = page.bench.draft.recipe
    assert (recipe.model.weights, recipe.transfer.frozen) == ("scratch", ())
    assert page.why.heading.text() == "Why from scratch"
    choose(page, qtbot, "head")
    assert page.weights.currentData() == "pretrained"


def test_thaw_in_epoch_offers_the_epochs_of_the_run(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "top")
    page.board.setCurrentIndex(page.board.model().index(4, 0))
    page.tools.fill_menu()
    assert [action.text() for action in page.tools.menu.actions()] == ["From the start", "Epoch 2", "Epoch 3"]
    page.tools.menu.actions()[1].trigger()
    assert page.board.shown is not None
    assert page.board.shown.times == {"3": 1.0}
    assert page.tools.thaw.isChecked()
    qtbot.mouseClick(page.tools.lora, LEFT)
    assert page.tools.lora.isChecked()


def test_a_rate_of_its_own_can_be_given_back(page: LayersPage, qtbot: QtBot) -> None:
    page.board.setCurrentIndex(page.board.model().index(2, 0))
    assert not page.tools.computed.isVisible()
    qtbot.keyClick(page.board, Qt.Key.Key_Plus)
    assert list(page.bench.draft.recipe.transfer.rates) == ["5"]
    qtbot.mouseClick(page.tools.computed, LEFT)
    assert page.bench.draft.recipe.transfer.rates == {}


def test_the_foot_sums_up_each_stage(page: LayersPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "gradual")
    stages = ((0.009, 23), (0.052, 23), (0.104, 23))
    tell(page.bench, cost=CostFacts(0.055, 0.310, 69, MEMORY, 3.0, stages))
    said = page.foot.accessibleName()
    assert "Parameters that learn: 0.15 M, 1.92 M, 3.70 M" in said
    assert "Measured time per step: 9 ms, 52 ms, 104 ms" in said
    assert page.cost.step.accessibleName().startswith("Time per step, all thawed: 104 ms")


def test_the_parts_of_the_memory_are_folded_out(page: LayersPage, qtbot: QtBot) -> None:
    tell(page.bench, cost=COST)
    assert not page.cost.parts.table.isVisible()
    qtbot.mouseClick(page.cost.parts.unfold, LEFT)
    assert page.cost.parts.table.isVisible()
    assert [value.text() for value in page.cost.parts._values] == ["450 MB", "180 MB", "40 MB", "80 MB", "150 MB"]


def test_the_last_runs_receipt_stands_beside_the_plan(page: LayersPage) -> None:
    assert page.cost.receipt.text() == "After a run, this says whether the frozen parts kept every value."
    assert not page.cost.checked.isVisible()
    run = RunSummary(
        "reviews-02", "", "finished", "classify", "", "", "", 9, 9, "accuracy", 0.8, 9, 1.0, "", False, True,
        frozen_values=19_000_000, frozen_changed=0,
    )  # fmt: skip
    tell(page.bench, runs=(run,))
    assert page.cost.receipt.text() == "Last run, reviews-02: 0 of 19.0 M frozen values changed."
    assert page.cost.checked.isVisible()


def test_the_race_is_one_click_away(page: LayersPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.bench.page_wanted, timeout=1000) as wanted:
        qtbot.mouseClick(page.measure, LEFT)
    assert wanted.args == ["race"]


def test_changes_made_by_hand_are_told_and_can_be_forgotten(page: LayersPage, qtbot: QtBot) -> None:
    page.bench.draft.edit("transfer", changes=({"step": 3, "groups": ("4",), "learns": True},))
    line = page.problems.lines["replay"]
    assert line.text == "This recipe replays 1 change made by hand."
    qtbot.mouseClick(line.findChild(QAbstractButton, "settle"), LEFT)
    assert page.bench.draft.recipe.transfer.changes == ()
    assert not line.isVisible()


def test_a_new_part_that_would_stay_frozen_is_told(page: LayersPage, qtbot: QtBot) -> None:
    groups = tuple(replace(group, new=group.key in ("pooler", "head")) for group in model().groups)
    tell(page.bench, model=replace(model(), groups=groups))
    page.bench.draft.edit("transfer", frozen=("embeddings", "pooler"))
    line = page.problems.lines["stuck"]
    assert line.text == "Pooler starts at random and would stay so, frozen."
    qtbot.mouseClick(line.findChild(QAbstractButton, "settle"), LEFT)
    assert frozen(page) == ["embeddings"]


def test_twelve_layers_fit_the_window_and_the_page_does_not_scroll(page: LayersPage, qtbot: QtBot) -> None:
    tell(page.bench, model=model(12))
    choose(page, qtbot, "gradual")
    page.refusal.show_text("warn", "A sentence that takes room.")
    qtbot.waitUntil(lambda: page.board.sizeHintForRow(0) == page.board._rows.height)
    assert not page._body.verticalScrollBar().isVisible()
    assert page.board.sizeHintForRow(0) * 15 <= page.board.viewport().height() + 2
