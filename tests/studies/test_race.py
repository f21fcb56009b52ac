"""A race on tiny models: every run the same alone as in the race, whatever stopped or killed it on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import tiny_recipe, tiny_rows

from tlgui.core.control import Control
from tlgui.core.errors import RecipeError, TlguiError
from tlgui.core.events import Event, Finished, Partial, Progress, Stopped
from tlgui.core.race import ALL, RaceReport, RaceSpec
from tlgui.studies import race
from tlgui.studies.race_files import RaceFolder, Record
from tlgui.studies.track import lay

forked = multiprocessing.get_context("forkserver")  # imports torch once, for all processes
forked.set_forkserver_preload(["tlgui.studies.race"])


def tiny_spec(folder: Path, **changes: object) -> RaceSpec:
    spec = RaceSpec(
        tiny_recipe(folder, epochs=1, validations=1),
        strategies=("scratch", "feature-based", "lora", "gradual", "everything"),
        labels=(8, ALL),
        seeds=2,
        least_steps=8,
        score_rows=10,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


def quiet(event: Event) -> None:
    """Nobody listens."""


def result(record: Record) -> tuple[float, float, float | None, str]:
    """What does not depend on the machine's speed."""
    return record.cell.score, record.cell.loss, record.baseline, np.packbits(record.right).tobytes().hex()


