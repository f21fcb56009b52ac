from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from hub_server import HubServer
from huggingface_hub import close_session, constants
from tiny_models import tiny_folder

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Progress
from tlgui.core.recipe import Recipe
from tlgui.models import catalogue, facts
from tlgui.models.loading import load_own
from tlgui.models.source import resolve

UNWANTED = {"tf_model.h5": b"x", "pytorch_model.bin": b"x", "onnx/model.onnx": b"x", "flax/model.safetensors": b"x"}
CARD = b"---\nlicense: mit\nlanguage:\n- en\n- fr\n---\n# Tiny\n"


@pytest.fixture
def hub(hub_server: HubServer, tmp_path: Path) -> HubServer:
    """A Hub with the model `anna/tiny`, whose weights are some megabytes long."""
    folder = tiny_folder(tmp_path / "published", vocab_size=20_000, hidden_size=32)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub_server.repositories["models/anna/tiny"] = {**files, **UNWANTED, "README.md": CARD}
    return hub_server


def get(name: str, events: list[Event] | None = None, control: Control | None = None) -> Path:
    return resolve(f"hub:{name}", ([] if events is None else events).append, control or Control())


def test_a_model_comes_with_progress_and_only_the_files_that_are_needed(hub: HubServer, tmp_path: Path) -> None:
    events: list[Event] = []
    folder = get("anna/tiny", events)
    assert sorted(set(hub.files_asked_for())) == sorted(
        {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md"}
    )
    published = load_own("mask", tmp_path / "published")
    assert all(
        torch.equal(a, b) for a, b in zip(published.parameters(), load_own("mask", folder).parameters(), strict=True)
    )
    weights = len(hub.repositories["models/anna/tiny"]["model.safetensors"])
    counts = [(e.done, e.total) for e in events if isinstance(e, Progress) and e.total > weights]
    assert len(counts) > 3
    assert counts == sorted(counts)
    assert counts[-1][0] == counts[-1][1]


def test_the_second_use_asks_the_network_nothing(hub: HubServer) -> None:
    first = get("anna/tiny")
    hub.requests.clear()
    assert get("anna/tiny") == first
    assert hub.requests == []


def test_offline_uses_what_is_there_and_says_what_is_not(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = get("anna/tiny")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    close_session()
    hub.requests.clear()
    assert get("anna/tiny") == first
    with pytest.raises(TlguiError, match="anna/other is not on this computer, and HF_HUB_OFFLINE"):
        get("anna/other")
    assert hub.requests == []


def test_a_stop_in_the_middle_of_a_file_ends_the_download_and_a_second_try_completes_it(hub: HubServer) -> None:
    control = Control()
    hub.before_file = lambda name: control.stop() if name == "model.safetensors" else None
    with pytest.raises(StopRequested):
        get("anna/tiny", control=control)
    assert list(Path(constants.HF_HUB_CACHE).rglob("*.incomplete")) == []
    done = {link.name for link in Path(constants.HF_HUB_CACHE).glob("models--*/snapshots/*/*")}
    assert "config.json" in done
    assert "model.safetensors" not in done
    hub.before_file = lambda name: None
    hub.requests.clear()
    load_own("mask", get("anna/tiny"))
    assert done.isdisjoint(hub.files_asked_for())


def test_files_that_another_program_left_are_used_if_they_are_a_whole_model(hub: HubServer) -> None:
    folder = get("anna/tiny")
    for listing in folder.parents[1].glob("trees/*"):
        listing.unlink()
    hub.requests.clear()
    assert get("anna/tiny") == folder
    assert hub.requests == []
    (folder / "tokenizer.json").unlink()
    assert get("anna/tiny") == folder
    assert (folder / "tokenizer.json").exists()


def test_an_unknown_family_is_refused_before_its_weights_are_fetched(hub: HubServer) -> None:
    hub.repositories["models/anna/tiny"]["config.json"] = b'{"model_type": "xlnet"}'
    with pytest.raises(TlguiError, match="family “xlnet”"):
        get("anna/tiny")
    assert "model.safetensors" not in hub.files_asked_for()


def test_a_repository_without_weights_is_refused_before_anything_is_fetched(hub: HubServer) -> None:
    del hub.repositories["models/anna/tiny"]["model.safetensors"]
    del hub.repositories["models/anna/tiny"]["pytorch_model.bin"]
    with pytest.raises(TlguiError, match="anna/tiny holds no weights"):
        get("anna/tiny")
    assert hub.files_asked_for() == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("anna/nothing", "The Hub has no model “anna/nothing”, or it is private"),
        ("two words", "“two words” is not a name on the Hugging Face Hub"),
        ("a/b/c", "“a/b/c” is not a name on the Hugging Face Hub"),
        ("", "“” is not a name on the Hugging Face Hub"),
    ],
)
def test_a_name_that_is_not_there_is_said(hub: HubServer, name: str, sentence: str) -> None:
    with pytest.raises(TlguiError, match=sentence):
        get(name)


def test_a_gated_model_says_whom_to_ask(hub: HubServer) -> None:
    hub.gated.add("models/anna/tiny")
    with pytest.raises(TlguiError, match="The owner of anna/tiny lets in only people who asked"):
        get("anna/tiny")


def test_no_network_is_said(hub: HubServer) -> None:
    hub.close()
    with pytest.raises(TlguiError, match="anna/tiny is not on this computer, and the Hub cannot be reached"):
        get("anna/tiny")


def test_too_little_space_is_said_before_anything_is_fetched(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    little = shutil.disk_usage(Path.cwd())._replace(free=1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: little)
    with pytest.raises(TlguiError, match=r"anna/tiny does not fit on the disk .* 1 MB are free"):
        get("anna/tiny")
    assert "model.safetensors" not in hub.files_asked_for()


def test_facts_and_the_list_know_a_model_that_was_fetched(hub: HubServer, home: Path) -> None:
    recipe = Recipe().edit("model", source="hub:anna/tiny")
    found = facts.look(recipe, get("anna/tiny"))
    assert (found.name, found.licence, found.languages) == ("anna/tiny", "mit", "en, fr")
    hub.requests.clear()
    entry = next(entry for entry in catalogue.entries() if entry.source == "hub:anna/tiny")
    assert entry.here
    assert entry.size_bytes == found.size_bytes
    assert hub.requests == []
