"""The Try page: hidden words, classes, kept sentences, figures and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import model, table, tell
from ui_streams import feed, finished, recipe

from tlgui.core import events
from tlgui.core.answers import ClassAnswer, Evaluation, Guess, HiddenWord, Mistake
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
ORIGINAL = (Guess("times", 0.14), Guess("pounds", 0.09), Guess("eggs", 0.08))
ADAPTED = (Guess("eggs", 0.61), Guess("larvae", 0.12), Guess("times", 0.02))
EVALUATION = Evaluation(
    40,
    {"accuracy": 0.784, "macro_f1": 0.781},
    ("bad", "good"),
    ((15, 5), (4, 16)),
    (Mistake(212, "Great, it melts.", "bad", "good", 0.99),),
)


@dataclass
class Backend:
    """Answers at once, and remembers what it was asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    failure: TlguiError | None = None

    def answer(self, question: tuple[Any, ...], value: object) -> Work:
        def work(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append(question)
            if self.failure is not None:
                raise self.failure
            return events.Finished(value)

        return work

    def guess_hidden(self, text: str, original: str, adapted: str, top: int = 5) -> Work:
        words = [part.partition("}")[0] for part in text.split("{")[1:]]
        found = [HiddenWord(w, ORIGINAL, ADAPTED if adapted else (), 3, 1, 0.08, 0.61) for w in words]
        return self.answer(("guess", text, original, adapted), tuple(found))

    def classify(self, texts: Sequence[tuple[str, ...]], adapted: str) -> Work:
        shares = (Guess("bad", 0.19), Guess("good", 0.81))
        return self.answer(("classify", tuple(texts), adapted), tuple(ClassAnswer(" ".join(t), shares) for t in texts))

    def evaluate(self, run: str) -> Work:
        return self.answer(("evaluate", run), EVALUATION)

    def export(self, run: str, folder: Path) -> Work:
        return self.answer(("export", run, folder), folder)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    for name in ("guess_hidden", "classify", "evaluate", "export"):
        monkeypatch.setattr(work, name, getattr(made, name))
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    bench.draft.replace(recipe("mask"))
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=table())
    made.entered()
    return made


def settle(page: TryPage, qtbot: QtBot) -> None:
    for latest in (page.words.latest, page.classes.latest, page.classes.evaluation, page.exporting):
        qtbot.waitUntil(lambda latest=latest: not latest.is_asking)


def say(page: TryPage, qtbot: QtBot, text: str) -> None:
    page.words.show_text(text)
    settle(page, qtbot)


