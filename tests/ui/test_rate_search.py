"""The search for a learning rate from the window: live, stopped, failed, taken over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from ui_facts import COST, model, table, tell
from ui_streams import feed, finished, recipe

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Finished, Partial
from tlgui.core.facts import RateSearch
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.train import TrainPage
from tlgui.ui.plots.rate_search import RateSearchPlot
from tlgui.ui.widgets.rate_dialog import RateDialog
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
RATES = tuple(10 ** (-7 + 5 * i / 100) for i in range(101))
LOSSES = tuple(0.7 - 0.003 * i if i < 80 else 0.46 + (i - 80) ** 2 for i in range(101))
FOUND = RateSearch(RATES, LOSSES, LOSSES, 3.2e-5, "The loss falls fastest at 3.2e-5.")
PART = RateSearch(RATES[:12], LOSSES[:12], LOSSES[:12])


class Search:
    """Work that says what it found so far and waits to be let go; how it ends is set by the test."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.ending: Callable[[], Event] = lambda: Finished(FOUND)
        self.asked: list[object] = []

    def __call__(self, of: object) -> Callable[[Emit, Control], Event]:
        self.asked.append(of)
        return self._work

    def _work(self, emit: Emit, control: Control) -> Event:
        emit(Partial(PART))
        while not self.go_on.wait(0.01):
            control.check()
        return self.ending()


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Iterator[Search]:
    made = Search()
    monkeypatch.setattr(work, "find_rate", made)
    yield made
    made.go_on.set()


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot, search: Search) -> TrainPage:
    made = TrainPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    made.entered()
    bench.draft.replace(recipe())
    tell(bench, model=model(), data=table(), cost=COST)
    click(made, qtbot, "settings")
    return made


def click(widget: QWidget, qtbot: QtBot, name: str) -> None:
    button = widget.findChild(QAbstractButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def opened(page: TrainPage, qtbot: QtBot) -> RateDialog:
    click(page, qtbot, "find_rate")
    dialog = page.findChild(RateDialog)
    qtbot.waitUntil(lambda: len(dialog.plot.found.rates) == 12)
    return dialog


def test_the_curve_grows_and_the_suggestion_is_taken(page, qtbot, search):
    dialog = opened(page, qtbot)
    assert search.asked == [page.bench.draft.recipe]
    assert dialog.sentence.text().startswith("Step 12, rate ")
    assert not dialog.use.isVisible()
    search.go_on.set()
    qtbot.waitUntil(lambda: not dialog.is_searching)
    assert dialog.sentence.text() == FOUND.why
    assert dialog.use.text() == "Use 3.2e-5"
    assert dialog.plot.accessibleDescription() == "Suggestion 3.2e-5"
    click(dialog, qtbot, "use_rate")
    assert page.bench.draft.recipe.train.learning_rate == 3.2e-5


def test_a_search_can_be_stopped_and_suggests_nothing(page, qtbot):
    dialog = opened(page, qtbot)
    click(dialog, qtbot, "stop_search")
    qtbot.waitUntil(lambda: not dialog.is_searching)
    assert dialog.sentence.text() == "Stopped. A suggestion needs the whole search."
    assert not dialog.use.isVisible()
    assert not dialog.stop.isVisible()
    assert len(dialog.plot.found.rates) == 12


def test_a_failure_is_told_with_what_to_do(page, qtbot, search):
    def fail() -> Event:
        raise TlguiError("The data are empty.", "Add rows.")

    search.ending = fail
    dialog = opened(page, qtbot)
    search.go_on.set()
    qtbot.waitUntil(lambda: not dialog.is_searching)
    assert dialog.failure.sentence.text == "The data are empty. Add rows."


def test_a_search_that_finds_nothing_says_so(page, qtbot, search):
    search.ending = lambda: Finished(RateSearch(RATES, RATES, RATES, 0.0, "The loss never fell."))
    dialog = opened(page, qtbot)
    search.go_on.set()
    qtbot.waitUntil(lambda: not dialog.is_searching)
    assert dialog.sentence.text() == "The loss never fell."
    assert not dialog.use.isVisible()


def test_closing_ends_the_search(page, qtbot):
    dialog = opened(page, qtbot)
    dialog.close()
    qtbot.waitUntil(lambda: page.bench.worker.idle)


def test_why_a_rate_cannot_be_searched_stands_beside_the_button(page):
    assert page.settings.search.isEnabled()
    assert page.settings.why_not.text() == ""
    tell(page.bench, data=None)
    assert not page.settings.search.isEnabled()
    assert page.settings.why_not.text() == "A search needs a model and data."
    tell(page.bench, data=table())
    feed(page.bench, steps=5)
    assert page.settings.why_not.text() == "A run or a race is going. A rate can be searched for when it has ended."
    page.bench.training._take([finished()])
    assert page.settings.search.isEnabled()


def test_what_diverges_leaves_the_plot_and_the_valley_stays_readable(qtbot):
    plot = RateSearchPlot()
    qtbot.addWidget(plot)
    plot.resize(560, 300)
    plot.show_search(FOUND)
    low, high = plot._ticks()[0], plot._ticks()[-1]
    assert low <= min(LOSSES)
    assert LOSSES[0] <= high < 1.5
    spread = plot.place(RATES[0], LOSSES[0]).y() - plot.place(RATES[79], LOSSES[79]).y()
    assert abs(spread) > plot.area().height() * 0.3
    assert plot.place(1e-5, low).x() == pytest.approx(plot.area().left() + plot.area().width() * 2 / 7)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_state_of_a_search_is_painted(qtbot, scheme):
    theme.apply(scheme)
    plot = RateSearchPlot()
    qtbot.addWidget(plot)
    nothing = float("nan")
    for found in (RateSearch((), (), ()), RateSearch((1e-6,), (0.7,), (0.7,)), PART, FOUND):
        plot.show_search(found)
        plot.grab()
    plot.show_search(RateSearch((1e-6, 1e-5), (0.7, nothing), (0.7, nothing)))
    plot.grab()
    theme.apply("light")
