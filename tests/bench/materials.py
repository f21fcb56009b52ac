"""The texts that are trained on: real sentences, written once as the CSV files that every side reads."""

from __future__ import annotations

import csv
import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path

Row = tuple[str, str]
"""A text and its label."""

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Where the real data lie unless an option or `TLGUI_BENCH_DATA` says otherwise: beside the checkout."""


FULL = 126
"""Pieces of a text that fills an example of 128 tokens."""


class BenchError(Exception):
    """A measurement cannot be made; the words are for people."""


def default_folder() -> Path:
    return Path(os.environ.get("TLGUI_BENCH_DATA") or DATA)


def _rt_polarity(folder: Path) -> tuple[list[Row], list[Row]]:
    rows = []
    for label, name in (("bad", "rt-polarity.neg"), ("good", "rt-polarity.pos")):
        lines = (folder / "rt-polarity" / name).read_text(encoding="latin-1").split("\n")
        rows += [(line.strip(), label) for line in lines if line.strip()]
    random.Random(0).shuffle(rows)
    return rows[len(rows) // 10 :], rows[: len(rows) // 10]


def _sst2(folder: Path) -> tuple[list[Row], list[Row]]:
    parts = []
    for name in ("train.tsv", "dev.tsv"):
        lines = (folder / "glue" / "SST-2" / name).read_text(encoding="utf-8").split("\n")[1:]
        rows = [
            (text.strip(), "good" if label == "1" else "bad") for text, _, label in (x.partition("\t") for x in lines)
        ]
        parts.append([row for row in rows if row[0]])
        random.Random(0).shuffle(parts[-1])
    return parts[0], parts[1]


CORPORA: dict[str, Callable[[Path], tuple[list[Row], list[Row]]]] = {"rt-polarity": _rt_polarity, "SST-2": _sst2}
"""Readers of rows for training and for validation, in an order that is always the same."""


def sentences(corpus: str, data: Path, rows: int, held: int) -> tuple[list[Row], list[Row]]:
    """Rows for training and for validation.

    Raises:
        BenchError: the data are not there, or too few.
    """
    try:
        train, validation = CORPORA[corpus](data)
    except FileNotFoundError as error:
        raise BenchError(
            f"The texts of {corpus} are not in {data}. Name their folder with --data, or in TLGUI_BENCH_DATA."
        ) from error
    if len(train) < rows:
        raise BenchError(f"{corpus} has {len(train):,} rows to train on, not {rows:,}. Ask for fewer: --rows.")
    return train[:rows], validation[:held]


def full_texts(corpus: str, data: Path, texts: int, held: int, vocabulary: Path) -> tuple[list[Row], list[Row]]:
    """Texts of exactly 126 pieces, 128 with the special ones: words of the corpus that are one piece each."""
    pieces = set(vocabulary.read_text(encoding="utf-8").split("\n"))
    train, _ = CORPORA[corpus](data)
    words = iter(word for text, _ in train for word in text.split() if word.isalpha() and word in pieces)
    rows = [(" ".join(itertools.islice(words, FULL)), "good") for _ in range(texts + held)]
    return rows[:texts], rows[texts:]


def write_rows(file: Path, rows: list[Row]) -> Path:
    """A CSV of the columns `text` and `label`."""
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *rows])
    return file
