"""The optimizer over groups that come and go, and where an epoch is validated."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_model
from transformers import PreTrainedModel

from tlgui.core.recipe import Recipe
from tlgui.models.groups import Group, apply_freeze, layer_groups
from tlgui.train.loop import validation_marks
from tlgui.train.optimizer import forget, make_optimizer, set_rates


def plan_rates(**transfer: object) -> tuple[PreTrainedModel, tuple[Group, ...], torch.optim.Optimizer]:
    model = tiny_model("bert", "classify")
    groups = layer_groups(model)
    recipe = Recipe().edit("train", learning_rate=1e-3, weight_decay=0.1).edit("transfer", **transfer)
    return model, groups, make_optimizer(model, groups, recipe)


def test_each_group_has_its_rate_and_only_matrices_decay() -> None:
    model, groups, optimizer = plan_rates(layer_decay=0.5, rates={"1": 7e-4})
    peaks = {id(p): s["peak"] for s in optimizer.param_groups for p in s["params"]}
    decays = {id(p): s["weight_decay"] for s in optimizer.param_groups for p in s["params"]}
    parameters = dict(model.named_parameters())
    expected = {"head": 1e-3, "pooler": 5e-4, "2": 2.5e-4, "1": 7e-4, "0": 6.25e-5, "embeddings": 3.125e-5}
    for group in groups:
        for name in group.names:
            assert peaks[id(parameters[name])] == expected[group.key]
            assert decays[id(parameters[name])] == (0.1 if parameters[name].ndim > 1 else 0.0)
    assert set_rates(optimizer, 0.5) == 5e-4
    assert {s["lr"] for s in optimizer.param_groups} == {rate / 2 for rate in expected.values()}


def step(model: PreTrainedModel, groups: tuple[Group, ...], optimizer: torch.optim.Optimizer, frozen: set[str]) -> None:
    apply_freeze(model, groups, frozen)
    model(torch.arange(5, 25).view(2, 10)).logits.pow(2).mean().backward()
    optimizer.step()
    optimizer.zero_grad()


def test_a_group_that_thaws_keeps_the_moments_of_the_others_and_begins_its_own() -> None:
    model, groups, optimizer = plan_rates()
    below = {"embeddings", "0", "1", "2"}
    step(model, groups, optimizer, below)
    by_key = {group.key: [model.get_parameter(name) for name in group.names] for group in groups}
    assert not any(optimizer.state.get(p) for key in below for p in by_key[key])
    step(model, groups, optimizer, below - {"2"})
    counts = {key: {int(optimizer.state[p]["step"]) for p in by_key[key]} for key in ("2", "pooler", "head")}
    assert counts == {"2": {1}, "pooler": {2}, "head": {2}}


def test_what_is_frozen_again_is_forgotten_and_the_rest_is_not() -> None:
    model, groups, optimizer = plan_rates()
    step(model, groups, optimizer, {"embeddings"})
    dropped = [model.get_parameter(name) for name in groups[1].names]
    before = {id(p): state["exp_avg"].clone() for p, state in optimizer.state.items()}
    forget(optimizer, dropped)
    assert not any(p in optimizer.state for p in dropped)
    assert len(optimizer.state) == len(before) - len(dropped)
    assert all(torch.equal(before[id(p)], state["exp_avg"]) for p, state in optimizer.state.items())


@given(st.integers(1, 500), st.integers(1, 20))
def test_validations_are_spread_and_the_last_ends_the_epoch(steps: int, wanted: int) -> None:
    marks = sorted(validation_marks(steps, wanted))
    assert marks[-1] == steps
    assert marks[0] >= 1
    assert len(marks) == min(steps, wanted)
    gaps = [b - a for a, b in zip([0, *marks], marks, strict=False)]
    assert max(gaps) - min(gaps) <= 1
