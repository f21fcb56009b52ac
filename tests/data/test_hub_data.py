from __future__ import annotations

from pathlib import Path

import pytest
from hub_server import HubServer
from huggingface_hub import close_session, constants

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Progress
from tlgui.data.hub import choose_files, open_dataset

CARD = b"""---
configs:
- config_name: cola
  data_files:
  - split: train
    path: cola/train-*
  - split: validation
    path: [cola/validation-*]
- config_name: rte
  data_files: rte/all.csv
---
# Two tasks
"""


@pytest.fixture
def hub(hub_server: HubServer) -> HubServer:
    """A Hub with one data set that states its configurations, and one that only names its files well."""
    hub_server.repositories["datasets/anna/tasks"] = {
        "README.md": CARD,
        "cola/train-00000-of-00002.csv": b"text,label\na,0\n",
        "cola/train-00001-of-00002.csv": b"text,label\nb,1\n",
        "cola/validation-00000-of-00001.csv": b"text,label\nc,0\n",
        "rte/all.csv": b"text,label\nd,0\n",
    }
    hub_server.repositories["datasets/reviews"] = {
        ".gitattributes": b"x",
        "small/train.jsonl": b'{"text": "a"}\n',
        "small/dev.jsonl": b'{"text": "b"}\n',
        "large/train.jsonl": b'{"text": "c"}\n' * 200_000,
    }
    return hub_server


def read(name: str, events: list[Event] | None = None, control: Control | None = None) -> dict[str, bytes]:
    found = open_dataset(name, ([] if events is None else events).append, control or Control())
    return {split: b"".join(path.read_bytes() for path in files) for split, files in found.items()}


def test_the_card_says_which_files_make_which_split(hub: HubServer) -> None:
    assert read("anna/tasks/cola") == {
        "train": b"text,label\na,0\ntext,label\nb,1\n",
        "validation": b"text,label\nc,0\n",
    }
    assert read("anna/tasks/rte") == {"train": b"text,label\nd,0\n"}
    assert "all.csv" in hub.files_asked_for()


def test_without_a_card_names_decide_and_only_that_configuration_is_fetched(hub: HubServer) -> None:
    assert read("reviews/small") == {"train": b'{"text": "a"}\n', "validation": b'{"text": "b"}\n'}
    assert sorted(hub.files_asked_for()) == ["dev.jsonl", "train.jsonl"]


def test_the_second_use_asks_the_network_nothing(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read("anna/tasks/cola")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    close_session()
    hub.requests.clear()
    assert read("anna/tasks/cola") == first
    assert hub.requests == []


def test_progress_is_told_and_a_stop_is_followed(hub: HubServer) -> None:
    control = Control()
    hub.before_file = lambda name: control.stop()
    with pytest.raises(StopRequested):
        read("reviews/large", control=control)
    hub.before_file = lambda name: None
    events: list[Event] = []
    assert len(read("reviews/large", events)["train"]) == 200_000 * 14
    counts = [(event.done, event.total) for event in events if isinstance(event, Progress) and event.total]
    assert len(counts) > 2
    assert counts[-1] == (200_000 * 14, 200_000 * 14)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("anna/tasks", "anna/tasks has several configurations: cola, rte.*hub:anna/tasks/cola"),
        ("anna/tasks/sst", "anna/tasks has no configuration “sst”. It has: cola, rte"),
        ("reviews", "reviews has several configurations: large, small"),
        ("nobody/nothing", "The Hub has no data set “nobody/nothing”"),
        ("nobody/nothing/at-all", "The Hub has no data set “nobody/nothing”"),
        ("anna/pictures", "anna/pictures holds no table or text files"),
    ],
)
def test_what_is_not_there_is_said(hub: HubServer, name: str, sentence: str) -> None:
    hub.repositories["datasets/anna/pictures"] = {"a.png": b"x"}
    with pytest.raises(TlguiError, match=sentence):
        read(name)


@pytest.mark.parametrize(
    ("names", "config", "splits"),
    [
        (["train.csv", "test.csv"], "", {"train": ["train.csv"], "test": ["test.csv"]}),
        (["data/train-0.csv", "data/train-1.csv"], "", {"train": ["data/train-0.csv", "data/train-1.csv"]}),
        (["one.txt", "two.txt"], "", {"train": ["one.txt", "two.txt"]}),
        (["a/dev/0.csv", "a/train/0.csv"], "a", {"validation": ["a/dev/0.csv"], "train": ["a/train/0.csv"]}),
        (["my_training_data.csv", "notes.csv"], "", {"train": ["my_training_data.csv"]}),
    ],
)
def test_splits_are_read_from_names(names: list[str], config: str, splits: dict[str, list[str]]) -> None:
    assert choose_files("anna/any", config, names, {}) == splits


def test_paths_are_those_of_the_common_cache(hub: HubServer) -> None:
    files = open_dataset("reviews/small", lambda event: None, Control())["train"]
    assert Path(constants.HF_HUB_CACHE) in files[0].parents
