"""The Train page: settings, start, pause, stop, ends, and the log, on made-up streams and on a real run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import COST, EMPTY_TEXT, LENGTHS, model, table, tell
from ui_streams import EPOCH, TOTAL, feed, finished, recipe

from tlgui.core import events
from tlgui.core.facts import CostFacts
from tlgui.core.recipe import Recipe
from tlgui.ui.pages.train import TrainPage
from tlgui.ui.pages.train_settings import MAIN, MORE
from tlgui.ui.widgets.settings_form import RateSpin
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton


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


def click(page: TrainPage, qtbot: QtBot, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def shown_buttons(page: TrainPage) -> set[str]:
    return {b.objectName() for b in page.control.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()}


# Before a run


def test_start_says_what_it_will_do(page):
    assert page.control.start.isEnabled()
    assert page.control.sentence.text() == (
        "3 epochs over 360 rows, checked 4 times an epoch on 40 rows kept aside. 1,440 steps, about 3 min and 900 MB."
    )


def test_start_begins_a_run_of_the_draft(page, qtbot, monkeypatch):
    begun: list[tuple[Recipe, CostFacts]] = []
    monkeypatch.setattr(page.bench.training, "start", lambda recipe, cost: begun.append((recipe, cost)))
    click(page, qtbot, "start")
    assert begun == [(page.bench.draft.recipe, COST)]


def test_what_blocks_a_run_has_a_link_to_its_page(page, qtbot):
    tell(page.bench, data=table(EMPTY_TEXT))
    assert not page.control.start.isEnabled()
    blocker = page.findChild(QWidget, "blocker_data")
    assert blocker.text == EMPTY_TEXT.text
    with qtbot.waitSignal(page.bench.page_wanted) as wanted:
        qtbot.mouseClick(blocker.findChild(QAbstractButton), LEFT)
    assert wanted.args == ["data"]
    page.start()
    assert page.bench.training.state == "none"


def test_a_wrong_setting_is_shown_where_it_is(page, qtbot):
    page.activateWindow()
    page.bench.draft.edit("train", warmup=1.5)
    blocker = page.findChild(QWidget, "blocker_train")
    assert blocker.text == "Warmup must be at least 0 and below 1."
    qtbot.mouseClick(blocker.findChild(QAbstractButton), LEFT)
    assert page.settings.isVisible()
    assert page.settings.more.fields["train.warmup"].hasFocus()


def test_while_the_data_are_read_start_waits(page):
    tell(page.bench, data=None)
    assert not page.control.start.isEnabled()
    assert page.control.sentence.text() == "The model and the data are still being read."


# Settings


def test_the_button_tells_the_settings_and_folds_them_out(page, qtbot):
    assert page.unfold.text() == "Settings: 3 epochs, batch 16, 128 tokens"
    assert not page.settings.isVisible()
    click(page, qtbot, "settings")
    assert page.settings.isVisible()
    assert not page.settings.more.isVisible()
    click(page, qtbot, "more_settings")
    assert page.settings.more.isVisible()


def test_each_setting_is_named_explained_and_a_field_of_the_recipe(page):
    for setting in (*MAIN, *MORE):
        form = page.settings.main if setting in MAIN else page.settings.more
        widget = form.fields[setting.key]
        assert widget.accessibleName() == setting.label
        assert widget.toolTip() == setting.tip
        assert setting.tip.endswith(".")
        section = getattr(page.bench.draft.recipe, setting.section) if setting.section else page.bench.draft.recipe
        assert hasattr(section, setting.field), setting.key


TYPED = {
    "train.epochs": ("7", 7),
    "train.batch_size": ("32", 32),
    "train.learning_rate": ("3e-4", 3e-4),
    "train.max_length": ("256", 256),
    "train.seed": ("11", 11),
    "train.patience": ("2", 2),
    "train.warmup": ("25", 0.25),
    "train.weight_decay": ("0.02", 0.02),
    "train.threads": ("2", 2),
    "train.batch_tokens": ("4096", 4096),
    "train.parts": ("4", 4),
    "cache.gigabytes": ("2.5", 2.5),
    "name": ("mine", "mine"),
}


def test_typing_a_setting_is_one_change_of_the_draft(page, qtbot):
    for fold in ("settings", "more_settings"):
        click(page, qtbot, fold)
    fields = {**page.settings.main.fields, **page.settings.more.fields}
    for key, (typed, value) in TYPED.items():
        before = page.bench.draft.recipe
        fields[key].setFocus()
        fields[key].selectAll()
        qtbot.keyClicks(fields[key], typed)
        qtbot.keyClick(fields[key], Qt.Key.Key_Return)
        section, _, name = key.rpartition(".")
        assert page.bench.draft.recipe == before.edit(section, **{name: value}), key
        page.bench.draft.undo()
        assert page.bench.draft.recipe == before


CHOSEN = {"train.precision": "bfloat16", "cache.prefix": "float16", "train.schedule": "cosine"}


def test_a_choice_is_one_change_of_the_draft(page):
    for key, value in CHOSEN.items():
        before = page.bench.draft.recipe
        box = page.settings.more.fields[key]
        box.setCurrentIndex(box.findData(value))
        section, _, name = key.rpartition(".")
        assert page.bench.draft.recipe == before.edit(section, **{name: value}), key


def test_what_another_setting_makes_meaningless_is_locked_and_says_so(page):
    main, more = page.settings.main, page.settings.more
    page.bench.draft.edit("train", batch_tokens=4096)
    page.bench.draft.edit("cache", prefix="off")
    assert not main.fields["train.batch_size"].isEnabled()
    assert main.problem("train.batch_size").text == "Batches go by tokens."
    assert not more.fields["cache.gigabytes"].isEnabled()
    assert more.problem("cache.gigabytes").text == "Nothing is kept."
    page.bench.draft.undo()
    page.bench.draft.undo()
    assert main.fields["train.batch_size"].isEnabled()
    assert more.fields["cache.gigabytes"].isEnabled()
    assert main.problem("train.batch_size").text == more.problem("cache.gigabytes").text == ""


def test_undo_shows_the_old_value(page):
    spin = page.settings.main.fields["train.epochs"]
    spin.setValue(9)
    page.bench.draft.undo()
    assert spin.value() == 3


def test_only_masked_words_have_a_share_to_hide(page, qtbot):
    for fold in ("settings", "more_settings"):
        click(page, qtbot, fold)
    share = page.settings.more.fields["mask.share"]
    assert not share.isVisible()
    page.bench.draft.edit("", task="mask")
    assert share.isVisible()
    share.setValue(20)
    assert page.bench.draft.recipe.mask.share == 0.2
    page.settings.more.fields["mask.sets"].setValue(4)
    assert page.bench.draft.recipe.mask.sets == 4


def test_a_problem_stands_under_its_field(page):
    page.bench.draft.edit("train", max_length=4)
    problem = page.settings.main.problem("train.max_length")
    assert problem.is_problem
    assert problem.text == "Max length must be at least 8 tokens."
    page.bench.draft.edit("train", max_length=64)
    assert not problem.is_problem


def test_a_hidden_problem_unfolds_the_rest(page):
    page.bench.draft.edit("train", warmup=1.5)
    assert page.settings.unfold.isChecked()
    assert page.settings.more.problem("train.warmup").is_problem


def test_the_length_says_what_it_cuts(page):
    tell(page.bench, lengths=LENGTHS)
    page.bench.draft.edit("train", max_length=64)
    assert page.settings.main.problem("train.max_length").text == "20.0 % of the texts lose their end."


def test_settings_are_fixed_during_a_run(page, qtbot):
    click(page, qtbot, "settings")
    feed(page.bench, steps=5)
    assert page.settings.fixed.isVisible()
    assert page.settings.fixed.text == "Settings are fixed while a run is going."
    assert not page.settings.main.isEnabled()
    page.bench.training._take([finished()])
    assert not page.settings.fixed.isVisible()
    assert page.settings.main.isEnabled()


@pytest.mark.parametrize(("value", "text"), [(5e-5, "5e-5"), (1.25e-4, "1.25e-4"), (1.0, "1e0")])
def test_a_rate_is_written_short(qtbot, value, text):
    spin = RateSpin()
    qtbot.addWidget(spin)
    spin.setRange(1e-9, 1)
    spin.setValue(value)
    assert spin.text() == text
    assert spin.valueFromText(text) == pytest.approx(value)


# During a run


def test_preparing_is_told_as_it_goes(page):
    page.bench.training.recipe, page.bench.training.state = recipe(), "preparing"
    page.bench.training.changed.emit()
    page.bench.training._take([events.Progress("Reading x.csv", 3120, 7677)])
    assert page.control.epoch.text() == "Reading x.csv"
    assert page.control.steps.text() == "3,120 of 7,677"
    assert (page.control.bar.value(), page.control.bar.maximum()) == (3120, 7677)


def test_work_without_a_known_end_shows_seconds(page):
    page.bench.training.recipe, page.bench.training.state = recipe(), "preparing"
    page.bench.training.changed.emit()
    page.bench.training._take([events.Progress("Loading the model", 0, 0)])
    assert page.control.bar.maximum() == 0
    assert page.control.left.text().endswith(" s")


def test_a_running_step_is_told(page):
    feed(page.bench, steps=EPOCH + 4)
    assert page.control.epoch.text() == "Epoch 2 of 3"
    assert page.control.steps.text() == f"step {EPOCH + 4} of {TOTAL}, 50 ms each"
    assert page.control.left.text().endswith(" left")
    assert page.subtitle.text() == "run-01 is running. Closing the window pauses it; nothing is lost."
    assert {"pause", "keep", "discard"} <= shown_buttons(page)


def test_no_time_is_promised_before_three_steps(page):
    feed(page.bench, steps=2)
    assert page.control.left.text() == ""


def test_a_pause_is_said_and_drawn_and_ended(page, qtbot, monkeypatch):
    feed(page.bench, steps=12)
    monkeypatch.setattr(page.bench.training, "_job", _Job())
    click(page, qtbot, "pause")
    assert page.control.epoch.text() == "Pausing"
    page.bench.training._take([events.Paused(12)])
    assert page.control.epoch.text() == "Paused"
    assert page.control.steps.text() == f"at step 12 of {TOTAL}"
    assert "pause" not in shown_buttons(page)
    click(page, qtbot, "go_on")
    assert page.bench.training.state == "running"


class _Job:
    """A job that only remembers what it was told."""

    def __init__(self) -> None:
        self.control, self.told = self, []

    def pause(self) -> None:
        self.told.append("pause")

    def go_on(self) -> None:
        self.told.append("go on")

    def stop(self, *, discard: bool = False) -> None:
        self.told.append("discard" if discard else "keep")


@pytest.mark.parametrize(
    ("verb", "told"), [("Discard", ["discard"]), ("Stop and keep", ["keep"]), ("Go on training", [])]
)
def test_discarding_asks_with_numbers_and_the_safe_answer_is_the_default(page, qtbot, monkeypatch, verb, told):
    feed(page.bench, steps=12)
    job = _Job()
    monkeypatch.setattr(page.bench.training, "_job", job)
    click(page, qtbot, "discard")
    box = page.question
    assert box.text() == "Discard the run run-01?"
    assert box.informativeText() == (
        "12 steps and the weights at step 10 (60.0 %) are deleted. “Stop and keep” would save them."
    )
    assert box.defaultButton().text() == box.escapeButton().text() == "Go on training"
    qtbot.mouseClick(next(b for b in box.buttons() if b.text() == verb), LEFT)
    assert job.told == told


def test_the_curves_have_the_first_step_at_once(page):
    feed(page.bench, steps=1)
    assert not page.plots.loss.canvas.is_empty


# After a run


def test_a_finished_run_says_what_came_of_it(page, qtbot):
    feed(page.bench, ending=finished())
    assert page.control.ended_sentence.text() == (
        "Finished in 54 s. Accuracy 78.4 % at step 30; these weights are kept."
    )
    assert {"try_it", "new"} <= shown_buttons(page)
    assert "resume" not in shown_buttons(page)
    with qtbot.waitSignal(page.bench.page_wanted) as wanted:
        click(page, qtbot, "try_it")
    assert wanted.args == ["try"]
    click(page, qtbot, "new")
    assert page.control.start.isVisible()
    assert page.plots.loss.canvas.is_empty


def test_a_stopped_run_can_go_on(page, qtbot, monkeypatch):
    resumed: list[Path] = []
    monkeypatch.setattr(page.bench.training, "resume", resumed.append)
    summary = replace(finished().value, status="stopped", step=25, can_resume=True)
    feed(page.bench, steps=25, ending=events.Stopped(summary))
    click(page, qtbot, "resume")
    assert resumed == [Path("/runs/run-01")]


def test_a_discarded_run_leaves_nothing_to_try(page):
    feed(page.bench, steps=5, ending=events.Stopped())
    assert page.control.ended_sentence.text() == "The run was discarded. Nothing of it is left."
    assert shown_buttons(page) == {"new"}


def test_a_failure_says_what_to_do_and_folds_the_details(page, qtbot):
    failure = events.Failed("The disk is full.", "Free some space.", "Traceback: OSError")
    feed(page.bench, steps=5, ending=failure)
    box = page.control.failure
    assert box.sentence.text == "The disk is full. Free some space."
    assert not box.trace.isVisible()
    click(page, qtbot, "failure_details")
    assert box.trace.toPlainText() == "Traceback: OSError"
    click(page, qtbot, "failure_copy")
    assert QGuiApplication.clipboard().text() == "The disk is full.\nFree some space.\n\nTraceback: OSError"
    page.bench.training.forget()
    assert not box.isVisible()


def test_a_problem_text_is_never_read_as_markup(page):
    feed(page.bench, steps=1, ending=events.Failed("<b>x</b> is missing.", "Look.", ""))
    texts = [w.text() for w in page.control.failure.findChildren(QLabel) if w.textFormat() == Qt.TextFormat.PlainText]
    assert "<b>x</b> is missing. Look." in texts


# What happened


def test_the_log_is_newest_first_and_copied_oldest_first(page, qtbot):
    feed(page.bench, steps=20)
    notes = page.log.notes
    texts = [notes.data(notes.index(row)) for row in range(notes.rowCount())]
    assert texts == ["Check at step 20.", "Check at step 10.", "Check at step 0.", "8 rows kept aside for validation."]
    page.log.setCurrentIndex(notes.index(1))
    qtbot.keyClick(page.log, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "step 10: Check at step 10."
    page.log.clearSelection()
    page.log.copy()
    assert QGuiApplication.clipboard().text().splitlines()[0] == "start: 8 rows kept aside for validation."


def test_a_longer_log_keeps_the_selection(page):
    feed(page.bench, steps=10)
    page.log.setCurrentIndex(page.log.notes.index(0))
    page.bench.training._take([events.Note(11, "New.")])
    assert page.log.currentIndex().data() == "Check at step 10."


# The whole page


def test_every_control_has_a_name(page):
    kinds = ("QAbstractButton", "QAbstractSpinBox", "QComboBox", "QLineEdit", "QAbstractItemView", "QProgressBar")
    for widget in page.findChildren(QWidget):
        inside_qt = widget.objectName().startswith("qt_") or widget.parent().inherits("QComboBoxPrivateContainer")
        if any(widget.inherits(kind) for kind in kinds) and not inside_qt:
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()


def test_the_page_is_walked_by_tab_alone(page, qtbot):
    feed(page.bench, steps=5)
    page.activateWindow()
    reached, widget = set(), page
    for _ in page.findChildren(QWidget):
        widget = widget.nextInFocusChain()
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(widget.objectName())
    assert {"show_numbers", "settings", "pause", "keep", "discard", "loss_plot", "what_happened"} <= reached


def test_numbers_open_from_the_page(page, qtbot):
    feed(page.bench, steps=5)
    click(page, qtbot, "show_numbers")
    window = page.findChild(QWidget, "numbers_window")
    assert window.model.rowCount() == 6
    window.close()


def test_no_question_is_left_open(page):
    assert not page.findChildren(QMessageBox)
