"""What a run of a recipe would cost here: text lengths in tokens, seconds per step by timing, memory by estimate."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import torch
from transformers import PreTrainedModel

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.facts import CostFacts, LengthFacts
from tlgui.core.freeze import FreezePlan, everything
from tlgui.core.recipe import Recipe
from tlgui.data.whole import sample_texts
from tlgui.models.groups import apply_freeze, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.models.source import resolve
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS
from tlgui.train.devices import choose_device, use_threads
from tlgui.train.optimizer import make_optimizer

SAMPLE_ROWS = 2000
TIMED_STEPS = 3
PROCESS_BYTES = 450e6
"""Of the program with torch loaded, before any model; measured on Linux with torch 2.13."""


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


def cost(
    recipe: Recipe, facts: LengthFacts, train_rows: int, validation_rows: int, emit: Emit, control: Control
) -> CostFacts:
    """Time a few steps on random tokens with this data's lengths, for the freeze plan and for everything learning.

    The timing is for this machine as it is at this moment; the memory is an estimate (see `memory`).
    """
    use_threads(recipe.train.threads)
    task, device = TASKS[recipe.task], choose_device()
    folder = resolve(recipe.model.source, emit, control)
    model = task.load(folder, recipe, ("0", "1")).to(device)
    groups = layer_groups(model)
    plan = FreezePlan.parse(recipe.transfer.frozen, [group.key for group in groups])
    examples, cuts = _examples(recipe, facts, train_rows)
    batches = _batches(cuts, recipe, model, device)
    learns = _seconds_per_step(recipe, model, plan, batches, control)
    most = _seconds_per_step(recipe, model, everything(plan.keys), batches, control) if plan.frozen else learns
    steps = recipe.train.epochs * -(-examples // recipe.train.batch_size)
    held = validation_rows * examples / max(1, train_rows)
    forward = _seconds_forward(model, batches[0])
    checks = recipe.train.epochs * recipe.train.validations + 1
    return CostFacts(
        seconds_per_step=learns,
        seconds_everything=most,
        steps=steps,
        memory_bytes=int(memory(model, groups_that_learn(model, plan), batches, recipe.task)),
        validation_seconds=forward * checks * held / recipe.train.batch_size,
    )


def groups_that_learn(model: PreTrainedModel, plan: FreezePlan) -> int:
    """Numbers in the parameters that learn."""
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    return sum(sizes[name] for group in layer_groups(model) if plan.learns(group.key) for name in group.names)


def memory(model: PreTrainedModel, learning: int, batches: Iterable[Batch], task: str) -> float:
    """Estimated peak of training, bytes.

    Weights, and for each number that learns its gradient and two moments, 4 bytes each. Activations after Korthikanti
    et al., Reducing Activation Recomputation (2022), equation 2, without the attention matrix, in 4 bytes: 68 bytes per
    token and width in each layer; a masked-word head adds its output over the vocabulary, three times.
    """
    config = model.config
    tokens = max(batch["input_ids"].numel() for batch in batches)
    weights = sum(p.numel() for p in model.parameters())
    activations = 68 * tokens * config.hidden_size * config.num_hidden_layers
    output = 3 * 4 * tokens * config.vocab_size if task == "mask" else 0
    return PROCESS_BYTES + 4 * weights + 12 * learning + activations + output


def _examples(recipe: Recipe, facts: LengthFacts, rows: int) -> tuple[int, np.ndarray]:
    """How many examples the rows make, and the lengths of a sample of them."""
    limit = recipe.train.max_length
    pieces = np.maximum(np.array(facts.lengths, dtype=np.int64), 1)
    if recipe.task != "mask":
        return rows, np.minimum(pieces, limit)
    parts = -(-pieces // limit)
    return round(rows * float(parts.mean())), np.repeat(-(-pieces // parts), parts)


def _batches(cuts: np.ndarray, recipe: Recipe, model: PreTrainedModel, device: torch.device) -> list[Batch]:
    """Random tokens in batches of like lengths, as the loop makes them: a short, a middling and a long one."""
    rows = recipe.train.batch_size
    draw = randomness.generator(0, "measure")
    made = []
    for share in (0.2, 0.5, 0.8):
        length = int(np.quantile(cuts, share))
        ids = torch.from_numpy(draw.integers(5, model.config.vocab_size, size=(rows, max(length, 2))))
        labels = torch.full_like(ids, -100)
        labels[:, ::7] = ids[:, ::7]
        target = labels if recipe.task == "mask" else ids[:, 0] % 2
        made.append({"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": target})
    return [{name: tensor.to(device) for name, tensor in batch.items()} for batch in made]


def _seconds_per_step(
    recipe: Recipe, model: PreTrainedModel, plan: FreezePlan, batches: list[Batch], control: Control
) -> float:
    """Mean over the batches, after one step that is not counted."""
    groups, task = layer_groups(model), TASKS[recipe.task]
    model.train()
    apply_freeze(model, groups, plan.frozen)
    optimizer = make_optimizer(model, groups, plan, recipe.train, recipe.transfer.layer_decay)
    learning = [p for p in model.parameters() if p.requires_grad]
    spent = []
    for batch in (batches[0], *batches)[: TIMED_STEPS + 1]:
        control.check()
        began = time.perf_counter()
        loss = task.loss(model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()  # waits for an accelerator to finish
        spent.append(time.perf_counter() - began)
    return sum(spent[1:]) / len(spent[1:])


@torch.no_grad()
def _seconds_forward(model: PreTrainedModel, batch: Batch) -> float:
    model.eval()
    began = time.perf_counter()
    model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    return time.perf_counter() - began
