"""What a run of a recipe would cost here: text lengths in tokens, seconds per step by timing, memory by estimate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from transformers import PreTrainedModel

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.errors import RecipeError
from tlgui.core.events import Emit
from tlgui.core.facts import CostFacts, LengthFacts
from tlgui.core.freeze import FreezePlan, everything
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import Schedule, make_schedule, plan_problems
from tlgui.data.whole import sample_texts
from tlgui.models import adapters
from tlgui.models.facts import look
from tlgui.models.groups import Group, apply_freeze, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.models.source import resolve
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS
from tlgui.train.devices import choose_device, use_threads
from tlgui.train.features import FEATURES, head_of, why_not
from tlgui.train.memory import memory, program_bytes
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import fit_length

SAMPLE_ROWS = 2000


def lengths(recipe: Recipe, emit: Emit, control: Control) -> LengthFacts:
    """Token counts of a sample of the rows, before anything is cut."""
    tokenizer = load_tokenizer(resolve(recipe.model.source, emit, control))
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
        """Of one batch that only passes through, the mean over the batches; the model's own answers become labels."""
        self.model.eval()
        spent = []
        for batch in self.batches:
            self.control.check()
            began = time.perf_counter()
            batch["labels"] = self._logits(batch).argmax(-1)
            spent.append(time.perf_counter() - began)
        return sum(spent) / len(spent)

    @torch.no_grad()
    def over_features(self) -> _Bench:
        """The same with batches of stored features in place of tokens."""
        head = head_of(self.model.eval())
        batches = [{FEATURES: head.features(**_inputs(batch)), "labels": batch["labels"]} for batch in self.batches]
        return replace(self, batches=batches)

    def _logits(self, batch: Batch) -> torch.Tensor:
        if FEATURES in batch:
            return head_of(self.model).classify(batch[FEATURES])
        logits: torch.Tensor = self.model(**_inputs(batch)).logits
        return logits


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
    folder = resolve(recipe.model.source, emit, control)
    recipe, _ = fit_length(recipe, load_tokenizer(folder))
    model = TASKS[recipe.task].load(folder, recipe, ("0", "1")).to(choose_device())
    groups = layer_groups(model)
    examples, cuts = _examples(recipe, facts, train_rows)
    per_epoch = -(-examples // recipe.train.batch_size)
    schedule = _schedule(recipe, groups, per_epoch, look(recipe, emit, control).new)
    if recipe.transfer.method == "lora":
        groups = adapters.add(model, groups, schedule.start.learning, recipe.transfer.lora, recipe.train.seed)
    whole = _Bench(recipe, model, groups, _batches(cuts, recipe, model), control)
    passing = whole.seconds_forward()  # first, as it also makes the labels
    held = validation_rows * examples / max(1, train_rows)
    stored = recipe.transfer.method == "feature-based" and not why_not(model, schedule.ever)
    bench = whole.over_features() if stored else whole
    stages = _stages(bench, schedule, recipe.train.epochs * per_epoch)
    checks = recipe.train.epochs * recipe.train.validations + 1
    everywhere = schedule.ever == frozenset(group.key for group in groups) and recipe.transfer.method != "lora"
    return CostFacts(
        seconds_per_step=stages[-1][0],
        seconds_everything=stages[-1][0] if everywhere else whole.seconds_everything(),
        steps=recipe.train.epochs * per_epoch,
        memory=memory(program, model, groups, schedule, recipe, int(cuts.max(initial=2))),
        validation_seconds=bench.seconds_forward() * checks * held / recipe.train.batch_size,
        stages=stages if len(stages) > 1 else (),
        features_seconds=passing * (examples + held) / recipe.train.batch_size if stored else 0.0,
    )


def _schedule(recipe: Recipe, groups: Sequence[Group], per_epoch: int, new: Sequence[str]) -> Schedule:
    keys = [group.key for group in groups]
    if found := plan_problems(recipe, keys, new, per_epoch):
        raise RecipeError(found)
    return make_schedule(recipe, keys, per_epoch, new)


def _stages(bench: _Bench, schedule: Schedule, total: int) -> tuple[tuple[float, int], ...]:
    """Seconds per step and number of steps of each stage; at most three stages are timed.

    Of a longer row the first, the last and the last but one are timed, since what thaws last may be the embeddings,
    which cost more than a layer. Between them a step grows by the depth of the backward pass.
    """
    plans = [(0, schedule.after(0).with_state(schedule.waiting, learns=True))]
    for step in sorted({one.after for one in schedule.thaws} | {one.step for one in schedule.changes}):
        plan = schedule.after(step).with_state(schedule.waiting, learns=True)
        if step == 0 or plan == plans[-1][1]:
            plans[-1] = (plans[-1][0], plan)
        elif step < total:
            plans.append((step, plan))
    depths = [len(plan.keys) - len(plan.prefix) for _, plan in plans]
    timed = {i: bench.seconds_per_step(plans[i][1]) for i in {0, max(0, len(plans) - 2), len(plans) - 1}}
    by_depth = {depths[i]: seconds for i, seconds in timed.items()}
    known = sorted(by_depth)
    between = np.interp(depths, known, [by_depth[depth] for depth in known])
    each = [timed.get(i, float(seconds)) for i, seconds in enumerate(between)]
    ends = [*(step for step, _ in plans[1:]), total]
    return tuple((seconds, end - begin) for seconds, end, (begin, _) in zip(each, ends, plans, strict=True))


def _examples(recipe: Recipe, facts: LengthFacts, rows: int) -> tuple[int, np.ndarray]:
    """How many examples the rows make, and the lengths of a sample of them."""
    limit = recipe.train.max_length
    pieces = np.maximum(np.array(facts.lengths, dtype=np.int64), 1)
    if not TASKS[recipe.task].splits_long_texts:
        return rows, np.minimum(pieces, limit)
    parts = -(-pieces // limit)
    return round(rows * float(parts.mean())), np.repeat(-(-pieces // parts), parts)


@torch.no_grad()
def _batches(cuts: np.ndarray, recipe: Recipe, model: PreTrainedModel) -> list[Batch]:
    """Random tokens in batches of like lengths, as the loop makes them: a short, a middling and a long one."""
    rows, draw, made = recipe.train.batch_size, randomness.generator(0, "measure"), []
    for share in (0.2, 0.5, 0.8):
        length = max(int(np.quantile(cuts, share)), 2)
        ids = torch.from_numpy(draw.integers(5, model.config.vocab_size, size=(rows, length))).to(model.device)
        made.append({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    return made


def _inputs(batch: Batch) -> Batch:
    return {name: tensor for name, tensor in batch.items() if name != "labels"}
