"""Runs with adapters or a head of ours leave as folders that public packages open, with the run's own answers."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_runs import tiny_recipe
from transformers import dynamic_module_utils

from tlgui import cli
from tlgui.commands.export import FORMATS as TOLD
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Finished
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.export.folder import FORMATS, export_folder
from tlgui.inspect.evaluation import of_run, predict
from tlgui.models.loading import load_own, load_tokenizer, load_trained
from tlgui.train import session

HEADS = {
    "own": {"pooling": "own"},
    "ours": {"pooling": "attention", "features": "mix", "hidden": 6},
}


def trained(folder: Path, recipe: Recipe) -> RunFolder:
    ending = session.run(recipe, folder / "runs", lambda event: None, Control())
    assert isinstance(ending, Finished)
    return RunFolder(Path(ending.value.folder))


def with_lora(folder: Path, task: str = "classify") -> Recipe:
    made = tiny_recipe(folder, task, epochs=1, learning_rate=0.05).edit("transfer", method="lora")
    return made.edit("transfer.lora", matrices=("query", "feed-forward"))


@pytest.fixture(scope="module", params=HEADS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp(request.param)
    return trained(folder, with_lora(folder).edit("head", **HEADS[request.param]))


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("masked")
    return trained(folder, with_lora(folder, "mask"))


def do_as_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The model that the README's lines open."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(folder / "cache"))
    lines = re.search(r"```python\n(.*?)```", Path("README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert lines
    made: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft asks transformers for what it deprecates, and warns of tied heads
        exec(lines[1], made)
    assert made["tokenizer"]("w1")["input_ids"]
    return made["model"]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_readmes_lines_open_what_was_exported(
    run: RunFolder, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export_folder(run.path, tmp_path / "out", kind)
    inputs = load_tokenizer(run.model)("w1 w30 w31 w32", return_tensors="pt")
    with torch.no_grad():
        logits = load_trained("classify", run.model)(**inputs).logits
        again = do_as_told(folder, monkeypatch)(**inputs).logits
    torch.testing.assert_close(again, logits, rtol=0, atol=1e-5)


def test_adapters_of_a_masked_word_model_open_too(
    masked: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export_folder(masked.path, tmp_path / "out", "adapter")
    inputs = load_tokenizer(masked.model)("w1 [MASK] w31", return_tensors="pt")
    with torch.no_grad():
        logits = load_own("mask", masked.model)(**inputs).logits
        again = do_as_told(folder, monkeypatch)(**inputs).logits
    torch.testing.assert_close(again, logits, rtol=0, atol=1e-5)


def test_a_run_with_a_head_of_ours_answers_and_is_the_start_of_others(run: RunFolder, tmp_path: Path) -> None:
    found = of_run(str(run.path), lambda event: None, Control())
    assert found.rows == 16
    source = run.recipe().data.source
    assert predict(source, str(run.path), tmp_path / "out.csv", lambda event: None, Control()) == 80
    for task in ("classify", "mask"):
        recipe = tiny_recipe(tmp_path, task, epochs=1).edit("model", source=str(run.path))
        assert trained(tmp_path, recipe).model.exists()


def test_adapters_hold_what_learned_and_nothing_of_the_pretrained_weights(run: RunFolder) -> None:
    whole = (run.model / "model.safetensors").stat().st_size
    assert (run.adapter / "adapter_model.safetensors").stat().st_size < whole / 2
    config = json.loads((run.adapter / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == run.recipe().model.source


@pytest.mark.parametrize("change", [("transfer", {"method": "fine-tune"}), ("model", {"weights": "scratch"})])
def test_a_run_without_adapters_of_use_has_none_to_export(tmp_path: Path, change: tuple[str, dict[str, str]]) -> None:
    made = trained(tmp_path, with_lora(tmp_path).edit(change[0], **change[1]))
    assert not made.adapter.exists()
    with pytest.raises(TlguiError, match="has no adapters"):
        export_folder(made.path, tmp_path / "out", "adapter")
    assert not (tmp_path / "out").exists()


def test_the_command_exports_and_tells_the_files(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(TOLD) == set(FORMATS)
    command = ["export", str(run.path), "--to", str(tmp_path / "out"), "--format", "adapter", "--json"]
    assert cli.main(command) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["folder"], answer["format"]) == (str(tmp_path / "out"), "adapter")
    assert {"adapter_config.json", "adapter_model.safetensors", "README.md"} <= set(answer["files"])
    assert cli.main(command) == 2
    assert "is not empty" in json.loads(capsys.readouterr().out)["error"]["title"]
    assert cli.main(["export", str(tmp_path), "--to", str(tmp_path / "more"), "--json"]) == 2
    assert "is no run folder" in json.loads(capsys.readouterr().out)["error"]["title"]
