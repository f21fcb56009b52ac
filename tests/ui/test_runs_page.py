"""The Runs page: the list as it is on disk, and what can be done with a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from ui_facts import tell

from tlgui.core import paths
from tlgui.core.events import Finished, Started, StepDone, Stopped, Validated
from tlgui.core.recipe import dump
from tlgui.core.runs import RunFolder
from tlgui.core.samples import SAMPLES
from tlgui.core.transfer import HandChange
from tlgui.ui.pages.runs import ACTS, COLUMNS, RunsPage
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
WAIT = 10_000


def make_run(name: str, ending: object, steps: int = 12, *, checkpoint: bool = False, model: bool = False) -> RunFolder:
    folder = RunFolder.create(paths.runs(), name)
    folder.begin(SAMPLES["reviews"].recipe())
    folder.append(Started(str(folder.path), 0, 40, 20, ("4", "5", "pooler", "head"), "accuracy"))
    for step in range(1, steps + 1):
        folder.append(StepDone(step, 40, 0.7, 1e-4, 0.5))
    folder.append(Validated(steps, 0.6, {"accuracy": 0.784}, best=True))
    if ending is not None:
        folder.append(ending)  # type: ignore[arg-type]
    if checkpoint:
        (folder.checkpoints / "last-000012").mkdir()
    if model:
        folder.model.mkdir()
        (folder.model / "config.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> RunsPage:
    """A finished, a stopped and an interrupted run."""
    make_run("done", Finished(), 40, model=True)
    make_run("halted", Stopped(), checkpoint=True)
    make_run("killed", None, checkpoint=True)
    made = RunsPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 720)
    made.show()
    bench.findings.begin()
    made.entered()
    qtbot.waitUntil(lambda: len(made.table.rows.rows) == 3, timeout=WAIT)
    return made


def choose(page: RunsPage, name: str) -> None:
    shown = page.table.model()
    place = next(i for i in range(shown.rowCount()) if shown.index(i, 0).data() == name)
    page.table.setCurrentIndex(shown.index(place, 0))


def usable(page: RunsPage) -> set[str]:
    return {key for key, made in page.buttons.items() if made.isEnabled()}


def press(page: RunsPage, qtbot: QtBot, key: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, f"run_{key}"), LEFT)


def test_an_empty_list_says_how_it_fills(bench: Workbench, qtbot: QtBot) -> None:
    page = RunsPage(bench)
    qtbot.addWidget(page)
    page.show()
    assert page.empty.isVisible()
    assert "Train page" in page.empty.text()
    assert not any(made.isVisible() for made in page.buttons.values())


def test_a_row_tells_what_the_run_came_to(page: RunsPage) -> None:
    shown = page.table.model()
    choose(page, "halted-01")
    row = page.table.currentIndex().row()
    cells = [shown.index(row, column).data() for column in range(shown.columnCount())]
    assert cells[:7] == ["halted-01", "Classify", "78.4 %", "12 of 40", "6 s", "–", "stopped"]


def test_a_row_shows_the_receipt_of_what_was_frozen(page: RunsPage) -> None:
    (done,) = [run for run in page.bench.findings.runs if run.name == "done-01"]
    column = next(column for column in COLUMNS if column.title == "Frozen values")
    assert column.text(done) == "–"
    assert column.text(replace(done, frozen_values=19_000_000, frozen_changed=0)) == "0 of 19.0 M changed"
    assert column.text(replace(done, frozen_values=0, frozen_changed=0)) == "nothing frozen"


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("done-01", {"open", "try", "recipe", "folder", "discard"}),
        ("halted-01", {"open", "resume", "recipe", "folder", "discard"}),
        ("killed-01", {"open", "resume", "recipe", "folder", "discard"}),
    ],
)
def test_buttons_work_exactly_when_they_can(page: RunsPage, name: str, can: set[str]) -> None:
    choose(page, name)
    assert usable(page) == can
    assert set(page.buttons) == {act.key for act in ACTS}


def test_the_newest_run_is_offered_to_go_on_if_it_can(page: RunsPage) -> None:
    go_on = page.findChild(QAbstractButton, "resume_newest")
    runs = {run.name: run for run in page.bench.findings.runs}
    tell(page.bench, runs=(runs["killed-01"], runs["done-01"]))
    assert go_on.isVisible()
    tell(page.bench, runs=(runs["done-01"], runs["killed-01"]))
    assert not go_on.isVisible()


@pytest.mark.parametrize(("key", "shown"), [("open", "train"), ("try", "try")])
def test_a_run_is_opened_on_another_page(page: RunsPage, qtbot: QtBot, key: str, shown: str) -> None:
    choose(page, "done-01")
    with qtbot.waitSignal(page.bench.page_wanted) as got:
        press(page, qtbot, key)
    assert got.args == [shown]
    assert page.bench.training.folder == paths.runs() / "done-01"
    assert page.bench.training.history.step == 40
    assert page.bench.training.has_model


def test_enter_opens_the_curves(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, "halted-01")
    page.table.setFocus()
    with qtbot.waitSignal(page.bench.page_wanted):
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.bench.training.folder == paths.runs() / "halted-01"


def test_going_on_resumes_that_run(page: RunsPage, qtbot: QtBot) -> None:
    resumed: list[Path] = []
    page.bench.training.resume = resumed.append  # type: ignore[method-assign,assignment]
    choose(page, "killed-01")
    press(page, qtbot, "resume")
    assert resumed == [paths.runs() / "killed-01"]


def test_its_recipe_can_be_used_again(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, "done-01")
    press(page, qtbot, "recipe")
    assert page.bench.draft.recipe == SAMPLES["reviews"].recipe()


def test_a_recipe_used_again_brings_method_and_changes_by_hand(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, "done-01")
    changes = [HandChange(step=5, groups=("3",), learns=True)]
    ran = SAMPLES["reviews"].recipe().edit("transfer", method="gradual", frozen=["embeddings"], changes=changes)
    (paths.runs() / "done-01" / "recipe.toml").write_text(dump(ran), encoding="utf-8")
    press(page, qtbot, "recipe")
    assert page.bench.draft.recipe == ran


@pytest.mark.parametrize("answer", ["keep", "discard"])
def test_discarding_asks_in_numbers_first(
    page: RunsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    asked: list[tuple[str, str]] = []

    def ask(parent: object, title: str, text: str, choices: object) -> str:
        asked.append((title, text))
        return answer

    monkeypatch.setattr("tlgui.ui.pages.runs.ask", ask)
    choose(page, "halted-01")
    press(page, qtbot, "discard")
    assert asked[0][0] == "Discard the run halted-01?"
    assert "12 steps and the weights at step 12 (78.4 %)" in asked[0][1]
    left = 3 if answer == "keep" else 2
    qtbot.waitUntil(lambda: page.bench.worker.idle and len(page.table.rows.rows) == left, timeout=WAIT)
    assert (paths.runs() / "halted-01").exists() == (answer == "keep")


def test_while_a_run_is_going_no_other_can_be_opened(page: RunsPage) -> None:
    training = page.bench.training
    training.state, training.folder = "running", paths.runs() / "killed-01"
    training.changed.emit()
    choose(page, "killed-01")
    assert usable(page) == {"recipe", "folder"}
    choose(page, "done-01")
    assert usable(page) == {"recipe", "folder", "discard"}
    assert page.going.isVisible()
    assert "killed-01 is training now" in page.going.text
    training.state = "none"


def test_the_choice_stays_when_the_list_is_read_again(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, "halted-01")
    make_run("later", Finished(), 40)
    page.entered()
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 4, timeout=WAIT)
    assert page.table.chosen.name == "halted-01"


def test_a_run_whose_recipe_is_gone_is_told(page: RunsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("tlgui.ui.pages.runs.show_error", lambda parent, title, hint, details="": told.append(title))
    choose(page, "done-01")
    (paths.runs() / "done-01" / "recipe.toml").unlink()
    press(page, qtbot, "open")
    press(page, qtbot, "recipe")
    assert len(told) == 2
    assert "recipe.toml" in told[0]


def test_hand_made_rows_do_not_need_a_disk(page: RunsPage) -> None:
    tell(page.bench, runs=())
    assert page.empty.isVisible()
