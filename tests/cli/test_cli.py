"""The commands of the contract: one JSON object on stdout, sentences on stderr, exit codes."""

from __future__ import annotations

import csv
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
from tlgui.core.control import Control
from tlgui.core.events import Finished
from tlgui.train import session


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(folder with recipe and rows, run folder) of a tiny classifier."""
    folder = tmp_path_factory.mktemp("trained")
    ending = session.run(tiny_recipe(folder, epochs=4), folder / "runs", lambda e: None, Control())
    assert isinstance(ending, Finished)
    return folder, Path(ending.value.folder)


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    code = cli.main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_train_writes_a_run_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.toml"
    file.write_text(recipes.dump(tiny_recipe(tmp_path)), encoding="utf-8")
    code, answer = call(capsys, "train", file, "--runs", tmp_path / "runs", "--name", "mine")
    assert code == 0
    assert (answer["status"], answer["folder"]) == ("finished", str(tmp_path / "runs" / "mine"))
    code, answer = call(capsys, "train", file, "--runs", tmp_path / "runs", "--name", "mine")
    assert (code, answer["code"]) == (2, 2)
    code, answer = call(capsys, "runs", "--runs", tmp_path / "runs")
    assert code == 0
    assert [run["name"] for run in answer["runs"]] == ["mine"]


def test_find_lr_suggests_a_rate_and_writes_no_run(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.toml"
    file.write_text(recipes.dump(tiny_recipe(tmp_path)), encoding="utf-8")
    code, answer = call(capsys, "train", file, "--find-lr", "--runs", tmp_path / "runs")
    assert code == 0
    assert 0 < answer["suggestion"] <= 1
    assert len(answer["rates"]) == len(answer["losses"]) == len(answer["smoothed"]) > 30
    assert cli.main(["train", str(file), "--find-lr"]) == 0
    first, _, head, *curve = capsys.readouterr().out.splitlines()
    assert first == f"Suggested rate: {answer['suggestion']:.1e}. {answer['why']}"
    assert head.split() == ["rate", "loss"]
    assert len(curve) == -(-len(answer["rates"]) // 5)
    assert curve[0].split()[:2] == ["1.0e-07", f"{answer['losses'][0]:.3f}"]
    assert not (tmp_path / "runs").exists()
    assert not (home / "runs").exists()


def test_a_stopped_training_exits_130_and_is_resumed(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(recipes.dump(tiny_recipe(tmp_path, epochs=400)), encoding="utf-8")
    command = [sys.executable, "-m", "tlgui", "train", str(file), "--runs", str(tmp_path / "runs"), "--name", "a"]
    with subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home)},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("step "):
                process.send_signal(signal.SIGINT)
                break
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    answer = json.loads(out)
    assert answer["status"] == "stopped"
    assert answer["has_model"]
    assert 0 < answer["step"] < answer["total"]


def test_predict_writes_a_row_for_every_row(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, run = trained
    code, answer = call(capsys, "predict", folder / "rows.csv", "--model", run, "--out", tmp_path / "out.csv")
    assert (code, answer["rows"]) == (0, 80)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == list(range(1, 81))
    for row in rows:
        shares = {name: float(row[f"share_{name}"]) for name in ("bad", "good")}
        assert sum(shares.values()) == pytest.approx(1, abs=2e-4)
        assert shares[row["label"]] == max(shares.values())


def test_evaluate_counts_what_predict_wrote(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, run = trained
    call(capsys, "predict", folder / "rows.csv", "--model", run, "--out", tmp_path / "out.csv")
    code, answer = call(capsys, "evaluate", folder / "rows.csv", "--model", run)
    with (folder / "rows.csv").open(encoding="utf-8") as a, (tmp_path / "out.csv").open(encoding="utf-8") as b:
        pairs = zip(csv.DictReader(a), csv.DictReader(b), strict=True)
        right = sum(row["label"] == guess["label"] for row, guess in pairs)
    assert code == 0
    assert answer["metrics"]["accuracy"] == pytest.approx(right / 80)
    assert sum(map(sum, answer["confusion"])) == 80
    assert len(answer["mistakes"]) == 80 - right


def test_fill_mask_with_the_starter_and_against_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "fill-mask", "She drank a cup of [MASK].", "-k", 3)
    assert code == 0
    (hidden,) = answer["hidden"]
    first = [guess["word"] for guess in hidden["original"]]
    assert len(first) == 3
    assert {"tea", "coffee"} & set(first)
    code, answer = call(capsys, "fill-mask", f"She drank a cup of {{{first[0]}}}.", "--against", "starter")
    (hidden,) = answer["hidden"]
    assert hidden["original"] == hidden["adapted"]
    assert hidden["original_rank"] == 1
    assert hidden["original_share"] == pytest.approx(hidden["original"][0]["share"], rel=1e-4)


def test_layers_lists_groups_bottom_to_top(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "layers", "--model", "starter")
    assert code == 0
    assert [g["key"] for g in answer["groups"]] == ["embeddings", "0", "1", "2", "3", "4", "5", "pooler", "head"]
    assert answer["parameters"] == sum(g["parameters"] for g in answer["groups"])


def test_check_data_names_row_and_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.csv"
    rows = [f"text number {i} of them,{'yes' if i % 2 else 'no'}" for i in range(40)]
    rows[11] = ",yes"
    file.write_text("sentence,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, answer = call(capsys, "check-data", file)
    assert code == 2
    (problem,) = (p for p in answer["problems"] if p["severity"] == "must")
    assert problem["text"] == "Row 12, column sentence: the text is empty."


def test_doctor_finds_the_starter(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "doctor")
    assert code == 0
    assert {f["what"]: f["good"] for f in answer["findings"]}["starter model"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "/nowhere.toml"),
        ("fill-mask", "Nothing hidden."),
        ("fill-mask", "A [MASK].", "--model", "/nowhere"),
        ("predict", "/nowhere.csv", "--model", "/nowhere", "--out", "/tmp/never.csv"),
        ("evaluate", "/nowhere.csv", "--model", "starter"),
        ("layers", "--model", "/nowhere"),
        ("layers", "--task", "dance"),
        ("check-data", "/nowhere.csv"),
    ],
)
def test_the_users_input_exits_2_with_a_title_and_a_hint(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, answer = call(capsys, *arguments)
    assert (code, answer["code"]) == (2, 2)
    assert answer["error"]["title"].endswith(".")
    assert answer["error"]["hint"].endswith(".")
    assert not Path("/tmp/never.csv").exists()


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    command = f"{sys.executable} -m tlgui layers --model starter | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_classifier_does_not_guess_hidden_words(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = call(capsys, "fill-mask", "w1 [MASK]", "--model", trained[1])
    assert code == 2
    assert "was not trained to guess hidden words" in answer["error"]["title"]


def test_labels_of_any_script_survive_a_narrow_terminal(tmp_path: Path) -> None:
    rows = "\n".join(f"text number {i},{'да' if i % 2 else '否'}" for i in range(20))
    (tmp_path / "r.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    command = [sys.executable, "-m", "tlgui", "check-data", str(tmp_path / "r.csv")]
    for extra in ([], ["--json"]):
        environ = {**os.environ, "PYTHONIOENCODING": "cp437"}
        done = subprocess.run([*command, *extra], capture_output=True, env=environ, check=False)
        assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["labels"]) == {"да", "否"}


def test_every_command_of_the_contract_is_there() -> None:
    names = {command.name for command in cli.COMMANDS}
    assert names == {
        "train",
        "fill-mask",
        "continue",
        "predict",
        "evaluate",
        "layers",
        "check-data",
        "race",
        "runs",
        "export",
        "doctor",
    }
    assert all(command.summary for command in cli.COMMANDS)


def test_the_command_line_is_quick_and_knows_no_qt() -> None:
    code = "import sys, tlgui.cli as c; c.make_parser(); print([m for m in ('torch', 'PySide6') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
