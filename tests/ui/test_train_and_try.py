"""Train and Try with the real backend: a tiny model learns, is paused, stopped, resumed and tried."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe

from tlgui.core.history import History
from tlgui.core.runs import RunFolder
from tlgui.ui.pages.page import Page
from tlgui.ui.pages.train import TrainPage
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.widgets.rate_dialog import RateDialog
from tlgui.ui.widgets.thaw_dialog import ThawDialog
from tlgui.ui.workbench import Workbench

PATIENCE_MS = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiny")


def show(page: Page, qtbot: QtBot) -> Page:
    qtbot.addWidget(page)
    page.resize(1096, 728)
    page.show()
    page.entered()
    return page


def ready(bench: Workbench, qtbot: QtBot, folder: Path, task: str, **train: object) -> TrainPage:
    bench.draft.replace(tiny_recipe(folder, task, **train))
    page = show(TrainPage(bench), qtbot)
    bench.findings.begin()
    qtbot.waitUntil(page.control.start.isEnabled, timeout=PATIENCE_MS)
    return page


def click(page: Page, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, name), LEFT)


def wait(bench: Workbench, qtbot: QtBot, state: str) -> None:
    qtbot.waitUntil(lambda: bench.training.state == state, timeout=PATIENCE_MS)


def test_masked_words_from_start_to_try(bench, qtbot, folder):
    page = ready(bench, qtbot, folder, "mask")
    click(page, qtbot, "start")
    wait(bench, qtbot, "ended")
    history = bench.training.history
    assert page.control.ended_sentence.text().startswith("Finished in ")
    assert len(page.plots.loss.canvas.getPlotItem().listDataItems()[0].xData) == history.total
    assert len(history.probes[0]) == len(history.validations)
    assert "hits" in history.validations[0].metrics

    tried = show(TryPage(bench), qtbot)
    tried.words.show_text("w1 {w20} w30")
    qtbot.waitUntil(lambda: any(card.adapted.isVisible() for card in tried.words.cards), timeout=PATIENCE_MS)
    (card,) = [card for card in tried.words.cards if card.isVisible()]
    assert len(card.original.rows) == len(card.adapted.rows) == 5
    assert "w20" in card.verdict.text()
    assert tried.help.verdict.text()
    assert "original" in tried.kept.kept.rows[0].note


def test_classes_from_start_to_export(bench, qtbot, folder, tmp_path):
    page = ready(bench, qtbot, folder, "classify", epochs=4)
    click(page, qtbot, "start")
    wait(bench, qtbot, "ended")
    assert page.control.try_it.isVisible()

    tried = show(TryPage(bench), qtbot)
    tried.classes.show_texts(("w1 w20 w30",))
    qtbot.waitUntil(tried.classes.answer.isVisible, timeout=PATIENCE_MS)
    assert {row.word for row in tried.classes.bars.rows} == {"good", "bad"}
    qtbot.waitUntil(lambda: "kept aside" in tried.classes.figures.text(), timeout=PATIENCE_MS)
    assert sum(map(sum, tried.classes.confusion._counts)) == 16
    tried.export_into(tmp_path)
    qtbot.waitUntil(lambda: bool(tried.exported.text), timeout=PATIENCE_MS)
    assert (tmp_path / bench.training.summary.name / "model.safetensors").exists()


def test_a_run_is_paused_stopped_and_goes_on_to_the_end(bench, qtbot, folder):
    page = ready(bench, qtbot, folder, "classify", epochs=20)
    click(page, qtbot, "start")
    qtbot.waitUntil(lambda: bench.training.history.step > 3, timeout=PATIENCE_MS)
    click(page, qtbot, "pause")
    wait(bench, qtbot, "paused")
    paused_at = bench.training.history.step
    click(page, qtbot, "go_on")
    qtbot.waitUntil(lambda: bench.training.history.step > paused_at, timeout=PATIENCE_MS)
    click(page, qtbot, "keep")
    wait(bench, qtbot, "ended")
    stopped_at = bench.training.history.step
    assert stopped_at < bench.training.history.total
    assert page.control.ended_sentence.text().startswith(f"Stopped at step {stopped_at:,} of ")
    click(page, qtbot, "resume")
    wait(bench, qtbot, "ended")
    history = bench.training.history
    assert list(history.steps) == list(range(1, history.total + 1))
    on_disk = History.of(RunFolder(bench.training.folder).events())
    assert list(on_disk.losses) == list(history.losses)


def test_a_discarded_run_leaves_no_folder(bench, qtbot, folder):
    page = ready(bench, qtbot, folder, "classify", epochs=30)
    click(page, qtbot, "start")
    qtbot.waitUntil(lambda: bench.training.history.step > 1, timeout=PATIENCE_MS)
    gone = bench.training.folder
    click(page, qtbot, "discard")
    qtbot.mouseClick(next(b for b in page.question.buttons() if b.text() == "Discard"), LEFT)
    wait(bench, qtbot, "ended")
    assert not gone.exists()
    assert page.control.ended_sentence.text() == "The run was discarded. Nothing of it is left."


def test_a_gradual_run_is_changed_by_hand_and_checked(bench, qtbot, folder):
    recipe = tiny_recipe(folder, "classify", epochs=60, validations=1)
    # The first thaw is far enough away for the clicks to come before it.
    bench.draft.replace(recipe.edit("transfer", method="gradual").edit("transfer.gradual", every=10))
    page = show(TrainPage(bench), qtbot)
    bench.findings.begin()
    qtbot.waitUntil(page.control.start.isEnabled, timeout=PATIENCE_MS)
    click(page, qtbot, "start")
    qtbot.waitUntil(lambda: bench.training.history.step > 2, timeout=PATIENCE_MS)
    assert page.log_card.next.text == "Next: layer 2 thaws at step 81."
    click(page, qtbot, "thaw_or_freeze")
    dialog = page.findChild(ThawDialog)
    assert dialog.chosen == ("2",)
    click(dialog, qtbot, "thaw_groups_now")
    changes = bench.training.history.changes
    qtbot.waitUntil(lambda: any(change.why == "by hand" for change in changes), timeout=PATIENCE_MS)
    by_hand = next(change for change in changes if change.why == "by hand")
    assert by_hand.thawed == ("2",)
    wait(bench, qtbot, "ended")
    history = bench.training.history
    assert page.control.checked.text().startswith("Checked group by group: 0 of ")
    assert page.plots.loss.canvas._marks[0].step == by_hand.step
    assert not page.plots.heat.map.is_empty
    assert history.measured[-1].distances["2"] > 0
    recorded = RunFolder(bench.training.folder).recipe().transfer.changes
    assert [(change.step, change.groups, change.learns) for change in recorded] == [(by_hand.step, ("2",), True)]
    bench.draft.replace(RunFolder(bench.training.folder).recipe())
    bench.training.forget()
    assert page.replays.text == "This recipe replays 1 change made by hand."


def test_a_rate_is_searched_for_and_used(bench, qtbot, folder):
    page = ready(bench, qtbot, folder, "classify")
    click(page, qtbot, "settings")
    click(page, qtbot, "find_rate")
    dialog = page.findChild(RateDialog)
    qtbot.waitUntil(lambda: not dialog.is_searching, timeout=PATIENCE_MS)
    found = dialog.plot.found
    assert len(found.rates) > 20
    assert dialog.sentence.text() == found.why
    assert dialog.use.isVisible() == (found.suggestion > 0)
    dialog.close()
