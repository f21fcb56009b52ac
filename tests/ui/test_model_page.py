"""The Model page: the list, folders and Hub names, downloads that ask and can be cancelled, and a model's facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot
from ui_facts import COST, MACHINE, model, table, tell

from tlgui.core.events import Failed, Progress
from tlgui.core.facts import ModelEntry
from tlgui.ui.pages.model import ModelPage
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
STARTER = ModelEntry("starter", "Starter BERT", "Small", 19_750_746, 39_513_668, "English", "Apache-2.0", True)
SMALL = ModelEntry("hub:google/electra", "ELECTRA small", "Quick", 13_500_000, 54_000_000, "English", "MIT", False)
LARGE = ModelEntry("hub:bert", "BERT base", "The classic", 109_500_000, 440_000_000, "English", "MIT", False)
FRENCH = ModelEntry("hub:camembert", "CamemBERT", "For French", 110_000_000, 445_000_000, "French", "MIT", True)
ONLINE = replace(MACHINE, online=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles of the questions; the answer is Not now until a test appends `yes`."""
    titles: list[str] = []

    def ask(parent: object, title: str, text: str, choices: object) -> str:
        titles.append(title)
        return "download" if "yes" in titles else "cancel"

    monkeypatch.setattr("tlgui.ui.pages.model.ask", ask)
    return titles


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> ModelPage:
    made = ModelPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 720)
    made.show()
    tell(bench, machine=ONLINE, models=(STARTER, SMALL, LARGE, FRENCH), model=model())
    return made


def source(page: ModelPage) -> str:
    return page.bench.draft.recipe.model.source


def names(page: ModelPage) -> list[str]:
    shown = page.picker.table.model()
    return [shown.index(i, 0).data() for i in range(shown.rowCount())]


def pick(page: ModelPage, name: str) -> None:
    shown = page.picker.table.model()
    page.picker.table.setCurrentIndex(shown.index(names(page).index(name), 0))


def texts(page: ModelPage) -> set[str]:
    QApplication.processEvents()  # new labels are shown with the next layout
    return {shown.text() for shown in page.card.findChildren(QLabel) if shown.isVisible()}


def press(page: ModelPage, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, name), LEFT)


def test_the_list_keeps_qts_rules(page: ModelPage) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    QAbstractItemModelTester(page.picker.table.rows, mode)
    tell(page.bench, models=(STARTER,))
    assert names(page) == ["Starter BERT"]


def test_what_is_here_comes_first_and_the_chosen_model_is_marked(page: ModelPage) -> None:
    assert names(page)[:2] == ["Starter BERT", "CamemBERT"]
    assert page.picker.table.chosen == STARTER
    assert page.counts.text() == "2 ready, 2 need a download"


def test_a_row_reads_as_a_whole_to_a_screen_reader(page: ModelPage) -> None:
    said = page.picker.table.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Starter BERT, Small, 19.8 M, 40 MB, English, Apache-2.0, here"


def test_a_model_that_is_here_is_taken_at_once(page: ModelPage, asked: list[str]) -> None:
    pick(page, "CamemBERT")
    assert source(page) == "hub:camembert"
    assert not asked


def test_a_model_that_is_not_here_is_only_shown(page: ModelPage, asked: list[str]) -> None:
    pick(page, "BERT base")
    assert source(page) == "starter"
    assert {"BERT base", "The classic", "Yes, once, for the download"} <= texts(page)
    assert page.download.isVisible()
    assert page.download.text() == "Download BERT base, 440 MB…"


def test_a_large_download_asks_first(page: ModelPage, qtbot: QtBot, asked: list[str]) -> None:
    pick(page, "BERT base")
    press(page, qtbot, "download")
    assert asked == ["Download BERT base?"]
    assert source(page) == "starter"
    asked.append("yes")
    press(page, qtbot, "download")
    assert source(page) == "hub:bert"


def test_a_small_download_does_not_ask(page: ModelPage, qtbot: QtBot, asked: list[str]) -> None:
    pick(page, "ELECTRA small")
    assert page.download.text() == "Download ELECTRA small, 54 MB"
    page.picker.table.setFocus()
    qtbot.keyClick(page.picker.table, Qt.Key.Key_Return)
    assert source(page) == "hub:google/electra"
    assert not asked


def test_a_download_shows_how_far_it_is_and_cancelling_goes_back(page: ModelPage, qtbot: QtBot) -> None:
    pick(page, "ELECTRA small")
    press(page, qtbot, "download")
    page.bench.findings.progressed.emit("model", Progress("Downloading google/electra", 27_000_000, 54_000_000))
    assert page.progress.isVisible()
    assert page.progress.sentence.text() == "Downloading google/electra, 27 MB of 54 MB"
    assert page.progress.bar.value() * 2 == page.progress.bar.maximum()
    press(page, qtbot, "cancel_download")
    assert source(page) == "starter"
    assert not page.progress.isVisible()


def test_a_model_of_many_gigabytes_fits_the_bar(page: ModelPage) -> None:
    page.progress.show_progress(Progress("Downloading", 6_000_000_000, 12_000_000_000))
    assert page.progress.bar.value() * 2 == page.progress.bar.maximum()


def test_without_the_hub_nothing_offers_a_download(page: ModelPage) -> None:
    tell(page.bench, machine=MACHINE)
    pick(page, "BERT base")
    assert not page.download.isEnabled()
    assert "HF_HUB_OFFLINE" in page.counts.text()
    page.picker.tabs.setCurrentIndex(3)
    assert not page.picker.download.isEnabled()


