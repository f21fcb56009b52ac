"""Rates over a run and over the groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_model

from tlgui.core.freeze import FreezePlan, top_layers
from tlgui.core.recipe import TrainPart
from tlgui.models.groups import layer_groups
from tlgui.train.loop import validation_marks
from tlgui.train.optimizer import make_optimizer, rate_factor, set_rates


@given(st.integers(1, 3000), st.floats(0, 0.9), st.sampled_from(["linear", "constant"]))
def test_the_rate_rises_then_never_rises_again_and_stays_in_bounds(total: int, warmup: float, schedule: str) -> None:
    train = TrainPart(warmup=warmup, schedule=schedule)  # type: ignore[arg-type]
    factors = [rate_factor(step, total, train) for step in range(1, total + 1)]
    assert all(0 < f <= 1 for f in factors)
    top = max(range(total), key=factors.__getitem__)
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)


def test_a_straight_line_up_and_down() -> None:
    factors = [rate_factor(step, 10, TrainPart(warmup=0.2)) for step in range(1, 11)]
    assert factors == pytest.approx([0.5, 1, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8])


def test_each_group_has_its_rate_and_only_matrices_decay() -> None:
    model = tiny_model("bert", "classify")
    groups = layer_groups(model)
    plan = top_layers([g.key for g in groups], 1)
    optimizer = make_optimizer(model, groups, plan, TrainPart(learning_rate=1e-3, weight_decay=0.1), 0.5)
    peaks = {id(p): s["peak"] for s in optimizer.param_groups for p in s["params"]}
    decays = {id(p): s["weight_decay"] for s in optimizer.param_groups for p in s["params"]}
    parameters = dict(model.named_parameters())
    expected = {"head": 1e-3, "pooler": 5e-4, "2": 2.5e-4}
    for group in groups:
        for name in group.names:
            assert peaks.get(id(parameters[name])) == expected.get(group.key)
            if plan.learns(group.key):
                assert decays[id(parameters[name])] == (0.1 if parameters[name].ndim > 1 else 0.0)
    assert set_rates(optimizer, 0.5) == 5e-4
    assert {s["lr"] for s in optimizer.param_groups} == {5e-4, 2.5e-4, 1.25e-4}


def test_a_plan_of_scattered_groups_is_possible() -> None:
    model = tiny_model("bert", "classify")
    groups = layer_groups(model)
    plan = FreezePlan.parse(["0", "2"], [g.key for g in groups])
    optimizer = make_optimizer(model, groups, plan, TrainPart(), 1.0)
    held = {id(p) for s in optimizer.param_groups for p in s["params"]}
    names = {n for g in groups if g.key in ("0", "2") for n in g.names}
    assert held == {id(p) for n, p in model.named_parameters() if n not in names}


@given(st.integers(1, 500), st.integers(1, 20))
def test_validations_are_spread_and_the_last_ends_the_epoch(steps: int, wanted: int) -> None:
    marks = sorted(validation_marks(steps, wanted))
    assert marks[-1] == steps
    assert marks[0] >= 1
    assert len(marks) == min(steps, wanted)
    gaps = [b - a for a, b in zip([0, *marks], marks, strict=False)]
    assert max(gaps) - min(gaps) <= 1
