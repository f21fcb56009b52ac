"""Trying questions: the answer is marked letter by letter, and the next best ones are a click away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from ui_facts import model, tell
from ui_streams import feed, finished

from tlgui.core import events
from tlgui.core.answers import FoundAnswer, FoundSpan
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.facts import ColumnFacts, DataFacts
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_answer import AnswerPanel
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.workbench import Workbench

PASSAGE = "🐝 The keeper holds one key, Ruth the other."
DATA = DataFacts(
    source="/data/q.json",
    name="q.json",
    rows=2,
    columns=(ColumnFacts("question", "text"), ColumnFacts("passage", "text"), ColumnFacts("answers", "label")),
    reading="SQuAD, UTF-8",
    preview=(
        (1, ("Who has a key?", PASSAGE, '[{"text": "The keeper", "start": 2}]')),
        (2, ("How deep is it?", PASSAGE, "[]")),
    ),
    problems=(),
    settled=(),
)


class Backend:
    """Finds two answers, or says that there is none."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.says_nothing = False
        self.failure: TlguiError | None = None

    def find_answer(self, question: str, passage: str, adapted: str, top: int = 5) -> Work:
        def answer(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append((question, passage, adapted))
            if self.failure is not None:
                raise self.failure
            spans = [FoundSpan(words, *_place(passage, words), share) for words, share in FOUND if words in passage]
            return events.Finished(FoundAnswer(question, passage, tuple(spans), 0.2, self.says_nothing))

        return answer


FOUND = (("Ruth", 0.55), ("The keeper", 0.15), ("one", 0.02))


def _place(passage: str, words: str) -> tuple[int, int]:
    return passage.index(words), passage.index(words) + len(words)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    monkeypatch.setattr(work, "find_answer", made.find_answer)
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    bench.draft.replace(Recipe(task="answer").edit("data", source="q.json"))
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=DATA)
    made.entered()
    return made


@pytest.fixture
def panel(page: TryPage, bench: Workbench) -> AnswerPanel:
    """With a trained model."""
    feed(bench, "answer", ending=finished("answer"))
    return page.questions


def ask(panel: AnswerPanel, qtbot: QtBot, question: str = "Who has a key?", passage: str = PASSAGE) -> None:
    panel.show_texts(question, passage)
    settle(panel, qtbot)


def settle(panel: AnswerPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not panel.latest.is_asking)


def marked(panel: AnswerPanel) -> list[str]:
    """The words that are marked in the passage."""
    return [selection.cursor.selectedText() for selection in panel.passage.extraSelections()]


def rows(panel: AnswerPanel) -> list[tuple[str, float, bool]]:
    return [(row.text, row.share, row.chosen) for row in panel.answers.found.rows]


def click(panel: AnswerPanel, qtbot: QtBot, row: int) -> None:
    answers = panel.answers
    place = answers.visualRect(answers.found.index(row)).center()
    qtbot.mouseClick(answers.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_before_training_nothing_is_asked_of_a_random_head(page, backend, qtbot):
    ask(page.questions, qtbot)
    assert backend.asked == []
    assert page.questions.untrained.isVisible()
    assert not page.questions.answer.isVisible()


def test_the_answer_is_marked_in_its_passage_and_the_others_stand_below(panel, backend, qtbot):
    ask(panel, qtbot)
    assert backend.asked == [("Who has a key?", PASSAGE, "/runs/run-01")]
    assert panel.verdict.text() == "Ruth, 55 %"
    assert marked(panel) == ["Ruth"]  # beyond a letter that Qt counts as two
    assert rows(panel) == [
        ("Ruth", 0.55, True),
        ("The keeper", 0.15, False),
        ("one", 0.02, False),
        ("No answer in this passage", 0.2, False),
    ]


def test_a_click_or_an_arrow_shows_the_next_best(panel, backend, qtbot):
    ask(panel, qtbot)
    click(panel, qtbot, 1)
    assert marked(panel) == ["The keeper"]
    qtbot.keyClick(panel.answers, Qt.Key.Key_Down)
    assert marked(panel) == ["one"]
    qtbot.keyClick(panel.answers, Qt.Key.Key_Down)
    assert marked(panel) == []  # no answer has no place
    assert panel.verdict.text() == "Ruth, 55 %"


def test_no_answer_is_said_and_the_best_one_is_still_there(panel, backend, qtbot):
    backend.says_nothing = True
    ask(panel, qtbot)
    assert panel.verdict.text() == "No answer in this passage, 20 %"
    assert marked(panel) == []
    assert rows(panel)[:2] == [("No answer in this passage", 0.2, True), ("Ruth", 0.55, False)]
    click(panel, qtbot, 1)
    assert marked(panel) == ["Ruth"]


def test_another_passage_takes_the_marks_away_and_is_asked(panel, backend, qtbot):
    ask(panel, qtbot)
    panel.passage.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(panel.passage, " Or not.")
    assert marked(panel) == []
    assert not panel.answer.isVisible()
    settle(panel, qtbot)
    assert backend.asked[-1][1] == f"{PASSAGE} Or not."
    assert marked(panel) == ["Ruth"]


def test_without_a_passage_nothing_is_asked(panel, backend, qtbot):
    ask(panel, qtbot, passage="  ")
    assert backend.asked == []
    assert not panel.keep.isEnabled()


def test_a_failure_is_told(panel, backend, qtbot):
    backend.failure = TlguiError("The question is too long.", "Shorten it.")
    ask(panel, qtbot)
    assert panel.problem.text == "The question is too long. Shorten it."
    backend.failure = None
    ask(panel, qtbot, "Who?")
    assert panel.problem.text == ""


def test_the_place_that_is_shown_is_kept_as_a_probe(panel, backend, qtbot):
    panel.bench.draft.edit("", probes=())
    ask(panel, qtbot)
    click(panel, qtbot, 1)
    qtbot.mouseClick(panel.findChild(QAbstractButton, "keep_question"), Qt.MouseButton.LeftButton)
    kept = "Who has a key?\n🐝 {The keeper} holds one key, Ruth the other."
    assert panel.bench.draft.recipe.probes == (kept,)
    panel.show_texts("", "")
    panel.take_up(kept)
    assert (panel.question.text(), panel.passage.toPlainText()) == ("Who has a key?", PASSAGE)


def test_examples_of_the_data_are_taken_up_with_their_passage(page, panel, backend, qtbot):
    assert [row.note for row in page.examples.kept.rows] == ["The keeper", "no answer"]
    page.examples.clicked.emit(page.examples.kept.index(1))
    assert (panel.question.text(), panel.passage.toPlainText()) == ("How deep is it?", PASSAGE)
    settle(panel, qtbot)
    assert backend.asked[-1][0] == "How deep is it?"


def test_leaving_the_page_drops_the_question_and_coming_back_asks_it(page, panel, backend, qtbot):
    panel.show_texts("Who?", PASSAGE)
    page.hide()
    assert not panel.latest.is_asking
    page.show()
    settle(panel, qtbot)
    assert backend.asked[-1][0] == "Who?"


def test_what_a_screen_reader_hears(panel, backend, qtbot, qtmodeltester):
    ask(panel, qtbot)
    found = panel.answers.found
    qtmodeltester.check(found)
    spoken = [found.data(found.index(i), Qt.ItemDataRole.AccessibleTextRole) for i in range(2)]
    assert spoken == ["Ruth, 55 %, the answer", "The keeper, 15 %"]
    assert [widget.accessibleName() for widget in (panel.question, panel.passage, panel.answers)] == [
        "Question",
        "Passage",
        "Answers, best first",
    ]
