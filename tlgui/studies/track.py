"""What all runs of a race share, and one run of it: rows, tokens, settings, the way it is scored."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.events import BaselineScored, Emit, Event, Progress, StepDone
from tlgui.core.goals import GOALS
from tlgui.core.race import Cell, RaceSpec, problems, recipe_of
from tlgui.core.recipe import Recipe
from tlgui.data.batches import fixed_batches
from tlgui.data.prepare import prepare
from tlgui.data.split import sample
from tlgui.models import adapters
from tlgui.models.facts import look
from tlgui.models.loading import load_tokenizer
from tlgui.models.weights import weight_files
from tlgui.studies.race_files import Found, Record, settings_of
from tlgui.studies.shared_features import SharedFeatures
from tlgui.studies.standings import Key
from tlgui.studies.subsets import nested_order
from tlgui.tasks.base import Scores
from tlgui.tasks.encoded import Encoded
from tlgui.tasks.table import TASKS
from tlgui.train.baseline import compare
from tlgui.train.checkpoint import Position
from tlgui.train.devices import use_threads
from tlgui.train.features import FromFeatures, why_not
from tlgui.train.loop import Loop
from tlgui.train.model_folder import model_folder
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import Setup, fit_length, ready
from tlgui.train.store import Store
from tlgui.train.trials import choose


@dataclass
class Track:
    """Everything that is read and encoded once for a whole race."""

    spec: RaceSpec
    """With the recipe as it runs: columns named, length as the model takes it."""
    found: Found
    folder: Path
    """Of the pretrained model."""
    family: str
    """Its architecture, as its config.json names it."""
    tokenizer: PreTrainedTokenizerBase
    labels: tuple[str, ...]
    train: Encoded
    score: Encoded
    _threads: int = 0
    """Processor threads, measured with the first run that reads tokens; 0 before, or if the recipe fixes them."""
    _new: dict[str, frozenset[str]] = field(default_factory=dict)
    """By strategy: keys of the groups that start at random."""
    _orders: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._features = SharedFeatures(self.train, self.score, self.order)

    def recipe(self, key: Key) -> Recipe:
        """Of one run."""
        strategy, rows, seed = key
        return recipe_of(self.spec, strategy, rows, seed, self.found.keys, self.found.new)

    def order(self, seed: int) -> np.ndarray:
        """All training rows, as a seed draws them."""
        if seed not in self._orders:
            assert self.train.labels is not None, "a race needs a goal with labels"
            self._orders[seed] = nested_order(self.train.labels, seed)
        return self._orders[seed]

    def rows(self, key: Key) -> np.ndarray:
        """Positions of the training rows of one run, ascending."""
        _, count, seed = key
        return np.sort(self.order(seed)[:count])

    def run(self, key: Key, emit: Emit, control: Control) -> Record:
        """One run from the pretrained or random weights to its score.

        Raises:
            StopRequested: between two steps; nothing of the run is kept.
            DivergedError: a loss is not a number any more.
        """
        began, (strategy, rows, seed) = time.perf_counter(), key
        setup, own, shared, baseline = self.set_up(key, emit, control), 0.0, 0.0, None
        metric = GOALS[setup.recipe.task].metric.key
        if setup.recipe.transfer.method == "feature-based" and not why_not(setup.model, setup.schedule.ever):
            setup, own, shared = self._features.give(setup, rows, seed, emit, control)
            baseline = _baseline(setup, metric, control)
        loop = self._loop(setup, emit, control)
        loop.run()
        self._threads = loop.position.threads or self._threads
        scores, right = _score(setup, control)
        ever = setup.learnable(setup.schedule.ever).values()
        training, parameters = sum(loop.spent), sum(parameter.numel() for parameter in ever)
        cell = Cell(strategy, rows, seed, scores.metrics[metric], scores.loss, own + training, parameters)
        elapsed = time.perf_counter() - began - shared
        settings = settings_of(self.recipe(key))
        return Record(cell, right, loop.total, elapsed, training, shared, baseline, settings)

    def set_up(self, key: Key, emit: Emit, control: Control) -> Setup:
        """One run made ready."""
        recipe = self.recipe(key)
        lora = adapters.resolve(recipe.transfer.lora, self.family) if recipe.transfer.method == "lora" else None
        recipe = recipe.edit("transfer", lora=lora) if lora else recipe
        model = TASKS[recipe.task].load(self.folder, recipe, self.labels)
        if key[0] not in self._new:
            self._new[key[0]] = frozenset(look(recipe, self.folder).new)
        rows = self.train.some(self.rows(key))
        return ready(recipe, model, self.tokenizer, self._new[key[0]], rows, self.score, self.labels)

    def _loop(self, setup: Setup, emit: Emit, control: Control) -> Loop:
        def tell(event: Event) -> None:
            if isinstance(event, StepDone):
                emit(Progress("Training", event.step, event.total))

        measured = setup.reads_tokens and not setup.recipe.train.threads
        if measured and not self._threads:
            choose(setup, control)
            self._threads = setup.threads
        position = Position(learns=setup.plan.learning, threads=self._threads if measured else 0)
        optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
        return Loop(setup, position, optimizer, Store(setup, position), tell, control, watched=False)


@torch.no_grad()
def _score(setup: Setup, control: Control) -> tuple[Scores, np.ndarray]:
    """The goal's figures on the scoring rows, and whether each of them was answered rightly."""
    setup.model.eval()
    scorer, right = setup.task.scorer(setup.validation, setup.labels), np.zeros(len(setup.validation), dtype=bool)
    for number, rows in enumerate(fixed_batches(setup.validation.lengths, 2 * setup.recipe.train.batch_size)):
        control.check()
        batch = setup.batch(setup.validation, rows, randomness.generator(0, "validation", number))
        logits = setup.logits(batch)
        scorer.add(logits, batch)
        right[rows] = (logits.argmax(-1).cpu() == batch["labels"].cpu()).numpy()
    return scorer.scores(), right


