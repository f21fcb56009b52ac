"""Conversion into the cache: done once, in one step, and left clean when it fails."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Progress
from tlgui.core.recipe import ReadingPart
from tlgui.data import csv_files, tables
from tlgui.data.sources import open_source


def arrow_files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.arrow"))


def test_a_file_is_converted_once(write, opened, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.csv", "text,label\ngood,1\n")
    first = opened(path).table
    monkeypatch.setattr(csv_files, "examine", lambda *args: pytest.fail("it was read again"))
    again = opened(path).table
    assert again.rows(np.array([0])) == first.rows(np.array([0])) == {"text": ["good"], "label": ["1"]}
    assert (again.names, again.reading) == (first.names, first.reading)


def test_a_changed_file_is_converted_again(write, opened) -> None:
    path = write("a.csv", "text,label\ngood,1\n")
    opened(path)
    write("a.csv", "text,label\nbad,0\nworse,0\n")
    assert opened(path).table.rows(np.array([1, 0])) == {"text": ["worse", "bad"], "label": ["0", "0"]}


def test_other_settings_are_another_table(write, opened, home: Path) -> None:
    path = write("a.csv", "text,label\ngood,1\n")
    assert [len(opened(path, header=header).table) for header in (True, False)] == [1, 2]
    assert len(arrow_files(home)) == 2


def test_a_damaged_cache_is_made_again(write, opened, home: Path) -> None:
    path = write("a.csv", "text,label\ngood,1\n")
    opened(path)
    (cached,) = arrow_files(home)
    cached.write_bytes(cached.read_bytes()[:100])
    assert opened(path).table.rows(np.array([0])) == {"text": ["good"], "label": ["1"]}


def test_a_file_that_changes_while_it_is_read_is_refused(write, home: Path) -> None:
    path = write("a.csv", "text,label\ngood,1\n")

    def grow(event: object) -> None:
        path.write_text("text,label\ngood,1\nbad,0\n")

    with pytest.raises(TlguiError, match=r"a\.csv changed while it was read"):
        open_source(str(path), ReadingPart(), grow, Control())
    assert not arrow_files(home)


def test_a_full_disk_leaves_nothing_behind(write, opened, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.csv", "text,label\ngood,1\n")

    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "_write_batches", full)
    with pytest.raises(TlguiError, match=r"cannot be written \(No space left on device\)"):
        opened(path)
    assert not [file for file in home.rglob("*") if file.is_file()]


def test_a_cache_folder_that_cannot_be_made_is_one_sentence(write, opened, home: Path) -> None:
    path = write("a.csv", "text,label\ngood,1\n")
    home.write_text("a file where the folder should be")
    with pytest.raises(TlguiError, match="cannot be written"):
        opened(path)


def test_it_can_be_stopped_between_blocks_and_says_how_far_it_is(write, home: Path) -> None:
    path = write("a.csv", "text,label\n" + "good enough,1\n" * 300_000)
    control, seen = Control(), []

    def emit(event: object) -> None:
        seen.append(event)
        if len(seen) == 3:
            control.stop()

    with pytest.raises(StopRequested):
        open_source(str(path), ReadingPart(), emit, control)
    assert len(seen) == 3 and all(isinstance(e, Progress) and e.what == "Reading a.csv" for e in seen)
    assert seen[-1].done > seen[0].done and seen[-1].total == path.stat().st_size
    assert not arrow_files(home) and not list(home.rglob("*.part"))


def test_tables_that_were_not_used_for_a_month_go(write, opened, home: Path) -> None:
    opened(write("a.csv", "text,label\ngood,1\n"))
    (old,) = arrow_files(home)
    os.utime(old, (0, 0))
    opened(write("b.csv", "text,label\nbad,1\n"))
    assert len(arrow_files(home)) == 1 and not old.exists()
