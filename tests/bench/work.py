"""One training, as every side is to do it: its files, its recipe for TLGUI, the same in plain values for the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.materials import full_texts, sentences, write_rows

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "resources" / "starter"
HELD = 10
"""One row for validation beside so many to train on."""


@dataclass(frozen=True)
class Settings:
    """What the user of the bench chose; the same for all sides."""

    python: Path
    """Of the environment in which all sides run."""
    data: Path
    corpus: str = "rt-polarity"
    rows: int = 4000
    """To train on, where a measurement does not say otherwise."""
    threads: int = 2
    repeats: int = 3


@dataclass(frozen=True)
class Turn:
    """One side's turn in one repeat."""

    settings: Settings
    folder: Path
    """Empty at first, and gone after the turn."""
    shared: Path
    """For what all turns of a measurement share."""
    seed: int


@dataclass(frozen=True)
class Work:
    """One training."""

    task: str = "classify"
    frozen: tuple[str, ...] = ()
    """As a recipe names them."""
    feature_based: bool = False
    epochs: int = 1
    batch_size: int = 16
    learning_rate: float = 5e-5
    one_in: int = 1
    """One row in so many of those that were asked for."""
    full_steps: int = 0
    """Steps over texts that each fill 128 tokens, in place of sentences; 0 = sentences."""
    own_split: bool = False
    """Whether the sides keep a tenth of the training rows for validation, as in a first run."""
    model: str = str(STARTER)
    """A folder; a relative one lies among what all turns share."""


def spec_of(work: Work, turn: Turn) -> dict[str, Any]:
    """The training in plain values; the files are there when this returns."""
    settings = turn.settings
    train, validation = turn.shared / "train.csv", turn.shared / "validation.csv"
    if not validation.exists():
        if work.full_steps:
            count = work.full_steps * work.batch_size
            parts = full_texts(settings.corpus, settings.data, count, work.batch_size, STARTER / "vocab.txt")
        else:
            count = settings.rows // work.one_in
            parts = sentences(settings.corpus, settings.data, count, max(1, count // HELD))
        write_rows(train, parts[0])
        write_rows(validation, parts[1])
    return {
        "task": work.task,
        "train": str(train),
        "validation": 0.1 if work.own_split else str(validation),
        "model": str(turn.shared / work.model),
        "frozen": list(work.frozen),
        "feature_based": work.feature_based,
        "epochs": work.epochs,
        "batch_size": work.batch_size,
        "learning_rate": work.learning_rate,
        "max_length": 128,
        "seed": turn.seed,
        "threads": settings.threads,
        "folder": str(turn.folder),
    }


def recipe_of(work: Work, turn: Turn) -> str:
    """The training as TLGUI's recipe; what it does not name is as TLGUI has it."""
    spec = spec_of(work, turn)
    method = "feature-based" if work.feature_based else "fine-tune"
    sections: dict[str, dict[str, Any]] = {
        "model": {"source": spec["model"]},
        "data": {"source": spec["train"], "text": ["text"], "validation": spec["validation"]},
        "transfer": {"method": method, "frozen": spec["frozen"]},
        "train": {key: spec[key] for key in ("epochs", "batch_size", "learning_rate", "max_length", "seed", "threads")},
    }
    sections["train"]["validations"] = 1
    if work.task == "classify":
        sections["data"]["label"] = "label"
    lines = ["schema = 1", 'name = "run"', f'task = "{work.task}"']
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"