def _baseline(setup: Setup, metric: str, control: Control) -> float | None:
    """The score of logistic regression on the same features, if the recipe wants it."""
    scores = []

    def tell(event: Event) -> None:
        if isinstance(event, BaselineScored):
            scores.append(event.metrics[metric])

    if setup.recipe.head.baseline and isinstance(setup, FromFeatures):
        compare(setup, tell, control)
    return scores[0] if scores else None


def lay(spec: RaceSpec, emit: Emit, control: Control) -> Track:
    """Read the data, look at the model and encode the texts, once for all runs.

    Raises:
        TlguiError: what the user has to change first; nothing has been written.
        StopRequested: the user stopped the preparation.
    """
    _require(problems(spec))
    base = spec.recipe
    if base.train.precision == "auto":  # what is compared must not hang on what was measured at the time
        base = base.edit("train", precision="float32")
    use_threads(base.train.threads)
    prepared = prepare(base, emit, control)
    base = base.edit("data", text=prepared.train.text_columns, label=prepared.label_column)
    folder = model_folder(base, emit, control, prepared)
    tokenizer = load_tokenizer(folder)
    base, _ = fit_length(base, tokenizer)
    shape = look(base.edit("model", weights="pretrained"), folder)
    spec = RaceSpec(base, spec.strategies, spec.labels, spec.seeds, spec.least_steps, spec.score_rows)
    _require(problems(spec, shape.keys, shape.new, len(prepared.train), len(prepared.label_names)))
    if "lora" in spec.strategies:
        adapters.resolve(base.transfer.lora, shape.family)  # says what the model has not, before anything is written
    task = TASKS[base.task]
    train = task.encode(prepared.train, tokenizer, base, emit, control)
    held = task.encode(prepared.validation, tokenizer, base, emit, control)
    if not len(held):
        raise TlguiError("No row is left for scoring.", "Add rows, or change the share kept for validation.")
    score = held.some(sample(held.labels, spec.score_rows, len(held), base.train.seed))
    found = Found(len(train), len(score), _fingerprint(folder, train, score), shape.keys, tuple(shape.new))
    return Track(spec, found, folder, shape.family, tokenizer, prepared.label_names, train, score)


def _require(found: list[Problem]) -> None:
    if found:
        raise RecipeError(found, "The race")


def _fingerprint(folder: Path, *parts: Encoded) -> str:
    """Of the pretrained model's files, the tokens and the labels."""
    tokens = weights = 0
    for part in parts:
        for array in (part.fields["input_ids"], part.labels):
            tokens = zlib.crc32(b"" if array is None else np.ascontiguousarray(array).data, tokens)
    for file in [folder / "config.json", *weight_files(folder)]:
        with file.open("rb") as opened:
            while block := opened.read(1 << 22):
                weights = zlib.crc32(block, weights)
    return f"{weights:08x}-{tokens:08x}"
