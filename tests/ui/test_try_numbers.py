"""Trying numbers, pairs and the order of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from ui_facts import model, table, tell
from ui_streams import feed, finished, recipe

from tlgui.core import events
from tlgui.core.answers import ClassAnswer, Evaluation, Guess, Mistake, NumberAnswer, OrderAnswer
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.jobs import work
from tlgui.jobs.worker import Work
from tlgui.ui.pages.try_out import TryPage
from tlgui.ui.workbench import Workbench

NUMBERS = Evaluation(40, {"spearman": 0.71, "mse": 2.5}, mistakes=(Mistake(3, "Paint the\nhall", "9", "2.5", 0.54),))


class Backend:
    """Answers at once, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.order = OrderAnswer(None, 0.93)
        self.failure: TlguiError | None = None

    def answer(self, question: tuple[Any, ...], value: object) -> Work:
        def work(emit: events.Emit, control: Control) -> events.Event:
            self.asked.append(question)
            if self.failure is not None:
                raise self.failure
            return events.Finished(value)

        return work

    def predict_number(self, texts: Sequence[tuple[str, ...]], adapted: str) -> Work:
        return self.answer(("number", *texts, adapted), (NumberAnswer("", 4.5, 0.5, 12.5),))

    def classify(self, texts: Sequence[tuple[str, ...]], adapted: str) -> Work:
        return self.answer(("classify", *texts), (ClassAnswer("", (Guess("entailment", 0.7), Guess("neutral", 0.3))),))

    def tell_order(self, first: str, second: str, original: str, adapted: str) -> Work:
        return self.answer(("order", first, second, original, adapted), self.order)

    def guess_hidden(self, text: str, original: str, adapted: str, top: int = 5) -> Work:
        return self.answer(("guess", text), ())

    def evaluate(self, run: str) -> Work:
        return self.answer(("evaluate", run), NUMBERS)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    for name in ("predict_number", "classify", "tell_order", "guess_hidden", "evaluate"):
        monkeypatch.setattr(work, name, getattr(made, name))
    return made


@pytest.fixture
def page(bench: Workbench, backend: Backend, qtbot: QtBot) -> TryPage:
    made = TryPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=table())
    return made


def settle(page: TryPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.bench.worker.idle)
    for panel in (page.numbers, page.classes, page.documents):
        qtbot.waitUntil(lambda panel=panel: not panel.latest.is_asking)


def trained(page: TryPage, task: str, **data: Any) -> None:
    """A run of a goal that has ended."""
    ran = recipe("classify").edit("", task=task, probes=()).edit("data", **data)
    page.bench.draft.replace(ran)
    feed(page.bench, "classify", ending=finished())
    page.bench.training.recipe = ran
    page.entered()


def test_a_number_stands_on_its_scale(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    trained(page, "regress", text=("sentence",), label="hours")
    assert page.stack.currentWidget() is page.numbers
    page.numbers.show_texts(("Mow the lawn.",))
    settle(page, qtbot)
    assert ("number", ("Mow the lawn.",), "/runs/run-01") in backend.asked
    assert page.numbers.verdict.text() == "hours: 4.5"
    assert page.numbers.scale.place == pytest.approx(1 / 3)
    assert page.numbers.scale.accessibleName() == "4.5 on a scale from 0.5 to 12.5"


def test_the_rows_farthest_off_are_a_table_and_can_be_tried(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    trained(page, "regress", text=("a", "b"), label="hours")
    settle(page, qtbot)
    assert page.numbers.figures.text() == "Spearman correlation 0.71, Mean squared error 2.50 on 40 rows kept aside"
    assert not page.numbers.confusion.isVisible()
    found = page.numbers.mistakes.mistakes
    assert [found.data(found.index(0, i)) for i in range(5)] == ["3", "9", "2.5", "54 %", "Paint the / hall"]
    assert found.headerData(3, page.numbers.mistakes.horizontalHeader().orientation()) == "Off"
    page.numbers.mistakes.activated.emit(found.index(0, 0))
    assert [line.text() for line in page.numbers.texts] == ["Paint the", "hall"]


def test_a_pair_is_two_fields_before_its_columns_are_known(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    page.bench.draft.replace(recipe("classify").edit("data", text=(), pair=True))
    assert [line.isVisible() for line in page.classes.texts] == [True, True]


def test_a_pair_is_classified_and_kept_together(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    trained(page, "classify", text=("premise", "hypothesis"), label="label")
    page.classes.show_texts(("A man cooks.", "A man eats."))
    settle(page, qtbot)
    assert ("classify", ("A man cooks.", "A man eats.")) in backend.asked
    assert [row.word for row in page.classes.bars.rows] == ["entailment", "neutral"]
    page.classes.keep.click()
    assert page.bench.draft.recipe.probes == ("A man cooks.\nA man eats.",)


@pytest.mark.parametrize(
    ("found", "said", "shown"),
    [
        (OrderAnswer(None, 0.93), "The second text follows: 93 %", [False, True]),
        (OrderAnswer(0.5, 0.2), "The second text follows: 20 %", [True, True]),
        (OrderAnswer(0.5, None), "The second text follows: 50 %", [True, False]),
        (OrderAnswer(None, None), "This model was never asked which text follows. Training teaches it.", [False] * 2),
    ],
)
def test_the_order_of_two_texts_is_told(
    page: TryPage, backend: Backend, qtbot: QtBot, found: OrderAnswer, said: str, shown: list[bool]
) -> None:
    backend.order = found
    trained(page, "mask+nsp")
    first, second = page.documents.texts
    first.setText("The queen lays.")
    second.setText("Her eggs hatch.")
    settle(page, qtbot)
    assert backend.asked[-1][:3] == ("order", "The queen lays.", "Her eggs hatch.")
    assert page.documents.verdict.text() == said
    assert [bar.isVisible() for bar in page.documents.bars] == shown


def test_an_order_that_cannot_be_told_says_why(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    trained(page, "mask+nsp")
    settle(page, qtbot)
    backend.failure = TlguiError("The model is gone.", "Train again.")
    page.documents.texts[0].setText("The queen lays.")
    settle(page, qtbot)
    assert page.documents.problem.text == "The model is gone. Train again."


def test_an_empty_line_asks_nothing(page: TryPage, backend: Backend, qtbot: QtBot) -> None:
    trained(page, "mask+nsp")
    settle(page, qtbot)
    asked = len([one for one in backend.asked if one[0] == "order"])
    page.documents.texts[1].clear()
    settle(page, qtbot)
    assert len([one for one in backend.asked if one[0] == "order"]) == asked
