"""The plots show what the history holds, from the first step on, and read it back as numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from pytestqt.qtbot import QtBot
from ui_streams import EPOCH, GROUPS, TOTAL, gradual, recipe, stream, thawing

from tlgui.core import events
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.outlook import outlook
from tlgui.core.recipe import Recipe
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


def show(plots: RunPlots, history: History, of: Recipe, planned: int = 0, keys: tuple[str, ...] = ()) -> None:
    plots.show_run(history, of, outlook(history, of, keys, (), planned))


def drawn(plots: RunPlots, chart: str) -> list[np.ndarray]:
    """The steps of each curve of a chart, as pyqtgraph was given them."""
    shown = getattr(plots, chart)
    items = shown.canvas.getPlotItem().listDataItems()[: len(shown.curves)]
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
    show(plots, run(steps=1), recipe())
    loss = plots.loss.canvas
    raw = loss.getPlotItem().listDataItems()[0]
    assert list(raw.xData) == [1]
    assert raw.opts["symbol"] == "o"
    assert loss.getPlotItem().viewRange()[0] == [0, TOTAL]
    assert not loss.is_empty


def test_the_axis_never_moves_while_a_run_goes_on(plots):
    for steps in (0, 7, TOTAL):
        show(plots, run(steps=steps), recipe())
        assert all(chart.canvas.getPlotItem().viewRange()[0] == [0, TOTAL] for chart in plots.charts)


def test_every_curve_holds_its_points(plots):
    show(plots, run(), recipe())
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
    show(plots, run(task), recipe(task))
    assert plots.figure.heading.text() == title
    assert plots.figure.caption.text == caption


def test_a_goal_without_shares_would_show_its_first_metric():
    goal = GOALS["mask"]
    assert type(goal)(**{**goal.__dict__, "metrics": goal.metrics[:1]}).curve.key == "loss"


def test_before_the_run_there_are_axes_and_a_sentence(plots):
    show(plots, History(), recipe().edit("", probes=()), 1440)
    assert all(chart.canvas.is_empty for chart in plots.charts)
    assert plots.loss.canvas.getPlotItem().viewRange()[0] == [0, 1440]
    assert plots.probes.canvas.empty_sentence == NO_PROBES
    assert plots.loss.canvas.accessibleDescription() == plots.loss.canvas.empty_sentence


def test_another_run_brings_its_own_probes(plots):
    show(plots, run(), recipe())
    show(plots, run(), recipe().edit("", probes=("One.",)))
    assert [curve.title for curve in plots.probes.curves] == ["One."]
    assert len(drawn(plots, "probes")) == 1


def test_an_update_keeps_the_curves_it_has(plots):
    show(plots, run(steps=5), recipe())
    before = [chart.canvas.getPlotItem().listDataItems() for chart in plots.charts]
    show(plots, run(), recipe())
    assert [chart.canvas.getPlotItem().listDataItems() for chart in plots.charts] == before


def test_the_cross_line_is_shared_and_reads_all_series(plots, qtbot):
    show(plots, run(), recipe())
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
    show(plots, run(), recipe())
    qtbot.keyClick(plots.loss.canvas, Qt.Key.Key_Left)
    assert plots.loss.canvas.cursor == TOTAL - 1
    assert not plots.loss._window.isHidden()
    qtbot.keyClick(plots.loss.canvas, Qt.Key.Key_Escape)
    assert plots.loss.canvas.cursor is None


def test_the_mouse_changes_nothing(plots, qtbot):
    show(plots, run(), recipe())
    before = plots.loss.canvas.getPlotItem().viewRange()
    view = plots.loss.canvas.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    qtbot.mouseMove(view, QPoint(160, 90))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(160, 90))
    assert plots.loss.canvas.getPlotItem().viewRange() == before


def test_colours_follow_the_theme(plots, qtbot):
    show(plots, run(), recipe())
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
    show(plots, History.of([*first, again, *later]), recipe())
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


# Groups over time


def thawed(steps: int = TOTAL, **more: object) -> History:
    return History.of(thawing(steps, **more))


def test_marks_are_on_every_plot_and_say_what_they_are(plots):
    show(plots, thawed(25), gradual())
    marks = [(mark.step, mark.words, mark.planned) for mark in plots.loss.canvas._marks]
    assert marks == [(EPOCH, "layer 1 thaws", False), (30, "layer 0 will thaw", True)]
    assert all(chart.canvas._marks == plots.loss.canvas._marks for chart in plots.charts)
    assert plots.heat.map._view.marks == plots.loss.canvas._marks


def colours_at(plots: RunPlots, key: str, step: float) -> QColor:
    """The colour in the middle of a group's row, at a step."""
    heat = plots.heat.map
    row = heat.row(heat._values.keys.index(key))
    shown = heat.grab().toImage()
    ratio = shown.devicePixelRatio()
    return QColor(shown.pixel(round(heat.x_of(step) * ratio), round(row.center().y() * ratio)))


def test_cells_are_coloured_where_a_group_has_learned_and_empty_where_the_run_has_not_come(plots):
    show(plots, thawed(25), gradual())
    alt, deepest = theme.colour("alt"), theme.colour("learntext")
    assert colours_at(plots, "head", 24.5) == deepest
    assert colours_at(plots, "head", 33) == alt
    assert colours_at(plots, "1", 33) == alt
    weak, strong = colours_at(plots, "1", 21.6), colours_at(plots, "1", 24.5)
    assert alt not in (weak, strong)
    assert strong.lightness() < weak.lightness()


def test_frozen_cells_are_hatched_and_only_they(plots):
    show(plots, thawed(25), gradual())
    assert plots.heat.map._frozen("embeddings") == [(0, 25)]
    assert plots.heat.map._frozen("1") == [(0, EPOCH)]
    assert plots.heat.map._frozen("head") == []
    assert "3 frozen" not in plots.heat.map.accessibleDescription()
    assert plots.heat.map.accessibleDescription().endswith("2 frozen")


