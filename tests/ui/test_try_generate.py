"""Trying a model that writes: a prefix, an input, two outputs that grow, and a button that stops them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui_facts import model, table, tell
from ui_streams import feed, finished, recipe

from tlgui.core import events
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.facts import ColumnFacts, DataFacts
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_generate import GeneratePanel
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton


class Backend:
    """Writes the input backwards; waits in the middle if it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, int]] = []
        self.failure: TlguiError | None = None
        self.wait = threading.Event()
        self.wait.set()

    def write_texts(self, task: str, prefix: str, text: str, models: Sequence[str], most: int) -> Work:
        def answer(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append((task, prefix, text, most))
            if self.failure is not None:
                raise self.failure
            emit(events.Partial(tuple("so far" for _ in models)))
            while not self.wait.wait(0.01):
                control.check()
            return events.Finished(tuple(text[::-1] for _ in models))

        return answer


def pairs() -> DataFacts:
    old = table()
    preview = tuple((n, ("shorten", f"Text number {n}.", f"Text {n}.")) for n, _ in old.preview)
    columns = ColumnFacts("prefix", "text"), ColumnFacts("input", "text"), ColumnFacts("output", "label")
    return replace(old, columns=columns, preview=preview, labels={})


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    monkeypatch.setattr(work, "write_texts", made.write_texts)
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    bench.draft.replace(recipe("text-to-text"))
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=pairs())
    made.entered()
    return made


@pytest.fixture
def panel(page: TryPage, bench: Workbench) -> GeneratePanel:
    """With a trained model."""
    feed(bench, "text-to-text", ending=finished("text-to-text"))
    return page.writers["text-to-text"]


def test_both_models_write_for_prefix_and_input(panel: GeneratePanel, backend: Backend, qtbot: QtBot) -> None:
    panel.prefix.setText("shorten")
    qtbot.keyClicks(panel.input, "abc")
    qtbot.mouseClick(panel.go, LEFT)
    qtbot.waitUntil(lambda: panel.texts[0].text.text() == "cba")
    assert backend.asked == [("text-to-text", "shorten", "abc", 64)]
    assert [card.text.text() for card in panel.texts] == ["cba", "cba"]
    assert panel.texts[1].title.text().startswith("Adapted: ")
    assert panel.asked == "shorten: abc"


def test_before_training_the_original_writes_alone(page: TryPage, qtbot: QtBot) -> None:
    panel = page.writers["text-to-text"]
    qtbot.keyClicks(panel.input, "abc")
    qtbot.keyClick(panel.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.texts[0].text.text() == "cba")
    assert panel.texts[1].isHidden()
    assert "Training adds the adapted one" in panel.problem.text


def test_writing_can_be_stopped(panel: GeneratePanel, backend: Backend, qtbot: QtBot) -> None:
    backend.wait.clear()
    qtbot.keyClicks(panel.input, "abc")
    assert not panel.stop.isEnabled()
    qtbot.mouseClick(panel.go, LEFT)
    qtbot.waitUntil(lambda: panel.texts[0].text.text() == "so far")
    assert panel.stop.isEnabled()
    assert not panel.go.isEnabled()
    qtbot.mouseClick(panel.stop, LEFT)
    qtbot.waitUntil(panel.go.isEnabled)
    assert panel.texts[0].text.text() == "so far"
    assert not panel.stop.isEnabled()


def test_an_example_brings_its_prefix_and_what_was_wanted(page: TryPage, panel: GeneratePanel, qtbot: QtBot) -> None:
    page.examples.chosen.emit("shorten\nText number 3.")
    assert (panel.prefix.text(), panel.input.text()) == ("shorten", "Text number 3.")
    assert panel.wanted.text.text() == "Text 3."
    assert panel.keep.isEnabled()
    qtbot.mouseClick(panel.keep, LEFT)
    kept = page.bench.draft.recipe.probes[-1]
    assert kept == "shorten: Text number 3. => Text 3."
    qtbot.keyClicks(panel.input, "x")  # nobody knows what is wanted for that
    assert panel.wanted.isHidden()
    assert not panel.keep.isEnabled()
    panel.take_up(kept)
    assert panel.asked == "shorten: Text number 3."
    assert panel.wanted.text.text() == "Text 3."


def test_an_output_without_a_word_is_told(panel: GeneratePanel) -> None:
    panel.show_texts(("", ""))
    assert panel.texts[0].text.text() == ""  # still to come
    panel.show_answer(("", "abc"))
    assert [card.text.text() for card in panel.texts] == ["It ended at once and wrote nothing.", "abc"]


def test_a_failure_is_told(panel: GeneratePanel, backend: Backend, qtbot: QtBot) -> None:
    backend.failure = TlguiError("The model cannot write.", "Pick another.")
    qtbot.keyClicks(panel.input, "abc")
    qtbot.mouseClick(panel.go, LEFT)
    qtbot.waitUntil(lambda: panel.problem.text == "The model cannot write. Pick another.")


def test_nothing_is_asked_without_an_input(panel: GeneratePanel) -> None:
    panel.input.clear()
    panel.show_run(panel.bench.draft.recipe, "", "")
    assert not panel.go.isEnabled()


def test_the_prefix_of_the_recipe_is_there(page: TryPage, bench: Workbench) -> None:
    bench.draft.edit("text", prefix="translate")
    assert page.writers["text-to-text"].prefix.text() == "translate"


def test_gaps_are_in_braces(page: TryPage, bench: Workbench, backend: Backend, qtbot: QtBot) -> None:
    bench.draft.replace(recipe("corrupt"))
    panel = page.writers["corrupt"]
    assert page.stack.currentWidget() is panel
    assert panel.keep.isEnabled()
    panel.take_up("The {queen} lays.")
    qtbot.mouseClick(panel.go, LEFT)
    qtbot.waitUntil(lambda: bool(backend.asked))
    assert backend.asked[-1][:3] == ("corrupt", "", "The {queen} lays.")
    qtbot.waitUntil(lambda: not panel.writing.is_asking)
