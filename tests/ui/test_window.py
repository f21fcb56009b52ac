"""The frame around the pages: rail, plan, Next and Back, what it remembers, and faults."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from ui_facts import EMPTY_TEXT, know_everything, table, tell

from tlgui.core.errors import TlguiError
from tlgui.core.events import Failed
from tlgui.core.recipe import Recipe
from tlgui.ui import app
from tlgui.ui.actions import ACTIONS
from tlgui.ui.pages.table import PAGES, WIZARD, PageRow
from tlgui.ui.settings import RECIPE, settings
from tlgui.ui.widgets.basics import ProblemLabel
from tlgui.ui.window import Window
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
INTERACTIVE = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView)
PARTS_OF_OTHERS = (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QMessageBox)
"""Qt's own pieces inside these have their names from Qt."""


def interactive(page: QWidget) -> list[QWidget]:
    """What a person can act on, without the pieces that Qt's own widgets are made of."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [widget for widget in page.findChildren(QWidget) if isinstance(widget, INTERACTIVE)]
    return [
        widget
        for widget in found
        if not isinstance(widget.parent(), PARTS_OF_OTHERS)
        and not isinstance(widget, QHeaderView)
        and widget.metaObject().className() not in ("QTableCornerButton", "QComboBoxListView")
    ]


# --- the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.key)
def test_every_page_of_the_table_can_be_made(row: PageRow, bench: Workbench, qtbot: QtBot) -> None:
    page = row.load()(bench)
    qtbot.addWidget(page)
    assert (page.key, page.title) == (row.key, row.title)


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.key)
def test_everything_one_can_act_on_has_a_name_for_people_and_one_for_tests(window: Window, row: PageRow) -> None:
    know_everything(window.bench)
    window.show_page(row.key)
    widgets = interactive(window.page(row.key))
    nameless = [w.metaObject().className() + " " + w.objectName() for w in widgets if not w.objectName()]
    mute = [w.metaObject().className() + " " + w.objectName() for w in widgets if not w.accessibleName()]
    assert not nameless
    assert not mute
    names = [w.objectName() for w in widgets if not isinstance(w.parent(), ProblemLabel)]  # each has one "settle"
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


def test_the_frame_itself_is_named(window: Window) -> None:
    widgets = interactive(window.centralWidget())
    own = [w for w in widgets if not any(page.isAncestorOf(w) for page in window._pages.values())]
    assert {"rail", "back", "next", "new_run"} <= {w.objectName() for w in own}
    assert all(w.objectName() and w.accessibleName() for w in own)


def test_every_action_of_the_table_is_in_a_menu_and_keys_are_unique(window: Window) -> None:
    keys = [row.key for row in ACTIONS if row.text]
    assert len(keys) == len(set(keys))
    assert set(window.menu_actions) == set(keys)
    shortcuts = [s for action in window.menu_actions.values() if (s := action.shortcut().toString())]
    assert len(shortcuts) == len(set(shortcuts))


# --- going about ------------------------------------------------------------------------------------------------------


def test_next_and_back_go_through_the_wizard(window: Window, qtbot: QtBot) -> None:
    know_everything(window.bench)
    seen = [window.current]
    for _ in range(4):
        qtbot.mouseClick(window.next, LEFT)
        seen.append(window.current)
    assert seen == list(WIZARD[:5])
    assert not window.next.isEnabled()  # nothing is trained, so there is nothing to try
    for _ in range(4):
        qtbot.mouseClick(window.back, LEFT)
    assert window.current == "goal"
    assert not window.back.isEnabled()


def test_next_waits_for_the_page_to_be_settled(window: Window) -> None:
    window.show_page("data")
    assert not window.next.isEnabled()  # no data yet
    know_everything(window.bench)
    assert window.next.isEnabled()
    tell(window.bench, data=table(EMPTY_TEXT))
    assert not window.next.isEnabled()


def test_every_page_has_a_key_and_the_rail_follows(window: Window, qtbot: QtBot) -> None:
    for number, row in enumerate(PAGES, start=1):
        assert window.menu_actions[f"page_{row.key}"].shortcut().toString() == f"Ctrl+{number}"
        window.menu_actions[f"page_{row.key}"].trigger()
        assert window.current == row.key
        assert window.rail.currentIndex().row() == number - 1
        assert window.stack.currentWidget() is window.page(row.key)


def test_a_click_and_the_keys_move_along_the_rail(window: Window, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.rail.viewport(), LEFT, pos=window.rail.row_area("model").center())
    assert window.current == "model"
    window.rail.setFocus()
    qtbot.keyClick(window.rail, Qt.Key.Key_Down)
    assert window.current == "data"


def test_next_and_back_are_away_where_there_is_no_wizard(window: Window) -> None:
    window.show_page("runs")
    assert not window.next.isVisible()
    assert not window.back.isVisible()
    window.show_page("try")
    assert window.new_run.isVisible()
    assert not window.next.isVisible()


def test_a_page_outside_the_wizard_leads_back_to_where_one_was(window: Window, qtbot: QtBot) -> None:
    window.show_page("layers")
    assert not window.back_to.isVisible()
    window.show_page("runs")
    window.show_page("race")
    assert window.back_to.text() == "Back to Layers"
    qtbot.mouseClick(window.back_to, LEFT)
    assert window.current == "layers"


def test_the_rail_has_the_pages_of_the_table_in_their_order(window: Window) -> None:
    rows = window.rail.model().rows
    assert [row.key for row in rows] == [row.key for row in PAGES]
    sections = [row.section for row in PAGES]
    assert [row.caption for row in rows] == [
        section if section not in sections[:i] else "" for i, section in enumerate(sections)
    ]


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.key)
def test_tab_alone_reaches_everything(window: Window, qtbot: QtBot, row: PageRow) -> None:
    know_everything(window.bench)
    window.show_page(row.key)
    window.activateWindow()
    window.rail.setFocus()
    qtbot.waitUntil(window.rail.hasFocus)
    wanted = [w for w in interactive(window) if can_be_a_stop(w)]
    seen = set()
    for _ in range(3 * len(wanted) + 20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert not [w.objectName() for w in wanted if seen.isdisjoint(one_stop(w))]


def can_be_a_stop(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def one_stop(widget: QWidget) -> set[QWidget]:
    """The widget, and those that the arrow keys reach from it: buttons that exclude each other."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return {widget, *group.buttons()} if group is not None and group.exclusive() else {widget}


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_the_plan_line_is_true_from_the_first_moment(window: Window) -> None:
    assert window.plan.text == "Classify · no model yet · no data yet"
    know_everything(window.bench)
    plan = "Classify · Starter BERT · reviews.csv, 400 rows · top 4 layers learn · about 3 min, 900 MB"
    assert window.plan.text == plan
    tell(window.bench, data=table(EMPTY_TEXT), cost=None)
    assert window.plan.text.endswith("1 problem to settle")