def cells(folder: Path) -> dict[tuple[str, int, int], tuple[float, float, float | None, str]]:
    """Results by run."""
    return {key: result(record) for key, record in RaceFolder(folder).records().items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[RaceSpec, Path, RaceReport, list[Event]]:
    """A race from beginning to end."""
    base = tmp_path_factory.mktemp("race")
    spec, events = tiny_spec(base), []  # type: ignore[var-annotated]
    ending = race.run(spec, base / "whole", events.append, Control())
    assert isinstance(ending, Finished)
    return spec, base / "whole", ending.value, events


Whole = tuple[RaceSpec, Path, RaceReport, list[Event]]


def test_every_run_is_done_once_and_told(whole: Whole) -> None:
    _, folder, report, events = whole
    assert (report.done, report.total, report.seconds_left, report.running) == (20, 20, 0, "")
    assert (report.labels, report.score_rows) == ((8, 64), 10)
    assert len(cells(folder)) == 20
    partial = [event.value for event in events if isinstance(event, Partial)]
    assert [one.done for one in partial] == list(range(20))
    assert partial[0].running == "From scratch, 8 labels, seed 1 of 2"
    assert all(runner.standings for runner in partial[5].runners)
    assert partial[4].seconds_left == -1
    assert partial[5].seconds_left > 0
    assert any(isinstance(event, Progress) and event.what == "Training" for event in events)
    learned = {runner.strategy: runner.parameters for runner in report.runners}
    assert learned["feature-based"] < learned["lora"] < learned["everything"]
    assert learned["everything"] == learned["gradual"] == learned["scratch"]
    assert report.baseline is not None
    assert set(report.baseline) == {8, 64}
    for runner in report.runners:
        assert [len(standing.scores) for standing in runner.standings] == [2, 2]


def test_what_is_on_the_disk_is_the_report(whole: Whole) -> None:
    _, folder, report, _ = whole
    assert race.report_of(folder) == report
    page = (folder / "report.html").read_text(encoding="utf-8")
    for verdict in report.verdicts:
        assert verdict.claim in page
    assert page.count("<svg") == 3
    assert "http" not in page
    lines = (folder / "results.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "strategy,labels,seed,score,loss,seconds,parameters,steps"
    assert len(lines) == 21
    assert race.report_of(folder.parent) is None


@pytest.mark.parametrize("strategy", ["scratch", "feature-based", "lora", "gradual", "everything"])
@pytest.mark.parametrize("labels", [8, ALL])
def test_a_run_alone_is_the_run_in_the_race(whole: Whole, strategy: str, labels: int, tmp_path: Path) -> None:
    spec, folder, _, _ = whole
    track = lay(replace(spec, strategies=(strategy,), labels=(labels,)), quiet, Control())
    record = track.run((strategy, labels or 64, 1), quiet, Control())
    assert result(record) == cells(folder)[strategy, labels or 64, 1]


def test_a_stop_keeps_what_is_done_and_the_rest_follows(whole: Whole, tmp_path: Path) -> None:
    spec, folder, _, _ = whole
    control = Control()

    def stop_in_the_fourth(event: Event) -> None:
        if isinstance(event, Progress) and event.what == "Training" and len(cells(tmp_path / "a")) == 3:
            control.stop()

    ending = race.run(spec, tmp_path / "a", stop_in_the_fourth, control)
    assert isinstance(ending, Stopped)
    assert ending.value.done == 3
    assert (tmp_path / "a" / "report.html").exists()
    told: list[Event] = []
    race.run(spec, tmp_path / "a", told.append, Control())
    assert len([event for event in told if isinstance(event, Partial)]) == 17
    assert cells(tmp_path / "a") == cells(folder)


def test_a_wider_race_in_the_same_folder_runs_only_what_is_new(whole: Whole, tmp_path: Path) -> None:
    spec, folder, _, _ = whole
    narrow = replace(spec, strategies=("everything",), seeds=1, labels=(8,))
    race.run(narrow, tmp_path / "a", quiet, Control())
    before = (tmp_path / "a" / "cells.jsonl").read_bytes()
    wide = replace(spec, strategies=("everything", "feature-based"))
    ending = race.run(wide, tmp_path / "a", quiet, Control())
    assert (tmp_path / "a" / "cells.jsonl").read_bytes().startswith(before)
    assert (ending.value.done, ending.value.total) == (8, 8)  # type: ignore[union-attr]
    both = cells(folder)
    assert cells(tmp_path / "a") == {key: both[key] for key in cells(tmp_path / "a")}
    again = race.run(narrow, tmp_path / "a", quiet, Control())
    assert (again.value.done, again.value.total) == (1, 1)  # type: ignore[union-attr]


def test_the_same_rows_for_every_strategy_and_none_that_scores(tmp_path: Path) -> None:
    track = lay(tiny_spec(tmp_path), quiet, Control())
    few, many = (track.rows(("head", rows, 1)) for rows in (8, 64))
    assert set(few) < set(many)
    assert (track.rows(("everything", 8, 1)) == few).all()
    assert set(track.rows(("head", 8, 0))) != set(few)
    assert len(track.score) == 10
    texts = [
        {tuple(part.padded("input_ids", np.array([i]), 0)[0]) for i in range(len(part))}
        for part in (track.train, track.score)
    ]
    assert not texts[0] & texts[1]


def race_until(place: str, spec: RaceSpec, folder: Path) -> None:
    """Race in this process until a place is reached, and be killed there."""

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def emit(event: Event) -> None:
        trained = isinstance(event, Progress) and event.what == "Training"
        if place == "in a run" and trained and len(RaceFolder(folder).records()) == 2:
            kill()

    whole_append = RaceFolder.append

    def half_a_line(self: RaceFolder, record: Record) -> None:
        whole_append(self, record)
        if len(self.records()) == 3:
            with self.cells_file.open("rb+") as file:
                file.truncate(self.cells_file.stat().st_size - 40)
            kill()

    if place == "in a line":
        RaceFolder.append = half_a_line  # type: ignore[method-assign]
    if place == "before the first line":
        race.Results = lambda *args: kill()  # type: ignore[assignment, misc]
    race.run(spec, folder, emit, Control())


def in_a_process(work: Callable[..., None], *args: object) -> int | None:
    process = forked.Process(target=work, args=args)
    process.start()
    process.join(120)
    return process.exitcode


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
@pytest.mark.parametrize("place", ["before the first line", "in a run", "in a line"])
def test_a_killed_race_goes_on_as_if_nothing_had_been(whole: Whole, place: str, tmp_path: Path) -> None:
    spec = replace(whole[0], strategies=("feature-based", "everything"), seeds=1)
    assert in_a_process(race_until, place, spec, tmp_path / "a") == -signal.SIGKILL
    assert len(cells(tmp_path / "a")) == {"before the first line": 0}.get(place, 2)
    ending = race.run(spec, tmp_path / "a", quiet, Control())
    assert isinstance(ending, Finished)
    both, all_of_it = cells(tmp_path / "a"), cells(whole[1])
    assert both == {(key, rows, 0): all_of_it[key, rows, 0] for key in spec.strategies for rows in (8, 64)}
    assert len((tmp_path / "a" / "cells.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_a_folder_left_before_its_file_was_written_is_taken(whole: Whole, tmp_path: Path) -> None:
    spec, _, _, _ = whole
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "running").write_text("999999 0.0", encoding="ascii")
    (tmp_path / "a" / "race.partial").write_text("schema", encoding="ascii")
    small = replace(spec, strategies=("head",), labels=(8,), seeds=1)
    assert isinstance(race.run(small, tmp_path / "a", quiet, Control()), Finished)


def test_another_race_in_the_folder_is_refused(whole: Whole, tmp_path: Path) -> None:
    spec, folder, _, _ = whole
    for other in (replace(spec, least_steps=9), replace(spec, recipe=spec.recipe.edit("train", learning_rate=1e-4))):
        with pytest.raises(TlguiError, match="holds a race with another recipe"):
            race.run(other, folder, quiet, Control())
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TlguiError, match="holds something else"):
        race.run(spec, tmp_path, quiet, Control())
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_changed_data_are_noticed(tmp_path: Path) -> None:
    spec = tiny_spec(tmp_path, strategies=("head",), labels=(8,), seeds=1)
    race.run(spec, tmp_path / "race", quiet, Control())
    tiny_rows(tmp_path / "rows.csv", seed=1)
    with pytest.raises(TlguiError, match="has changed"):
        race.run(spec, tmp_path / "race", quiet, Control())


def test_a_damaged_race_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "race.toml").write_text("schema = 1\n", encoding="utf-8")
    with pytest.raises(TlguiError, match="is damaged"):
        race.report_of(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": (500,)}, "500 labels are wanted, and 64 rows are there"),
        ({"labels": (1,)}, "at least 2 labels"),
        ({"strategies": ("top-9",)}, "the model has 3 layers"),
        ({"strategies": ("magic",)}, "is no strategy"),
    ],
)
def test_a_race_that_cannot_run_writes_nothing(change: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=words):
        race.run(tiny_spec(tmp_path, **change), tmp_path / "race", quiet, Control())
    assert not (tmp_path / "race").exists()
