"""Runs that earlier versions left are listed and read: one folder a version that was given out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tlgui.core.history import History
from tlgui.core.runs import RunFolder, find

KEPT = Path(__file__).parent / "earlier_versions"


@pytest.mark.parametrize("version", sorted(path.name for path in KEPT.iterdir()))
def test_a_run_of_an_earlier_version_opens(version: str, tmp_path: Path) -> None:
    shutil.copytree(KEPT / version, tmp_path / "old")
    (run,) = find(tmp_path)
    assert (run.name, run.step, run.total) == ("old", 4, 4)
    history = History.of(RunFolder(tmp_path / "old").events())
    assert len(history.losses) == 4
    assert history.best is not None
    assert history.best.metrics["accuracy"] == 0.5


def test_events_and_keys_that_this_version_does_not_know_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "newer"
    shutil.copytree(KEPT / "0.1.0", folder)
    with (folder / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write('{"event": "Danced", "step": 4}\n')
    assert [run.name for run in find(tmp_path)] == ["newer"]
