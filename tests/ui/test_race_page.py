"""The Race page: what it compares, what it draws as runs end, what it says, and how it shares the worker with a run."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from race_reports import FOUR, VERDICTS, race_report
from ui_facts import EMPTY_TEXT, know_everything, model, table, tell
from ui_streams import feed, finished

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Failed, Finished, Partial, Progress, Stopped
from tlgui.core.race import ALL, RaceReport, RaceSpec
from tlgui.core.race_plan import folder_name
from tlgui.core.race_words import bound
from tlgui.core.samples import SAMPLES
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.race import RacePage
from tlgui.ui.widgets.basics import ProblemLabel
from tlgui.ui.widgets.verdicts import Chip
from tlgui.ui.window import Window

LEFT = Qt.MouseButton.LeftButton
WAIT = 10_000


class FakeRaces:
    """Stands for the backend: the test says when a run ends, and the folder is made as the backend makes it."""

    def __init__(self) -> None:
        self.specs: list[RaceSpec] = []
        self.folders: list[Path] = []
        self.orders: SimpleQueue[object] = SimpleQueue()
        """What the race does next: reports and progress are told, a float or an ending ends it, an error is raised."""
        self.on_disk: dict[Path, RaceReport] = {}
        self.thread = ""

    def race(self, spec: RaceSpec, folder: Path) -> work.Work:
        def run(emit: Emit, control: Control) -> Event:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("report.html", "results.csv"):
                (folder / name).write_text(name, encoding="utf-8")
            self.thread = threading.current_thread().name
            self.folders.append(folder)
            self.specs.append(spec)
            while True:
                order = self.orders.get()
                control.check()
                match order:
                    case RaceReport():
                        emit(Partial(order))
                    case Progress():
                        emit(order)
                    case Exception():
                        raise order
                    case Finished() | Stopped():
                        return order

        return run

    def open_race(self, folder: Path) -> work.Work:
        return lambda emit, control: Finished(self.on_disk.get(folder))


@pytest.fixture
def races(monkeypatch: pytest.MonkeyPatch) -> FakeRaces:
    made = FakeRaces()
    monkeypatch.setattr(work, "race", made.race)
    monkeypatch.setattr(work, "open_race", made.open_race)
    return made


@pytest.fixture
def page(window: Window, races: FakeRaces) -> Iterator[RacePage]:
    """The page of a whole window that knows the sample, in front."""
    know_everything(window.bench)
    window.resize(1280, 800)
    window.show_page("race")
    made = window.page("race")
    assert isinstance(made, RacePage)
    yield made
    races.orders.put(Stopped())


def press(page: RacePage, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, name), LEFT)


def act(page: RacePage) -> str:
    """The one button that the strip shows, and whether it can be pressed."""
    [shown] = [key for key, made in page.strip.buttons.items() if made.isVisible()]
    return shown if page.strip.buttons[shown].isEnabled() else f"{shown}, off"


def start(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    press(page, qtbot, "race_start")
    qtbot.waitUntil(lambda: bool(races.specs), timeout=WAIT)


def tell_report(page: RacePage, races: FakeRaces, qtbot: QtBot, report: RaceReport) -> None:
    with qtbot.waitSignal(page.bench.racing.advanced, timeout=WAIT):
        races.orders.put(report)


def end(page: RacePage, races: FakeRaces, qtbot: QtBot, ending: object) -> None:
    with qtbot.waitSignal(page.bench.racing.changed, timeout=WAIT):
        races.orders.put(ending)


def blockers(page: RacePage) -> list[str]:
    return [text for _, text in page.strip.blockers]


def shows(page: RacePage, text: str) -> bool:
    return any(text in made.text() for made in page.findChildren(QLabel) if made.isVisible())


# --- before a race ----------------------------------------------------------------------------------------------------


def test_before_a_race_there_are_axes_lines_of_the_table_and_a_price(page: RacePage) -> None:
    assert act(page) == "start"
    assert page.strip.state.text().startswith("36 runs, about ")
    assert page.plots is not None
    assert all(chart.canvas.is_empty for chart in (page.plots.by_labels, page.plots.by_minutes))
    assert "Press Start" in page.plots.by_labels.canvas.accessibleDescription()
    assert [row.title for row in page.table.rows.rows] == [
        "Everything",
        "Top 2 layers",
        "Feature-based",
        "From scratch",
    ]
    assert not page.save.isEnabled()
    assert not page.open_folder.isEnabled()


def test_what_is_wrong_with_a_field_is_a_sentence_and_nothing_starts(page: RacePage, qtbot: QtBot) -> None:
    page.strip.labels.selectAll()
    qtbot.keyClicks(page.strip.labels, "50, many")
    assert "“many” is no number of rows" in page.strip.problem.text
    assert act(page) == "start, off"
    page.strip.labels.selectAll()
    qtbot.keyClicks(page.strip.labels, "50, 5000")
    assert "360 rows" in page.strip.problem.text
    page.strip.labels.selectAll()
    qtbot.keyClicks(page.strip.labels, "50, 200")
    assert not page.strip.problem.isVisible()
    assert page.strip.state.text().startswith("24 runs")
    assert act(page) == "start"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # a popup on the offscreen platform
def test_strategies_are_ticked_in_a_list_that_the_keyboard_opens(page: RacePage, qtbot: QtBot) -> None:
    picker = page.strip.strategies
    assert picker.text() == "4 of 7"
    qtbot.keyClick(picker, Qt.Key.Key_Space)
    assert picker.list.isVisible()
    qtbot.mouseClick(picker.list.boxes["lora"], LEFT, pos=QPoint(8, picker.list.boxes["lora"].height() // 2))
    picker.list.top.setValue(3)
    qtbot.keyClick(picker.list, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not picker.list.isVisible())
    assert picker.text() == "5 of 7"
    assert page.spec is not None
    assert page.spec.strategies == ("everything", "top-3", "lora", "feature-based", "scratch")
    for box in picker.list.boxes.values():
        box.setChecked(False)
    assert "at least one strategy" in page.strip.problem.text
    picker.list.top.setValue(1)  # a number of layers is a wish for them
    assert page.spec.strategies == ("top-1",)


def test_no_more_top_layers_than_the_model_has(page: RacePage) -> None:
    assert page.strip.strategies.list.top.maximum() == 6
    tell(page.bench, model=model(layers=3))
    assert page.strip.strategies.list.top.maximum() == 3


def test_more_settings_are_folded_away_and_make_another_race(page: RacePage, qtbot: QtBot) -> None:
    assert not page.strip.more.isVisible()
    press(page, qtbot, "race_more")
    assert page.strip.more.isVisible()
    before = page.spec
    page.strip.more.fields["race.least_steps"].setValue(150)
    assert page.spec is not None
    assert before is not None
    assert page.spec.least_steps == 150
    assert folder_name(page.spec) != folder_name(before)


@pytest.mark.parametrize(
    ("change", "words", "target"),
    [
        (lambda bench: bench.draft.edit("", task="mask"), "Choose a goal that has classes", "goal"),
        (lambda bench: tell(bench, data=table(EMPTY_TEXT)), "the text is empty", "data"),
        (lambda bench: bench.draft.edit("data", source=""), "no data yet", "data"),
    ],
)
def test_what_has_to_be_settled_first_is_told_and_opens_its_page(
    page: RacePage, window: Window, qtbot: QtBot, change: Callable[..., None], words: str, target: str
) -> None:
    change(page.bench)
    assert any(words in text for text in blockers(page))
    assert act(page) == "start, off"
    line = page.findChild(ProblemLabel, f"race_blocker_{target}")
    qtbot.waitUntil(line.isVisible)
    qtbot.mouseClick(line.findChild(QAbstractButton, "settle"), LEFT)
    assert window.current == target


def test_while_the_model_is_being_read_it_cannot_start(page: RacePage) -> None:
    tell(page.bench, model=None)
    assert act(page) == "start, off"
    assert page.strip.state.text() == "36 runs"


# --- a race -----------------------------------------------------------------------------------------------------------


def test_a_race_runs_on_the_worker_in_a_folder_of_its_recipe(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    spec = races.specs[0]
    assert spec.strategies == FOUR
    assert (spec.labels, spec.seeds) == ((50, 200, ALL), 3)
    assert races.folders == [paths.home() / "races" / folder_name(spec)]
    assert races.thread == "tlgui-worker"
    assert act(page) == "stop"
    assert not page.strip.labels.isEnabled()
    end(page, races, qtbot, Finished(race_report()))
    assert act(page) == "again"
    assert page.strip.labels.isEnabled()


def test_each_run_that_ends_is_drawn(page: RacePage, races: FakeRaces, qtbot: QtBot, window: Window) -> None:
    start(page, races, qtbot)
    assert page.plots is not None
    canvas = page.plots.by_labels.canvas
    tell_report(page, races, qtbot, race_report(cells=1, running="Top 2 layers, 50 labels, seed 1"))
    assert [len(line.points) for line in canvas.lines] == [1, 0, 0, 0]
    assert page.strip.state.text() == "1 of 36 runs, about 15 min left"
    assert page.strip.now.text() == "Top 2 layers, 50 labels, seed 1"
    assert (page.strip.bar.value(), page.strip.bar.maximum()) == (1, 36)
    assert {row.key: row.summary for row in window.rail.model().rows}["race"] == "1 of 36"
    tell_report(page, races, qtbot, race_report(cells=12))
    assert [len(line.points) for line in canvas.lines] == [3, 3, 3, 3]
    end(page, races, qtbot, Finished(race_report()))
    assert {row.key: row.summary for row in window.rail.model().rows}["race"] == ""
    x = [point[0] for point in canvas.lines[0].points]
    assert np.allclose(x, np.log10([50, 200, 360]))
    assert [point[1] for point in canvas.lines[0].points] == pytest.approx([0.580, 0.705, 0.841])


def test_progress_inside_a_run_is_told(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    with qtbot.waitSignal(page.bench.racing.advanced, timeout=WAIT):
        races.orders.put(Progress("Reading the data", 3, 8))
    assert page.strip.now.text() == "Reading the data, 3 of 8"


def test_a_stop_keeps_what_is_done_and_the_race_goes_on_later(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    tell_report(page, races, qtbot, race_report(cells=5))
    press(page, qtbot, "race_stop")
    assert act(page) == "stop, off"
    assert "Stopping" in page.strip.state.text()
    end(page, races, qtbot, race_report(cells=5))  # the fake looks for a stop before it does anything
    assert page.bench.racing.report is not None
    assert page.bench.racing.report.done == 5
    assert act(page) == "go_on"
    assert page.strip.state.text().startswith("5 of 36 runs, about ")
    press(page, qtbot, "race_go_on")
    qtbot.waitUntil(lambda: len(races.folders) == 2, timeout=WAIT)
    assert races.folders[0] == races.folders[1]
    end(page, races, qtbot, Finished(race_report()))


def test_run_again_takes_a_new_folder_and_keeps_the_old(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    end(page, races, qtbot, Finished(race_report()))
    for number in (2, 3):
        press(page, qtbot, "race_again")
        qtbot.waitUntil(lambda number=number: len(races.folders) == number, timeout=WAIT)
        assert races.folders[-1].name == f"{races.folders[0].name}-{number}"
        assert page.plots is not None
        assert page.plots.by_labels.canvas.is_empty  # not the results of the race before
        end(page, races, qtbot, Finished(race_report()))
    assert all(folder.is_dir() for folder in races.folders)


def test_one_more_strategy_is_a_race_to_go_on_with(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    end(page, races, qtbot, Finished(race_report()))
    page.strip.strategies.list.boxes["head"].setChecked(True)
    assert act(page) == "go_on"
    assert page.strip.state.text().startswith("36 of 45 runs")


def test_a_failure_says_what_to_do_and_keeps_what_there_is(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    tell_report(page, races, qtbot, race_report(cells=5))
    end(page, races, qtbot, TlguiError("The disk is full.", "Free some space."))
    assert page.strip.failure.isVisible()
    assert page.strip.failure.sentence.text == "The disk is full. Free some space."
    assert act(page) == "go_on"
    assert page.plots is not None
    assert not page.plots.by_labels.canvas.is_empty
    page.entered()
    assert page.strip.failure.isVisible()  # coming back to the page does not hide it
    press(page, qtbot, "race_go_on")
    assert not page.strip.failure.isVisible()


def test_a_failure_before_the_first_run_stays_told(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    shutil.rmtree(races.folders[0])
    end(page, races, qtbot, TlguiError("There is no such model.", "Choose another."))
    page.entered()
    assert page.strip.failure.isVisible()
    assert act(page) == "start"


# --- an earlier race --------------------------------------------------------------------------------------------------


def test_an_earlier_race_of_the_recipe_is_shown(window: Window, races: FakeRaces, qtbot: QtBot) -> None:
    bench = window.bench
    know_everything(bench)
    spec = RaceSpec(SAMPLES["reviews"].recipe())
    first = paths.home() / "races" / folder_name(spec)
    newest = first.with_name(f"{first.name}-10")
    for folder in (first, first.with_name(f"{first.name}-9"), newest):
        folder.mkdir(parents=True)
    earlier = race_report(("everything", "lora"), seeds=2)
    races.on_disk = {first: race_report(), newest: earlier}
    with qtbot.waitSignal(bench.racing.opened, timeout=WAIT):
        window.show_page("race")
    page = window.page("race")
    assert isinstance(page, RacePage)
    assert bench.racing.report == earlier
    assert page.spec is not None
    assert page.spec.strategies == ("everything", "lora")
    assert (page.spec.labels, page.spec.seeds) == ((50, 200, ALL), 2)
    assert act(page) == "again"
    bench.draft.edit("train", epochs=9)  # another recipe has another race
    assert bench.racing.report is None
    assert act(page) == "start"
    with qtbot.waitSignal(bench.racing.opened, timeout=WAIT):
        bench.draft.undo()
    assert bench.racing.report == earlier


def test_a_plan_edited_while_a_race_goes_on_does_not_disturb_it(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    page.bench.draft.edit("train", epochs=9)
    tell_report(page, races, qtbot, race_report(cells=5))
    assert page.bench.racing.folder == races.folders[0]
    assert act(page) == "stop"


# --- what the data say ------------------------------------------------------------------------------------------------


@pytest.fixture
def ended(page: RacePage, races: FakeRaces, qtbot: QtBot) -> RacePage:
    start(page, races, qtbot)
    end(page, races, qtbot, Finished(race_report(baseline={50: 0.601, 200: 0.671, 360: 0.725})))
    return page


def test_verdicts_have_a_chip_and_a_sentence(ended: RacePage) -> None:
    chips = {chip.text: chip.level for chip in ended.findChildren(Chip) if chip.isVisible()}
    assert chips == {verdict.chip: verdict.level for verdict in VERDICTS}
    assert all(shows(ended, bound(verdict.text)) and shows(ended, verdict.claim) for verdict in VERDICTS)
    assert shows(ended, "40 validation rows. Bands and ± are one standard deviation over 3 seeds.")
    assert not ended.nothing.isVisible()


def test_chips_differ_by_shape_too(ended: RacePage) -> None:
    shapes = set()
    for chip in ended.findChildren(Chip):
        side = chip.height()
        grey = (
            chip.grab().copy(0, 0, side + 4, side).toImage().convertToFormat(chip.grab().toImage().Format.Format_Mono)
        )
        shapes.add((chip.level, bytes(grey.constBits())))
    pictures = dict(shapes)
    assert len({pictures["yes"], pictures["no"], pictures["unclear"]}) == 3


def test_the_choice_becomes_the_plan_and_the_race_stays(ended: RacePage, window: Window, qtbot: QtBot) -> None:
    assert ended.use.text() == "Use “Everything” on Layers"
    assert ended.bench.draft.recipe.transfer.frozen
    press(ended, qtbot, "race_use")
    assert window.current == "layers"
    assert ended.bench.draft.recipe.transfer.frozen == ()
    window.show_page("race")
    assert ended.bench.racing.report is not None
    assert act(ended) == "again"
    ended.bench.draft.undo()
    assert ended.bench.draft.recipe.transfer.frozen


def test_nothing_is_said_before_there_is_something_to_say(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    tell_report(page, races, qtbot, race_report(cells=3))
    assert page.nothing.isVisible()
    assert not page.verdicts.isVisible()
    assert not page.use.isVisible()
    assert not page.choose.isVisible()


# --- plots and table --------------------------------------------------------------------------------------------------


def test_names_of_lines_are_apart_from_each_other_and_inside(ended: RacePage) -> None:
    ended.bench.racing.report = race_report(
        tuple(key for key in ("everything", "gradual", "top-2", "lora", "feature-based", "head", "scratch"))
    )
    ended.bench.racing.advanced.emit()
    assert ended.plots is not None
    for chart in (ended.plots.by_labels, ended.plots.by_minutes):
        areas = chart.canvas.name_areas()
        assert len(areas) == 7
        for i, area in enumerate(areas):
            assert chart.canvas.area().adjusted(-1, -1, 1, 1).contains(area)
            assert not any(area.intersects(other) for other in areas[i + 1 :])


def test_the_baseline_is_drawn_and_named(ended: RacePage) -> None:
    assert ended.plots is not None
    assert ended.plots.by_labels.canvas.lines[-1].title == "Logistic regression"
    assert [row.title for row in ended.table.rows.rows][-1] == "Logistic regression"
    assert len(ended.plots.by_minutes.canvas.lines) == 4


def test_the_mouse_and_the_arrow_keys_read_the_plots(ended: RacePage, qtbot: QtBot) -> None:
    assert ended.plots is not None
    chart = ended.plots.by_labels
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Left)
    assert chart.canvas.stop == 2
    assert "360 labels" in chart.reading
    assert "<b>84.1 ± 0.4</b>" in chart.reading
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Left)
    assert "200 labels" in chart.reading
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Escape)
    assert chart.reading == ""
    qtbot.mouseMove(chart.canvas.viewport(), chart.canvas.place(np.log10(50), 0.6).toPoint())
    assert "50 labels" in chart.reading
    minutes = ended.plots.by_minutes
    qtbot.keyClick(minutes.canvas, Qt.Key.Key_Right)
    assert minutes.canvas.stop == 3
    assert "7.4 min" in minutes.reading


def test_a_screen_reader_gets_the_figures(ended: RacePage) -> None:
    assert ended.plots is not None
    assert "Everything 84.1 ± 0.4 with 360 labels" in ended.plots.by_labels.canvas.accessibleDescription()
    assert "Top 2 layers 3.1 min, 81.0 ± 0.4" in ended.plots.by_minutes.canvas.accessibleDescription()
    row = ended.table.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert row.startswith("Everything, Parameters that learn 22.7 M, Minutes 7.4, 50 labels 58.0")
    assert row.endswith("All labels, ± over 3 seeds 84.1 ± 0.4, best")


def test_the_table_keeps_qts_rules_and_gives_up_columns_before_it_cuts(
    ended: RacePage, window: Window, qtbot: QtBot
) -> None:
    QAbstractItemModelTester(ended.table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    shown = lambda: [i for i in range(6) if not ended.table.isColumnHidden(i)]  # noqa: E731
    assert shown() == [0, 1, 2, 3, 4, 5]
    seen = []
    for width in range(ended.table.width(), 200, -20):
        ended.table.setFixedWidth(width)
        qtbot.waitUntil(lambda width=width: ended.table.viewport().width() == width)
        if shown() not in seen:
            seen.append(shown())
        columns = sum(ended.table.columnWidth(i) for i in shown())
        assert columns <= width or shown() == [0, 2, 5]
    assert seen == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 5], [0, 1, 2, 5], [0, 2, 5]]


def test_colours_follow_the_theme(ended: RacePage, qtbot: QtBot) -> None:
    assert ended.plots is not None
    canvas = ended.plots.by_labels.canvas
    at = canvas.place(*canvas.lines[0].points[0][:2]).toPoint() + QPoint(theme.space(5), -1)
    canvas.grab()
    light = canvas.grab().toImage().pixelColor(at)
    theme.apply("dark")
    qtbot.waitUntil(lambda: canvas.grab().toImage().pixelColor(at) != light)
    theme.apply("light")


# --- saving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "typed", "name"),
    [
        ("Report (*.html)", "out", "out.html"),
        ("Numbers (*.csv)", "out", "out.csv"),
        ("Numbers (*.csv)", "a.csv", "a.csv"),
    ],
)
def test_the_report_is_copied_where_one_wants(
    ended: RacePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, typed: str, name: str
) -> None:
    assert ended.bench.racing.folder is not None
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(tmp_path / typed), kind))
    press(ended, qtbot, "race_save")
    expected = "report.html" if name.endswith("html") else "results.csv"
    assert (tmp_path / name).read_text(encoding="utf-8") == expected


def test_a_report_is_saved_once_it_is_written(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    tell_report(page, races, qtbot, race_report(cells=5))
    assert not page.save.isEnabled()  # the one in the folder is older than what is shown
    (races.folders[0] / "report.html").unlink()  # as after a race that was killed
    end(page, races, qtbot, Stopped(race_report(cells=5)))
    assert not page.save.isEnabled()
    assert page.open_folder.isEnabled()


def test_the_folder_is_opened(ended: RacePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tlgui.ui.pages.race.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()))
    press(ended, qtbot, "race_folder")
    assert opened == [str(ended.bench.racing.folder)]


# --- one worker -------------------------------------------------------------------------------------------------------


def test_a_race_waits_for_a_run_and_says_so(page: RacePage) -> None:
    feed(page.bench, steps=5)
    assert "A run is going. The race can start when it has ended." in blockers(page)
    assert act(page) == "start, off"
    page.bench.training._take([finished()])
    assert blockers(page) == []
    assert act(page) == "start"


def test_a_run_waits_for_a_race_and_says_so(page: RacePage, races: FakeRaces, qtbot: QtBot, window: Window) -> None:
    start(page, races, qtbot)
    assert not window.menu_actions["start"].isEnabled()
    window.show_page("train")
    train = window.page("train")
    line = train.findChild(ProblemLabel, "blocker_race")
    assert line is not None
    assert "A race is going" in line.text
    assert not train.findChild(QAbstractButton, "start").isEnabled()
    train.start()
    assert not page.bench.training.active
    qtbot.mouseClick(line.findChild(QAbstractButton, "settle"), LEFT)
    assert window.current == "race"
    end(page, races, qtbot, Finished(race_report()))
    assert window.menu_actions["start"].isEnabled()


def test_nothing_else_starts_a_run_beside_a_race(
    page: RacePage, races: FakeRaces, qtbot: QtBot, window: Window
) -> None:
    start(page, races, qtbot)
    window.show_page("runs")
    runs = window.page("runs")
    assert "A race is going" in runs.going.text
    qtbot.mouseClick(runs.going.findChild(QAbstractButton, "settle"), LEFT)
    assert window.current == "race"
    end(page, races, qtbot, Finished(race_report()))
    assert not runs.going.text


def test_closing_the_window_keeps_what_is_done(page: RacePage, races: FakeRaces, qtbot: QtBot, window: Window) -> None:
    start(page, races, qtbot)
    tell_report(page, races, qtbot, race_report(cells=5))
    window.close()
    assert window.isVisible()  # it waits for the step, and the event loop goes on meanwhile
    assert "Closing" in window.windowTitle()
    window.close()  # impatience changes nothing
    races.orders.put(race_report(cells=6))
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)
    assert isinstance(page.bench.racing.ending, Stopped)


def test_a_failed_ending_is_an_ending(page: RacePage, races: FakeRaces, qtbot: QtBot) -> None:
    start(page, races, qtbot)
    end(page, races, qtbot, ValueError("odd"))
    assert isinstance(page.bench.racing.ending, Failed)
    assert not page.bench.racing.active
