"""One press on the Goal page: the short sample is planned and trained, and Try opens for who has watched it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe
from ui_facts import model, table, tell

from tlgui.core.events import Failed
from tlgui.core.facts import RunSummary
from tlgui.core.recipe import Recipe
from tlgui.core.samples import FIRST
from tlgui.ui import first_run
from tlgui.ui.window import Window

PATIENCE_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
PROBES = ("w1 {w20} w30", "w2 w40 {w50}")


@pytest.fixture
def button(window: Window) -> QPushButton:
    found = window.page("goal").findChild(QPushButton, "try_now")
    assert found is not None
    return found


@pytest.fixture
def started(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Recipes that a run was wanted of; none really starts."""
    wanted: list[Recipe] = []
    monkeypatch.setattr(window.bench.training, "start", wanted.append)
    return wanted


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiny")


def use_tiny(monkeypatch: pytest.MonkeyPatch, folder: Path, **train: object) -> Recipe:
    """Let the press train a tiny model instead of the starter."""
    recipe = tiny_recipe(folder, "mask", **train).edit("", probes=PROBES)
    monkeypatch.setattr(first_run, "FIRST", SimpleNamespace(short_recipe=lambda: recipe))
    return recipe


def press_for_real(window: Window, button: QPushButton, qtbot: QtBot) -> None:
    """Press, and wait until the run is under way."""
    window.bench.findings.begin()
    qtbot.mouseClick(button, LEFT)
    assert window.current == "train"
    qtbot.waitUntil(lambda: window.bench.training.history.step > 0, timeout=PATIENCE_MS)


def end(window: Window, qtbot: QtBot) -> None:
    """Wait for the end of the run, and for what it gives rise to."""
    qtbot.waitUntil(lambda: window.bench.training.state == "ended", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(window.bench.findings.runs), timeout=PATIENCE_MS)


# --- before the run ---------------------------------------------------------------------------------------------------


def test_a_press_plans_the_short_sample_and_undo_brings_the_old_plan_back(window, button, qtbot, started):
    window.bench.draft.edit("", name="mine")
    before = window.bench.draft.recipe
    tell(window.bench, model=model(), data=table())
    qtbot.mouseClick(button, LEFT)
    assert started == [FIRST.short_recipe()] == [window.bench.draft.recipe]
    assert window.current == "train"
    window.bench.draft.undo()
    assert window.bench.draft.recipe == before


def test_the_run_starts_by_itself_once_model_and_data_are_read(window, button, qtbot, started):
    qtbot.mouseClick(button, LEFT)
    tell(window.bench, model=model())
    assert not started
    assert not button.isEnabled()
    assert "as soon as" in button.toolTip()
    tell(window.bench, data=table())
    assert started == [FIRST.short_recipe()]
    tell(window.bench, data=table())
    assert len(started) == 1


def test_a_changed_plan_is_not_started(window, button, qtbot, started):
    qtbot.mouseClick(button, LEFT)
    window.bench.draft.undo()
    tell(window.bench, model=model(), data=table())
    assert not started
    assert button.isEnabled()


def test_what_cannot_be_read_is_said_on_the_train_page_and_the_offer_stands(window, button, qtbot, started):
    qtbot.mouseClick(button, LEFT)
    window.bench.findings._failures["model"] = Failed("The model is gone.", "Pick another.", "")
    window.bench.findings.changed.emit("model")
    assert button.isEnabled()
    window.bench.findings._failures.clear()
    tell(window.bench, model=model(), data=table())
    assert not started


def test_while_a_run_is_active_the_button_says_why_it_waits(window, button, qtbot, started):
    training, plan = window.bench.training, window.bench.draft.recipe
    for state in ("preparing", "running", "pausing", "paused", "stopping"):
        training._set(state)
        assert not button.isEnabled()
        assert button.toolTip() == button.accessibleDescription()
        assert button.toolTip().startswith("A run is active.")
    qtbot.mouseClick(button, LEFT)
    assert window.bench.draft.recipe == plan
    training._set("none")
    assert button.isEnabled()
    assert not button.toolTip()


def test_it_is_reached_by_tab_and_pressed_by_return(window, button, qtbot, started):
    window.activateWindow()
    window.rail.setFocus()
    for _ in range(6):
        if QGuiApplication.focusObject() is button:
            break
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is button
    tell(window.bench, model=model(), data=table())
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert started
    assert button.accessibleName() == "Try it now"


def test_it_is_the_filled_button_only_until_there_is_a_run(window, button):
    assert button._primary
    assert not window.next._primary
    run = RunSummary("mine-01", "/runs/mine-01", "finished", "mask", "starter", "sample:beekeeping",
                     "", 57, 57, "loss", 4.5, 57, 40.0, "2026-11-23T08:00:00", False, True)  # fmt: skip
    tell(window.bench, runs=(run,))
    assert not button._primary
    assert window.next._primary


# --- the run and after it ---------------------------------------------------------------------------------------------


def test_who_has_watched_the_run_sees_a_hidden_word_guessed_by_both_models(window, button, qtbot, monkeypatch, folder):
    recipe = use_tiny(monkeypatch, folder)
    press_for_real(window, button, qtbot)
    end(window, qtbot)
    qtbot.waitUntil(lambda: window.current == "try", timeout=PATIENCE_MS)
    words = window.page("try").words
    assert words.text == recipe.probes[window.bench.training.history.most_gained()]
    qtbot.waitUntil(lambda: any(card.adapted.isVisible() for card in words.cards), timeout=PATIENCE_MS)
    assert words.cards[0].original.rows
    assert button.isEnabled()


def test_who_has_gone_elsewhere_is_left_there(window, button, qtbot, monkeypatch, folder):
    use_tiny(monkeypatch, folder)
    press_for_real(window, button, qtbot)
    window.show_page("data")
    end(window, qtbot)
    assert window.bench.training.has_model
    assert window.current == "data"


def test_a_run_that_was_stopped_stays_on_the_train_page(window, button, qtbot, monkeypatch, folder):
    use_tiny(monkeypatch, folder, epochs=200)
    press_for_real(window, button, qtbot)
    window.bench.training.stop()
    end(window, qtbot)
    assert window.current == "train"


def test_a_later_run_of_ones_own_does_not_open_try(window, button, qtbot, monkeypatch, folder):
    recipe = use_tiny(monkeypatch, folder, epochs=200)
    press_for_real(window, button, qtbot)
    window.bench.training.stop()
    end(window, qtbot)
    window.bench.training.start(recipe.edit("train", epochs=1))
    end(window, qtbot)
    assert window.bench.training.summary.status == "finished"
    assert window.current == "train"
