"""From a recipe to all that the loop needs: rows, model, groups, encoded texts. Writes nothing the user would keep."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.events import Emit, Progress
from tlgui.core.freeze import FreezePlan, title
from tlgui.core.goals import GOALS
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe, require
from tlgui.core.schedule import Schedule, make_schedule, plan_problems, start_plan
from tlgui.data.batches import Batches, count_batches, epoch_batches
from tlgui.data.prepare import Prepared, prepare
from tlgui.models import adapters, new_models
from tlgui.models.facts import look
from tlgui.models.groups import Group, apply_freeze, family_of, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.tasks.base import Task, in_float32, to_device
from tlgui.tasks.encoded import Batch, Encoded
from tlgui.tasks.table import TASKS
from tlgui.train.checkpoint import checksum
from tlgui.train.devices import arithmetic, choose_device, seed, use_threads
from tlgui.train.kept_states import STATES, KeptStates, logits_over
from tlgui.train.model_folder import model_folder
from tlgui.train.parts import parts_for, shares_of, split
from tlgui.train.processes import ALONE, Alone

_NEVER_DRAWN = np.random.default_rng(0)
"""For a goal that hides nothing; to make a generator takes a tenth of a step of a lone head."""


@dataclass
class Setup:
    """A recipe made ready to train; `model` is on `device`."""

    recipe: Recipe
    """As it runs: with the columns that were guessed, the length that the model takes, and changes made by hand."""
    task: Task
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    groups: tuple[Group, ...]
    new: frozenset[str]
    """Keys of the groups that start at random."""
    schedule: Schedule
    plan: FreezePlan
    """Which groups learn now; `follow` changes it."""
    train: Encoded
    validation: Encoded
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    """What was found and decided while reading the data, as sentences."""
    device: torch.device
    reads_tokens: ClassVar[bool] = True
    """Whether a step begins at the tokens, so that it pays to keep what the lowest groups give."""
    threads: int = 0
    """Processor threads, if they were measured; 0 = the recipe's number is fixed, or nothing was measured yet."""
    processes: Alone = ALONE
    """Those that this one trains together with."""
    pace: float = 0.0
    """Seconds a token of a forward and backward pass, if that was measured with them."""
    settled: str = ""
    """Why no group can be thawed or frozen by hand in this run, as a sentence; empty if they can be."""
    learning: dict[str, nn.Parameter] = field(init=False)
    """The parameters that learn now, by name."""
    kept: KeptStates | None = field(default=None, init=False)
    """What the frozen groups below the lowest one that learns give, where that is kept."""
    _applied: FreezePlan | None = field(default=None, init=False)
    """The plan that the model was last made to follow."""

    def __post_init__(self) -> None:
        self.follow(self.plan)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every group, bottom to top."""
        return self.plan.keys

    @cached_property
    def steps_per_epoch(self) -> int:
        return steps_per_epoch(self.recipe, self.train)

    @property
    def can_learn(self) -> frozenset[str]:
        """Keys of the groups that could be thawed: with LoRA, those that had adapters put on or need none."""
        return frozenset(self.schedule.start.learning if self.recipe.transfer.method == "lora" else self.keys)

    @cached_property
    def parameters(self) -> dict[str, nn.Parameter]:
        """All of the model's, by name."""
        return dict(self.model.named_parameters())

    def learnable(self, keys: Iterable[str]) -> dict[str, nn.Parameter]:
        """What learns in some groups when they do, by name.

        Raises:
            KeyError: the model has no such group.
        """
        by_key = {group.key: group for group in self.groups}
        return {name: self.parameters[name] for key in keys for name in by_key[key].learnable}

    def follow(self, plan: FreezePlan) -> None:
        """Let other groups learn from the next step."""
        self.plan, self.learning = plan, self.learnable(plan.learning)

    def training_mode(self) -> None:
        """Dropout on and gradients in the groups that learn, neither in the frozen ones."""
        if self.model.training and self._applied is self.plan:
            return
        self.model.train()
        apply_freeze(self.model, self.groups, self.plan.frozen)
        self._applied = self.plan

    def batches(self, epoch: int) -> Batches:
        """The training rows of each step of an epoch, in order."""
        rows = self.train.of_epoch(self.recipe.train.seed, epoch)
        if rows is None:
            return epoch_batches(self.train.lengths, self.recipe.train, epoch)
        found = epoch_batches(self.train.lengths_of(rows), self.recipe.train, epoch)
        return Batches(rows[found.rows], found.spans)

    def batch(self, encoded: Encoded, rows: np.ndarray, random: np.random.Generator | ByExample) -> Batch:
        """One padded batch on the device, its labels aside; with what is kept of the frozen groups."""
        batch = self.tokens(encoded, rows, random)
        if self.kept is not None:
            version = random.place[0] if isinstance(random, ByExample) else 0

            def remake(texts: np.ndarray) -> Batch:
                version, rows = divmod(texts, len(encoded))
                masks = self._masks(int(version[0])) if isinstance(random, ByExample) else random
                return self.tokens(encoded, rows, masks)

            with self.arithmetic():
                states = self.kept.of(encoded, rows + version * len(encoded), batch, remake)
            batch |= {} if states is None else {STATES: states}
        return batch

    def tokens(self, encoded: Encoded, rows: np.ndarray, random: np.random.Generator | ByExample) -> Batch:
        """One padded batch of tokens on the device, its labels aside."""
        return to_device(self.task.batch(encoded, rows, self.tokenizer, self.recipe, random), self.device)

    def logits(self, batch: Batch) -> Any:
        """The model's output for a batch, float32 in any precision; the goal computes the loss from it."""
        with self.arithmetic():
            prefix = None if self.kept is None else self.kept.prefix
            return in_float32(logits_over(self.task, self.model, batch, prefix))

    def arithmetic(self) -> AbstractContextManager[object]:
        """What a forward pass runs in: the recipe's precision."""
        return arithmetic(self.device, self.recipe.train.precision)

    def backward(self, rows: np.ndarray, step: int) -> torch.Tensor:
        """Compute the gradients of the mean loss over some training rows, and return that loss, nats.

        Masks are a function of the seed and the step, dropout of the part as well. The recipe's parts are computed one
        after the other; where there are several processes, each computes its share of them.
        """
        start = self.recipe.train.seed
        self.training_mode()
        whole = self.batch(self.train, rows, self.masks(step))
        tokens = whole["input_ids"].shape[1] if "input_ids" in whole else 1
        count = parts_for(self.recipe.train.parts, len(rows), tokens, self.device)
        parts = split(whole, self.train.lengths_of(rows), count)
        shares = [1.0] if len(parts) == 1 else shares_of(self.task, parts)
        loss: torch.Tensor | None = None
        for number, counts in self.processes.share(len(parts)):
            place = (step,) if len(parts) == 1 else (step, number)
            seed(randomness.number(start, "dropout", *place), self.device)
            mean = self.task.loss(self.logits(parts[number]), parts[number])
            if (weight := counts * shares[number]) != 1.0:
                mean = mean * weight
            mean.backward()
            loss = mean.detach() if loss is None else loss + mean.detach()
        assert loss is not None, "each process has a part"
        return self.processes.add_up(self.learning.values(), loss)

    def masks(self, step: int) -> np.random.Generator | ByExample:
        """What a step hides words by: anew in each step, or, with sets, an example's own in every epoch of a set."""
        if not GOALS[self.recipe.task].hides_words:
            return _NEVER_DRAWN
        sets = self.recipe.mask.sets
        if not sets:
            return randomness.generator(self.recipe.train.seed, "masks", step)
        return self._masks((step - 1) // self.steps_per_epoch % sets)

    def _masks(self, version: int) -> ByExample:
        return ByExample(self.recipe.train.seed, "masks", version)

    def checksums(self) -> dict[str, int]:
        """CRC-32 of each group's own weights as they are now, by key."""
        return {group.key: checksum(self.parameters[name] for name in group.names) for group in self.groups}

    def fingerprint(self) -> str:
        """Of all weights, texts and labels: before the first step, equal for an unchanged recipe, model and data."""
        rows = zlib.crc32("\0".join(self.labels).encode())
        for part in (self.train, self.validation):
            for array in part.arrays():
                rows = zlib.crc32(b"" if array is None else np.ascontiguousarray(array).data, rows)
        return f"{checksum(self.parameters.values()):08x}-{rows:08x}"


def set_up(recipe: Recipe, emit: Emit, control: Control) -> Setup:
    """Read the data, open the model, encode the texts.

    Raises:
        TlguiError: what the user has to change first; nothing has been written.
        StopRequested: the user stopped the preparation.
    """
    require(recipe)
    use_threads(recipe.train.threads)
    task = TASKS[recipe.task]
    prepared = prepare(recipe, emit, control)
    columns = {"text": prepared.train.text_columns, "label": prepared.label_column}
    recipe = recipe.edit("data", **columns, scale=prepared.scale)
    if GOALS[recipe.task].new_head:
        recipe = recipe.edit("head", pooling=recipe.pooling)
    if recipe.model.from_nothing:
        recipe = recipe.edit("model", weights="scratch")
    folder = model_folder(recipe, emit, control, prepared)
    emit(Progress("Opening the model", 0, 0))
    tokenizer = load_tokenizer(folder)
    recipe, too_long = fit_length(recipe, tokenizer)
    labels = task.label_names(prepared)
    model = task.load(folder, recipe, labels)
    _require_probes(recipe, tokenizer)
    keys, new = [group.key for group in layer_groups(model)], look(recipe, folder).new
    _require_plan(recipe, keys, new, 0)
    if recipe.transfer.method == "lora":
        recipe = recipe.edit(
            "transfer", lora=adapters.resolve(recipe.transfer.lora, family_of(model.config).model_type)
        )
    train = task.encode(prepared.train, tokenizer, recipe, emit, control)
    validation = task.encode(prepared.validation, tokenizer, recipe, emit, control)
    _require_examples(train, validation)
    _require_plan(recipe, keys, new, steps_per_epoch(recipe, train))
    notes = (*new_models.notes(folder), *prepared.notes, *too_long, *_data_notes(recipe, prepared, train, validation))
    return ready(recipe, model, tokenizer, new, train, validation, labels, notes)


def ready(
    recipe: Recipe,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    new: Collection[str],
    train: Encoded,
    validation: Encoded,
    labels: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> Setup:
    """A run of a model over texts that are encoded already; several runs may share them.

    Args:
        recipe: As it runs; its plan fits the model.
        new: Keys of the groups that start at random.
    """
    groups = layer_groups(model)
    steps = steps_per_epoch(recipe, train)
    schedule = make_schedule(recipe, [group.key for group in groups], steps, new)
    if recipe.transfer.method == "lora":
        learning = schedule.start.learning
        groups = adapters.add(model, groups, learning, recipe.transfer.lora, recipe.train.seed)
    device = choose_device()
    return Setup(
        recipe=recipe,
        task=TASKS[recipe.task],
        model=model.to(device),
        tokenizer=tokenizer,
        groups=groups,
        new=frozenset(new),
        schedule=schedule,
        plan=schedule.start,
        train=train,
        validation=validation,
        labels=labels,
        notes=notes,
        device=device,
        settled="Only the head learns in feature-based transfer." if recipe.transfer.method == "feature-based" else "",
    )


def steps_per_epoch(recipe: Recipe, train: Encoded) -> int:
    """Optimizer steps that one pass over the training examples takes."""
    rows = train.of_epoch(recipe.train.seed, 0)
    return count_batches(train.lengths if rows is None else train.lengths_of(rows), recipe.train)


def _require_plan(recipe: Recipe, keys: Sequence[str], new: Collection[str], steps: int) -> None:
    found = plan_problems(recipe, keys, new, steps)
    if not found and recipe.transfer.method == "lora":
        learning = start_plan(recipe.transfer, keys, new).learning
        thawed = [key for change in recipe.transfer.changes if change.learns for key in change.groups]
        if bare := [key for key in thawed if key not in learning]:
            text = f"{title(bare[0])} would be thawed by hand, but has no LoRA adapters as it is frozen at the start."
            found = [Problem("transfer.changes", text)]
    if found:
        raise RecipeError(found)


def _require_probes(recipe: Recipe, tokenizer: PreTrainedTokenizerBase) -> None:
    for number, probe in enumerate(recipe.probes, 1):
        try:
            TASKS[recipe.task].check_probe(tokenizer, probe)
        except TlguiError as error:
            raise RecipeError([Problem("probes", f"Probe {number}: {error.title} {error.hint}")]) from error


def fit_length(recipe: Recipe, tokenizer: PreTrainedTokenizerBase) -> tuple[Recipe, tuple[str, ...]]:
    """Lower `max_length` to what the model takes, and say so."""
    most = tokenizer.model_max_length
    if recipe.train.max_length <= most:
        return recipe, ()
    note = f"The model reads at most {most} tokens, so texts are cut there, not at {recipe.train.max_length}."
    return recipe.edit("train", max_length=most), (note,)


def _require_examples(train: Encoded, validation: Encoded) -> None:
    for part, name in ((train, "training"), (validation, "validation")):
        if not len(part):
            raise TlguiError(f"No row is left for {name}.", "Add rows, or change the share kept for validation.")


def _data_notes(recipe: Recipe, prepared: Prepared, train: Encoded, validation: Encoded) -> list[str]:
    notes = [
        f"{len(prepared.validation):,} rows are kept aside for validation, {len(prepared.train):,} are for training."
    ]
    notes += [*train.notes, *train.train_notes, *validation.notes, *validation.held_notes]
    cut = train.cut + validation.cut
    if cut:
        share = cut / (len(train) + len(validation))
        notes.append(
            f"{cut:,} texts ({share:.1%}) lose their end after {recipe.train.max_length} tokens.".replace("%", " %")
        )
    return notes
