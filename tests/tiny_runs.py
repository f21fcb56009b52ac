"""Recipes that train in a moment: a tiny model and rows whose label is one of their words."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tiny_models import tiny_folder

from tlgui.core.control import Control
from tlgui.core.events import Event
from tlgui.core.recipe import Recipe
from tlgui.models.families import FAMILIES
from tlgui.models.fit import why_not
from tlgui.train.checkpoint import Position
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import set_up
from tlgui.train.store import Store

PROBES = {
    "classify": "w1 w20 w30",
    "answer": "w3 w20\nw50 w20 {w51} w52",
    "tag": "w1 w20 w30",
    "regress": "w1 w20",
    "text-to-text": "w1 > w20 w30 => w20",
}
TABLES = {
    "answer": "questions.csv",
    "tag": "rows.conll",
    "regress": "numbers.csv",
    "mask+nsp": "documents.txt",
    "text-to-text": "pairs.csv",
}


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


def tiny_questions(file: Path, rows: int = 60, most: int = 60, seed: int = 0) -> Path:
    """A CSV of questions such as "w3 w20": the answer is what follows w20 in the passage; every fifth has none.

    Args:
        most: Words of a passage; of 60, some need several windows of 32 tokens.
    """
    random = np.random.default_rng(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["question", "passage", "answers"])
        for i in range(rows):
            words = [f"w{n}" for n in random.integers(40, 90, size=random.integers(8, most))]
            place = int(random.integers(0, len(words) - 2))
            words[place] = "w20"
            start = len(" ".join(words[: place + 1])) + 1
            answer = json.dumps([{"text": words[place + 1], "start": start}]) if i % 5 else "[]"
            writer.writerow(["w3 w20" if i % 5 else "w4 w30", " ".join(words), answer])
    return file


def tiny_sentences(file: Path, rows: int = 80, most: int = 20, seed: int = 0) -> Path:
    """A CoNLL file of sentences in which w70 and w72 after it are a place, and w71 is a person.

    Args:
        most: Words of a sentence.
    """
    random = np.random.default_rng(seed)
    with file.open("w", encoding="utf-8") as out:
        for _ in range(rows):
            words = [f"w{n}" for n in random.integers(10, 70, size=random.integers(4, most))]
            tags = ["O"] * len(words)
            place = int(random.integers(0, len(words) - 2))
            words[place : place + 3] = ["w70", "w72", "w71"]
            tags[place : place + 3] = ["B-place", "I-place", "B-person"]
            out.writelines(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True))
            out.write(" \n")
    return file


def tiny_numbers(file: Path, rows: int = 80, seed: int = 0) -> Path:
    """A CSV of made-up sentences and how often each holds the word w1, from 10 for never to 40 for thrice."""
    random = np.random.default_rng(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "score"])
        for i in range(rows):
            words = [f"w{n}" for n in random.integers(10, 90, size=random.integers(4, 20))]
            words[: i % 4] = ["w1"] * (i % 4)
            writer.writerow([" ".join(words), 10 + 10 * (i % 4)])
    return file


def tiny_pairs(file: Path, rows: int = 80, seed: int = 0) -> Path:
    """A CSV of two tasks by prefix, each with an output of its own, whatever the made-up text."""
    random = np.random.default_rng(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["prefix", "input", "output"])
        for i in range(rows):
            words = [f"w{n}" for n in random.integers(10, 80, size=random.integers(4, 20))]
            task, output = ("w2 >", "w83 w84 w85") if i % 3 else ("w1 >", "w81 w82")
            writer.writerow([task, " ".join(words), output])
    return file


def tiny_documents(file: Path, documents: int = 8, lines: int = 10, seed: int = 0) -> Path:
    """A plain text of documents, whose lines each begin with a word of their document; an empty line between two."""
    random = np.random.default_rng(seed)
    texts = [
        "\n".join(
            " ".join(f"w{n}" for n in (20 + number, *random.integers(40, 90, size=random.integers(4, 12)).tolist()))
            for _ in range(lines)
        )
        for number in range(documents)
    ]
    file.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return file


def tiny_recipe(folder: Path, task: str = "classify", **train: object) -> Recipe:
    """A recipe over a tiny BERT and tiny rows, both made in `folder`; embeddings and the lowest layer are frozen."""
    if not (folder / "model").exists():
        tiny_folder(folder / "model")
        tiny_rows(folder / "rows.csv")
        tiny_questions(folder / "questions.csv")
        tiny_sentences(folder / "rows.conll")
        tiny_numbers(folder / "numbers.csv")
        tiny_documents(folder / "documents.txt")
        tiny_pairs(folder / "pairs.csv")
    settings = {"epochs": 2, "batch_size": 8, "learning_rate": 1e-3, "max_length": 32, "threads": 1, **train}
    probe = PROBES.get(task, "w1 {w20} w30")
    return (
        Recipe(name="tiny", task=task, probes=(probe,))
        .edit("model", source=str(model_for(folder, task)))
        .edit("data", source=str(folder / TABLES.get(task, "rows.csv")), validation=0.2)
        .edit("transfer", frozen=("embeddings", "0"))
        .edit("text", max_output=6)
        .edit("train", **settings)
    )


def model_for(folder: Path, task: str) -> Path:
    """A tiny BERT, or a model of another family if the goal is none of BERT's."""
    family = "bert" if not why_not(task, "bert") else next(name for name in FAMILIES if not why_not(task, name))
    made = folder / ("model" if family == "bert" else family)
    return made if made.exists() else tiny_folder(made, family)


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
