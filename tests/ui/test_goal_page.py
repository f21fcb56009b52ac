"""The Goal page: cards by mouse and keys, samples that fill everything, files and earlier runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot
from ui_facts import tell

from tlgui.core import recipe as recipes
from tlgui.core.facts import RunSummary
from tlgui.core.goals import CARDS, GOALS
from tlgui.core.hidden import split
from tlgui.core.samples import SAMPLES
from tlgui.ui import theme
from tlgui.ui.pages.goal import GoalPage
from tlgui.ui.widgets.cards import flowed
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> GoalPage:
    made = GoalPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 720)
    made.show()
    return made


def press(page: GoalPage, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, name), LEFT)


def test_every_goal_has_a_card_that_says_what_it_needs(page: GoalPage) -> None:
    assert {card.goal.key for card in CARDS.values()} == set(GOALS)
    assert list(page.cards) == list(CARDS)
    for key, card in page.cards.items():
        assert card.accessibleName() == CARDS[key].goal.title
        assert CARDS[key].goal.needs in card.accessibleDescription()


@pytest.mark.parametrize("key", CARDS)
def test_a_card_is_chosen_by_a_click_and_known_from_the_recipe(page: GoalPage, qtbot: QtBot, key: str) -> None:
    press(page, qtbot, f"goal_{key}")
    assert page.bench.draft.recipe.card == CARDS[key]
    assert [name for name, card in page.cards.items() if card.isChecked()] == [key]


@pytest.mark.parametrize(("width", "columns"), [(1096, 3), (1500, 3), (900, 2), (560, 2)])
def test_cards_stand_in_as_many_columns_as_fit(page: GoalPage, qtbot: QtBot, width: int, columns: int) -> None:
    page.resize(width * theme.unit() // 8, 720)
    cards = list(page.cards.values())
    qtbot.waitUntil(lambda: len({card.x() for card in cards}) == columns)
    rows = {card.y(): [other for other in cards if other.y() == card.y()] for card in cards}
    assert all(len({(card.width(), card.height()) for card in row}) == 1 for row in rows.values())
    assert all(card.height() >= card.heightForWidth(card.width()) for card in cards)


def test_a_click_chooses_a_goal_and_undo_takes_it_back(page: GoalPage, qtbot: QtBot) -> None:
    press(page, qtbot, "goal_mask")
    assert page.bench.draft.recipe.task == "mask"
    assert page.cards["mask"].isChecked()
    page.bench.draft.undo()
    assert page.cards["classify"].isChecked()
    assert not page.cards["mask"].isChecked()


def test_space_chooses_a_goal_without_the_mouse(page: GoalPage, qtbot: QtBot) -> None:
    page.cards["mask"].setFocus()
    qtbot.keyClick(page.cards["mask"], Qt.Key.Key_Space)
    assert page.bench.draft.recipe.task == "mask"


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_fills_the_whole_recipe(page: GoalPage, qtbot: QtBot, key: str) -> None:
    press(page, qtbot, f"use_{key}")
    recipe = page.bench.draft.recipe
    assert recipe == SAMPLES[key].recipe()
    assert recipes.problems(recipe) == []
    assert page.cards[recipe.card.key].isChecked()


def test_the_samples_fit_beside_the_cards(page: GoalPage) -> None:
    holder = page._side_area.widget()
    assert holder.minimumSizeHint().width() <= page._side_area.viewport().width()
    assert all(page.findChild(QAbstractButton, f"use_{key}").isVisible() for key in SAMPLES)


def test_a_file_of_ones_own_becomes_the_data(
    page: GoalPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "letters.csv"), ""))
    with qtbot.waitSignal(page.bench.page_wanted) as got:
        press(page, qtbot, "choose_data")
    assert got.args == ["data"]
    assert page.bench.draft.recipe.data.source == str(tmp_path / "letters.csv")


def test_a_cancelled_file_dialog_changes_nothing(page: GoalPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = page.bench.draft.recipe
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    press(page, qtbot, "choose_data")
    press(page, qtbot, "open_recipe")
    assert page.bench.draft.recipe == before


def test_an_earlier_run_is_looked_for_on_the_runs_page(page: GoalPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.bench.page_wanted) as got:
        press(page, qtbot, "open_run")
    assert got.args == ["runs"]


def test_the_newest_interrupted_run_is_offered(page: GoalPage, qtbot: QtBot) -> None:
    go_on = page.findChild(QAbstractButton, "resume_newest")
    assert not go_on.isVisible()
    run = RunSummary("reviews-03", "/runs/reviews-03", "interrupted", "classify", "starter", "sample:reviews",
                     "", 612, 1440, "accuracy", 0.784, 600, 60.0, "2026-11-23T08:00:00", True, True)  # fmt: skip
    tell(page.bench, runs=(run,))
    assert go_on.isVisible()
    assert go_on.accessibleName() == "Go on with reviews-03"
    resumed: list[Path] = []
    page.bench.training.resume = resumed.append  # type: ignore[method-assign,assignment]
    qtbot.mouseClick(go_on, LEFT)
    assert resumed == [Path("/runs/reviews-03")]
    tell(page.bench, runs=())
    assert not go_on.isVisible()


@pytest.mark.parametrize("width", [60, 150, 400])
def test_the_example_is_broken_into_lines_that_fit(qtbot: QtBot, width: int) -> None:
    at = QFontMetrics(theme.font("sentence"))
    words = split("“The queen lays {eggs} in each cell.”")
    area = QRect(10, 20, width, 500)
    pieces = flowed(words, at, area)
    assert "".join(piece.text for piece in pieces) == "“Thequeenlayseggsineachcell.”"
    assert [piece.text for piece in pieces if piece.hidden] == ["eggs"]
    rows = {piece.area.top() for piece in pieces}
    assert all(piece.area.left() >= area.left() for piece in pieces)
    longest = max(at.horizontalAdvance(str(word)) + theme.space(8) for word in words)
    assert all(piece.area.right() <= area.left() + max(width, longest) for piece in pieces)
    assert len(rows) == 1 if width == 400 else len(rows) > 1


def test_a_narrow_card_is_taller(page: GoalPage) -> None:
    card = page.cards["mask"]
    assert card.heightForWidth(theme.space(200)) > card.heightForWidth(theme.space(400))
