"""Features of a frozen encoder, computed once for all rows: what comes after is a step of the head alone."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
import torch

from tlgui.core import paths, randomness
from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.core.freeze import HEAD
from tlgui.core.plan import duration, size
from tlgui.core.randomness import ByExample
from tlgui.data.batches import fixed_batches
from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.tasks.encoded import Batch, Encoded, writing
from tlgui.train.setup import Setup

ROWS = 32
"""Of a batch; the same for every run, so that equal texts give equal features to the last bit."""
FEATURES = "features"
"""Of a batch that needs no encoder any more."""
STORING = "Storing the features"


@dataclass(frozen=True)
class Featured(Encoded):
    """Examples whose features are known."""

    vectors: np.ndarray = field(kw_only=True)
    """float32, shape (computed, layers, width); memory-mapped."""
    places: np.ndarray = field(kw_only=True)
    """int64, shape (examples,): where an example's vectors are."""

    def features(self, rows: np.ndarray) -> np.ndarray:
        """What the head reads of some examples, shape (rows, layers, width)."""
        return self.vectors[self.places[rows]]

    def some(self, rows: np.ndarray) -> Featured:
        """Some of the examples, by position; their features stay where they are."""
        part = super().some(rows)
        return Featured(part.starts, part.fields, part.labels, part.cut, vectors=self.vectors, places=self.places[rows])


class FromFeatures(Setup):
    """A run whose batches hold features in place of tokens; the whole model is there for what it keeps and probes."""

    reads_tokens: ClassVar[bool] = False

    def batch(self, encoded: Encoded, rows: np.ndarray, random: np.random.Generator | ByExample) -> Batch:
        if not isinstance(encoded, Featured) or encoded.labels is None:
            return super().batch(encoded, rows, random)
        arrays = {FEATURES: encoded.features(rows), "labels": encoded.labels[rows]}
        return {name: torch.from_numpy(array).to(self.device) for name, array in arrays.items()}

    def logits(self, batch: Batch) -> Any:
        if FEATURES not in batch:
            return super().logits(batch)
        return head_of(self.model).classify(batch[FEATURES])


def cached(setup: Setup, emit: Emit, control: Control) -> Setup:
    """The run over stored features, if the whole encoder stays frozen and they can be stored; else the run as it is.

    A sentence in the notes says which, unless the recipe's method is another one.

    Raises:
        TlguiError: the disk is full.
        StopRequested: between two batches.
    """
    if setup.recipe.transfer.method != "feature-based":
        return setup
    if why := why_not(setup.model, setup.schedule.ever):
        setup.notes = (*setup.notes, f"{why} So each step runs the whole model.")
        return setup
    began, total = time.perf_counter(), len(setup.train) + len(setup.validation)
    train = store(setup, setup.train, control, lambda done: emit(Progress(STORING, done, total)))
    validation = store(setup, setup.validation, control, lambda d: emit(Progress(STORING, len(train) + d, total)))
    spent, held = time.perf_counter() - began, train.vectors.nbytes + validation.vectors.nbytes
    ready = over_features(setup, train, validation)
    ready.notes = (*setup.notes, f"Stored the features of {total:,} rows: {duration(spent)}, {size(held)}.")
    return ready


def why_not(model: torch.nn.Module, ever: Collection[str]) -> str:
    """Why the features of a run cannot be stored, as a sentence; empty if they can.

    Args:
        ever: Keys of the groups that may learn at some time.
    """
    if set(ever) != {HEAD}:
        return "More than the head learns, so the features change as it does."
    if not isinstance(model, TlguiForSequenceClassification):
        return "The model’s own head reads all tokens, so there are no features to store."
    if not model.can_store_features:
        return "What the head reads is pooled by what it learns, so there are no features to store."
    return ""


@torch.no_grad()
def store(setup: Setup, encoded: Encoded, control: Control, tell: Callable[[int], None]) -> Featured:
    """Compute the features of all examples into a temporary file, which lives as long as they do.

    Args:
        setup: Its model is used as it is, without dropout.
        tell: Called before each batch with how many examples are done.
    """
    setup.model.eval()
    model, folder = head_of(setup.model), paths.cache_folder()
    places, shape, done = np.empty(len(encoded), dtype=np.int64), (0, 0), 0
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            for number, rows in enumerate(fixed_batches(encoded.lengths, ROWS)):
                control.check()
                tell(done)
                batch = setup.batch(encoded, rows, randomness.generator(0, "features", number))
                with setup.arithmetic():
                    vectors = model.features(**{k: v for k, v in batch.items() if k != "labels"}).float().cpu().numpy()
                file.write(vectors.tobytes())
                places[rows], shape = np.arange(done, done + len(rows)), vectors.shape[1:]
                done += len(rows)
            file.flush()
            kept = np.asarray(np.memmap(file, dtype=np.float32, mode="r", shape=(done, *shape)))
    return Featured(encoded.starts, encoded.fields, encoded.labels, encoded.cut, vectors=kept, places=places)


def over_features(setup: Setup, train: Featured, validation: Featured) -> FromFeatures:
    """The same run with batches of features; several runs may share them."""
    values = {one.name: getattr(setup, one.name) for one in fields(setup) if one.init}
    return FromFeatures(**{**values, "train": train, "validation": validation})


def head_of(model: torch.nn.Module) -> TlguiForSequenceClassification:
    assert isinstance(model, TlguiForSequenceClassification), "only a head of ours reads features"
    return model