def click(page: TryPage, qtbot: QtBot, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def cards(page: TryPage) -> list[QWidget]:
    return [card for card in page.words.cards if card.isVisible()]


# Hidden words


def test_before_training_the_original_model_answers_alone(page, backend, qtbot):
    say(page, qtbot, "The queen lays {eggs}.")
    assert backend.asked[-1] == ("guess", "The queen lays {eggs}.", "starter", "")
    (card,) = cards(page)
    assert [row.word for row in card.original.rows] == ["times", "pounds", "eggs"]
    assert not card.adapted.isVisible()
    assert "Training adds" in page.words.problem.text


def test_after_training_both_models_stand_side_by_side(page, backend, qtbot):
    feed(page.bench, "mask", ending=finished("mask"))
    say(page, qtbot, "The queen lays {eggs}.")
    assert backend.asked[-1] == ("guess", "The queen lays {eggs}.", "starter", "/runs/run-01")
    (card,) = cards(page)
    said = card.verdict.text().replace("\N{NO-BREAK SPACE}", " ")
    assert said == "The original model ranks “eggs” third. After your texts it is first, with 61 %."
    assert [(row.word, row.right, row.note) for row in card.adapted.rows] == [
        ("eggs", True, "was 3rd"),
        ("larvae", False, "new"),
        ("times", False, "was 1st"),
    ]
    assert card.original._scale == card.adapted._scale
    assert "eggs, 61 %, the hidden word, was 3rd" in card.adapted.accessibleDescription()


def test_a_click_hides_a_word_and_another_shows_it(page, backend, qtbot):
    say(page, qtbot, "The queen lays eggs, daily.")
    assert cards(page) == []
    click(page, qtbot, "word_3")
    assert page.words.text == "The queen lays {eggs}, daily."
    settle(page, qtbot)
    assert len(cards(page)) == 1
    chip = page.words.chips.chips[3]
    assert chip.accessibleName() == "eggs, hidden 1"
    click(page, qtbot, "word_1")
    assert chip.accessibleName() == "eggs, hidden 2"
    click(page, qtbot, "show_all")
    assert page.words.text == "The queen lays eggs, daily."
    settle(page, qtbot)
    assert cards(page) == []


def test_only_the_newest_question_is_answered(page, backend, qtbot):
    settle(page, qtbot)
    before = len(backend.asked)
    for text in ("One {a}.", "Two {b}.", "Three {c} and {d}."):
        page.words.show_text(text)
    settle(page, qtbot)
    assert [question[1] for question in backend.asked[before:]] == ["Three {c} and {d}."]
    assert len(cards(page)) == 2


def test_a_late_answer_to_an_old_question_is_not_heard(page, qtbot):
    settle(page, qtbot)
    answers: list[object] = []
    page.words.latest.answered.connect(answers.append)
    page.words.latest.ask(lambda emit, control: events.Finished("old"))
    page.words.latest._timer.stop()
    page.words.latest._submit()
    page.words.latest.ask(lambda emit, control: events.Finished(()))
    settle(page, qtbot)
    qtbot.waitUntil(lambda: page.bench.worker.idle)
    assert answers == [()]


def test_the_same_question_is_asked_once(page, backend, qtbot):
    say(page, qtbot, "The queen lays {eggs}.")
    before = len(backend.asked)
    page.entered()
    page.bench.draft.edit("train", epochs=9)
    settle(page, qtbot)
    assert len(backend.asked) == before


def test_leaving_the_page_drops_the_question_and_coming_back_asks_it(page, backend, qtbot):
    settle(page, qtbot)
    page.words.show_text("The {queen}.")
    page.hide()
    assert not page.words.latest.is_asking
    page.show()
    settle(page, qtbot)
    assert backend.asked[-1][1] == "The {queen}."


def test_words_by_keyboard_alone(page, backend, qtbot):
    say(page, qtbot, "One — two three.")
    page.activateWindow()
    chips = page.words.chips.chips
    chips[0].setFocus()
    qtbot.keyClick(chips[0], Qt.Key.Key_Right)
    assert page.focusWidget() is chips[2]  # a dash is no word
    qtbot.keyClick(chips[2], Qt.Key.Key_Space)
    assert page.words.text == "One — {two} three."


def test_hiding_at_random_hides_the_recipes_share(page, backend, qtbot):
    say(page, qtbot, " ".join(f"word{i}" for i in range(40)))
    click(page, qtbot, "hide_some")
    assert sum(word.hidden for word in page.words.chips.words) == 6
    assert page.words.at_random.text() == "Hide 15 % at random"


def test_the_sentence_is_edited_in_place(page, backend, qtbot):
    click(page, qtbot, "edit_text")
    editor = page.words.editor
    assert editor.isVisible()
    editor.clear()
    qtbot.keyClicks(editor, "Smoke calms the {bees}.")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert not editor.isVisible()
    assert page.words.text == "Smoke calms the {bees}."
    assert not page.words.edit.text().startswith("Done")


def test_a_failure_is_told_and_the_next_answer_takes_it_away(page, backend, qtbot):
    backend.failure = TlguiError("“xyz” is too long.", "Shorten the text.")
    say(page, qtbot, "The {queen}.")
    assert page.words.problem.text == "“xyz” is too long. Shorten the text."
    backend.failure = None
    say(page, qtbot, "The {king}.")
    assert "too long" not in page.words.problem.text
    assert len(cards(page)) == 1


def test_while_a_run_is_going_the_wait_is_explained(page, backend, qtbot):
    settle(page, qtbot)
    feed(page.bench, "mask", steps=5)
    page.words.show_text("Wait {here}.")
    assert page.words.problem.text == "A run is going. The guesses come when it has ended."
    settle(page, qtbot)


# Kept sentences and figures


def test_each_hidden_word_is_kept_as_a_probe_once(page, backend, qtbot):
    page.bench.draft.edit("", probes=())
    say(page, qtbot, "The {queen} lays {eggs}.")
    click(page, qtbot, "keep_probe")
    click(page, qtbot, "keep_probe")
    assert page.bench.draft.recipe.probes == ("The {queen} lays eggs.", "The queen lays {eggs}.")
    page.kept.setCurrentIndex(page.kept.kept.index(0))
    qtbot.keyClick(page.kept, Qt.Key.Key_Delete)
    assert page.bench.draft.recipe.probes == ("The queen lays {eggs}.",)
    click(page, qtbot, "remove_kept")
    assert page.bench.draft.recipe.probes == ()
    assert not page.remove.isEnabled()


def test_kept_sentences_tell_what_the_run_made_of_them(page, backend):
    feed(page.bench, "mask", ending=finished("mask"))
    assert [row.note for row in page.kept.kept.rows] == ["50 % original, 80 % adapted", "40 % original, 70 % adapted"]


def test_a_kept_sentence_is_taken_up_again(page, backend, qtbot):
    page.kept.setCurrentIndex(page.kept.kept.index(1))
    qtbot.keyClick(page.kept, Qt.Key.Key_Return)
    assert page.words.text == "Smoke makes bees {calm}."


def test_whether_it_helped_is_read_from_the_checks(page, backend):
    assert page.help.verdict.text() == "Training answers this, on rows that the model never learns from."
    feed(page.bench, "mask", ending=finished("mask"))
    assert page.help.verdict.text() == "Better on your texts by 30 points."
    assert [figure.text() for figure in page.help._figures] == ["50.0 %", "80.0 %"]


# Classes


@pytest.fixture
def classes(page: TryPage, backend: Backend, qtbot: QtBot) -> TryPage:
    page.bench.draft.replace(recipe("classify"))
    return page


def test_before_training_nothing_is_asked_of_a_random_head(classes, backend, qtbot):
    settle(classes, qtbot)
    backend.asked.clear()
    classes.classes.show_texts(("Not bad at all.",))
    settle(classes, qtbot)
    assert backend.asked == []
    assert classes.classes.untrained.isVisible()
    with qtbot.waitSignal(classes.bench.page_wanted) as wanted:
        qtbot.mouseClick(classes.classes.untrained.findChild(QAbstractButton), LEFT)
    assert wanted.args == ["train"]


def test_a_trained_model_answers_while_one_types(classes, backend, qtbot):
    feed(classes.bench, ending=finished())
    qtbot.keyClicks(classes.classes.texts[0], "Not bad.")
    settle(classes, qtbot)
    assert [q for q in backend.asked if q[0] == "classify"] == [("classify", (("Not bad.",),), "/runs/run-01")]
    assert classes.classes.verdict.text() == "good, 81 %"
    assert [row.word for row in classes.classes.bars.rows] == ["good", "bad"]


def test_results_are_worked_out_once_for_a_run(classes, backend, qtbot):
    feed(classes.bench, ending=finished())
    classes.entered()
    settle(classes, qtbot)
    classes.entered()
    settle(classes, qtbot)
    assert [q for q in backend.asked if q[0] == "evaluate"] == [("evaluate", "/runs/run-01")]
    assert classes.classes.figures.text() == "Accuracy 78.4 %, Macro F1 78.1 % on 40 rows kept aside"
    assert "5 rows of bad guessed as good" in classes.classes.confusion.accessibleDescription()


def test_a_failure_stays_until_the_next_question(classes, backend, qtbot):
    feed(classes.bench, ending=finished())
    settle(classes, qtbot)
    backend.failure = TlguiError("The model is gone.", "Train again.")
    qtbot.keyClicks(classes.classes.texts[0], "Not bad.")
    settle(classes, qtbot)
    assert classes.classes.problem.text == "The model is gone. Train again."
    assert classes.classes.problem.isVisible()
    assert classes.classes.figures.text().startswith("Accuracy 78.4 %")  # they are of the same model
    backend.failure = None
    qtbot.keyClicks(classes.classes.texts[0], "!")
    settle(classes, qtbot)
    assert not classes.classes.problem.isVisible()


def test_figures_that_cannot_be_worked_out_are_told(classes, backend, qtbot):
    backend.failure = TlguiError("The rows are gone.", "Read the data again.")
    feed(classes.bench, ending=finished())
    settle(classes, qtbot)
    assert classes.classes.problem.text == "The rows are gone. Read the data again."
    assert not classes.classes.figures.text()


def test_mistakes_are_a_table_and_can_be_tried(classes, backend, qtbot, qtmodeltester):
    feed(classes.bench, ending=finished())
    settle(classes, qtbot)
    found = classes.classes.mistakes.mistakes
    qtmodeltester.check(found)
    assert [found.data(found.index(0, i)) for i in range(5)] == ["212", "bad", "good", "99 %", "Great, it melts."]
    classes.classes.mistakes.activated.emit(found.index(0, 0))
    assert classes.classes.texts[0].text() == "Great, it melts."


def test_an_example_of_the_data_is_taken_up(classes, backend, qtbot):
    classes.examples.clicked.emit(classes.examples.kept.index(2))
    assert classes.classes.texts[0].text() == "Text number 3."


def test_two_columns_are_two_fields(classes):
    classes.bench.draft.edit("data", text=("question", "answer"))
    assert [line.isVisible() for line in classes.classes.texts] == [True, True]
    assert [name.text() for name in classes.classes.names] == ["question", "answer"]
    assert not classes.classes.keep.isEnabled()


# Export


def test_there_is_nothing_to_export_before_training(page):
    assert not page.export.isEnabled()
    assert page.export.toolTip() == "Train a model first; then it can be exported."


def test_an_export_says_where_it_is(page, backend, qtbot, tmp_path):
    feed(page.bench, "mask", ending=finished("mask"))
    assert page.export.isEnabled()
    page.export_into(tmp_path)
    settle(page, qtbot)
    assert ("export", "/runs/run-01", tmp_path / "run-01") in backend.asked
    assert page.exported.text == f"Exported to {tmp_path / 'run-01'}."


def test_a_failed_export_says_why(page, backend, qtbot, tmp_path):
    feed(page.bench, "mask", ending=finished("mask"))
    settle(page, qtbot)
    backend.failure = TlguiError("The folder is not empty.", "Choose another.")
    page.export_into(tmp_path)
    settle(page, qtbot)
    assert page.exported.text == "The folder is not empty. Choose another."


def test_every_control_has_a_name(page):
    kinds = ("QAbstractButton", "QLineEdit", "QAbstractItemView")
    for widget in page.findChildren(QWidget):
        if any(widget.inherits(kind) for kind in kinds) and not _made_by_qt(widget):
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()


def _made_by_qt(widget: QWidget) -> bool:
    return widget.inherits("QHeaderView") or widget.objectName().startswith("qt_")