def test_a_step_is_at_the_same_place_in_all_plots_of_a_column(plots):
    show(plots, thawed(25), gradual())
    for step in (0, EPOCH, TOTAL):
        x = plots.heat.map.mapTo(plots, QPoint(0, 0)).x() + plots.heat.map.x_of(step)
        for chart in (plots.loss, plots.probes):
            assert chart.canvas.mapTo(plots, QPoint(0, 0)).x() + chart.canvas.place(step, 0).x() == pytest.approx(
                x, abs=1
            )


def test_the_pull_of_the_loss_is_the_other_view(plots):
    show(plots, thawed(25), gradual())
    far = plots.heat.legend.accessibleName()
    plots.heat.actions_of[1].trigger()
    assert plots.heat.choice.text() == "How hard the loss pulls at each group"
    assert plots.heat.map.accessibleName() == plots.heat.choice.text()
    assert plots.heat.legend.accessibleName() != far
    assert "Head 2.400" in plots.heat.map.accessibleDescription()


@pytest.mark.parametrize(("layers", "steps"), [(2, 1), (24, TOTAL), (48, 3)])
def test_any_number_of_groups_and_measurements_is_drawn(plots, layers, steps):
    keys = ("embeddings", *map(str, range(layers)), "pooler", "head")
    show(plots, thawed(steps, groups=keys), gradual())
    rows = [plots.heat.map.row(place) for place in range(len(keys))]
    assert all(a.bottom() <= b.top() for a, b in pairwise(rows))
    assert rows[-1].bottom() <= plots.heat.map.area().bottom() + 1
    assert colours_at(plots, "head", steps - 0.5) == theme.colour("learntext")


def test_before_the_first_measurement_there_are_rows_and_a_sentence(plots):
    show(plots, History(), gradual(), 1440, GROUPS)
    assert plots.heat.map._values.keys == tuple(reversed(GROUPS))
    assert plots.heat.map.accessibleDescription() == plots.heat.map.empty_sentence
    assert "after Start" in plots.heat.map.empty_sentence
    plots.heat.map.grab()


def test_the_cross_line_reads_the_heat_map_too(plots, qtbot):
    show(plots, thawed(25), gradual())
    qtbot.keyClick(plots.heat.map, Qt.Key.Key_Left)
    assert {chart.canvas.cursor for chart in plots.charts} == {24} == {plots.heat.map.read_step}
    assert "Head <b>0.240</b>" in plots.heat._window.text()
    qtbot.keyClick(plots.heat.map, Qt.Key.Key_Escape)
    assert plots.heat._window.isHidden()


def test_each_group_has_its_rate_from_its_thaw_on(plots):
    show(plots, thawed(25), gradual())
    found = {curve.title: points for curve, points in zip(plots.rate.curves, plots.rate._points, strict=True)}
    assert list(found["learning rate of head"][0]) == list(range(1, 26))
    assert list(found["learning rate of layer 1"][0]) == list(range(EPOCH + 1, 26))
    assert found["planned rate of layer 0"][0][0] == 31
    share = found["learning rate of layer 1"][1] / found["learning rate of head"][1][EPOCH:]
    assert np.allclose(share, 0.9**2)
    assert len(plots.rate.curves) <= 8


@pytest.mark.parametrize("schedule", ["linear", "constant", "cosine", "slanted"])
def test_a_schedule_is_drawn_before_it_runs(plots, schedule):
    show(plots, History(), recipe().edit("train", schedule=schedule), 1000, GROUPS)
    (planned,) = plots.rate.curves
    steps, rates = plots.rate._points[0]
    assert planned.dotted
    assert (steps[0], steps[-1]) == (1, 1000)
    middle = float(np.interp(550, steps, rates)) / rates.max()
    assert middle == pytest.approx(
        {"linear": 0.5, "constant": 1.0, "cosine": 0.5, "slanted": 0.516}[schedule], abs=0.01
    )


def test_the_baseline_is_a_line_to_compare_with(plots):
    baseline = events.BaselineScored(0, {"accuracy": 0.712}, 1.5, 384)
    show(plots, thawed(25, then=(baseline,)), gradual())
    assert plots.figure.canvas._level.value == 0.712
    low, high = plots.figure.canvas._ticks[0], plots.figure.canvas._ticks[-1]
    assert low <= 0.6
    assert high >= 0.712
    assert "Logistic regression on the same features: 71.2 %" in plots.figure.canvas.accessibleDescription()


def test_a_learned_mix_is_shown_as_bars_after_the_run(plots):
    mix = events.MixLearned(TOTAL, ("embeddings", "0", "1"), (0.2, 0.3, 0.5), 1.1)
    show(plots, thawed(25), gradual())
    assert not plots.heat.actions_of[-1].isVisible()
    show(plots, thawed(TOTAL, then=(mix,)), gradual())
    assert plots.heat.choice.text() == "How the head mixes the layers"
    assert plots.heat.mix.isVisible()
    assert plots.heat.mix.accessibleDescription() == "Embeddings 20 %, Layer 0 30 %, Layer 1 50 %"
    show(plots, thawed(25), gradual())
    assert plots.heat.map.isVisible()


def test_numbers_hold_what_the_heat_map_shows(qtbot):
    model = NumbersModel(thawed(25), gradual())
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    row = [int(step) for step in model.steps].index(25)
    assert model.data(model.index(row, titles.index("Layer 1 moved"))) == "0.0500"
    assert model.data(model.index(row, titles.index("Head gradient"))) == "2.4000"
    assert model.data(model.index(row, titles.index("Embeddings moved"))) == ""
