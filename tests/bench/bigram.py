"""A new GPT beside a bigram model on WikiText-2: both learn from the same tokens, both are asked for the same ones.

    python -m tests.bench.bigram [--epochs 4] [--vocabulary 2000] [--data DIR]

It prints one JSON object. The bigram model is given what helps it most: its smoothing is chosen on the rows that the
other keeps aside too.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.bench.materials import default_folder
from tlgui.core.control import Control
from tlgui.core.events import Event, StepDone, Validated
from tlgui.core.recipe import Recipe

CONSTANTS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Added to each count."""
DOUBTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""How much a word that was followed by many different ones is doubted."""


@dataclass(frozen=True)
class Bigrams:
    """Counts of single tokens and of pairs of neighbours."""

    ones: np.ndarray
    """Shape (vocabulary,)."""
    twos: np.ndarray
    """Row = the token before; shape (vocabulary, vocabulary)."""

    @classmethod
    def of(cls, blocks: list[np.ndarray], vocabulary: int) -> Bigrams:
        twos = np.zeros((vocabulary, vocabulary), dtype=np.float64)
        for block in blocks:
            np.add.at(twos, (block[:-1], block[1:]), 1)
        return cls(twos.sum(0), twos)

    def add_k(self, k: float) -> np.ndarray:
        """Every pair as if it had been seen k times more."""
        return (self.twos + k) / (self.twos.sum(1, keepdims=True) + k * len(self.ones))

    def interpolated(self, doubt: float, k: float) -> np.ndarray:
        """Pairs mixed with single tokens: Witten and Bell, The Zero-Frequency Problem (1991), C with a factor."""
        single = (self.ones + k) / (self.ones.sum() + k * len(self.ones))
        seen, kinds = self.twos.sum(1, keepdims=True), doubt * (self.twos > 0).sum(1, keepdims=True)
        total = np.maximum(seen + kinds, 1e-9)
        mixed: np.ndarray = np.where(seen > 0, self.twos / total + kinds / total * single, single)
        return mixed


def perplexity(shares: np.ndarray, blocks: list[np.ndarray]) -> float:
    """Of every token but the first of each block, given the one before it."""
    lost = sum(-np.log(shares[block[:-1], block[1:]]).sum() for block in blocks)
    return math.exp(lost / sum(len(block) - 1 for block in blocks))


def best_bigrams(
    train: list[np.ndarray], held: list[np.ndarray], test: list[np.ndarray], words: int
) -> dict[str, float]:
    """Test perplexity of both kinds of smoothing, each with the setting that is best on the held-out tokens."""
    counts = Bigrams.of(train, words)
    added = min(CONSTANTS, key=lambda k: perplexity(counts.add_k(k), held))
    settings = [(doubt, k) for doubt in DOUBTS for k in CONSTANTS]
    mixed = min(settings, key=lambda setting: perplexity(counts.interpolated(*setting), held))
    return {
        "bigram_add_k": perplexity(counts.add_k(added), test),
        "bigram_interpolated": perplexity(counts.interpolated(*mixed), test),
    }


def passages(file: Path, to: Path) -> Path:
    """The lines of a file that are not empty."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    to.write_text("".join(f"{line}\n" for line in lines if line), encoding="utf-8")
    return to


def recipe(source: Path, epochs: int, vocabulary: int) -> Recipe:
    return (
        Recipe(name="gpt", task="next-word")
        .edit("model", source="new:gpt-mini", vocabulary=vocabulary)
        .edit("data", source=str(source), validation=0.05)
        .edit("train", epochs=epochs, batch_size=8, learning_rate=1e-3, max_length=64, validations=1, threads=1)
    )


def measure(data: Path, epochs: int, vocabulary: int, folder: Path) -> dict[str, float]:
    """Train, count, and ask both for the test file."""
    from tlgui.core.runs import RunFolder
    from tlgui.data.prepare import prepare
    from tlgui.data.whole import open_part
    from tlgui.inspect.evaluation import of_file, recipe_for
    from tlgui.models.loading import load_tokenizer
    from tlgui.tasks.next_word import NextWord
    from tlgui.train import session

    def tell(event: Event) -> None:
        if isinstance(event, Validated) or (isinstance(event, StepDone) and event.step % 100 == 0):
            sys.stderr.write(f"{event}\n")

    began = time.perf_counter()
    texts, test = (passages(data / "wikitext-2" / name, folder / name) for name in ("valid.txt", "test.txt"))
    ending = session.run(recipe(texts, epochs, vocabulary), folder, tell, Control())
    run, seconds = RunFolder(Path(ending.value.folder)), time.perf_counter() - began  # type: ignore[union-attr]
    ran, tokenizer, task = run.recipe(), load_tokenizer(run.model), NextWord()
    quiet = lambda event: None  # noqa: E731 - says that nobody listens
    prepared = prepare(ran, quiet, Control())
    parts = (
        prepared.train,
        prepared.validation,
        open_part(recipe_for(str(test), str(run.path)), None, quiet, Control()),
    )
    blocks = []
    for part in parts:
        encoded = task.encode(part, tokenizer, ran, quiet, Control())
        ids, starts = encoded.fields["input_ids"], encoded.starts
        blocks.append([np.asarray(ids[a:b]) for a, b in pairwise(starts)])
    found = of_file(str(test), str(run.path), quiet, Control()).metrics
    tokens = {name: sum(len(b) - 1 for b in some) for name, some in zip(("train", "test"), blocks[::2], strict=True)}
    return {
        "gpt": found["perplexity"],
        "gpt_hits": found["hits"],
        **best_bigrams(*blocks, len(tokenizer)),
        "train_tokens": tokens["train"],
        "test_tokens": tokens["test"],
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=2000)
    parser.add_argument("--data", type=Path, default=default_folder())
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(args.data, args.epochs, args.vocabulary, Path(folder))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
