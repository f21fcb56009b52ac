"""What a plan costs: figures of the right size, from this recipe and these texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import tiny_model
from tiny_runs import tiny_recipe

from tlgui.core.control import Control, StopRequested
from tlgui.core.freeze import everything, head_only
from tlgui.models.groups import layer_groups
from tlgui.train import measure


def quiet(event: object) -> None:
    pass


def test_lengths_count_the_models_own_tokens(tmp_path: Path) -> None:
    facts = measure.lengths(tiny_recipe(tmp_path), quiet, Control())
    assert len(facts.lengths) == 80
    assert 4 <= min(facts.lengths) < max(facts.lengths) <= 20
    assert facts.pieces_per_word == pytest.approx(1.0)
    assert facts.unknown_share == 0
    assert facts.cut_share(max(facts.lengths)) == 0
    assert facts.cut_share(min(facts.lengths) - 1) == 1


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_cost_is_timed_and_counts_the_steps_of_the_run(tmp_path: Path, task: str) -> None:
    recipe = tiny_recipe(tmp_path, task)
    facts = measure.lengths(recipe, quiet, Control())
    cost = measure.cost(recipe, facts, 64, 16, quiet, Control())
    assert cost.steps == 16
    assert 0 < cost.seconds_per_step < 1
    assert cost.seconds >= cost.steps * cost.seconds_per_step
    assert measure.PROCESS_BYTES < cost.memory_bytes < measure.PROCESS_BYTES + 50e6


def test_long_texts_for_masked_words_make_several_examples(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", max_length=8)
    facts = measure.lengths(recipe, quiet, Control())
    cut = sum(-(-n // 8) for n in facts.lengths) / len(facts.lengths)
    cost = measure.cost(recipe, facts, 64, 16, quiet, Control())
    assert cost.steps == 2 * -(-round(64 * cut) // 8)


def test_memory_grows_with_what_learns() -> None:
    model = tiny_model("bert", "classify")
    keys = [group.key for group in layer_groups(model)]
    groups = layer_groups(model)
    few, all_ = (measure.learning_parameters(model, groups, plan) for plan in (head_only(keys), everything(keys)))
    assert few < all_ == sum(p.numel() for p in model.parameters())
    most, least = (measure.memory(model, learning, tokens=100, outputs=200) for learning in (all_, few))
    assert most - least == 12 * (all_ - few)


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    recipe, control = tiny_recipe(tmp_path), Control()
    facts = measure.lengths(recipe, quiet, control)
    control.stop()
    with pytest.raises(StopRequested):
        measure.cost(recipe, facts, 64, 16, quiet, control)
