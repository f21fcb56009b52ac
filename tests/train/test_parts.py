"""A batch in parts: nothing is lost or padded more, and the gradient is that of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_folder
from tiny_runs import feature_based, loop_in_memory, tiny_recipe, tiny_rows
from torch import nn

from tlgui.core import randomness
from tlgui.core.control import Control
from tlgui.core.events import Event, StepDone
from tlgui.core.recipe import Recipe
from tlgui.models.fit import why_not
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS
from tlgui.train.devices import seed
from tlgui.train.features import FEATURES, cached
from tlgui.train.parts import parts_for, shares_of, split
from tlgui.train.setup import set_up

WIDTH = 3


def made_batch(lengths: list[int]) -> Batch:
    """A batch whose every value tells its row and its place."""
    places = torch.arange(len(lengths) * max(lengths)).reshape(len(lengths), -1)
    attention = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    states = places[:, :, None] * WIDTH + torch.arange(WIDTH)
    labels = torch.where(attention.bool(), places, -100)
    return {"input_ids": places, "attention_mask": attention, "states": states, "labels": labels}


def made_writing_batch(lengths: list[int], outputs: list[int]) -> Batch:
    """The same where the labels are of texts that a decoder writes."""
    batch = made_batch(lengths)
    labels = made_batch(outputs)["labels"]
    return {**batch, "labels": labels, "decoder_attention_mask": (labels != -100).long()}


@given(
    sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=12), parts=st.integers(2, 15)
)
def test_what_is_written_is_cut_to_its_own_width(sizes: list[tuple[int, int]], parts: int) -> None:
    lengths, outputs = ([size[side] for size in sizes] for side in (0, 1))
    batch, row = made_writing_batch(lengths, outputs), 0
    for part in split(batch, np.array(lengths), parts):
        rows = slice(row, row + len(part["labels"]))
        longest, written = max(lengths[rows]), max(outputs[rows])
        for name in ("input_ids", "attention_mask", "states"):
            assert torch.equal(part[name], batch[name][rows, :longest])
        for name in ("labels", "decoder_attention_mask"):
            assert torch.equal(part[name], batch[name][rows, :written])
        row = rows.stop
    assert row == len(lengths)


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12), parts=st.integers(1, 15))
def test_parts_are_the_rows_in_their_order_without_the_padding_of_longer_ones(lengths: list[int], parts: int) -> None:
    batch = made_batch(lengths)
    made = split(batch, np.array(lengths), parts)
    sizes = [len(part["labels"]) for part in made]
    assert len(made) == min(parts, len(lengths))
    assert max(sizes) - min(sizes) <= 1
    row = 0
    for part, size in zip(made, sizes, strict=True):
        longest = max(lengths[row : row + size]) if len(made) > 1 else max(lengths)
        for name, values in part.items():
            assert torch.equal(values, batch[name][row : row + size, :longest]), name
            assert values.is_contiguous()
        row += size
    assert sum(shares_of(TASKS["mask"], made)) == pytest.approx(1)
    assert shares_of(TASKS["mask"], made)[0] == pytest.approx(sum(lengths[: sizes[0]]) / sum(lengths))


@pytest.mark.parametrize(
    ("wanted", "rows", "tokens", "parts"),
    [(0, 16, 30, 1), (0, 32, 128, 4), (0, 2, 4000, 2), (1, 32, 128, 1), (3, 8, 8, 3)],
)
def test_a_number_that_is_left_open_keeps_a_part_small(wanted: int, rows: int, tokens: int, parts: int) -> None:
    assert parts_for(wanted, rows, tokens, torch.device("cpu")) == parts
    assert parts_for(0, rows, tokens, torch.device("cuda")) == 1


def test_what_is_not_in_tokens_is_not_cut() -> None:
    batch = {FEATURES: torch.rand(4, 5, 2), "labels": torch.arange(4)}
    made = split(batch, np.array([5, 2, 2, 5]), 2)
    assert [part[FEATURES].shape for part in made] == [(2, 5, 2), (2, 5, 2)]
    assert shares_of(TASKS["classify"], made) == [0.5, 0.5]


def without_dropout(folder: Path, task: str) -> Recipe:
    if not why_not(task, "t5"):
        tiny_folder(folder / "t5", "t5", dropout_rate=0.0)
    elif not (folder / "model").exists():
        tiny_folder(folder / "model", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        tiny_rows(folder / "rows.csv")
    return tiny_recipe(folder, task, batch_size=9, epochs=1)  # the last batch has one row


def losses(recipe: Recipe) -> list[float]:
    seen: list[Event] = []
    loop_in_memory(recipe, seen.append).run()
    return [event.loss for event in seen if isinstance(event, StepDone)]


@pytest.mark.parametrize("task", ["classify", "mask", "text-to-text", "corrupt"])
def test_without_dropout_parts_change_nothing(task: str, tmp_path: Path) -> None:
    recipe = without_dropout(tmp_path, task)
    whole, parts = losses(recipe), losses(recipe.edit("train", parts=4))
    assert len(whole) == 8
    assert parts == pytest.approx(whole, abs=1e-6)


def test_parts_of_stored_features(tmp_path: Path) -> None:
    recipe, gradients = feature_based(tmp_path), []
    for parts in (1, 3):
        setup = set_up(recipe.edit("train", parts=parts), lambda e: None, Control())
        setup = cached(setup, lambda e: None, Control())
        for module in setup.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        loss = setup.backward(np.arange(8), 1)
        gradients.append(torch.cat([loss[None], *(p.grad.flatten() for p in setup.learning.values())]))  # type: ignore[union-attr]
    assert torch.allclose(*gradients, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 3])
def test_the_gradient_is_that_of_the_mean_with_dropout_as_it_is_seeded(parts: int, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", parts=parts).edit("transfer", frozen=())
    setup = set_up(recipe, lambda e: None, Control())
    rows, step = np.arange(8), 5
    loss = setup.backward(rows, step)
    gradients = {name: parameter.grad.clone() for name, parameter in setup.learning.items()}  # type: ignore[union-attr]
    setup.model.zero_grad(set_to_none=True)
    batch = setup.batch(setup.train, rows, randomness.generator(0, "masks", step))
    made = split(batch, setup.train.lengths[rows], parts)
    shares = shares_of(setup.task, made)
    total = torch.zeros(())
    for number, part in enumerate(made):
        place = (step,) if parts == 1 else (step, number)
        seed(randomness.number(0, "dropout", *place), setup.device)
        total = total + setup.task.loss(setup.logits(part), part) * shares[number]
    total.backward()
    apart = [float((gradients[name] - parameter.grad).abs().max()) for name, parameter in setup.learning.items()]  # type: ignore[operator]
    assert max(abs(float(loss - total.detach())), *apart) <= (0 if parts == 1 else 1e-7)


def test_each_part_has_a_dropout_of_its_own(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    assert losses(recipe.edit("train", parts=2)) != pytest.approx(losses(recipe), abs=1e-6)
