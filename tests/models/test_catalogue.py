from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from huggingface_hub import constants
from tiny_models import tiny_folder

from tlgui.core import paths, recipe
from tlgui.core.control import Control
from tlgui.core.events import Finished, Started, StepDone, Validated
from tlgui.core.facts import ModelEntry
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.models import catalogue
from tlgui.models.facts import look
from tlgui.models.fit import goals_of
from tlgui.models.source import resolve


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def by_source() -> dict[str, ModelEntry]:
    found = catalogue.entries()
    assert len({entry.source for entry in found}) == len(found)
    return {entry.source: entry for entry in found}


def finished_run(name: str) -> RunFolder:
    run = RunFolder.create(paths.runs(), name)
    run.recipe_file.write_text(recipe.dump(Recipe(name=name).edit("data", source="a.csv", text=["t"], label="l")))
    for event in (
        Started(str(run.path), 0, 1, 1, ("head",), "accuracy"),
        StepDone(1, 1, 0.5, 1e-5, 0.1),
        Validated(1, 0.5, {"accuracy": 0.784}, best=True),
        Finished(),
    ):
        run.append(event)
    tiny_folder(run.model, task="classify")
    return run


def test_every_row_is_complete_and_the_starters_is_true(home: Path, empty_cache: Path) -> None:
    rows = by_source()
    for entry in rows.values():
        assert entry.goals
        assert entry.name
        assert entry.note
        assert 0 < entry.size_bytes < 2e9
        assert 0 < entry.parameters < 3e8
        assert entry.here == (entry.source == "starter" or entry.from_nothing)
    starter = look(Recipe(task="mask"), resolve("starter", lambda event: None, Control()))
    assert (rows["starter"].parameters, rows["starter"].size_bytes) == (starter.parameters, starter.size_bytes)
    assert {entry.goals for entry in rows.values()} >= {goals_of(family) for family in ("bert", "gpt2")}


def test_a_run_is_listed_with_what_it_reached_and_opens(home: Path, empty_cache: Path) -> None:
    run = finished_run("reviews")
    entry = by_source()[str(run.path)]
    assert (entry.name, entry.here, entry.languages) == ("reviews-01", True, "English, lower case")
    assert entry.note == "Your run: classify, accuracy 78.4 %"
    assert resolve(entry.source, lambda event: None, Control()) == run.model


def test_the_list_is_in_the_order_in_which_one_looks(home: Path, empty_cache: Path) -> None:
    run = finished_run("reviews")
    sources = list(by_source())
    assert sources[0] == "starter"
    assert sources[1] == str(run.path)
    kinds = [source.partition(":")[0] for source in sources[2:]]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"hub", "new"}  # what is made from nothing comes last


def test_a_damaged_run_or_cache_does_not_spoil_the_list(home: Path, empty_cache: Path) -> None:
    run = finished_run("reviews")
    (run.model / "model.safetensors").write_bytes(b"no")
    snapshot = empty_cache / "models--anna--gone" / "snapshots" / "0"
    shutil.copytree(run.model, snapshot)
    (empty_cache / "models--not a name").mkdir()
    assert str(run.path) not in by_source()


def test_the_titles_are_what_people_call_the_models(tmp_path: Path) -> None:
    run = finished_run("reviews")
    assert catalogue.title(str(run.path)) == "reviews-01"
    assert catalogue.title(str(run.model)) == "reviews-01"
    assert catalogue.title("hub:anna/tiny") == "anna/tiny"
    assert catalogue.title(str(tmp_path / "mine")) == "mine"
