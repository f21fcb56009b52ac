"""The Train page of a run that thaws: what comes next, changes by hand, receipts, replays, the search for a rate."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import COST, model, table, tell
from ui_streams import EPOCH, TOTAL, finished, gradual, recipe, thawing

from tlgui.core import events
from tlgui.core.control import Wish
from tlgui.core.events import Event, Receipt
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import HandChange
from tlgui.ui.pages.train import TrainPage
from tlgui.ui.widgets.thaw_dialog import ThawDialog
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
RECEIPTS = (
    Receipt(TOTAL, "embeddings", 1_000_000, 0, 0, "0badcafe", "0badcafe", 0, 0.0, 0.0),
    Receipt(TOTAL, "head", 770, 770, 0, "00000001", "00000002", 770, 0.0012, 0.031),
)


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> TrainPage:
    made = TrainPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    made.entered()
    bench.draft.replace(recipe())
    tell(bench, model=model(), data=table(), cost=COST)
    return made


class Job:
    """A job that remembers the wishes it was told."""

    def __init__(self) -> None:
        self.control = self
        self.wishes: list[Wish] = []

    def wish(self, groups: tuple[str, ...], *, learns: bool) -> None:
        self.wishes.append(Wish(tuple(groups), learns))


def go(page: TrainPage, monkeypatch: pytest.MonkeyPatch, of: Recipe, stream: list[Event]) -> Job:
    """Let a run of a recipe have come so far; what it is asked for is kept in the job."""
    training, job = page.bench.training, Job()
    training.recipe, training.state = of, "preparing"
    training.changed.emit()
    training._take(stream)
    monkeypatch.setattr(training, "_job", job)
    return job


def click(page: QWidget, qtbot: QtBot, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


# What comes next


def test_the_next_thaw_stands_under_the_log(page, monkeypatch):
    go(page, monkeypatch, gradual(), list(thawing(10)))
    assert page.log_card.next.isVisible()
    assert page.log_card.next.text == f"Next: layer 1 thaws at step {EPOCH + 1}."
    page.bench.training._take(list(thawing(25))[1:])
    assert page.log_card.next.text == "Next: layer 0 thaws at step 31."


def test_without_a_plan_nothing_is_said(page, monkeypatch):
    assert not page.log_card.next.isVisible()
    assert not page.log_card.change.isVisible()
    go(page, monkeypatch, recipe(), list(thawing(10)))
    assert not page.log_card.next.isVisible()
    assert page.log_card.change.isVisible()


# By hand


def open_dialog(page: TrainPage, qtbot: QtBot) -> ThawDialog:
    click(page, qtbot, "thaw_or_freeze")
    dialog = page.findChild(ThawDialog)
    qtbot.waitExposed(dialog)
    return dialog


def pick(dialog: ThawDialog, *keys: str) -> None:
    chosen = dialog.list.selectionModel()
    chosen.clearSelection()
    for key in keys:
        chosen.select(dialog.groups.index(dialog.groups.keys.index(key)), QItemSelectionModel.SelectionFlag.Select)


def test_a_group_is_thawed_by_hand(page, qtbot, monkeypatch):
    job = go(page, monkeypatch, gradual(), list(thawing(10)))
    dialog = open_dialog(page, qtbot)
    shown = [dialog.groups.data(dialog.groups.index(row)) for row in range(dialog.groups.rowCount())]
    assert shown == ["Head, learns", "Pooler, learns", "Layer 1, frozen", "Layer 0, frozen", "Embeddings, frozen"]
    assert dialog.chosen == ("1",)
    assert not dialog.freeze.isEnabled()
    click(dialog, qtbot, "thaw_groups_now")
    assert job.wishes == [Wish(("1",), True)]
    assert dialog.said.text == "Layer 1 will learn from the next step."
    learns = ("1", "pooler", "head")
    done = [events.PlanChanged(10, learns, ("1",), (), "by hand"), events.Note(11, "Layer 1 thawed by hand.")]
    page.bench.training._take(done)
    assert dialog.groups.data(dialog.groups.index(2)) == "Layer 1, learns"
    assert dialog.said.text == "Layer 1 thawed by hand."
    assert dialog.freeze.isEnabled()
    assert page.plots.loss.canvas._marks[0].words == "layer 1 thaws"


def test_several_groups_are_frozen_and_a_new_head_stays_open(page, qtbot, monkeypatch):
    job = go(page, monkeypatch, gradual(), list(thawing(25)))
    dialog = open_dialog(page, qtbot)
    pick(dialog, "head", "pooler", "1")
    click(dialog, qtbot, "freeze_groups_now")
    assert job.wishes == [Wish(("1", "pooler"), False)]
    assert dialog.said.text.startswith("Layer 1 and pooler will be frozen from the next step. A new head must learn")
    pick(dialog, "head")
    click(dialog, qtbot, "freeze_groups_now")
    assert len(job.wishes) == 1


def test_a_run_that_cannot_be_changed_says_why(page, monkeypatch):
    go(page, monkeypatch, recipe().edit("transfer", method="lora"), list(thawing(5)))
    assert page.log_card.change.isVisible()
    assert not page.log_card.change.isEnabled()
    assert "fine-tunes" in page.log_card.change.toolTip()


def test_when_the_run_ends_nothing_can_be_changed(page, qtbot, monkeypatch):
    go(page, monkeypatch, gradual(), list(thawing(25)))
    dialog = open_dialog(page, qtbot)
    page.bench.training._take([finished()])
    assert not dialog.thaw.isEnabled()
    assert not dialog.freeze.isEnabled()
    assert dialog.said.text == "No run is going, so nothing can be changed."
    assert not page.log_card.change.isVisible()


# After a run


def test_receipts_are_told_and_open_as_a_table(page, qtbot, monkeypatch):
    estimate = events.EstimateChecked(TOTAL, 0.052, 0.05, 1, -1)
    go(page, monkeypatch, gradual(), list(thawing(TOTAL, then=(*RECEIPTS, estimate, finished()))))
    assert page.control.checked.text() == (
        "Checked group by group: 0 of 1.00 M frozen values changed. A step took 52 ms (foretold 50 ms, 4 % less)."
    )
    click(page, qtbot, "show_receipts")
    window = page.findChild(QWidget, "receipts_window")
    rows = [[window.model.data(window.model.index(row, column)) for column in range(8)] for row in range(2)]
    assert rows[0] == ["Head", "770", "770", "00000001", "00000002", "770", "1.2e-3", "3.1e-2"]
    assert rows[1] == ["Embeddings", "1,000,000", "0", "0badcafe", "0badcafe", "0", "0", "0"]
    click(window, qtbot, "copy_receipts")
    assert "Embeddings\t1,000,000\t0\t0badcafe" in QGuiApplication.clipboard().text()
    window.close()


def test_a_run_without_receipts_offers_none(page, monkeypatch):
    go(page, monkeypatch, gradual(), list(thawing(TOTAL, then=(finished(),))))
    assert not page.control.checked.isVisible()
    assert not page.receipts.isVisible()


# Replays


def test_a_recipe_that_replays_changes_says_so_and_can_drop_them(page, qtbot):
    assert not page.replays.isVisible()
    change = HandChange(step=5, groups=("0",), learns=False)
    page.bench.draft.edit("transfer", changes=(change,))
    assert page.replays.text == "This recipe replays 1 change made by hand."
    qtbot.mouseClick(page.replays.findChild(QAbstractButton), LEFT)
    assert page.bench.draft.recipe.transfer.changes == ()
    assert not page.replays.isVisible()


def test_the_groups_of_the_draft_are_there_before_a_run(page):
    assert page.plots.heat.map._values.keys == tuple(reversed(model().keys))
    page.bench.draft.edit("transfer", method="gradual", frozen=["embeddings", "0-3"])
    assert [mark.step for mark in page.plots.loss.canvas._marks] == [480, 960]


def test_an_older_run_without_groups_is_still_drawn(page, monkeypatch):
    stream = [events.Started("/runs/old", 0, TOTAL, EPOCH, ("head",), "accuracy"), *list(thawing(25))[1:]]
    stream = [event for event in stream if not isinstance(event, (events.GroupsMeasured, events.PlanChanged))]
    go(page, monkeypatch, gradual(), [*stream, finished()])
    assert page.plots.heat.map.is_empty
    assert page.plots.heat.map.empty_sentence == "This run did not measure its groups."
    assert len(page.plots.rate.curves) == 1
