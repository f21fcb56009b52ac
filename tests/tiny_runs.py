"""Recipes that train in a moment: a tiny model and rows whose label is one of their words."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tiny_models import tiny_folder

from tlgui.core.control import Control
from tlgui.core.events import Event
from tlgui.core.recipe import Recipe
from tlgui.train.checkpoint import Position
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import set_up
from tlgui.train.store import Store


def tiny_rows(file: Path, rows: int = 80, seed: int = 0) -> Path:
    """A CSV of made-up sentences of 4 to 20 words; `good` ones hold the word w1."""
    random = np.random.default_rng(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label"])
        for i in range(rows):
            words = [f"w{n}" for n in random.integers(10, 90, size=random.integers(4, 20))]
            words[0] = "w1" if i % 2 else "w2"
            writer.writerow([" ".join(words), "good" if i % 2 else "bad"])
    return file


def tiny_recipe(folder: Path, task: str = "classify", **train: object) -> Recipe:
    """A recipe over a tiny BERT and tiny rows, both made in `folder`; embeddings and the lowest layer are frozen."""
    if not (folder / "model").exists():
        tiny_folder(folder / "model")
        tiny_rows(folder / "rows.csv")
    settings = {"epochs": 2, "batch_size": 8, "learning_rate": 1e-3, "max_length": 32, "threads": 1, **train}
    probe = "w1 w20 w30" if task == "classify" else "w1 {w20} w30"
    return (
        Recipe(name="tiny", task=task, probes=(probe,))
        .edit("model", source=str(folder / "model"))
        .edit("data", source=str(folder / "rows.csv"), validation=0.2)
        .edit("transfer", frozen=("embeddings", "0"))
        .edit("train", **settings)
    )


def feature_based(folder: Path, family: str = "bert", **head: object) -> Recipe:
    """A recipe whose encoder, a tiny one of a family, is frozen and feeds a new head."""
    if not (folder / family).exists():
        tiny_folder(folder / family, family)
    recipe = tiny_recipe(folder, learning_rate=0.01).edit("model", source=str(folder / family))
    return recipe.edit("transfer", method="feature-based", frozen=()).edit("head", **{"pooling": "mean", **head})


def gradual(recipe: Recipe, **settings: object) -> Recipe:
    """The recipe with layers that thaw from the top down; nothing stays frozen for good."""
    return recipe.edit("transfer", method="gradual", frozen=()).edit("transfer.gradual", **settings)


def stalling(folder: Path, **train: object) -> Recipe:
    """A gradual recipe whose validation stalls at this rate: layer 2 thaws, makes it no better and is frozen again."""
    settings = {"learning_rate": 0.1, "schedule": "constant", "validations": 2, "epochs": 4, **train}
    return gradual(tiny_recipe(folder, "mask", **settings), rule="plateau", checks=1)


def loop_in_memory(
    recipe: Recipe,
    emit: Callable[[Event], None] = lambda event: None,
    control: Control | None = None,
    *,
    watched: bool = True,
) -> Loop:
    """A recipe's loop before its first step, that writes nothing."""
    control = control or Control()
    setup = set_up(recipe, lambda event: None, control)
    position = Position(learns=setup.plan.learning)
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    return Loop(setup, position, optimizer, Store(setup, position), emit, control, watched=watched)
