"""A last layer that is run at some tokens alone: the same answers and gradients as at all of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_batch, tiny_classifier, tiny_model
from transformers import PreTrainedModel

from tlgui.core.recipe import Recipe
from tlgui.models import last_layer
from tlgui.models.families import FAMILIES
from tlgui.tasks.base import logits_of
from tlgui.tasks.encoded import Batch
from tlgui.tasks.table import TASKS

ABLE = [name for name, family in FAMILIES.items() if family.last_layer]
HIDDEN = torch.tensor([[0, 1, 0, 1, 1] + [0] * 7, [0] * 12, [0, 0, 1] + [0] * 9])


def padded(task: str) -> Batch:
    batch = tiny_batch(3, 12)
    batch["attention_mask"][1, 8:] = 0
    hidden = torch.where(HIDDEN.bool(), batch["input_ids"], -100)
    tags = torch.where(HIDDEN.bool(), 1, -100)[..., None].expand(-1, -1, 3)
    return {**batch, "labels": {"mask": hidden, "tag": tags, "classify": torch.tensor([0, 1, 1])}[task]}


def learned(model: PreTrainedModel, task: str) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Logits, and the gradient of the loss by every parameter, without dropout."""
    model.zero_grad()
    batch = padded(task)
    logits = logits_of(TASKS[task], model, batch)
    TASKS[task].loss(logits, batch).backward()
    return logits.detach(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("task", ["classify", "mask", "tag"])
@pytest.mark.parametrize("family", ABLE)
def test_answers_and_gradients_are_those_of_the_whole_layer(
    family: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(family, task)
    seen: list[int] = []
    layers = model.base_model.get_submodule(FAMILIES[family].layers)
    layers[-1].register_forward_hook(lambda _, __, output: seen.append(output.shape[1]))
    some, pulled = learned(model, task)
    monkeypatch.setattr(last_layer, "WAYS", {})
    whole, pulls = learned(model, task)
    assert seen == [1 if task == "classify" else 3, 12]
    torch.testing.assert_close(some, whole, rtol=1e-5, atol=1e-6)
    assert pulls.keys() == pulled.keys()
    for name, pull in pulls.items():
        torch.testing.assert_close(pulled[name], pull, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set(ABLE)))
def test_other_families_run_the_whole_layer(family: str) -> None:
    assert not last_layer.can_run_at_some(tiny_model(family, "classify"))


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ({"pooling": "first"}, True),
        ({"pooling": "mean"}, False),
        ({"pooling": "first", "mix": True}, False),
        ({"pooling": "first", "layer": 1}, False),
    ],
)
def test_a_head_of_ours_says_what_it_reads(head: dict[str, object], first: bool) -> None:
    model = tiny_classifier("bert", **head)
    assert last_layer.reads_first(model) is first
    seen: list[int] = []
    model.base_model.encoder.layer[-1].register_forward_hook(lambda _, __, output: seen.append(output.shape[1]))
    learned(model, "classify")
    assert seen == [1 if first else 12]


@torch.no_grad()
def test_dropout_is_drawn_while_the_layer_learns_and_not_while_it_is_frozen() -> None:
    model, batch = tiny_model("bert", "classify").train(), padded("classify")
    torch.manual_seed(1)
    draws = {float(logits_of(TASKS["classify"], model, batch).sum()) for _ in range(3)}
    assert len(draws) == 3
    model.eval()
    assert len({float(logits_of(TASKS["classify"], model, batch).sum()) for _ in range(3)}) == 1


def test_what_stands_in_is_gone_afterwards_and_leaves_another_stand_in_alone() -> None:
    model = tiny_model("bert", "classify")
    layer = model.base_model.encoder.layer[-1]
    with pytest.raises(ZeroDivisionError), last_layer.only_at(model, torch.zeros(3, 1, dtype=torch.int64)):
        _ = 1 / 0
    assert "forward" not in vars(layer)
    layer.forward = lambda states, *_, **__: states
    assert not last_layer.can_run_at_some(model)


@given(st.data(), st.integers(1, 6), st.integers(1, 9))
def test_positions_by_row_find_the_same_tokens(data: st.DataObject, rows: int, tokens: int) -> None:
    chosen = data.draw(st.sets(st.integers(0, rows * tokens - 1)))
    positions = torch.tensor(sorted(chosen), dtype=torch.int64)
    places, among = last_layer.by_row(positions, tokens, rows)
    values = torch.from_numpy(np.random.default_rng(0).random((rows, tokens)))
    assert torch.equal(values.gather(1, places).flatten()[among], values.flatten()[positions])


def test_the_words_that_are_timed_and_counted_follow() -> None:
    """A batch of made-up labels, as costs are measured with, has as many places as a real one."""
    ids = tiny_batch(3, 12)["input_ids"]
    labels = TASKS["mask"].made_up_labels(ids, Recipe(task="mask"))
    wanted = TASKS["mask"].wanted({"input_ids": ids, "labels": labels})
    assert wanted is not None
    assert last_layer.by_row(wanted, 12, 3)[0].shape == (3, 2)
