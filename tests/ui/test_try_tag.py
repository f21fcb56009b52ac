"""Trying to mark names: marks at the letters they are of, a list, a legend, and figures of each kind."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import model, table, tell
from ui_streams import feed, finished, recipe

from tlgui.core import events
from tlgui.core.answers import Evaluation, FoundName, KindScore, Mistake, TagAnswer
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui import theme
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.pages.try_tag import TagPanel
from tlgui.ui.widgets.marked_text import INKS, KindLegend, Mark, MarkedText
from tlgui.ui.workbench import Workbench

KINDS = ("DATE", "PERSON", "PLACE")
EVALUATION = Evaluation(
    40,
    {"f1": 0.75, "precision": 0.8, "recall": 0.706, "accuracy": 0.96},
    mistakes=(Mistake(7, "We left {Trieste} at dawn .", "B-PLACE", "O", 0.99),),
    kinds=(KindScore("DATE", 1.0, 0.5, 0.667, 4), KindScore("PLACE", 0.75, 0.9, 0.818, 1200)),
)


class Backend:
    """Finds Trieste in any text that has it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.failure: TlguiError | None = None

    def mark_names(self, text: str, adapted: str) -> Work:
        def answer(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append((text, adapted))
            if self.failure is not None:
                raise self.failure
            begin = text.find("Trieste")
            found = (FoundName("PLACE", begin, begin + 7, 0.97),) if begin >= 0 else ()
            return events.Finished(TagAnswer(text, found, KINDS))

        return answer

    def evaluate(self, run: str) -> Work:
        return lambda emit, control: events.Finished(EVALUATION)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    for name in ("mark_names", "evaluate"):
        monkeypatch.setattr(work, name, getattr(made, name))
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    bench.draft.replace(recipe("tag"))
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=table())
    made.entered()
    return made


@pytest.fixture
def panel(page: TryPage, bench: Workbench, qtbot: QtBot) -> TagPanel:
    """With a trained model."""
    feed(bench, "tag", ending=finished("tag"))
    settle(page, qtbot)
    return page.tagged


def settle(page: TryPage, qtbot: QtBot) -> None:
    for latest in (page.tagged.latest, page.tagged.evaluation):
        qtbot.waitUntil(lambda latest=latest: not latest.is_asking)


def say(page: TryPage, qtbot: QtBot, text: str) -> None:
    page.tagged.text.setPlainText(text)
    settle(page, qtbot)


def test_before_training_nothing_is_asked(page, backend, qtbot):
    say(page, qtbot, "We left Trieste.")
    assert backend.asked == []
    assert page.tagged.untrained.isVisible()
    assert not page.tagged.answer.isVisible()


def test_a_name_is_marked_where_it_stands(page, panel, backend, qtbot):
    text = "\U0001f41d  We left\n\tTrieste  at dawn."
    say(page, qtbot, text)
    assert backend.asked == [(text, "/runs/run-01")]
    assert panel.marked.text == text
    (mark,) = panel.marked.marks
    assert text[mark.begin : mark.end] == "Trieste"
    assert mark.kind == KINDS.index("PLACE")
    assert panel.marked.accessibleDescription() == "Trieste: PLACE 97 %"
    assert [(row.text, row.note) for row in panel.names.kept.rows] == [("Trieste", "PLACE 97 %")]
    assert panel.legend.accessibleDescription() == "DATE, PERSON, PLACE"
    say(page, qtbot, "Nobody.")
    assert panel.marked.accessibleDescription() == "Nothing is marked."


def test_figures_and_kinds_of_the_rows_kept_aside(page, panel, qtbot, qtmodeltester):
    found = panel.figures.text().replace("\N{NO-BREAK SPACE}", " ")
    assert found.startswith("F1 of names 75.0 %, Precision 80.0 %")
    assert found.endswith("on 40 rows kept aside")
    kinds = panel.kinds.kinds
    qtmodeltester.check(kinds)
    shown = [[str(kinds.data(kinds.index(r, c))).replace("\N{NO-BREAK SPACE}", " ") for c in range(5)] for r in (0, 1)]
    assert shown == [["DATE", "100 %", "50 %", "67 %", "4"], ["PLACE", "75 %", "90 %", "82 %", "1,200"]]


