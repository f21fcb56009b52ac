from __future__ import annotations

import io
import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_models import tiny_folder

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event
from tlgui.models.loading import load_own, quiet
from tlgui.models.source import resolve


def open_source(source: str | Path) -> Path:
    events: list[Event] = []
    return resolve(str(source), events.append, Control())


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_starter_a_folder_and_a_run_folder_are_found(tmp_path: Path) -> None:
    assert open_source("starter") == paths.resources() / "starter"
    folder = tiny_folder(tmp_path / "run" / "model")
    assert open_source(folder) == folder
    (tmp_path / "run" / "recipe.toml").write_text("schema = 1\n")
    assert open_source(tmp_path / "run") == folder


def test_a_model_in_several_files_is_found_and_opens(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    whole = load_own("mask", folder)
    (folder / "model.safetensors").unlink()
    with quiet():
        whole.save_pretrained(folder, max_shard_size="10KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    opened = load_own("mask", open_source(folder))
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), opened.parameters(), strict=True))


def no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def config_no_json(folder: Path) -> None:
    (folder / "config.json").write_text("{model_type: bert}")


def no_family(folder: Path) -> None:
    (folder / "config.json").write_text("{}")


def other_family(folder: Path) -> None:
    edit_config(folder, model_type="mamba")


def remote_code(folder: Path) -> None:
    edit_config(folder, model_type="mine", auto_map={"AutoConfig": "configuration_mine.MyConfig"})
    (folder / "configuration_mine.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")


def adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "elsewhere"}')


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def cut_in_the_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:50])


def header_too_long(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"{}")


def empty_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def bin_cut_short(folder: Path) -> None:
    no_weights(folder)
    stream = io.BytesIO()
    torch.save({"weight": torch.ones(1000)}, stream)
    (folder / "pytorch_model.bin").write_bytes(stream.getvalue()[:-500])


class RunsWhenOpened:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


def pickle_with_code(folder: Path) -> None:
    no_weights(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": RunsWhenOpened(folder / "ran")}))


def torch_file_with_code(folder: Path) -> None:
    no_weights(folder)
    torch.save({"weight": RunsWhenOpened(folder / "ran")}, folder / "pytorch_model.bin")


def bin_of_something_else(folder: Path) -> None:
    no_weights(folder)
    torch.save([1, 2, 3], folder / "pytorch_model.bin")


def shard_missing(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))


def shard_elsewhere(folder: Path) -> None:
    no_weights(folder)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../../secret.bin"}}')


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (no_config, "holds no model: there is no config.json"),
        (config_no_json, "config.json is not valid JSON"),
        (no_family, "does not say which family"),
        (other_family, "is of the family “mamba”.*BERT"),
        (remote_code, "brings its own program code, which is never run"),
        (adapter, "holds an adapter, not a whole model"),
        (no_tokenizer, "holds no tokenizer"),
        (no_weights, "holds no weights"),
        (cut_short, "model.safetensors is damaged or cut short"),
        (cut_in_the_header, "model.safetensors is damaged or cut short"),
        (header_too_long, "model.safetensors is damaged or cut short"),
        (empty_weights, "model.safetensors is damaged or cut short"),
        (bin_cut_short, "pytorch_model.bin is damaged or cut short"),
        (pickle_with_code, "pytorch_model.bin holds more than weights and could run code"),
        (torch_file_with_code, "pytorch_model.bin holds more than weights and could run code"),
        (bin_of_something_else, "pytorch_model.bin holds something else than a table of weights"),
        (shard_missing, "model-00002-of-00002.safetensors is missing"),
        (shard_elsewhere, "names “../../secret.bin”"),
    ],
)
def test_a_folder_that_is_no_safe_model_is_refused_in_one_sentence_and_nothing_runs(
    tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    folder = tiny_folder(tmp_path / "model")
    damage(folder)
    with pytest.raises(TlguiError, match=sentence) as caught:
        open_source(folder)
    assert str(folder) in caught.value.title
    assert "\n" not in str(caught.value)
    assert caught.value.hint.endswith(".")
    assert not (folder / "ran").exists()


def test_a_path_that_is_not_there_a_file_and_a_run_without_a_model_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match=r"There is no folder .*nowhere"):
        open_source(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(TlguiError, match="is a file, not a model folder"):
        open_source(tmp_path / "file")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.toml").touch()
    with pytest.raises(TlguiError, match="The run run has no model yet"):
        open_source(tmp_path / "run")


def test_a_known_family_with_remote_code_opens_with_the_known_code(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    edit_config(folder, auto_map={"AutoModelForMaskedLM": "modeling_mine.MyModel"})
    (folder / "modeling_mine.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    assert type(load_own("mask", open_source(folder))).__name__ == "BertForMaskedLM"
    assert not (folder / "ran").exists()
