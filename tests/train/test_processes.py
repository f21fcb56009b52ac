"""Several processes train as one: the same losses, decisions and weights; and what ends one ends all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from joint_runs import Asked, Command, in_processes
from tiny_runs import feature_based, stalling, tiny_recipe

from tlgui.core import recipe as recipes
from tlgui.core.control import Control
from tlgui.core.events import Failed, Resumed
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.train import session

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are forked on Linux and macOS only")


def write(recipe: Recipe, file: Path) -> Path:
    file.write_text(recipes.dump(recipe), encoding="utf-8")
    return file


def command(file: Path, *more: str) -> Command:
    return Command(["train", str(file), "--runs", str(file.parent / "runs"), "--name", "run", "--json", *more])


def alone(recipe: Recipe, folder: Path, **train: object) -> RunFolder:
    """The same run in this process."""
    session.run(recipe.edit("train", **train), folder, lambda e: None, Control(), exact_name="alone")
    return RunFolder(folder / "alone")


def curves(run: RunFolder) -> tuple[list[float], list[float], list[str]]:
    """Losses of the steps and validations, and what was decided."""
    history = History.of(run.events())
    assert history.steps.tolist() == list(range(1, len(history.steps) + 1))
    decided = [note.text for note in history.notes if note.step and not note.text.startswith("Steps took")]
    return history.losses.tolist(), [one.loss for one in history.validations], decided


def weights(run: RunFolder) -> bytes:
    return (run.model / "model.safetensors").read_bytes()


def lora(folder: Path) -> Recipe:
    return tiny_recipe(folder).edit("transfer", method="lora", frozen=())


WAYS: dict[str, Callable[[Path], Recipe]] = {
    "classify": tiny_recipe,
    "masked words": lambda folder: tiny_recipe(folder, "mask"),
    "thawing by plateau": stalling,
    "stored features": feature_based,
    "LoRA": lora,
}


@pytest.mark.parametrize("way", WAYS)
def test_two_processes_train_as_one_to_the_last_bit(way: str, tmp_path: Path) -> None:
    recipe = WAYS[way](tmp_path)
    first, second = in_processes(2, tmp_path, command(write(recipe, tmp_path / "recipe.toml")))
    assert (first.code, second.code) == (0, 0), first.said + second.said
    run = RunFolder(tmp_path / "runs" / "run")
    whole = alone(recipe, tmp_path / "runs", parts=2)
    assert curves(run) == curves(whole)
    assert weights(run) == weights(whole)
    assert run.recipe() == whole.recipe()
    assert run.recipe().train.parts == 2
    assert "2 processes train together and compute each batch in 2 parts." in first.said
    assert json.loads(first.answered)["status"] == "finished"
    assert (second.said, second.answered) == ("", "")


def test_parts_and_batches_that_do_not_come_out_even(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", parts=4, batch_size=9, epochs=1)  # the last batch has one row
    ended = in_processes(3, tmp_path, command(write(recipe, tmp_path / "recipe.toml")))
    assert [one.code for one in ended] == [0, 0, 0], ended[0].said
    losses, validations, _ = curves(RunFolder(tmp_path / "runs" / "run"))
    alone_losses, alone_validations, _ = curves(alone(recipe, tmp_path / "runs"))
    assert losses == pytest.approx(alone_losses, abs=1e-5)
    assert validations == pytest.approx(alone_validations, abs=1e-5)


def test_a_stop_in_one_process_stops_all_and_they_go_on_together(tmp_path: Path) -> None:
    recipe = stalling(tmp_path)
    file = write(recipe, tmp_path / "recipe.toml")
    first, second = in_processes(2, tmp_path, command(file), {1: "stop"})
    assert (first.code, second.code) == (130, 0), first.said + second.said
    run = RunFolder(tmp_path / "runs" / "run")
    assert (run.summary().status, run.summary().step) == ("stopped", 5)
    first, second = in_processes(2, tmp_path, command(file, "--resume"))
    assert (first.code, second.code) == (0, 0), first.said + second.said
    whole = alone(recipe, tmp_path / "runs", parts=2)
    assert curves(run)[:2] == curves(whole)[:2]
    assert weights(run) == weights(whole)


@pytest.mark.parametrize(("what", "happens_to", "code"), [("input", 0, 2), ("input", 1, 2), ("fault", 1, 1)])
def test_a_failure_in_one_process_ends_all_and_is_told_once(
    what: str, happens_to: int, code: int, tmp_path: Path
) -> None:
    file = write(tiny_recipe(tmp_path), tmp_path / "recipe.toml")
    first, second = in_processes(2, tmp_path, command(file), {happens_to: what})
    assert (first.code, second.code) == (code, 0), first.said + second.said
    assert (second.said, second.answered) == ("", "")
    (failed,) = (event for event in RunFolder(tmp_path / "runs" / "run").events() if isinstance(event, Failed))
    if what == "input":
        assert first.said.splitlines()[-1] == "The disk is full. Free some space."
        assert first.said.count("The disk is full.") == 1
        assert failed.title == "The disk is full."
    else:
        assert "A fault that nobody thought of." in first.said
        assert "A fault that nobody thought of." in failed.details


@pytest.mark.parametrize("killed", [0, 1])
def test_a_process_that_is_killed_keeps_the_other_from_waiting(killed: int, tmp_path: Path) -> None:
    file = write(tiny_recipe(tmp_path), tmp_path / "recipe.toml")
    ended = in_processes(2, tmp_path, command(file), {killed: "kill"})
    assert ended[killed].code == -signal.SIGKILL
    other = ended[1 - killed]
    assert other.code == 2
    assert "Another process of this run has ended, so it cannot go on." in other.said
    assert "Traceback" not in other.said


def test_what_the_user_must_change_is_told_once_before_anything_is_written(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", frozen=("7",))
    first, second = in_processes(2, tmp_path, command(write(recipe, tmp_path / "recipe.toml")))
    assert (first.code, second.code) == (2, 0)
    assert "names no group" in first.said
    assert second.said == ""
    assert not (tmp_path / "runs").exists()


def test_a_pause_and_a_wish_in_one_process_are_those_of_all(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    ended = in_processes(2, tmp_path, Asked(write(recipe, tmp_path / "recipe.toml"), tmp_path / "runs"))
    assert [one.code for one in ended] == [0, 0], ended[0].said + ended[1].said
    run = RunFolder(tmp_path / "runs" / "run")
    assert [event.step for event in run.events() if isinstance(event, Resumed)] == [3]
    (change,) = run.recipe().transfer.changes
    assert (change.step, change.groups, change.learns) == (5, ("0",), True)
    whole = alone(run.recipe(), tmp_path / "runs")
    assert curves(run)[0] == pytest.approx(curves(whole)[0], abs=1e-5)


def test_accelerate_launch_starts_them(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, epochs=1)
    words = command(write(recipe, tmp_path / "recipe.toml")).words
    launcher = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    ran = subprocess.run(
        [*launcher, "--main_process_port", "0", "-m", "tlgui", *words],
        env={**os.environ, "TLGUI_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["status"] == "finished"
    assert curves(RunFolder(tmp_path / "runs" / "run")) == curves(alone(recipe, tmp_path / "runs", parts=2))
