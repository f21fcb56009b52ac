"""Run folders: names, the log, who is training, what a list of runs says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tlgui.core import events, runs
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder

RECIPE = Recipe(name="reviews").edit("data", source="/x.csv")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder.create(tmp_path / "runs", "reviews")
    made.begin(RECIPE)
    (made.checkpoints / "last-00000001.safetensors").touch()
    return made


def test_names_are_numbered_and_never_reused(tmp_path: Path) -> None:
    assert [RunFolder.create(tmp_path, "a").name for _ in range(3)] == ["a-01", "a-02", "a-03"]
    assert RunFolder.create(tmp_path, "a", exact=True).name == "a"
    with pytest.raises(TlguiError, match="already"):
        RunFolder.create(tmp_path, "a", exact=True)


def test_a_half_written_line_is_left_out_and_not_joined(folder: RunFolder) -> None:
    folder.append(events.Saved(1))
    with folder.events_file.open("a", encoding="utf-8") as log:
        log.write('{"event": "Sav')
    assert list(folder.events()) == [events.Saved(1)]
    folder.claim()
    folder.append(events.Saved(2))
    folder.release()
    assert list(folder.events()) == [events.Saved(1), events.Saved(2)]


def test_a_run_of_a_living_process_cannot_be_claimed(folder: RunFolder) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        owner = f"{child.pid} {psutil.Process(child.pid).create_time()}"
        (folder.path / "running").write_text(owner, encoding="ascii")
        assert folder.summary().status == "running"
        with pytest.raises(TlguiError, match="is being trained by another process"):
            folder.claim()
    finally:
        child.communicate(b"\n")
    assert folder.summary().status == "interrupted"
    folder.claim()
    folder.release()


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (events.Finished(), "finished"),
        (events.Stopped(), "stopped"),
        (events.Failed("t", "h"), "failed"),
        (None, "interrupted"),
    ],
)
def test_the_status_is_the_last_ending(folder: RunFolder, ending: events.RunEvent | None, status: str) -> None:
    folder.append(events.Started(str(folder.path), 0, 9, 3, ("head",), "accuracy"))
    folder.append(events.StepDone(1, 9, 0.5, 1e-4, 2.0))
    folder.append(events.Validated(1, 0.5, {"accuracy": 0.75}, best=True))
    if ending:
        folder.append(ending)
    summary = folder.summary()
    step = 1 if ending else 0  # nothing of an interrupted run is in a checkpoint here
    assert (summary.status, summary.step, summary.total, summary.best, summary.seconds) == (status, step, 9, 0.75, 2.0)
    assert summary.can_resume == (status != "finished")


@pytest.mark.parametrize("owner", ["1 0.0", "999999999 12.5", "", "x y"])
def test_a_number_that_another_process_has_by_now_does_not_block(folder: RunFolder, owner: str) -> None:
    (folder.path / "running").write_text(owner, encoding="ascii")
    assert folder.summary().status == "interrupted"
    folder.claim()
    folder.release()


def test_a_torn_letter_in_the_log_is_passed_over(folder: RunFolder) -> None:
    folder.append(events.Saved(1))
    with folder.events_file.open("ab") as log:
        log.write('{"event": "Note", "step": 1, "text": "é'.encode()[:-1] + b"\n1\nnull\n")
    folder.append(events.Saved(2))
    assert list(folder.events()) == [events.Saved(1), events.Saved(2)]


def test_an_interrupted_run_stands_where_its_checkpoint_is(folder: RunFolder) -> None:
    folder.append(events.Started(str(folder.path), 0, 9, 3, ("head",), "accuracy"))
    for step in (1, 2, 3):
        folder.append(events.StepDone(step, 9, 0.5, 1e-4, 2.0))
        if step == 2:
            folder.append(events.Saved(2))
    assert folder.summary().step == 2


def test_the_list_leaves_out_what_is_no_run(folder: RunFolder) -> None:
    (folder.path.parent / "notes").mkdir()
    broken = folder.path.parent / "broken"
    broken.mkdir()
    (broken / "recipe.toml").write_text("task = ", encoding="utf-8")
    assert [run.name for run in runs.find(folder.path.parent)] == ["reviews-01"]
    assert runs.find(folder.path.parent / "none") == []


def test_what_to_resume_is_found_by_folder_or_recipe(folder: RunFolder) -> None:
    home = folder.path.parent
    assert runs.to_resume(home, "", RECIPE) == folder.path
    assert runs.to_resume(home, "", RECIPE.edit("data", text=("a",)).edit("train", threads=1)) == folder.path
    assert runs.to_resume(home, "", RECIPE.edit("data", source="/y.csv")) is None
    assert runs.to_resume(home, "", RECIPE.edit("transfer", frozen=("0",))) is None
    assert runs.to_resume(home, "reviews-01", Recipe(name="x")) == folder.path
    assert runs.to_resume(home, "reviews-02", RECIPE) is None


def test_what_was_recorded_since_is_no_other_intention(folder: RunFolder) -> None:
    home = folder.path.parent
    wanted = RECIPE.edit("transfer", method="lora").edit("transfer.lora", rank=4)
    recorded = wanted.edit("transfer.lora", matrices=("query", "value")).edit("head", pooling="own")
    changes = ({"step": 3, "groups": ("1",), "learns": False},)
    folder.record(recorded.edit("transfer", changes=changes))
    assert folder.recipe().transfer.changes[0].step == 3
    assert runs.to_resume(home, "", wanted) == folder.path
    assert runs.to_resume(home, "", recorded) == folder.path
    assert runs.to_resume(home, "", wanted.edit("transfer.lora", matrices=("key",))) is None
    assert runs.to_resume(home, "", wanted.edit("transfer.lora", rank=8)) is None
    assert runs.to_resume(home, "", wanted.edit("head", pooling="mean")) is None
    folder.record(recorded.edit("transfer.lora", matrices=("key",)))
    assert runs.to_resume(home, "", wanted) is None


def test_recording_keeps_the_time_at_which_the_run_was_started(folder: RunFolder) -> None:
    os.utime(folder.recipe_file, (1_700_000_000, 1_700_000_000))
    before = folder.summary().started
    folder.record(RECIPE.edit("train", threads=2))
    assert (folder.recipe().train.threads, folder.summary().started) == (2, before)
    assert not list(folder.path.glob("*.partial"))


@pytest.mark.skipif(os.name == "nt", reason="a full device is a file only on Linux and macOS")
def test_a_full_disk_is_one_sentence(folder: RunFolder) -> None:
    folder.events_file.symlink_to("/dev/full")
    with pytest.raises(TlguiError, match="cannot be written"):
        folder.append(events.Saved(1))


def test_a_discarded_run_is_gone(folder: RunFolder) -> None:
    folder.delete()
    assert not folder.path.exists()