def test_a_model_that_cannot_be_used_is_in_the_plan(window: Window) -> None:
    know_everything(window.bench)
    window.bench.findings._failures["model"] = Failed("There is no folder /x.", "Check the path.")
    tell(window.bench, model=None)
    assert "1 problem to settle" in window.plan.text
    assert not window.menu_actions["start"].isEnabled()


def test_each_part_of_the_plan_opens_its_page(window: Window, qtbot: QtBot) -> None:
    know_everything(window.bench)
    for key in ("model", "data", "layers", "train", "goal"):
        part = window.plan.findChild(QToolButton, f"plan_{key}")
        assert part.accessibleName().endswith(f"opens {key.capitalize()}")
        qtbot.mouseClick(part, LEFT)
        assert window.current == key


def test_a_narrow_window_shortens_the_plan_and_keeps_its_accessible_words(window: Window) -> None:
    know_everything(window.bench)
    window.resize(window.minimumSize())
    QApplication.processEvents()
    parts = window.plan.findChildren(QToolButton)
    assert max(part.geometry().right() for part in parts) <= window.plan.width()
    assert "about 3 min, 900 MB" in window.plan.text


# --- start, end, faults -----------------------------------------------------------------------------------------------


def test_the_next_window_opens_on_the_last_recipe(window: Window) -> None:
    know_everything(window.bench)
    recipe = window.bench.draft.recipe
    window.close()
    assert app.last_recipe() == recipe


@pytest.mark.parametrize("text", ["", "not = [toml", "task = 'dance'", "schema = 99"])
def test_a_last_recipe_that_cannot_be_read_is_forgotten(home: Path, text: str) -> None:
    settings().setValue(RECIPE, text)
    assert app.last_recipe() == Recipe()


def test_looking_begins_after_the_first_paint(bench: Workbench, qtbot: QtBot) -> None:
    window = Window(bench)
    qtbot.addWidget(window)
    assert bench.worker.idle
    with qtbot.waitSignal(window.painted, timeout=5000):
        window.show()


def test_a_fault_is_told_and_the_window_lives_on(window: Window) -> None:
    seen: list[tuple[str, str, str]] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.text(), box.informativeText(), box.detailedText()))
        box.findChild(QAbstractButton, "copy").click()
        assert box.isVisible()  # copying leaves it open
        box.reject()

    faults = app.Faults(window)
    for error in (ZeroDivisionError("by zero"), TlguiError("The disk is full.", "Free some space.")):
        QTimer.singleShot(0, answer)
        faults.tell(type(error), error, None)
    assert seen[0][0] == "Unexpected ZeroDivisionError: by zero"
    assert seen[1][:2] == ("The disk is full.", "Free some space.")
    assert "ZeroDivisionError" in seen[0][2]
    assert "ZeroDivisionError" not in QApplication.clipboard().text()
    assert "The disk is full." in QApplication.clipboard().text()
    window.show_page("model")
    assert window.current == "model"


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    script = """
import sys
from tlgui.ui import app
app.make_application()
window = app.make_window()
heavy = ("torch", "transformers", "datasets", "pyarrow", "numpy", "pyqtgraph", "tokenizers", "huggingface_hub")
heavy += ("PySide6.QtTest",)
def look():
    print(",".join(name for name in heavy if name in sys.modules))
    window.bench.findings.cancel("machine")
    window.close()
window.painted.disconnect()
window.painted.connect(look)
window.show()
app.QApplication.instance().exec()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == ""
