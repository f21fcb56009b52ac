"""The Try page of next words: bars while one types, texts that grow, a stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from ui_facts import model, tell
from ui_streams import feed, finished, recipe

from tlgui.core import events
from tlgui.core.answers import Guess
from tlgui.core.continuation import Continuation, Drawing, NextWords
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_continue import ContinuePanel
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
ORIGINAL, ADAPTED = (Guess("the", 0.3), Guess("a", 0.1)), (Guess("comb", 0.4), Guess("the", 0.2))
WRITTEN = (" of the", " of the hive.")


@dataclass
class Backend:
    """Answers at once, writes two words, and waits before the second if it is told to."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    failure: TlguiError | None = None
    waits: Flag = field(default_factory=Flag)
    waiting: bool = False

    def next_words(self, prompt: str, original: str, adapted: str, top: int = 5) -> Work:
        def work(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append(("next", prompt, original, adapted))
            if self.failure is not None:
                raise self.failure
            return events.Finished(NextWords(ORIGINAL, ADAPTED if adapted else ()))

        return work

    def continue_text(self, prompt: str, models: Sequence[str], drawing: Drawing) -> Work:
        def work(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append(("continue", prompt, tuple(models), drawing))
            emit(events.Partial(tuple(Continuation(WRITTEN[0]) for _ in models)))
            while self.waiting and not self.waits.wait(0.01):
                control.check()
            return events.Finished(tuple(Continuation(WRITTEN[1], ended=True) for _ in models))

        return work


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    for name in ("next_words", "continue_text"):
        monkeypatch.setattr(work, name, getattr(made, name))
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    bench.draft.replace(recipe("next-word").edit("model", source="gpt"))
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=replace(model(), source="gpt", name="Small GPT"))
    made.entered()
    return made


def settle(page: TryPage, qtbot: QtBot) -> ContinuePanel:
    panel = page.continued
    for latest in (panel.expecting, panel.writing):
        qtbot.waitUntil(lambda latest=latest: not latest.is_asking)
    return panel


def click(page: TryPage, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.continued.findChild(QAbstractButton, name), LEFT)


def test_the_example_is_asked_at_once_and_braces_are_gone(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    panel = settle(page, qtbot)
    assert page.stack.currentWidget() is panel
    assert backend.asked == [("next", "The queen lays eggs in each cell.", "gpt", "")]
    assert panel.verdict.text() == "The model expects “the” next, with 30\N{NO-BREAK SPACE}%."
    assert [row.word for row in panel.bars[0].rows] == ["the", "a"]
    assert panel.bars[0].accessibleName() == "Original: Small GPT"
    assert not panel.bars[1].isVisible()
    assert panel.problem.text == "Only the original model answers. Training adds the adapted one."


def test_typing_asks_for_the_newest_text_only(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    panel = settle(page, qtbot)
    backend.asked.clear()
    for text in ("B", "Be", "Bees like"):
        panel.prompt.setText(text)
    settle(page, qtbot)
    assert backend.asked == [("next", "Bees like", "gpt", "")]


def test_after_a_run_both_models_answer_side_by_side(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    settle(page, qtbot)
    feed(page.bench, "next-word", ending=finished("next-word"))
    panel = settle(page, qtbot)
    assert backend.asked[-1][2:] == ("starter", "/runs/run-01")
    assert [row.word for row in panel.bars[1].rows] == ["comb", "the"]
    assert panel.bars[1].accessibleName() == "Adapted: run-01"
    assert not panel.problem.isVisible()
    click(page, qtbot, "continue_text")
    settle(page, qtbot)
    assert backend.asked[-1] == (
        "continue",
        "The queen lays eggs in each cell.",
        ("starter", "/runs/run-01"),
        Drawing(),
    )
    for card, title in zip(panel.texts, ("Original: starter", "Adapted: run-01"), strict=True):
        assert card.isVisible()
        assert card.title.text() == title
        assert card.text.text() == "The queen lays eggs in each cell. of the hive."
        assert card.ending.isVisible()


def test_a_text_grows_and_stop_keeps_what_there_is(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    panel = settle(page, qtbot)
    backend.waiting = True
    panel.prompt.setText("The rest")
    click(page, qtbot, "continue_text")
    assert not panel.go.isEnabled()
    assert panel.stop.isEnabled()
    qtbot.waitUntil(panel.texts[0].isVisible)
    assert panel.texts[0].text.text() == "The rest of the"
    click(page, qtbot, "stop_writing")
    settle(page, qtbot)
    qtbot.waitUntil(lambda: page.bench.worker.idle)
    assert panel.texts[0].text.text() == "The rest of the"
    assert panel.go.isEnabled()
    assert not panel.stop.isEnabled()


def test_how_words_are_drawn_can_be_set(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    panel = settle(page, qtbot)
    fields = panel.settings.fields
    fields["draw.words"].setValue(7)
    fields["draw.top_p"].setValue(0.5)
    fields["draw.seed"].setValue(3)
    panel.prompt.returnPressed.emit()
    settle(page, qtbot)
    assert backend.asked[-1][3] == Drawing(words=7, top_p=0.5, seed=3)
    fields["draw.temperature"].setValue(0)
    assert [fields[f"draw.{name}"].isEnabled() for name in ("top_k", "top_p", "seed")] == [False] * 3


def test_a_failure_is_said_and_the_next_text_asks_again(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    settle(page, qtbot)
    backend.failure = TlguiError("BERT cannot do that.", "Pick another model.")
    page.continued.prompt.setText("Bees")
    panel = settle(page, qtbot)
    assert panel.problem.text == "BERT cannot do that. Pick another model."
    assert not panel.expected.isVisible()
    backend.failure = None
    panel.prompt.setText("Bees fly")
    settle(page, qtbot)
    assert panel.expected.isVisible()


def test_a_kept_sentence_becomes_a_probe(page: TryPage, qtbot: QtBot) -> None:
    panel = settle(page, qtbot)
    panel.prompt.setText("Bees")
    assert not panel.keep.isEnabled()  # its last word would have none before it
    panel.prompt.setText("Bees fly")
    click(page, qtbot, "keep_prompt")
    assert page.bench.draft.recipe.probes[-1] == "Bees fly"
    page._take_up("The queen lays {eggs}.")
    assert panel.prompt.text() == "The queen lays eggs."
    settle(page, qtbot)


def test_a_model_from_nothing_is_asked_in_its_folder(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    settle(page, qtbot)
    page.bench.draft.edit("model", source="new:gpt-mini")
    tell(page.bench, model=None)
    panel = settle(page, qtbot)
    assert panel.problem.text == "There is no model to ask yet."
    assert not panel.go.isEnabled()
    tell(page.bench, model=replace(model(), source="new:gpt-mini", name="New GPT mini", folder="/cache/1"))
    settle(page, qtbot)
    assert backend.asked[-1] == ("next", "The queen lays eggs in each cell.", "/cache/1", "")