@pytest.mark.parametrize(("words", "left"), [("french", ["CamemBERT"]), ("bert", 3), ("xyz", [])])
def test_the_filter_looks_at_names_languages_and_notes(
    page: ModelPage, qtbot: QtBot, words: str, left: list[str] | int
) -> None:
    qtbot.keyClicks(page.picker.filter, words)
    assert names(page) == left if isinstance(left, list) else len(names(page)) == left
    assert source(page) == "starter"  # filtering is not choosing


def test_the_second_tab_shows_only_what_is_here(page: ModelPage) -> None:
    page.picker.tabs.setCurrentIndex(1)
    assert names(page) == ["Starter BERT", "CamemBERT"]
    assert page.picker.tabs.tabText(1) == "On this computer (2)"


def test_a_folder_is_typed_or_chosen(
    page: ModelPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.picker.tabs.setCurrentIndex(3)
    field = page.findChild(QLineEdit, "model_folder")
    qtbot.keyClicks(field, str(tmp_path / "a"))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert source(page) == str(tmp_path / "a")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "b"))
    press(page, qtbot, "choose_folder")
    assert source(page) == str(tmp_path / "b")


def test_a_name_of_unknown_size_asks_first(page: ModelPage, qtbot: QtBot, asked: list[str]) -> None:
    page.picker.tabs.setCurrentIndex(3)
    field = page.findChild(QLineEdit, "hub_name")
    qtbot.keyClicks(field, "someone/model")
    press(page, qtbot, "download_name")
    assert asked == ["Download someone/model?"]
    assert source(page) == "starter"
    asked.append("yes")
    press(page, qtbot, "download_name")
    assert source(page) == "hub:someone/model"


def test_the_side_card_says_what_is_known_and_measured(page: ModelPage) -> None:
    assert {"6, each 384 wide", "512 tokens", "WordPiece, 30,522", "No, it is built in"} <= texts(page)
    assert "Measured once there is data" in texts(page)
    tell(page.bench, data=table(), cost=COST)
    assert {"6 s", "19 s", "900 MB"} <= texts(page)


def test_a_model_that_cannot_be_used_is_told_with_what_to_do(page: ModelPage) -> None:
    page.bench.findings._failures["model"] = Failed("There is no folder /x.", "Check the path.")
    tell(page.bench, model=None)
    assert page.problem.isVisible()
    assert page.problem.text == "There is no folder /x. Check the path."
    page.bench.findings._failures.clear()
    tell(page.bench, model=model())
    assert not page.problem.isVisible()


def test_random_weights_are_one_tick_away(page: ModelPage, qtbot: QtBot) -> None:
    page.scratch.click()
    assert page.bench.draft.recipe.model.weights == "scratch"
    page.bench.draft.undo()
    assert not page.scratch.isChecked()


def test_a_look_at_a_real_folder_ends_in_a_sentence(page: ModelPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.bench.draft.edit("model", source=str(tmp_path))
    page.bench.findings.begin()
    qtbot.waitUntil(page.problem.isVisible, timeout=60_000)
    assert str(tmp_path) in page.problem.text


GPT = ModelEntry(
    "new:gpt-mini", "New GPT mini", "From nothing", 5_340_000, 21_000_000, "yours", "yours", True, ("next-word",), True
)


def test_models_from_nothing_have_a_tab_of_their_own_and_are_no_models_yet(page: ModelPage) -> None:
    bert = replace(GPT, source="new:bert-mini", name="New BERT mini", goals=("classify", "mask"))
    tell(page.bench, models=(STARTER, SMALL, GPT, bert))
    assert page.counts.text() == "1 ready, 1 needs a download"
    assert page.picker.tabs.tabText(2) == "From nothing (1)"  # of the goal's kind
    assert names(page) == ["Starter BERT", "ELECTRA small"]
    page.bench.draft.edit("", task="next-word")
    page.picker.tabs.setCurrentIndex(2)
    assert names(page) == ["New GPT mini"]
    assert not page.vocabulary.isVisible()
    pick(page, "New GPT mini")
    assert source(page) == "new:gpt-mini"
    assert page.vocabulary.isVisible()
    assert not page.scratch.isVisible()
    page.vocabulary.setValue(4000)
    assert page.bench.draft.recipe.model.vocabulary == 4000


def test_the_list_has_what_can_do_the_goal_and_shows_what_is_chosen(page: ModelPage) -> None:
    only_masks = replace(STARTER, goals=("mask", "classify"))
    tell(page.bench, models=(only_masks, GPT))
    assert names(page) == ["Starter BERT"]
    page.bench.draft.edit("", task="next-word")
    assert page.picker.tabs.tabText(0) == "For this goal (0)"
    page.bench.draft.edit("model", source="new:gpt-mini")
    assert page.picker.tabs.currentIndex() == 2
    assert page.picker.table.chosen == GPT


def test_a_model_that_cannot_do_the_goal_is_named_in_place(page: ModelPage) -> None:
    page.bench.findings._failures["model"] = Failed("BERT cannot guess the next word.", "Pick another model.")
    tell(page.bench, model=None)
    assert page.problem.text == "BERT cannot guess the next word. Pick another model."


def test_the_files_of_a_model_from_nothing_are_not_spoken_of(page: ModelPage) -> None:
    page.bench.draft.edit("model", source="new:gpt-mini")
    tell(page.bench, models=(STARTER, GPT), model=replace(model(), source="new:gpt-mini", name="New GPT mini"))
    assert "No, it is made here" in texts(page)
    assert not any("no code inside" in text for text in texts(page))
