"""The menus: every entry works exactly when it can; recipe files and dropped files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from ui_facts import EMPTY_TEXT, know_everything, table, tell

from tlgui.core import recipe as recipes
from tlgui.core.recipe import Recipe
from tlgui.core.samples import SAMPLES
from tlgui.ui import theme
from tlgui.ui.settings import settings
from tlgui.ui.window import Window


def test_undo_and_redo_work_exactly_when_they_can(window: Window) -> None:
    undo, redo = window.menu_actions["undo"], window.menu_actions["redo"]
    assert not undo.isEnabled()
    window.bench.draft.edit("train", epochs=9)
    assert undo.isEnabled()
    assert not redo.isEnabled()
    undo.trigger()
    assert window.bench.draft.recipe.train.epochs == Recipe().train.epochs
    assert redo.isEnabled()


def test_the_run_menu_can_only_start_what_is_ready(window: Window) -> None:
    works = {key: window.menu_actions[key].isEnabled() for key in ("start", "pause", "stop", "discard")}
    assert not any(works.values())
    know_everything(window.bench)
    assert window.menu_actions["start"].isEnabled()
    tell(window.bench, data=table(EMPTY_TEXT))
    assert not window.menu_actions["start"].isEnabled()


def test_a_theme_is_shown_at_once_and_remembered(window: Window) -> None:
    window.menu_actions["theme_dark"].trigger()
    assert theme.is_dark()
    assert window.menu_actions["theme_dark"].isChecked()
    assert not window.menu_actions["theme_light"].isChecked()
    assert settings().value("window/theme") == "dark"


def test_new_clears_the_recipe_and_undo_brings_it_back(window: Window) -> None:
    know_everything(window.bench)
    before = window.bench.draft.recipe
    window.show_page("layers")
    window.menu_actions["new"].trigger()
    assert window.bench.draft.recipe == Recipe()
    assert window.current == "goal"
    window.menu_actions["undo"].trigger()
    assert window.bench.draft.recipe == before


@pytest.mark.parametrize("key", ["shortcuts", "about"])
def test_help_says_something(window: Window, key: str) -> None:
    said: list[str] = []

    def close() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.informativeText())
        box.reject()

    QTimer.singleShot(0, close)
    window.menu_actions[key].trigger()
    assert ("Ctrl+R" in said[0]) if key == "shortcuts" else ("Apache" in said[0])


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_recipe_is_saved_and_opened_again(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know_everything(window.bench)
    recipe, file = window.bench.draft.recipe, tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.menu_actions["save"].trigger()
    assert recipes.load(file) == recipe
    window.menu_actions["new"].trigger()
    window.menu_actions["open"].trigger()
    assert window.bench.draft.recipe == recipe


def test_a_bad_recipe_is_told_and_changes_nothing(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("[train]\nepochs = 0\n", encoding="utf-8")
    told: list[tuple[str, str]] = []
    monkeypatch.setattr("tlgui.ui.files.show_error", lambda parent, title, hint: told.append((title, hint)))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.menu_actions["open"].trigger()
    assert "bad.toml" in told[0][0]
    assert "train.epochs" in told[0][1]
    assert window.bench.draft.recipe == Recipe()


def drop(window: Window, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, button, keys)
    window.dropEvent(event)


def test_a_dropped_table_becomes_the_data(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "my reviews.csv"
    file.write_text("text,label\nGood.,yes\n", encoding="utf-8")
    drop(window, file)
    assert window.current == "data"
    assert window.bench.draft.recipe.data.source == str(file)
    assert window.bench.draft.recipe.name == "my reviews"
    assert not recipes.problems(window.bench.draft.recipe)


def test_a_dropped_recipe_is_opened(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "bees.toml"
    file.write_text(recipes.dump(SAMPLES["beekeeping"].recipe()), encoding="utf-8")
    drop(window, file)
    assert window.bench.draft.recipe.task == "mask"
