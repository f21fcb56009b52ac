"""`tlgui race` in the terminal: a table and sentences on stdout, progress on stderr, exit codes of the contract."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import tiny_recipe

from tlgui import cli
from tlgui.core import recipe as recipes

SMALL = ("--strategies", "scratch,top-1,everything", "--labels", "8,all", "--seeds", "2", "--least-steps", "4")


def recipe_file(folder: Path, **train: object) -> Path:
    file = folder / "r.toml"
    file.write_text(recipes.dump(tiny_recipe(folder, epochs=1, **train)), encoding="utf-8")
    return file


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    code = cli.main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_race_is_told_and_not_run_again(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recipe_file(tmp_path)
    assert cli.main(["race", str(file), *SMALL]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0].split() == ["Strategy", "Parameters", "that", "learn", "Minutes", "8", "labels", "64", "labels"]
    assert [line[:12] for line in lines[1:4]] == ["From scratch", "Top layer   ", "Everything  "]
    assert all("±" in line for line in lines[1:4])
    assert len({len(line) for line in lines[:4]}) == 1
    for claim in ("Less training time: ", "Better predictions: ", "Fewer labels: "):
        assert any(line.startswith(claim) for line in lines)
    assert "Everything, 8 labels, seed 2 of 2. Done: 8 of 12 runs" in told.err
    (folder,) = (home / "races").iterdir()
    assert lines[-1].endswith(f"Report: {folder / 'report.html'}")
    before = (folder / "cells.jsonl").read_bytes()
    code, answer = call(capsys, "race", file, *SMALL)
    assert (code, answer["done"], answer["total"]) == (0, 12, 12)
    assert answer["folder"] == str(folder)
    assert {verdict["claim"] for verdict in answer["verdicts"]} >= {"Better predictions"}
    assert (folder / "cells.jsonl").read_bytes() == before


def test_a_stopped_race_exits_130_and_goes_on(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = recipe_file(tmp_path), tmp_path / "race"
    options = (*SMALL, "--labels", "8", "--least-steps", "60", "--out", str(out))
    command = [sys.executable, "-m", "tlgui", "race", str(file), *options]
    with subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home)},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Done: 2 of 6" in line:
                process.send_signal(signal.SIGINT)
                break
        answer, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    done = json.loads(answer)["done"]
    assert 2 <= done < 6
    assert len((out / "cells.jsonl").read_text(encoding="utf-8").splitlines()) == done
    code, again = call(capsys, "race", file, *options)
    assert (code, again["done"]) == (0, 6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("--labels", "8,many"), "“many” is no number of rows"),
        (("--labels", "900"), "900 labels are wanted"),
        (("--strategies", "magic"), "“magic” is no strategy"),
        (("--strategies", ","), "at least one strategy"),
        (("--seeds", "0"), "seeds: must be"),
    ],
)
def test_what_cannot_race_exits_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: tuple[str, ...], words: str
) -> None:
    code, answer = call(capsys, "race", recipe_file(tmp_path), *SMALL, *changes, "--out", tmp_path / "out")
    assert code == 2
    assert words in f"{answer['error']['title']} {answer['error']['hint']}"
    assert not (tmp_path / "out").exists()
