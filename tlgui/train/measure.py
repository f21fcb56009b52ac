"""What a run of a recipe would cost here: text lengths in tokens, seconds per step by timing, memory by estimate."""

from __future__ import annotations

import time
from collections.abc import Sequence

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
from tlgui.models.groups import Group, apply_freeze, layer_groups
from tlgui.models.loading import load_tokenizer
from tlgui.models.source import resolve
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS
from tlgui.train.devices import choose_device, use_threads
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import fit_length

SAMPLE_ROWS = 2000
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
    folder = resolve(recipe.model.source, emit, control)
    recipe, _ = fit_length(recipe, load_tokenizer(folder))
    model = TASKS[recipe.task].load(folder, recipe, ("0", "1")).to(choose_device())
    groups = layer_groups(model)
    plan = FreezePlan.parse(recipe.transfer.frozen, [group.key for group in groups])
    examples, cuts = _examples(recipe, facts, train_rows)
    batches, seconds_forward, outputs = _batches(cuts, recipe, model)
    learns = _seconds_per_step(recipe, model, groups, plan, batches, control)
    every = everything(plan.keys)
    most = _seconds_per_step(recipe, model, groups, every, batches, control) if plan.frozen else learns
    held = validation_rows * examples / max(1, train_rows)
    checks = recipe.train.epochs * recipe.train.validations + 1
    tokens = max(batch["input_ids"].numel() for batch in batches)
    return CostFacts(
        seconds_per_step=learns,
        seconds_everything=most,
        steps=recipe.train.epochs * -(-examples // recipe.train.batch_size),
        memory_bytes=int(memory(model, learning_parameters(model, groups, plan), tokens, outputs)),
        validation_seconds=seconds_forward * checks * held / recipe.train.batch_size,
    )


def learning_parameters(model: PreTrainedModel, groups: Sequence[Group], plan: FreezePlan) -> int:
    """How many numbers are in the parameters that learn."""
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    return sum(sizes[name] for group in groups if plan.learns(group.key) for name in group.names)


def memory(model: PreTrainedModel, learning: int, tokens: int, outputs: int) -> float:
    """Estimated peak of training, bytes.

    Weights, and for each number that learns its gradient and two moments, 4 bytes each. Activations after Korthikanti
    et al., Reducing Activation Recomputation (2022), equation 2, without the attention matrix, in 4 bytes: 68 bytes per
    token and width in each layer; and the model's output three times, for its value, its softmax and its gradient.

    Args:
        learning: Numbers in the parameters that learn.
        tokens: Of the largest batch.
        outputs: Numbers the model puts out for it.
    """
    config = model.config
    weights = sum(p.numel() for p in model.parameters())
    activations = 68 * tokens * config.hidden_size * config.num_hidden_layers
    return PROCESS_BYTES + 4 * weights + 12 * learning + activations + 12 * outputs


def _examples(recipe: Recipe, facts: LengthFacts, rows: int) -> tuple[int, np.ndarray]:
    """How many examples the rows make, and the lengths of a sample of them."""
    limit = recipe.train.max_length
    pieces = np.maximum(np.array(facts.lengths, dtype=np.int64), 1)
    if not TASKS[recipe.task].splits_long_texts:
        return rows, np.minimum(pieces, limit)
    parts = -(-pieces // limit)
    return round(rows * float(parts.mean())), np.repeat(-(-pieces // parts), parts)


@torch.no_grad()
def _batches(cuts: np.ndarray, recipe: Recipe, model: PreTrainedModel) -> tuple[list[Batch], float, int]:
    """Random tokens in batches of like lengths, as the loop makes them: a short, a middling and a long one.

    What the model itself would answer stands in for the labels.

    Returns:
        The batches, the seconds of one forward pass of the middling one, and the numbers put out for the longest.
    """
    rows, draw, made = recipe.train.batch_size, randomness.generator(0, "measure"), []
    spent, outputs = [], 0
    model.eval()
    for share in (0.2, 0.5, 0.8):
        length = max(int(np.quantile(cuts, share)), 2)
        ids = torch.from_numpy(draw.integers(5, model.config.vocab_size, size=(rows, length))).to(model.device)
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        began = time.perf_counter()
        logits = model(**inputs).logits
        labels = logits.argmax(-1)
        spent.append(time.perf_counter() - began)
        outputs = logits.numel()
        made.append({**inputs, "labels": labels})
    return made, spent[1], outputs


def _seconds_per_step(
    recipe: Recipe,
    model: PreTrainedModel,
    groups: Sequence[Group],
    plan: FreezePlan,
    batches: list[Batch],
    control: Control,
) -> float:
    """Mean over the batches, after one step that is not counted."""
    task = TASKS[recipe.task]
    model.train()
    apply_freeze(model, groups, plan.frozen)
    optimizer = make_optimizer(model, groups, recipe)
    learning = [p for p in model.parameters() if p.requires_grad]
    spent = []
    for batch in (batches[0], *batches):
        control.check()
        began = time.perf_counter()
        inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
        loss = task.loss(model(**inputs).logits, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()  # waits for an accelerator to finish
        spent.append(time.perf_counter() - began)
    return sum(spent[1:]) / len(spent[1:])
