"""A race on disk: what is written comes back, and half of it is left out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_races import FOUND, RECIPE, record

from tlgui.core.errors import TlguiError
from tlgui.core.race import ALL, RaceSpec
from tlgui.studies.race_files import RaceFolder, Record

SPEC = RaceSpec(RECIPE, ("scratch", "top-2"), (50, ALL), seeds=3)


def written(folder: Path) -> tuple[RaceFolder, list[Record]]:
    race, random = RaceFolder(folder), np.random.default_rng(0)
    race.begin(SPEC, FOUND)
    made = [record(SPEC, ("scratch", rows, seed), 0.7, 3.0, random) for rows in (50, 8530) for seed in range(2)]
    for one in made:
        race.append(one)
    race.release()
    return race, made


def same(one: Record, other: Record) -> bool:
    return (one.right == other.right).all() and replace(one, right=other.right) == other


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    race, made = written(tmp_path / "race")
    assert race.read() == (SPEC, FOUND)
    found = race.records()
    assert list(found) == [one.key for one in made]
    assert all(same(found[one.key], one) for one in made)


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, 2000))
def test_a_line_that_was_cut_is_dropped_and_no_other(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    race, made = written(tmp_path_factory.mktemp("cut") / "race")
    text = race.cells_file.read_bytes()
    kept = text[: max(0, len(text) - cut)]
    race.cells_file.write_bytes(kept)
    whole = kept.count(b"\n")
    assert whole <= len(race.records()) <= whole + 1  # a last line may lack nothing but its end
    race.begin(SPEC, FOUND)
    race.append(made[-1])
    race.release()
    assert race.cells_file.read_bytes().count(b"\n") == whole + 1
    assert set(race.records()) == {*(one.key for one in made[:whole]), made[-1].key}


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    race, _ = written(tmp_path / "race")
    parent = psutil.Process(os.getpid()).parent()
    assert parent is not None
    (race.path / "running").write_text(f"{parent.pid} {parent.create_time()}", encoding="ascii")
    with pytest.raises(TlguiError, match="by another process"):
        race.begin(SPEC, FOUND)


def test_a_race_of_a_newer_version_is_a_sentence(tmp_path: Path) -> None:
    race, _ = written(tmp_path / "race")
    race.spec_file.write_text(race.spec_file.read_text().replace("schema = 1\nstrategies", "schema = 9\nstrategies"))
    with pytest.raises(TlguiError, match="newer version"):
        race.read()
