"""Every family, transferred in every way: exactly the planned weights change, at exactly the planned steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_models import families_for, tiny_folder
from tiny_runs import TABLES, loop_in_memory, tiny_numbers, tiny_pairs, tiny_questions, tiny_rows, tiny_sentences

from tlgui.core.events import Event, StepDone, Validated
from tlgui.core.recipe import Recipe
from tlgui.train.loop import Loop

WAYS: dict[str, Callable[[Recipe], Recipe]] = {
    "feature-based": lambda recipe: recipe.edit("transfer", method="feature-based"),
    "top layer": lambda recipe: recipe.edit("transfer", frozen=("embeddings", "0-1")),
    "an arbitrary set": lambda recipe: recipe.edit("transfer", frozen=("0", "2")),
    "gradual": lambda recipe: recipe.edit("transfer", method="gradual").edit(
        "transfer.gradual", every=1, unit="steps", at={"embeddings": 4.0}
    ),
    "LoRA": lambda recipe: recipe.edit("transfer", method="lora", frozen=("0",)).edit("transfer.lora", rank=2),
    "scratch": lambda recipe: recipe.edit("model", weights="scratch"),
}
ALONE = {"an arbitrary set": ("embeddings",), "top layer": ("embeddings",), "LoRA": ()}
"""What stays frozen in ALBERT, whose layers are one group."""
STEPS = 5
"""Of a run."""
ROWS = {"next-word": 5}
"""Of a batch, where the 40 rows make fewer examples, so that there are as many steps."""


def planned(way: str, keys: tuple[str, ...], new: frozenset[str], step: int) -> set[str]:
    """The groups that learn in a step (from 1), told by hand and not by what is tested."""
    layers = [key for key in keys if key.isdigit()]
    top = {"pooler", "head"} & set(keys)
    match way:
        case "feature-based":
            return {"head"} | ({"pooler"} & new)
        case "top layer":
            return {layers[-1]} | top
        case "an arbitrary set":
            return set(keys) - (set(ALONE[way]) if len(layers) == 1 else {"0", "2"})
        case "gradual":
            return top | set(layers[::-1][: step - 1]) | ({"embeddings"} if step > 4 else set())
        case "LoRA":
            return top | (set(layers) - (set() if len(layers) == 1 else {"0"}))
    return set(keys)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    tiny_rows(folder / "rows.csv", rows=50)
    tiny_numbers(folder / "numbers.csv", rows=50)
    tiny_questions(folder / "questions.csv", rows=50, most=14)
    tiny_sentences(folder / "rows.conll", rows=50)
    tiny_pairs(folder / "pairs.csv", rows=50)
    for family in {*families_for("classify"), *families_for("next-word"), *families_for("text-to-text")}:
        tiny_folder(folder / family, family)
    return folder


def watch(recipe: Recipe) -> tuple[Loop, list[dict[str, torch.Tensor]]]:
    """The loop of a whole run, and its weights before the first step and after each."""
    snapshots: list[dict[str, torch.Tensor]] = []

    def weights() -> dict[str, torch.Tensor]:
        return {name: parameter.detach().clone() for name, parameter in loop.setup.parameters.items()}

    def emit(event: Event) -> None:
        if isinstance(event, StepDone) or (isinstance(event, Validated) and event.step == 0):
            snapshots.append(weights())

    loop = loop_in_memory(recipe, emit)
    loop.run()
    return loop, snapshots


def recipe_of(folder: Path, family: str, task: str, way: str) -> Recipe:
    recipe = (
        Recipe(name="way", task=task)
        .edit("model", source=str(folder / family))
        .edit("data", source=str(folder / TABLES.get(task, "rows.csv")), validation=0.2)
        .edit("train", epochs=1, batch_size=ROWS.get(task, 8), learning_rate=1e-2, max_length=24, warmup=0.0)
        .edit("train", validations=1, threads=1)
    )
    recipe = WAYS[way](recipe)
    return recipe.edit("transfer", frozen=ALONE[way]) if family == "albert" and way in ALONE else recipe


def check(folder: Path, family: str, task: str, way: str) -> None:
    loop, snapshots = watch(recipe_of(folder, family, task, way))
    setup = loop.setup
    assert len(snapshots) == STEPS + 1
    for step in range(1, STEPS + 1):
        learning = planned(way, setup.keys, setup.new, step)
        before, after = snapshots[step - 1], snapshots[step]
        for group in setup.groups:
            changed = {name for name in (*group.names, *group.adapters) if not torch.equal(before[name], after[name])}
            if group.key not in learning:
                assert not changed, (step, group.key)
                continue
            adapted = way == "LoRA" and group.key.isdigit()
            assert changed, (step, group.key)
            assert bool(group.adapters) == adapted
            assert changed <= set(group.adapters if adapted else group.names), (step, group.key)
            # Rows of words that did not occur are only decayed; all matrices of a layer that learns move.
            matrices = {name for name in group.learnable if before[name].ndim > 1}
            still = matrices - changed
            assert all("lora_A" in name and step == 1 for name in still), (step, still)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", families_for("classify"))
def test_exactly_the_planned_weights_change_at_exactly_the_planned_steps(made: Path, family: str, way: str) -> None:
    check(made, family, "classify", way)


@pytest.mark.parametrize("way", ["an arbitrary set", "gradual", "LoRA", "scratch"])
@pytest.mark.parametrize("family", ["bert", "distilbert", "deberta-v2", "modernbert"])
def test_so_it_is_for_masked_words(made: Path, family: str, way: str) -> None:
    check(made, family, "mask", way)


@pytest.mark.parametrize("way", ["top layer", "gradual", "LoRA", "scratch"])
@pytest.mark.parametrize("family", ["bert", "distilbert", "modernbert"])
def test_so_it_is_for_questions(made: Path, family: str, way: str) -> None:
    check(made, family, "answer", way)


@pytest.mark.parametrize("way", ["feature-based", "an arbitrary set", "gradual", "LoRA"])
@pytest.mark.parametrize("family", ["bert", "distilbert", "deberta-v2", "gpt2"])
def test_so_it_is_for_tags(made: Path, family: str, way: str) -> None:
    check(made, family, "tag", way)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "feature-based"])
@pytest.mark.parametrize("family", families_for("next-word"))
def test_so_it_is_for_next_words(made: Path, family: str, way: str) -> None:
    check(made, family, "next-word", way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", families_for("text-to-text"))
def test_so_it_is_for_texts_that_are_written(made: Path, family: str, way: str) -> None:
    check(made, family, "text-to-text", way)


@pytest.mark.parametrize("way", ["an arbitrary set", "LoRA"])
def test_so_it_is_for_gaps(made: Path, way: str) -> None:
    check(made, "t5", "corrupt", way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", ["bert", "distilbert", "modernbert"])
def test_so_it_is_for_numbers(made: Path, family: str, way: str) -> None:
    check(made, family, "regress", way)
