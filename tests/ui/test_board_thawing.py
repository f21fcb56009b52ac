"""Thaws, LoRA and rates on the freeze board, by pointer, keys and ear."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_board import GRADUAL, LEFT, SHIFT, Desk

from tlgui.core.recipe import Recipe
from tlgui.core.schedule import make_schedule
from tlgui.ui import theme
from tlgui.ui.widgets import board as board_module
from tlgui.ui.widgets.number import NumberSpin


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    theme.apply("light")
    return Desk(qtbot)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is given to say."""
    heard: list[str] = []
    monkeypatch.setattr(board_module, "announce", lambda widget, text: heard.append(text))
    return heard


# rows from the top: 0 head, 1 pooler, 2 layer 5, 3 layer 4, 4 layer 3 … 7 layer 0, 8 embeddings


def test_digits_thaw_in_that_epoch_and_the_stair_follows(desk: Desk) -> None:
    desk.click(desk.body(4))
    desk.press(Qt.Key.Key_2)
    assert desk.shown.transfer.method == "gradual"
    assert desk.shown.times == {"3": 1.0}
    assert desk.shown.begins("4") == 0
    desk.press(Qt.Key.Key_3)
    assert desk.shown.times == {"3": 2.0}
    desk.press(Qt.Key.Key_1)
    assert (desk.shown.transfer.method, desk.shown.transfer.frozen) == ("fine-tune", ("embeddings", "0-2"))


def test_a_digit_beyond_the_run_is_refused_in_words(desk: Desk) -> None:
    desk.click(desk.body(4))
    desk.press(Qt.Key.Key_7)
    assert desk.recipes == []
    assert desk.refusals[-1] == "The run has 3 epochs, so nothing can thaw in epoch 7."


def test_the_arrows_move_a_thaw(desk: Desk) -> None:
    desk.show(**GRADUAL)
    desk.click(desk.body(2))
    desk.press(Qt.Key.Key_Right)
    assert desk.shown.times == {"5": 2.0, "4": 2.0}
    desk.press(Qt.Key.Key_Left)
    assert desk.shown.times == {"5": 1.0, "4": 2.0}


def test_a_step_of_the_stair_is_dragged_and_snaps_to_epochs(desk: Desk) -> None:
    desk.show(**GRADUAL)
    desk.drag(desk.grip(2), desk.at(1.4, 2), desk.at(1.7, 2))
    assert [recipe.transfer.gradual.at for recipe in desk.recipes] == [{"5": 2.0}]
    assert desk.shown.times == {"5": 2.0, "4": 2.0}


def test_a_step_dragged_to_the_start_learns_from_the_start(desk: Desk) -> None:
    desk.show(**GRADUAL)
    desk.drag(desk.grip(2), desk.at(0.1, 2))
    assert desk.shown.kind("5") == "learns"
    assert desk.shown.times == {"4": 2.0}


def test_a_drag_of_a_step_shows_what_it_will_come_to_and_escape_takes_it_back(desk: Desk) -> None:
    desk.show(**GRADUAL)
    desk.qtbot.mousePress(desk.board.viewport(), LEFT, pos=desk.grip(3))
    desk.qtbot.mouseMove(desk.board.viewport(), desk.at(1, 3))
    assert desk.shown.times == {"5": 1.0, "4": 1.0}
    desk.press(Qt.Key.Key_Escape)
    desk.qtbot.mouseRelease(desk.board.viewport(), LEFT, pos=desk.at(1, 3))
    assert desk.shown.times == {"5": 1.0, "4": 2.0}
    assert desk.recipes == []


def test_within_a_short_run_a_step_snaps_to_parts_of_the_epoch(qtbot: QtBot) -> None:
    desk = Desk(qtbot, epochs=1)
    desk.show(gradual={"every": 0.25}, **GRADUAL)
    desk.drag(desk.grip(3), desk.at(0.7, 3))
    assert desk.shown.times == {"5": 0.25, "4": 0.75}


def test_the_stair_is_where_the_schedule_has_it(desk: Desk) -> None:
    desk.show(**GRADUAL)
    schedule = make_schedule(desk.shown.recipe, desk.facts.keys, 20)
    for thaw in schedule.thaws:
        row = next(n for n in range(9) if desk.board._groups.row(n).key == thaw.key)
        assert desk.board.columns().epochs_at(desk.grip(row).x() + 1) == pytest.approx(thaw.after / 20, abs=0.05)


def test_by_plateau_nothing_can_be_dragged_and_the_row_says_what_it_waits_for(desk: Desk) -> None:
    desk.show(gradual={"rule": "plateau"}, **GRADUAL)
    assert all(desk.board._grip_at(desk.at(epoch, 2).toPointF()) < 0 for epoch in (0, 1, 2))
    spoken = desk.board.model().index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Layer 5, thaws when learning stalls, learning rate")
    desk.click(desk.body(2))
    desk.press(Qt.Key.Key_2)
    assert "validation stalls" in desk.refusals[-1]


def test_a_puts_lora_on_the_selected_layers(desk: Desk) -> None:
    desk.click(desk.body(2))
    desk.click(desk.body(3), SHIFT)
    desk.press(Qt.Key.Key_A)
    assert desk.shown.transfer.method == "lora"
    assert [desk.shown.kind(key) for key in ("5", "4", "3", "embeddings")] == ["adapted"] * 2 + ["frozen"] * 2


