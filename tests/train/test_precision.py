"""Precision: bfloat16 where it is wanted or measured to be faster, float32 for all that has to be exact."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_runs import feature_based, loop_in_memory, tiny_recipe

from tlgui.core import launch
from tlgui.core.control import Control
from tlgui.core.events import Event, Finished, Note, StepDone, Stopped, Validated
from tlgui.core.facts import RunSummary
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.train import find_rate, measure, session, trials
from tlgui.train.setup import Setup, set_up

CLOSE = 5e-3
"""Nats by which the losses of a tiny model differ in bfloat16, which has 8 bits of precision."""


def quiet(event: Event) -> None:
    pass


def run(recipe: Recipe, runs: Path) -> RunFolder:
    ending = session.run(recipe, runs, quiet, Control())
    assert isinstance(ending, Finished)
    assert isinstance(ending.value, RunSummary)
    return RunFolder(Path(ending.value.folder))


def losses(recipe: Recipe) -> list[float]:
    """Of every step and validation of a run in memory."""
    seen: list[Event] = []
    loop_in_memory(recipe, seen.append).run()
    return [event.loss for event in seen if isinstance(event, (StepDone, Validated))]


def takes(monkeypatch: pytest.MonkeyPatch, float32: float, bfloat16: float) -> None:
    """Let a pass take so long."""
    monkeypatch.setattr(trials, "measure", lambda choices, *_: {"float32": float32, "bfloat16": bfloat16})


def kinds(setup: Setup) -> tuple[set[torch.dtype], torch.dtype]:
    """What the layers compute in, and what comes out."""
    inside: set[torch.dtype] = set()
    layers = [module for module in setup.model.modules() if isinstance(module, torch.nn.Linear)]
    hooks = [layer.register_forward_hook(lambda module, given, output: inside.add(output.dtype)) for layer in layers]
    rows = np.arange(4)
    logits = setup.logits(setup.batch(setup.train, rows, np.random.default_rng(0)))
    for hook in hooks:
        hook.remove()
    return inside, logits.dtype


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_layers_compute_in_bfloat16_and_weights_and_losses_stay_float32(tmp_path: Path, task: str) -> None:
    setup = set_up(tiny_recipe(tmp_path, task, precision="bfloat16"), quiet, Control())
    setup.training_mode()
    assert kinds(setup) == ({torch.bfloat16}, torch.float32)
    setup.model.eval()
    assert kinds(setup) == ({torch.bfloat16}, torch.float32)
    loss = setup.backward(np.arange(4), 1)
    assert loss.dtype == torch.float32
    assert {(p.dtype, p.grad.dtype) for p in setup.learning.values() if p.grad is not None} == {(torch.float32,) * 2}


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_bfloat16_learns_as_float32_does(tmp_path: Path, task: str) -> None:
    recipe = tiny_recipe(tmp_path, task, learning_rate=1e-2)
    exact, coarse = losses(recipe), losses(recipe.edit("train", precision="bfloat16"))
    assert coarse != exact
    assert coarse == pytest.approx(exact, abs=CLOSE)
    assert np.ptp(exact) > 20 * CLOSE  # something was learned


@pytest.mark.parametrize("kept", ["float32", "float16"])
def test_what_is_kept_of_frozen_groups_is_what_bfloat16_gave(tmp_path: Path, kept: str) -> None:
    recipe = tiny_recipe(tmp_path, precision="bfloat16")
    found = losses(recipe.edit("cache", prefix=kept))
    assert found == pytest.approx(losses(recipe.edit("cache", prefix="off")), abs=CLOSE)


def test_features_are_stored_as_float32(tmp_path: Path) -> None:
    folder = run(feature_based(tmp_path).edit("train", precision="bfloat16"), tmp_path / "runs")
    assert folder.summary().status == "finished"
    assert {tensor.dtype for tensor in load_file(folder.model / "model.safetensors").values()} == {torch.float32}


@pytest.mark.parametrize(
    ("bfloat16", "ran"), [(0.020, "bfloat16"), (0.036, "bfloat16"), (0.038, "float32"), (0.090, "float32")]
)
def test_auto_takes_bfloat16_if_it_is_faster_by_a_tenth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bfloat16: float, ran: str
) -> None:
    takes(monkeypatch, 0.040, bfloat16)
    folder = run(tiny_recipe(tmp_path, precision="auto", epochs=1), tmp_path / "runs")
    assert folder.recipe().train.precision == ran
    said = [event.text for event in folder.events() if isinstance(event, Note) and "bfloat16" in event.text]
    times = f"{0.04 / bfloat16:.1f}"
    assert said == [f"Measured: bfloat16 is {times} times as fast as float32, so the run computes in {ran}."]


def test_measuring_the_precision_changes_nothing_else(tmp_path: Path) -> None:
    setup = set_up(tiny_recipe(tmp_path, precision="auto"), quiet, Control())
    before, random = setup.checksums(), torch.get_rng_state()
    trials.choose(setup, Control())
    assert setup.recipe.train.precision in ("float32", "bfloat16")
    assert setup.checksums() == before
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in setup.model.parameters())


def test_a_run_goes_on_in_the_precision_that_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes(monkeypatch, 0.040, 0.020)
    recipe, control = tiny_recipe(tmp_path, precision="auto", epochs=1), Control()
    whole = run(recipe, tmp_path / "runs")

    def stop(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()

    ending = session.run(recipe, tmp_path / "runs", stop, control)
    assert isinstance(ending, Stopped)
    assert isinstance(ending.value, RunSummary)

    def measured(*_: object) -> NoReturn:
        raise AssertionError("measured again")

    monkeypatch.setattr(trials, "measure", measured)
    part = RunFolder(Path(ending.value.folder))
    session.resume(part.path, quiet, Control())
    one, two = ([e.loss for e in folder.events() if isinstance(e, StepDone)] for folder in (whole, part))
    assert one == two


@pytest.mark.parametrize("wanted", ["bfloat16", "auto"])
def test_a_device_without_bfloat16_computes_in_float32_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.setattr(trials, "has_bfloat16", lambda device: False)
    setup = set_up(tiny_recipe(tmp_path, precision=wanted), quiet, Control())
    trials.choose(setup, Control())
    assert setup.recipe.train.precision == "float32"
    assert setup.notes[-1] == "The CPU has no bfloat16, so the run computes in float32."


def test_several_processes_measure_no_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = set_up(tiny_recipe(tmp_path, precision="auto"), quiet, Control())
    monkeypatch.setattr(launch, "count", lambda: 2)
    trials.choose(setup, Control())
    assert setup.recipe.train.precision == "float32"
    assert "no precision was measured" in setup.notes[-1]


def test_a_rate_is_searched_in_the_precision_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes(monkeypatch, 0.040, 0.020)
    monkeypatch.setattr(find_rate, "STEPS", 5)
    found = [find_rate.search(tiny_recipe(tmp_path, precision=p), quiet, Control()) for p in ("auto", "bfloat16")]
    assert found[0].losses == found[1].losses != find_rate.search(tiny_recipe(tmp_path), quiet, Control()).losses


def test_the_cost_is_measured_in_the_precision_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes(monkeypatch, 0.040, 0.020)
    used: list[str] = []
    arithmetic = measure.arithmetic
    monkeypatch.setattr(measure, "arithmetic", lambda device, p: (used.append(p), arithmetic(device, p))[1])
    recipe = tiny_recipe(tmp_path, precision="auto")
    measure.cost(recipe, measure.lengths(recipe, quiet, Control()), 64, 16, quiet, Control())
    assert set(used) == {"bfloat16"}
