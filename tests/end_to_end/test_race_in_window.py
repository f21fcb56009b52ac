"""A race in the real window, on a tiny model: started, stopped, gone on with, found again, and turned into a plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe

from tlgui.core import paths
from tlgui.core.race import ALL, RaceReport
from tlgui.ui import app
from tlgui.ui.pages.race import RacePage
from tlgui.ui.window import Window

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def page(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[RacePage]:
    """The Race page of a window on a tiny recipe, ready to start two strategies × two label counts × one seed."""
    window = app.make_window(tiny_recipe(tmp_path))
    window.show()
    made = race_page(window)
    made.strip.strategies.show_keys(("everything", "scratch"))
    made.strip.seeds.setValue(1)
    made.strip.more.fields["race.least_steps"].setValue(8)
    made.strip.labels.setText("8, all")
    qtbot.waitUntil(made.strip.buttons["start"].isEnabled, timeout=LONG)
    yield made
    end(qtbot, window)


def race_page(window: Window) -> RacePage:
    window.show_page("race")
    made = window.page("race")
    assert isinstance(made, RacePage)
    return made


def end(qtbot: QtBot, window: Window) -> None:
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    window.deleteLater()


def press(page: RacePage, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(page.findChild(QAbstractButton, name), LEFT)


def report(page: RacePage) -> RaceReport:
    found = page.bench.racing.report
    assert found is not None
    return found


def test_a_race_from_start_to_plan(page: RacePage, qtbot: QtBot, tmp_path: Path) -> None:
    press(page, qtbot, "race_start")
    qtbot.waitUntil(lambda: page.bench.racing.state == "ended", timeout=LONG)
    assert not page.strip.failure.isVisible(), page.strip.failure.sentence.text
    found = report(page)
    assert (found.done, found.total) == (4, 4)
    assert [runner.strategy for runner in found.runners] == ["everything", "scratch"]
    assert found.labels == (8, 64)
    assert page.plots is not None
    assert [len(line.points) for line in page.plots.by_labels.canvas.lines] == [2, 2]
    assert [len(line.points) for line in page.plots.by_minutes.canvas.lines] == [1, 1]
    assert [row.scores for row in page.table.rows.rows if "–" in row.scores] == []
    assert page.strip.buttons["again"].isVisible()
    assert page.save.isEnabled()
    folder = page.bench.racing.folder
    assert folder is not None
    assert folder.parent == paths.home() / "races"
    assert {"race.toml", "report.html", "results.csv"} <= {file.name for file in folder.iterdir()}

    page.bench.draft.edit("transfer", frozen=("embeddings", "0-1"))  # a plan is no part of a race
    assert page.strip.buttons["again"].isVisible()
    page.strip.strategies.list.boxes["head"].setChecked(True)
    assert page.strip.state.text().startswith("4 of 6 runs")
    press(page, qtbot, "race_go_on")
    qtbot.waitUntil(lambda: page.bench.racing.state == "ended", timeout=LONG)
    wider = report(page)
    assert (wider.done, wider.total) == (6, 6)
    assert [runner.standings[0].scores for runner in wider.runners if runner.strategy != "head"] == [
        runner.standings[0].scores for runner in found.runners
    ]

    later = app.make_window(page.bench.draft.recipe)
    later.show()
    again = race_page(later)
    again.strip.more.fields["race.least_steps"].setValue(8)
    qtbot.waitUntil(lambda: again.bench.racing.report is not None, timeout=LONG)
    assert report(again).runners == wider.runners
    assert again.spec is not None
    assert set(again.spec.strategies) == {"everything", "head", "scratch"}
    assert again.spec.labels == (8, ALL)
    end(qtbot, later)


def test_a_window_closed_on_a_race_keeps_its_runs(page: RacePage, qtbot: QtBot) -> None:
    page.strip.seeds.setValue(20)
    press(page, qtbot, "race_start")
    qtbot.waitUntil(lambda: page.bench.racing.report is not None and report(page).done >= 2, timeout=LONG)
    window = page.window()
    assert isinstance(window, Window)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert 2 <= report(page).done < 80
    assert page.bench.racing.folder is not None
    assert len((page.bench.racing.folder / "cells.jsonl").read_text().splitlines()) == report(page).done