@pytest.mark.parametrize(
    ("transfer", "row", "words"),
    [
        (GRADUAL, 3, "Layer 4, thaws in epoch 3, learning rate 4.3e-5, 1.77 million parameters, 4 of 9 from the top"),
        (GRADUAL, 0, "Head, new, learns from the start, learning rate 5.0e-5, 770 parameters, 1 of 9 from the top"),
        (GRADUAL, 8, "Embeddings, frozen, 11.9 million parameters, 9 of 9 from the top"),
        ({"method": "lora"}, 3, "Layer 4, frozen, LoRA learns, learning rate 4.3e-5, 1.77 million parameters, 4 of 9 "
         "from the top"),
        ({**GRADUAL, "gradual": {"unit": "steps", "every": 7.0}}, 2, "Layer 5, thaws after step 7, learning rate "
         "4.5e-5, 1.77 million parameters, 3 of 9 from the top"),
        ({**GRADUAL, "gradual": {"every": 0.5}}, 2, "Layer 5, thaws after 0.5 epochs, learning rate 4.5e-5, 1.77 "
         "million parameters, 3 of 9 from the top"),
    ],
)  # fmt: skip
def test_every_state_has_its_words(desk: Desk, transfer: dict[str, Any], row: int, words: str) -> None:
    desk.show(**transfer)
    assert desk.board.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) == words


def test_what_the_head_reads_is_said_of_the_layers(desk: Desk) -> None:
    recipe = Recipe().edit("transfer", method="feature-based").edit("head", features="3")
    desk._draw(recipe)
    words = [desk.board._groups.state_words(desk.board._groups.row(n)) for n in (2, 4, 5)]
    assert words == ["frozen, not used", "frozen, feeds the head", "frozen"]


def test_plus_and_minus_change_a_rate_by_a_tenth_and_delete_takes_the_computed_one(desk: Desk) -> None:
    desk.click(desk.body(2))
    desk.press(Qt.Key.Key_Plus)
    assert desk.shown.transfer.rates == {"5": pytest.approx(4.5125e-5 * 1.1, rel=1e-2)}
    assert desk.board._groups.row(2).own_rate
    desk.press(Qt.Key.Key_Minus, Qt.Key.Key_Minus)
    assert desk.shown.transfer.rates["5"] < 4.5125e-5
    desk.press(Qt.Key.Key_Delete)
    assert desk.shown.transfer.rates == {}


def _editor(desk: Desk) -> NumberSpin:
    found = desk.board.findChild(NumberSpin, "group_rate")
    assert isinstance(found, NumberSpin)
    return found


def _rate_at(desk: Desk, row: int) -> QPoint:
    columns = desk.board.columns()
    return QPoint(int((columns.rate + columns.rate_end) / 2), desk.body(row).y())


def test_a_double_click_on_a_rate_lets_it_be_typed_in_place(desk: Desk) -> None:
    desk.qtbot.mouseDClick(desk.board.viewport(), LEFT, pos=_rate_at(desk, 3))
    editor = _editor(desk)
    assert editor.accessibleName() == "Learning rate of Layer 4"
    desk.qtbot.keyClicks(editor, "2e-4")
    desk.qtbot.keyClick(editor, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.shown.transfer.rates == {"4": 2e-4})
    assert len(desk.recipes) == 1


def test_escape_leaves_a_rate_as_it_was(desk: Desk) -> None:
    desk.click(desk.body(3))
    desk.press(Qt.Key.Key_R)
    desk.qtbot.keyClicks(_editor(desk), "9e-4")
    desk.qtbot.keyClick(_editor(desk), Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert desk.recipes == []


def test_a_frozen_group_has_no_rate_to_type(desk: Desk) -> None:
    desk.qtbot.mouseDClick(desk.board.viewport(), LEFT, pos=_rate_at(desk, 8))
    assert desk.board.findChild(NumberSpin, "group_rate") is None
    assert desk.refusals[-1] == "A frozen group has no rate. Let it learn first."


def test_two_quick_clicks_on_a_lock_are_two_clicks(desk: Desk) -> None:
    desk.click(desk.lock(4))
    desk.qtbot.mouseDClick(desk.board.viewport(), LEFT, pos=desk.lock(4))
    desk.qtbot.mouseRelease(desk.board.viewport(), LEFT, pos=desk.lock(4))
    assert desk.frozen == [("embeddings", "0-2"), ("embeddings", "0-3")]


def test_the_head_s_rate_moves_all_that_follow_it(desk: Desk) -> None:
    desk.click(desk.body(0))
    desk.press(Qt.Key.Key_Plus)
    assert desk.shown.recipe.train.learning_rate == pytest.approx(5.5e-5)
    assert desk.shown.transfer.rates == {}


def test_a_change_of_time_or_rate_is_announced(desk: Desk, said: list[str]) -> None:
    desk.show(**GRADUAL)
    desk.click(desk.body(3))
    desk.press(Qt.Key.Key_2)
    assert said[-1] == "Layer 4: thaws in epoch 2. 3.70 million parameters learn."
    desk.press(Qt.Key.Key_Plus)
    assert said[-1] == "Layer 4: learning rate 4.7e-5."
