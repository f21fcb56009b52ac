"""The freeze board by pointer, keys and ear."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from ui_board import CTRL, LEFT, SHIFT, Desk
from ui_facts import model

from tlgui.core.board import Board
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.widgets import board as board_module
from tlgui.ui.widgets import board_paint
from tlgui.ui.widgets.board import FreezeBoard


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


def test_a_click_on_a_lock_toggles_that_group_and_selects_nothing(desk: Desk) -> None:
    desk.click(desk.lock(4))
    desk.click(desk.lock(2))
    assert desk.frozen == [("embeddings", "0-2"), ("embeddings", "0-2", "5")]
    assert desk.board.selected == ()


def test_a_click_beside_the_lock_selects_and_changes_nothing(desk: Desk) -> None:
    desk.click(desk.body(3))
    assert desk.board.selected == ("4",)
    assert desk.recipes == []


def test_shift_extends_and_ctrl_adds(desk: Desk) -> None:
    desk.click(desk.body(4))
    desk.click(desk.body(6), SHIFT)
    desk.click(desk.body(8), CTRL)
    assert desk.board.selected == ("3", "2", "1", "embeddings")


def test_a_drag_from_a_lock_paints_one_state_in_one_gesture(desk: Desk) -> None:
    desk.drag(desk.lock(4), desk.lock(5), desk.lock(6))
    assert desk.frozen == [("embeddings", "0")]


def test_a_fast_drag_leaves_no_group_out(desk: Desk) -> None:
    desk.drag(desk.lock(8), desk.lock(4))
    assert desk.frozen == [()]


def test_a_drag_shows_what_it_will_come_to_and_escape_takes_it_back(desk: Desk) -> None:
    before = desk.shown
    desk.qtbot.mousePress(desk.board.viewport(), LEFT, pos=desk.lock(4))
    desk.qtbot.mouseMove(desk.board.viewport(), desk.lock(5))
    assert desk.shown.transfer.frozen == ("embeddings", "0-1")
    desk.press(Qt.Key.Key_Escape)
    desk.qtbot.mouseRelease(desk.board.viewport(), LEFT, pos=desk.lock(5))
    assert desk.shown == before
    assert desk.recipes == []


@pytest.mark.parametrize(
    ("keys", "spec"),
    [
        ((Qt.Key.Key_L,), ("embeddings", "0-2")),
        ((Qt.Key.Key_Space,), ("embeddings", "0-2")),
        ((Qt.Key.Key_Space, Qt.Key.Key_Space), ("embeddings", "0-3")),
        ((Qt.Key.Key_L, Qt.Key.Key_F), ("embeddings", "0-3")),
    ],
)
def test_keys_act_on_the_selection(desk: Desk, keys: tuple[Qt.Key, ...], spec: tuple[str, ...]) -> None:
    desk.click(desk.body(4))
    desk.press(*keys)
    assert desk.frozen[-1] == spec


def test_the_whole_board_works_by_keyboard_alone(desk: Desk) -> None:
    desk.board.setFocus()
    desk.press(Qt.Key.Key_End, Qt.Key.Key_L, Qt.Key.Key_Up)
    desk.qtbot.keyClick(desk.board, Qt.Key.Key_Up, SHIFT)
    assert desk.board.selected == ("1", "0")
    desk.press(Qt.Key.Key_L)
    assert desk.frozen[-1] == ("2-3",)


def test_a_mixed_range_learns_at_the_first_space_and_freezes_at_the_second(desk: Desk) -> None:
    desk.click(desk.body(3))
    desk.click(desk.body(4), SHIFT)
    desk.press(Qt.Key.Key_Space)
    assert desk.frozen[-1] == ("embeddings", "0-2")
    desk.press(Qt.Key.Key_Space)
    assert desk.frozen[-1] == ("embeddings", "0-4")


def test_a_new_head_stays_open_and_the_board_says_why(desk: Desk) -> None:
    desk.click(desk.lock(0))
    assert desk.recipes == []
    assert desk.refusals[-1] == "A new head must learn; its start is random."


def test_a_range_with_the_new_head_freezes_the_others(desk: Desk) -> None:
    desk.board.selectAll()
    desk.press(Qt.Key.Key_F)
    assert desk.shown.ever == ("head",)
    assert "new head" in desk.refusals[-1]


def test_a_later_gesture_takes_the_refusal_away(desk: Desk) -> None:
    desk.click(desk.lock(0))
    desk.click(desk.lock(4))
    assert desk.refusals[-1] == ""


def test_freezing_everything_is_refused_where_the_head_is_pretrained(qtbot: QtBot) -> None:
    desk = Desk(qtbot, new_head=False)
    desk.board.selectAll()
    desk.press(Qt.Key.Key_F)
    assert desk.recipes == []
    assert desk.refusals[-1].startswith("Every group is frozen")


def test_a_screen_reader_hears_the_whole_row(desk: Desk) -> None:
    index = desk.board.model().index(3, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert (
        spoken == "Layer 4, learns from the start, learning rate 4.3e-5, 1.77 million parameters, 4 of 9 from the top"
    )


def test_changes_and_ranges_are_announced(desk: Desk, said: list[str]) -> None:
    desk.click(desk.body(4))
    desk.click(desk.body(5), SHIFT)
    assert said[-1] == "Layers 2 to 3 selected, both frozen"
    desk.press(Qt.Key.Key_L)
    assert said[-1] == "Layers 2 to 3: learns from the start. 7.24 million parameters learn."


def test_a_selection_survives_a_change_of_plan(desk: Desk) -> None:
    desk.click(desk.body(4))
    desk.show()
    assert desk.board.selected == ("3",)


def test_the_rows_are_a_sound_model(desk: Desk) -> None:
    tester = QAbstractItemModelTester(desk.board.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    desk.facts = model(2)
    desk.show()
    assert desk.board.model().rowCount() == 5
    assert tester.model() is desk.board.model()


def test_twelve_layers_fit_and_forty_eight_scroll(desk: Desk) -> None:
    heights = {}
    for layers in (6, 12, 48):
        desk.facts = model(layers)
        desk.show()
        desk.qtbot.waitUntil(lambda: desk.board.sizeHintForRow(0) == desk.board._rows.height)
        heights[layers] = desk.board.sizeHintForRow(0)
        fits = heights[layers] * (layers + 3) <= desk.board.viewport().height() + 2
        assert fits == (layers < 48)
    assert heights[6] > heights[12] >= heights[48] >= desk.board.fontMetrics().height()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layers=st.integers(1, 48),
    width=st.integers(40, 1600),
    height=st.integers(10, 1200),
    epochs=st.integers(1, 100),
    dark=st.booleans(),
    data=st.data(),
)
def test_painting_never_raises(
    qtbot: QtBot, layers: int, width: int, height: int, epochs: int, dark: bool, data: st.DataObject
) -> None:
    theme.apply("dark" if dark else "light")
    facts = model(layers, pooler=data.draw(st.booleans()))
    frozen = data.draw(st.sets(st.sampled_from(facts.keys[1:-1]), max_size=layers - 1))
    method = data.draw(st.sampled_from(("fine-tune", "feature-based", "gradual", "lora")))
    gradual = {
        "rule": data.draw(st.sampled_from(("schedule", "plateau"))),
        "unit": data.draw(st.sampled_from(("epochs", "steps"))),
        "every": data.draw(st.sampled_from((0.1, 1.0, 7.0))),
    }
    recipe = Recipe().edit("transfer", method=method, frozen=tuple(frozen)).edit("transfer.gradual", **gradual)
    recipe = recipe.edit("train", epochs=epochs)
    board = FreezeBoard()
    board.show_board(facts.groups, Board(recipe, facts.keys, frozenset(facts.new), data.draw(st.integers(0, 50))))
    board.resize(width, height)
    board.selectAll()
    picture = board.grab()
    board.deleteLater()
    assert not picture.isNull()


@given(st.integers(1, 500))
def test_cells_cover_every_epoch_once(epochs: int) -> None:
    cells = board_paint.spans(epochs)
    assert [n for first, last in cells for n in range(first, last + 1)] == list(range(1, epochs + 1))
    assert len(cells) <= board_paint.MOST_CELLS


@given(st.integers(1, 500), st.floats(0, 1))
def test_a_point_of_the_run_and_its_place_are_one(epochs: int, share: float) -> None:
    at = board_paint.columns(900, epochs)
    assert at.epochs_at(at.x_of(share * epochs)) == pytest.approx(share * epochs, abs=1e-6)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_frozen_and_learning_rows_differ_in_lightness_too(qtbot: QtBot, scheme: theme.Scheme) -> None:
    theme.apply(scheme)
    desk = Desk(qtbot)
    picture = desk.board.grab().toImage()
    grey: Callable[[QPoint], int] = lambda at: picture.pixelColor(at).lightness()  # noqa: E731
    hatched = {grey(desk.lock(5) + QPoint(dx, -12)) for dx in range(-6, 12)}
    plain = {grey(desk.lock(2) + QPoint(dx, -12)) for dx in range(-6, 12)}
    assert len(hatched) > len(plain)  # the hatch is a texture, so colour is not all that tells the states apart
    theme.apply("light")
