"""What a plan costs: figures of the right size, from this recipe and these texts."""

from __future__ import annotations

import csv
import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import peak_memory
import pytest
import torch
from tiny_models import families_for, pretraining, tiny_folder
from tiny_runs import feature_based, gradual, tiny_recipe

from tlgui.core import recipe as recipes
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import RecipeError
from tlgui.core.facts import CostFacts
from tlgui.core.freeze import FreezePlan, everything, head_only, top_layers
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import make_schedule
from tlgui.models.groups import layer_groups
from tlgui.models.loading import load_own
from tlgui.tasks.table import TASKS
from tlgui.train import measure, memory
from tlgui.train.setup import set_up


def quiet(event: object) -> None:
    pass


def cost_of(recipe: Recipe, train_rows: int = 64, validation_rows: int = 16) -> CostFacts:
    facts = measure.lengths(recipe, quiet, Control())
    return measure.cost(recipe, facts, train_rows, validation_rows, quiet, Control())


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
    cost = cost_of(tiny_recipe(tmp_path, task))
    assert cost.steps == 16
    assert 0 < cost.seconds_per_step < 5
    assert cost.validation_seconds > 0
    once = sum(seconds for _, seconds in cost.first_passes)
    assert cost.seconds == pytest.approx(once + cost.steps * cost.seconds_per_step + cost.validation_seconds)
    assert cost.features_seconds == 0
    assert 0 < cost.memory_bytes - cost.memory.program < 50e6


