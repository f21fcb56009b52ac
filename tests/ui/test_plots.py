"""The plots show what the history holds, from the first step on, and read it back as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from ui_streams import TOTAL, recipe, stream

from tlgui.core import events
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.ui import theme
from tlgui.ui.plots import scale
from tlgui.ui.plots.numbers import NumbersModel, NumbersWindow
from tlgui.ui.plots.run_plots import NO_PROBES, RunPlots


@pytest.fixture
def plots(qtbot: QtBot) -> RunPlots:
    theme.apply("light")
    made = RunPlots()
    qtbot.addWidget(made)
    made.resize(780, 560)
    made.show()
    return made


def run(task: str = "classify", steps: int = TOTAL) -> History:
    return History.of(stream(task, steps))


def drawn(plots: RunPlots, chart: str) -> list[np.ndarray]:
    """The steps of each curve of a chart, as pyqtgraph was given them."""
    items = getattr(plots, chart).canvas.getPlotItem().listDataItems()
    return [np.asarray(item.xData if item.xData is not None else []) for item in items]


@given(
    st.floats(-1e6, 1e6, allow_nan=False), st.floats(1e-6, 1e6, allow_nan=False), st.integers(3, 7)
)  # fmt: skip
def test_ticks_enclose_the_values_and_are_few_and_even(low, span, most):
    ticks = scale.y_ticks(low, low + span, most)
    assert 2 <= len(ticks) <= most
    slack = 1e-6 * max(abs(low), span)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + span - slack
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0], rtol=1e-3, atol=slack)


def test_one_value_gets_an_axis_with_room():
    ticks = scale.y_ticks(0.693, 0.693)
    assert ticks[0] < 0.693 < ticks[-1]


@given(st.integers(0, 10**6), st.integers(0, 12), st.integers(0, 5000))
def test_step_ticks_run_from_zero_to_the_last_step(total, most, epoch):
    ticks = scale.step_ticks(total, most, epoch)
    assert ticks[0] == 0
    assert ticks[-1] == total
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= max(most, 2) + 1


def test_step_ticks_stand_on_epochs():
    assert scale.step_ticks(1440, 7, 480) == (0, 240, 480, 720, 960, 1200, 1440)
    assert scale.step_ticks(1440, 3, 480) == (0, 480, 960, 1440)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=7))
def test_labels_are_moved_apart_and_keep_their_order(wanted):
    placed = scale.spread(wanted, 14, 0, 100)
    assert all(b - a >= 14 - 1e-6 for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False))
    assert [i for _, i in sorted(zip(wanted, range(len(wanted)), strict=True))] == [
        i for _, i in sorted(zip(placed, range(len(placed)), strict=True))
    ]


def test_the_first_step_is_a_point_on_an_axis_of_the_whole_run(plots):
    plots.show_run(run(steps=1), recipe(), 0)
    loss = plots.loss.canvas
    raw = loss.getPlotItem().listDataItems()[0]
    assert list(raw.xData) == [1]
    assert raw.opts["symbol"] == "o"
    assert loss.getPlotItem().viewRange()[0] == [0, TOTAL]
    assert not loss.is_empty


def test_the_axis_never_moves_while_a_run_goes_on(plots):
    for steps in (0, 7, TOTAL):
        plots.show_run(run(steps=steps), recipe(), 0)
        assert all(chart.canvas.getPlotItem().viewRange()[0] == [0, TOTAL] for chart in plots.charts)


def test_every_curve_holds_its_points(plots):
    plots.show_run(run(), recipe(), 0)
    every, checks = list(range(1, TOTAL + 1)), [0, 10, 20, 30, 40]
    assert [list(x) for x in drawn(plots, "loss")] == [every, every, checks]
    assert [list(x) for x in drawn(plots, "figure")] == [checks, [30]]
    assert [list(x) for x in drawn(plots, "rate")] == [every]
    assert [list(x) for x in drawn(plots, "probes")] == [checks, checks]


@pytest.mark.parametrize(
    ("task", "title", "caption"),
    [("classify", "Accuracy", "best 80.0 %, step 30"), ("mask", "Hidden words guessed right", "kept 80.0 %, step 30")],
)
def test_the_second_plot_is_the_goals_figure(plots, task, title, caption):
    plots.show_run(run(task), recipe(task), 0)
    assert plots.figure.heading.text() == title
    assert plots.figure.caption.text == caption


def test_a_goal_without_shares_would_show_its_first_metric():
    goal = GOALS["mask"]
    assert type(goal)(**{**goal.__dict__, "metrics": goal.metrics[:1]}).curve.key == "loss"


def test_before_the_run_there_are_axes_and_a_sentence(plots):
    plots.show_run(History(), recipe().edit("", probes=()), 1440)
    assert all(chart.canvas.is_empty for chart in plots.charts)
    assert plots.loss.canvas.getPlotItem().viewRange()[0] == [0, 1440]
    assert plots.probes.canvas.empty_sentence == NO_PROBES
    assert plots.loss.canvas.accessibleDescription() == plots.loss.canvas.empty_sentence


def test_another_run_brings_its_own_probes(plots):
    plots.show_run(run(), recipe(), 0)
    plots.show_run(run(), recipe().edit("", probes=("One.",)), 0)
    assert [curve.title for curve in plots.probes.curves] == ["One."]
    assert len(drawn(plots, "probes")) == 1


def test_an_update_keeps_the_curves_it_has(plots):
    plots.show_run(run(steps=5), recipe(), 0)
    before = [chart.canvas.getPlotItem().listDataItems() for chart in plots.charts]
    plots.show_run(run(), recipe(), 0)
    assert [chart.canvas.getPlotItem().listDataItems() for chart in plots.charts] == before


def test_the_cross_line_is_shared_and_reads_all_series(plots, qtbot):
    plots.show_run(run(), recipe(), 0)
    canvas = plots.loss.canvas
    qtbot.mouseMove(canvas.viewport(), canvas.place(20, 0.5).toPoint())
    canvas.hovered.emit(20)
    assert {chart.canvas.cursor for chart in plots.charts} == {20}
    said = plots.loss._window.text()
    assert "Step 20" in said
    assert "epoch 1" in said
    assert all(f"<b>{value:.2f}</b>" in said for value in (0.5, 0.3))
    canvas.hovered.emit(None)
    assert plots.loss._window.isHidden()


def test_arrow_keys_read_the_plot(plots, qtbot):
    plots.show_run(run(), recipe(), 0)
    qtbot.keyClick(plots.loss.canvas, Qt.Key.Key_Left)
    assert plots.loss.canvas.cursor == TOTAL - 1
    assert not plots.loss._window.isHidden()
    qtbot.keyClick(plots.loss.canvas, Qt.Key.Key_Escape)
    assert plots.loss.canvas.cursor is None


def test_the_mouse_changes_nothing(plots, qtbot):
    plots.show_run(run(), recipe(), 0)
    before = plots.loss.canvas.getPlotItem().viewRange()
    view = plots.loss.canvas.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    qtbot.mouseMove(view, QPoint(160, 90))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(160, 90))
    assert plots.loss.canvas.getPlotItem().viewRange() == before


def test_colours_follow_the_theme(plots, qtbot):
    plots.show_run(run(), recipe(), 0)
    pen = lambda: plots.figure.canvas.getPlotItem().listDataItems()[0].opts["pen"].color().name()  # noqa: E731
    light = pen()
    theme.apply("dark")
    qtbot.waitUntil(lambda: pen() != light)
    assert pen().upper() == theme.DARK["metric"]
    theme.apply("light")


def test_a_resumed_run_is_one_line(plots):
    first = list(stream(steps=25))
    again = events.Started("r", 20, TOTAL, 20, ("head",), "accuracy", from_checkpoint=True)
    later = [e for e in stream() if getattr(e, "step", 0) > 20]
    plots.show_run(History.of([*first, again, *later]), recipe(), 0)
    assert list(drawn(plots, "loss")[0]) == list(range(1, TOTAL + 1))


def test_numbers_hold_every_series(qtmodeltester, qtbot):
    model = NumbersModel(run("mask"), recipe("mask"))
    qtmodeltester.check(model)
    assert model.rowCount() == TOTAL + 1
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    assert "Hidden words guessed right" in titles
    assert "The queen lays {eggs}." in titles
    cells = {title: model.data(model.index(30, i)) for i, title in enumerate(titles)}
    assert cells["validation (loss)"] == "0.2000"
    assert cells["The queen lays {eggs}."] == "0.8000"
    assert model.data(model.index(31, titles.index("validation (loss)"))) == ""


def test_numbers_are_copied_as_a_table(qtbot):
    window = NumbersWindow(run(), recipe(), None)
    qtbot.addWidget(window)
    window.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == TOTAL + 2
    assert lines[0].split("\t")[:2] == ["step", "training, each step (loss)"]
    assert lines[2].split("\t")[:2] == ["1", "0.69"]
