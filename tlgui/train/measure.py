"""What a run of a recipe would cost here: text lengths in tokens, seconds per step by timing, memory by estimate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.errors import RecipeError
from tlgui.core.events import Emit
from tlgui.core.facts import CostFacts, LengthFacts
from tlgui.core.freeze import FreezePlan, everything, layer_keys
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Precision, Recipe
from tlgui.core.schedule import Schedule, make_schedule, plan_problems
from tlgui.data.batches import count_batches, epoch_batches, rows_at
from tlgui.data.whole import sample_texts
from tlgui.models import adapters
from tlgui.models.facts import look
from tlgui.models.groups import Group, apply_freeze, keepable, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.models.prefix import Prefix, cut
from tlgui.tasks.base import in_float32
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS
from tlgui.train.devices import arithmetic, choose_device, synchronize, use_threads
from tlgui.train.features import FEATURES, head_of, why_not
from tlgui.train.kept_states import STATES, logits_over
from tlgui.train.memory import NUMBER, memory, program_bytes
from tlgui.train.model_folder import model_folder
from tlgui.train.optimizer import make_optimizer
from tlgui.train.prefix_keeper import SAMPLE
from tlgui.train.setup import fit_length
from tlgui.train.trials import settle

SAMPLE_ROWS = 2000


def lengths(recipe: Recipe, emit: Emit, control: Control) -> LengthFacts:
    """Token counts of a sample of the rows, before anything is cut."""
    tokenizer = load_tokenizer(model_folder(recipe, emit, control))
    texts = sample_texts(recipe, SAMPLE_ROWS, emit, control)
    control.check()
    columns = [list(column) for column in zip(*texts, strict=True)]
    tokens = tokenizer(*columns, return_attention_mask=False, verbose=False)["input_ids"] if texts else []
    pieces = np.array([len(row) for row in tokens], dtype=np.int64)
    words = sum(len(text.split()) for row in texts for text in row)
    unknown = sum(row.count(tokenizer.unk_token_id) for row in tokens)
    special = tokenizer.num_special_tokens_to_add(pair=len(columns) == 2)
    return LengthFacts(
        lengths=tuple(pieces.tolist()),
        pieces_per_word=float((pieces - special).sum() / max(1, words)),
        unknown_share=unknown / max(1, int(pieces.sum())),
    )


@dataclass(frozen=True)
class _Bench:
    """What is timed: a model with batches of this data's lengths."""

    recipe: Recipe
    model: PreTrainedModel
    groups: tuple[Group, ...]
    batches: list[Batch]
    control: Control
    prefix: Prefix | None = None
    """With batches of kept states: what gave them."""

    def seconds_everything(self) -> float:
        """Of a step in which every group learns with its own weights, not with adapters."""
        groups = tuple(replace(group, adapters=()) for group in self.groups)
        return replace(self, groups=groups).seconds_per_step(everything([group.key for group in groups]))

    def seconds_per_step(self, plan: FreezePlan) -> float:
        """Mean over the batches, after one step that is not counted."""
        task = TASKS[self.recipe.task]
        self.model.train()
        apply_freeze(self.model, self.groups, plan.frozen)
        optimizer = make_optimizer(self.model, self.groups, self.recipe)
        learning = [p for p in self.model.parameters() if p.requires_grad]
        spent = []
        for batch in (self.batches[0], *self.batches):
            self.control.check()
            began = time.perf_counter()
            loss = task.loss(self._logits(batch), batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            loss.item()  # waits for an accelerator to finish
            spent.append(time.perf_counter() - began)
        return sum(spent[1:]) / len(spent[1:])

    @torch.no_grad()
    def seconds_forward(self) -> float:
        """Of one batch that only passes through, the mean over the batches."""
        self.model.eval()
        spent = []
        for batch in self.batches:
            self.control.check()
            began = time.perf_counter()
            self._logits(batch)
            spent.append(time.perf_counter() - began)
        return sum(spent) / len(spent)

    @torch.no_grad()
    def over_features(self) -> _Bench:
        """The same with batches of stored features in place of tokens."""
        head = head_of(self.model.eval())
        with arithmetic(self.model.device, self.recipe.train.precision):
            vectors = [head.features(**_inputs(batch)).float() for batch in self.batches]
        batches = [{FEATURES: one, "labels": batch["labels"]} for one, batch in zip(vectors, self.batches, strict=True)]
        return replace(self, batches=batches)

    def over_states(self, plan: FreezePlan) -> _Bench:
        """The same with what the frozen lowest groups gave in place of tokens, if the model can go on from that."""
        few = {name: values[:SAMPLE] for name, values in _inputs(self.batches[-1]).items()}
        prefix = cut(self.model.eval(), self.groups, keepable(self.model, plan.prefix), few)
        if isinstance(prefix, str):
            return self
        with arithmetic(self.model.device, self.recipe.train.precision):
            batches = [{**batch, STATES: prefix.states(_inputs(batch)).float()} for batch in self.batches]
        return replace(self, batches=batches, prefix=prefix)

    def _logits(self, batch: Batch) -> Any:
        if FEATURES in batch:
            return head_of(self.model).classify(batch[FEATURES])
        with arithmetic(self.model.device, self.recipe.train.precision):
            return in_float32(logits_over(TASKS[self.recipe.task], self.model, batch, self.prefix))

    def as_the_run_chooses(self, plan: FreezePlan) -> _Bench:
        """The same with the threads, which are set, and the precision that are fastest here."""
        bench = self

        def compute_in(precision: Precision) -> None:
            nonlocal bench
            bench = replace(self, recipe=self.recipe.edit("train", precision=precision))

        def once() -> None:
            self.control.check()
            batch = bench.batches[len(bench.batches) // 2]
            TASKS[self.recipe.task].loss(bench._logits(batch), batch).backward()
            synchronize(self.model.device)

        self.model.train()
        apply_freeze(self.model, self.groups, plan.frozen)
        settle(self.recipe.train, self.model.device, once, compute_in)
        self.model.zero_grad(set_to_none=True)
        return bench


def cost(
    recipe: Recipe, facts: LengthFacts, train_rows: int, validation_rows: int, emit: Emit, control: Control
) -> CostFacts:
    """Time a few steps on random tokens with this data's lengths, for the recipe's plan and for everything learning.

    The timing is for this machine as it is at this moment; the memory is an estimate (see `memory`). Where groups wait
    until validation stalls, all are taken to learn from the start, so the run may be shorter.

    Raises:
        RecipeError: the plan does not fit the model.
    """
    program = program_bytes()  # before there is a model
    use_threads(recipe.train.threads)
    folder = model_folder(recipe, emit, control)
    recipe, _ = fit_length(recipe, load_tokenizer(folder))
    model = TASKS[recipe.task].load(folder, recipe, ("0", "1")).to(choose_device())
    groups = layer_groups(model)
    examples, cuts = _examples(recipe, facts, train_rows)
    spread = np.sort(cuts)[np.linspace(0, len(cuts) - 1, examples).astype(np.int64)]
    per_epoch = count_batches(spread, recipe.train)
    schedule = _schedule(recipe, groups, per_epoch, look(recipe, folder).new)
    if recipe.transfer.method == "lora":
        groups = adapters.add(model, groups, schedule.start.learning, recipe.transfer.lora, recipe.train.seed)
    whole = _Bench(recipe, model, groups, _batches(cuts, recipe, model), control)
    whole = whole.as_the_run_chooses(schedule.start)
    passing = whole.seconds_forward()
    held = validation_rows * examples / max(1, train_rows)
    stored = recipe.transfer.method == "feature-based" and not why_not(model, schedule.ever)
    bench = whole.over_features() if stored else whole
    plans = _plans(schedule, recipe.train.epochs * per_epoch, recipe, per_epoch if not stored else 0, model)
    stages = _stages(bench, plans)
    per_step = sum(len(batch["input_ids"]) for batch in whole.batches) / len(whole.batches)
    checks = recipe.train.epochs * recipe.train.validations + 1
    everywhere = schedule.ever == frozenset(group.key for group in groups) and recipe.transfer.method != "lora"
    return CostFacts(
        seconds_per_step=stages[-1][0],
        seconds_everything=stages[-1][0] if everywhere else whole.seconds_everything(),
        steps=recipe.train.epochs * per_epoch,
        memory=memory(program, model, groups, schedule, recipe, int(cuts.max(initial=2))),
        validation_seconds=bench.seconds_forward() * held / per_step * _passes(plans, checks),
        stages=stages if len(stages) > 1 else (),
        features_seconds=passing * (examples + held) / per_step if stored else 0.0,
        rows_per_step=per_step,
        first_passes=tuple(
            (stage.begin + version * per_epoch, passing * stage.below * examples / per_step)
            for stage in plans
            if stage.keeps_training
            for version in range(recipe.versions)
        ),
        kept_limit_bytes=round(recipe.cache.gigabytes * 1e9),
        kept_bytes=_kept_bytes(plans, recipe, model, float(cuts.mean()), examples, held),
    )


def _schedule(recipe: Recipe, groups: Sequence[Group], per_epoch: int, new: Sequence[str]) -> Schedule:
    keys = [group.key for group in groups]
    if found := plan_problems(recipe, keys, new, per_epoch):
        raise RecipeError(found)
    return make_schedule(recipe, keys, per_epoch, new)


@dataclass(frozen=True)
class _Stage:
    """A span of a run with one freeze plan."""

    begin: int
    steps: int
    plan: FreezePlan
    below: float
    """Share of the layers whose output is kept, 0..1."""
    keeps_training: bool
    """Whether it is kept of the training rows too, as they come more than once."""


def _plans(schedule: Schedule, total: int, recipe: Recipe, per_epoch: int, model: PreTrainedModel) -> list[_Stage]:
    """The stages of a run.

    Args:
        per_epoch: Steps of an epoch; 0 if no step begins at the tokens.
    """
    plans = [(0, schedule.after(0).with_state(schedule.waiting, learns=True))]
    for step in sorted({one.after for one in schedule.thaws} | {one.step for one in schedule.changes}):
        plan = schedule.after(step).with_state(schedule.waiting, learns=True)
        if step == 0 or plan == plans[-1][1]:
            plans[-1] = (plans[-1][0], plan)
        elif step < total:
            plans.append((step, plan))
    ends = [*(step for step, _ in plans[1:]), total]
    stages = []
    for (begin, plan), end in zip(plans, ends, strict=True):
        keeps = bool(per_epoch and recipe.cache.prefix != "off")
        below = len(layer_keys(keepable(model, plan.prefix))) / len(layer_keys(plan.keys)) if keeps else 0.0
        again = below > 0 and 0 < recipe.versions * per_epoch < end - begin
        stages.append(_Stage(begin, end - begin, plan, below, again))
    return stages


def _stages(bench: _Bench, stages: Sequence[_Stage]) -> tuple[tuple[float, int], ...]:
    """Seconds per step, once states are kept, and number of steps of each stage; at most three stages are timed.

    Of a longer row the first, the last and the last but one are timed, since what thaws last may be the embeddings,
    which cost more than a layer. Between them a step grows by the depth of the backward pass.
    """
    depths = [len(stage.plan.keys) - len(stage.plan.prefix) for stage in stages]
    timed = {}
    for i in {0, max(0, len(stages) - 2), len(stages) - 1}:
        plan = stages[i].plan
        timed[i] = (bench.over_states(plan) if stages[i].keeps_training else bench).seconds_per_step(plan)
    by_depth = {depths[i]: seconds for i, seconds in timed.items()}
    known = sorted(by_depth)
    between = np.interp(depths, known, [by_depth[depth] for depth in known])
    each = [timed.get(i, float(seconds)) for i, seconds in enumerate(between)]
    return tuple((seconds, stage.steps) for seconds, stage in zip(each, stages, strict=True))


def _passes(stages: Sequence[_Stage], checks: int) -> float:
    """How many passes through the whole model all validations come to: of what is kept, one each time it changes."""
    total = sum(stage.steps for stage in stages)
    above = sum((1 - stage.below) * stage.steps for stage in stages) / total
    return checks * above + sum(stage.below for stage in stages)


def _kept_bytes(
    stages: Sequence[_Stage], recipe: Recipe, model: PreTrainedModel, tokens: float, train: float, held: float
) -> int:
    """Most that is kept at once, were there room.

    Args:
        tokens: Of an example, on average.
        train: Training examples.
        held: Validation examples.
    """
    size = model.config.hidden_size * (2 if recipe.cache.prefix == "float16" else NUMBER)
    rows = max(train * recipe.versions * stage.keeps_training + held * (stage.below > 0) for stage in stages)
    return round(rows * tokens * size)


def _examples(recipe: Recipe, facts: LengthFacts, rows: int) -> tuple[int, np.ndarray]:
    """How many examples the rows make, and the lengths of a sample of them."""
    limit = recipe.train.max_length
    pieces = np.maximum(np.array(facts.lengths, dtype=np.int64), 1)
    if GOALS[recipe.task].joins_texts:  # each text is closed by a token, and each block begins with one that was seen
        predicted = max(1, round(rows * float((pieces + 1).mean() if len(pieces) else 1.0)))
        full = np.full(predicted // (limit - 1), limit)
        cuts = np.append(full, predicted % (limit - 1) + 1) if predicted % (limit - 1) else full
        return len(cuts), cuts
    if not TASKS[recipe.task].splits_long_texts:
        return rows, np.minimum(pieces, limit)
    shared = min(recipe.answer.stride, limit // 2) if GOALS[recipe.task].in_windows else 0
    parts = np.maximum(1, -(-(pieces - shared) // (limit - shared)))
    return round(rows * float(parts.mean())), np.repeat(-(-(pieces + (parts - 1) * shared) // parts), parts)


@torch.no_grad()
def _batches(cuts: np.ndarray, recipe: Recipe, model: PreTrainedModel) -> list[Batch]:
    """Random tokens in batches of like lengths, as the loop makes them: a short, a middling and a long one."""
    draw, made = randomness.generator(0, "measure"), []
    batches = epoch_batches(cuts, recipe.train, 0)
    longest = np.sort([cuts[batch].max() for batch in batches])
    for share in (0.2, 0.5, 0.8):
        length = max(int(np.quantile(longest, share)), 2)
        rows = rows_at(recipe.train, length)
        ids = torch.from_numpy(draw.integers(5, model.config.vocab_size, size=(rows, length))).to(model.device)
        labels = TASKS[recipe.task].made_up_labels(ids, recipe)
        made.append({"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels})
    return made


def _inputs(batch: Batch) -> Batch:
    return {name: tensor for name, tensor in batch.items() if name != "labels"}