def test_long_texts_for_masked_words_make_several_examples(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", max_length=8)
    facts = measure.lengths(recipe, quiet, Control())
    cut = sum(-(-n // 8) for n in facts.lengths) / len(facts.lengths)
    assert cost_of(recipe).steps == 2 * -(-round(64 * cut) // 8)


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_a_budget_of_tokens_makes_the_steps_that_the_run_makes(tmp_path: Path, task: str) -> None:
    recipe = tiny_recipe(tmp_path, task, batch_tokens=64, validations=1)
    cost, real = cost_of(recipe), set_up(recipe, quiet, Control())
    assert cost.steps == pytest.approx(2 * real.steps_per_epoch, abs=2) and real.steps_per_epoch == len(real.batches(1))
    assert cost.rows_per_step == pytest.approx(64 / real.steps_per_epoch, rel=0.3)
    longest = int(max(real.train.lengths.max(), real.validation.lengths.max()))
    rows = cost_of(recipe.edit("train", batch_tokens=0, batch_size=64 // longest))
    assert cost.memory.activations == rows.memory.activations


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    recipe, control = tiny_recipe(tmp_path), Control()
    facts = measure.lengths(recipe, quiet, control)
    control.stop()
    with pytest.raises(StopRequested):
        measure.cost(recipe, facts, 64, 16, quiet, control)


def test_a_plan_that_does_not_fit_the_model_is_a_problem_of_its_field(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        cost_of(tiny_recipe(tmp_path).edit("transfer", frozen=("0-7",)))
    assert [problem.field for problem in caught.value.problems] == ["transfer.frozen"]


def test_each_stage_of_a_gradual_plan_has_its_steps(tmp_path: Path) -> None:
    cost = cost_of(gradual(tiny_recipe(tmp_path, epochs=6)))
    assert [steps for _, steps in cost.stages] == [8, 8, 8, 8, 16]
    assert cost.seconds_per_step == cost.stages[-1][0] == cost.seconds_everything
    assert cost.seconds == pytest.approx(sum(s * n for s, n in cost.stages) + cost.validation_seconds)


def test_frozen_layers_are_paid_for_once_where_their_output_is_kept(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, epochs=3).edit("transfer", frozen=("embeddings", "0", "1"))
    kept, plain = cost_of(recipe), cost_of(recipe.edit("cache", prefix="off"))
    assert [begin for begin, _ in kept.first_passes] == [0]
    assert (plain.first_passes, plain.kept_bytes) == ((), 0)
    assert kept.kept_bytes == 2 * cost_of(recipe.edit("cache", prefix="float16")).kept_bytes
    assert kept.kept_limit_bytes == 4e9
    words = cost_of(tiny_recipe(tmp_path, "mask", epochs=5).edit("mask", sets=2))
    assert [begin for begin, _ in words.first_passes] == [0, words.steps // 5]
    thawing = cost_of(gradual(tiny_recipe(tmp_path, epochs=9), every=2))
    assert [begin for begin, _ in thawing.first_passes] == [0, 16, 32]
    assert cost_of(gradual(tiny_recipe(tmp_path, epochs=5), every=1)).first_passes == ()


def test_stages_between_those_that_are_timed_are_interpolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[FreezePlan] = []
    times = {1: 0.1, 4: 0.4, 5: 0.9}  # by how many groups learn

    def timed(self: measure._Bench, plan: FreezePlan) -> float:
        seen.append(plan)
        return times[len(plan.learning)]

    monkeypatch.setattr(measure._Bench, "seconds_per_step", timed)
    recipe = gradual(tiny_recipe(tmp_path, epochs=6)).edit("head", pooling="mean")
    assert [seconds for seconds, _ in cost_of(recipe).stages] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.9])
    assert len(seen) == 3


def test_recorded_changes_by_hand_make_stages(tmp_path: Path) -> None:
    changes = ({"step": 4, "groups": ("0",), "learns": True}, {"step": 10, "groups": ("0", "1"), "learns": False})
    cost = cost_of(tiny_recipe(tmp_path).edit("transfer", changes=changes))
    assert [steps for _, steps in cost.stages] == [4, 6, 6]


def test_where_groups_wait_for_a_plateau_all_are_taken_to_learn(tmp_path: Path) -> None:
    recipe = gradual(tiny_recipe(tmp_path), rule="plateau")
    cost = cost_of(recipe)
    assert cost.stages == ()
    assert cost.seconds_per_step == cost.seconds_everything
    assert cost.memory.gradients == cost_of(tiny_recipe(tmp_path).edit("transfer", frozen=())).memory.gradients


def test_stored_features_make_a_step_one_of_the_head_alone(tmp_path: Path) -> None:
    stored, whole = (cost_of(feature_based(tmp_path, pooling=pooling)) for pooling in ("mean", "attention"))
    assert stored.features_seconds > 0 == whole.features_seconds
    assert stored.seconds_per_step < stored.seconds_everything
    assert stored.seconds >= stored.features_seconds + stored.steps * stored.seconds_per_step
    assert stored.memory.gradients == 4 * (16 * 2 + 2)


def test_lora_counts_its_adapters_and_not_the_matrices_beside_them(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", method="lora", frozen=("embeddings", "0"))
    learned = cost_of(recipe).memory.gradients // 4
    adapters = 2 * 2 * 8 * (16 + 16)  # layers, matrices, rank
    head_and_pooler = (16 * 2 + 2) + (16 * 16 + 16)
    assert learned == adapters + head_and_pooler


def activations(model: torch.nn.Module, recipe: Recipe, plan: FreezePlan, length: int = 20) -> int:
    return memory.kept(model, layer_groups(model), plan, recipe, length)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("family", (*families_for("mask"), *families_for("next-word")))
def test_what_is_kept_for_the_backward_pass_grows_with_what_learns_above_the_lowest(
    family: str, tmp_path: Path
) -> None:
    recipe = Recipe(task=pretraining(family))
    model = load_own(recipe.task, tiny_folder(tmp_path / "model", family))
    keys = [group.key for group in layer_groups(model)]
    layers = [activations(model, recipe, top_layers(keys, count)) for count in range(len(keys) - 1)]
    assert layers == sorted(layers)
    assert activations(model, recipe, head_only(keys)) < activations(model, recipe, everything(keys))
    # A lower group alone keeps as much as all above it together, or nearly.
    lowest = FreezePlan(tuple(keys), frozenset(keys) - {"0"})
    assert activations(model, recipe, lowest) > 0.5 * activations(model, recipe, everything(keys))
    assert activations(model, recipe, everything(keys), 40) > 1.9 * activations(model, recipe, everything(keys))


def test_memory_has_each_part_of_what_learns(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", frozen=())
    model = TASKS["classify"].load(Path(recipe.model.source), recipe, ("0", "1"))
    groups = layer_groups(model)
    keys = [group.key for group in groups]
    every = sum(p.numel() for p in model.parameters())
    head = recipe.edit("transfer", frozen=tuple(keys[:-1]))
    found = {
        name: memory.memory(1000, model, groups, make_schedule(one, keys, 8), one, 20)
        for name, one in (
            ("all", recipe),
            ("head", head),
            ("wide", recipe.edit("train", batch_size=16)),
            ("parts", recipe.edit("train", parts=4)),
        )
    }
    assert found["all"].program == 1000
    assert (found["all"].weights, found["all"].gradients, found["all"].optimizer) == (8 * every, 4 * every, 8 * every)
    assert found["head"].weights == 4 * every + found["head"].gradients
    assert found["head"].activations < found["all"].activations
    assert found["wide"].activations == pytest.approx(2 * found["all"].activations, rel=1e-6)
    assert found["parts"].activations == pytest.approx(found["all"].activations / 4, abs=1)
    assert found["all"].total == 1000 + 20 * every + found["all"].activations


def in_a_process(work: Callable[[str, Connection], None], recipe_file: Path) -> int:
    """What it sends from a process that has done nothing else."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(str(recipe_file), there))
    process.start()
    there.close()
    answer = here.recv()
    process.join(60)
    assert isinstance(answer, int)
    return answer


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the estimate's constants are those of Linux")
@pytest.mark.parametrize("frozen", [(), ("embeddings", "0-3"), ("embeddings", "0-5")], ids=["all", "top 2", "head"])
def test_the_estimate_is_near_what_a_run_of_the_starter_takes(frozen: tuple[str, ...], tmp_path: Path) -> None:
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as out:
        texts = [f"{number} {'the plot drags and the cast shines ' * 10}" for number in range(sum(peak_memory.ROWS))]
        csv.writer(out).writerows([("text", "label"), *((text, i % 2) for i, text in enumerate(texts))])
    recipe = (
        Recipe(name="peak")
        .edit("data", source=str(tmp_path / "rows.csv"), validation=peak_memory.ROWS[1] / sum(peak_memory.ROWS))
        .edit("transfer", frozen=frozen)
        .edit("train", epochs=1, batch_size=16, max_length=64, validations=1)
    )
    file = tmp_path / "recipe.toml"
    file.write_text(recipes.dump(recipe), encoding="utf-8")
    foretold, came = (in_a_process(work, file) for work in (peak_memory.foretell, peak_memory.train))
    assert foretold == pytest.approx(came, rel=0.15)
