"""Recipes that train in a moment: a tiny model and rows whose label is one of their words."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from tiny_models import tiny_folder

from tlgui.core.recipe import Recipe


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