def test_a_mistake_is_tried_without_its_braces(page, panel, qtbot):
    mistakes = panel.mistakes.mistakes
    panel.mistakes.activated.emit(mistakes.index(0, 0))
    assert panel.text.toPlainText() == "We left Trieste at dawn ."


def test_an_example_that_is_a_list_is_taken_up_as_words(page, panel):
    panel.take_up('["We", "left", "Trieste"]')
    assert panel.text.toPlainText() == "We left Trieste"


def test_a_text_is_kept(page, panel, bench, qtbot):
    say(page, qtbot, " We left Trieste. ")
    qtbot.mouseClick(page.findChild(QAbstractButton, "keep_tagged"), Qt.MouseButton.LeftButton)
    assert bench.draft.recipe.probes[-1] == "We left Trieste."


def test_a_failure_is_told_and_the_next_answer_takes_it_away(page, panel, backend, qtbot):
    backend.failure = TlguiError("The model is gone.", "Train again.")
    say(page, qtbot, "We left Trieste.")
    assert panel.problem.text == "The model is gone. Train again."
    backend.failure = None
    say(page, qtbot, "We left Trieste!")
    assert not panel.problem.text


def test_leaving_the_page_drops_the_question_and_coming_back_asks_it(page, panel, backend, qtbot):
    panel.text.setPlainText("We left Trieste.")
    page.hide()
    assert not panel.latest.is_asking
    page.show()
    settle(page, qtbot)
    assert backend.asked[-1][0] == "We left Trieste."


def test_every_control_has_a_name(panel):
    kinds = ("QAbstractButton", "QLineEdit", "QPlainTextEdit", "QAbstractItemView")
    for widget in panel.findChildren(QWidget):
        made_by_qt = widget.inherits("QHeaderView") or widget.objectName().startswith("qt_")
        if any(widget.inherits(kind) for kind in kinds) and not made_by_qt:
            assert widget.objectName() and widget.accessibleName(), widget


# The widget


@pytest.fixture
def marked(qtbot: QtBot) -> MarkedText:
    theme.apply("light")
    made = MarkedText("marked")
    qtbot.addWidget(made)
    made.resize(400, 100)
    return made


def test_more_marks_than_colours_have_other_lines_and_long_texts_more_height(marked, qtbot):
    words = [f"word{i}" for i in range(20)]
    marks, begin = [], 0
    for i, word in enumerate(words):
        marks.append(Mark(begin, begin + len(word), i, f"KIND{i}"))
        begin += len(word) + 1
    marked.show_marks(" ".join(words), marks)
    assert marked.heightForWidth(200) > marked.heightForWidth(800)
    with_captions = marked.heightForWidth(400)
    marked.show_marks(" ".join(words), [])
    assert marked.heightForWidth(400) < with_captions


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mark_is_drawn_in_its_colour_at_its_letters(scheme, qtbot):
    theme.apply(scheme)
    made = MarkedText("marked")
    qtbot.addWidget(made)
    made.resize(400, 60)
    made.show_marks("\U0001f41d and Trieste", [Mark(6, 13, 1, "PLACE")])
    picture = made.grab().toImage()
    ink = QColor(theme.colour(INKS[1]))
    inked = [x for x in range(picture.width()) if any(picture.pixelColor(x, y) == ink for y in range(picture.height()))]
    made.show_marks("\U0001f41d and Trieste", [])
    assert inked
    plain = made.grab().toImage()
    assert not any(plain.pixelColor(x, y) == ink for x in inked for y in range(plain.height()))
    theme.apply("light")


def test_a_legend_shows_other_kinds_in_place_of_the_old(qtbot):
    made = KindLegend("legend")
    qtbot.addWidget(made)
    made.show_kinds(KINDS)
    made.show_kinds(("A",))
    assert made.layout().count() == 1
    assert made.accessibleDescription() == "A"
