"""A run killed with -9 goes on exactly where it was: the losses that follow are equal to the last bit."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from killed_runs import CHANGES, PLACES, go_on, run_until
from tiny_runs import gradual, stalling, tiny_recipe

from tlgui.core import recipe as recipes
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
forked = multiprocessing.get_context("forkserver")  # imports torch once, for all processes
forked.set_forkserver_preload(["tlgui.train.session"])


def in_a_process(work: Callable[..., None], *args: object) -> int | None:
    process = forked.Process(target=work, args=args)
    process.start()
    process.join(120)
    return process.exitcode


def curves(run: Path) -> tuple[list[float], list[tuple[int, float, float]], dict[int, list[tuple[int, float]]]]:
    history = History.of(RunFolder(run).events())
    assert history.steps.tolist() == list(range(1, history.total + 1))
    validations = [(v.step, v.loss, *v.metrics.values()) for v in history.validations]
    return history.losses.tolist(), validations, history.probes  # type: ignore[return-value]


def write(recipe: Recipe, file: Path) -> str:
    file.write_text(recipes.dump(recipe), encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module", params=["classify", "mask", "answer", "tag", "text-to-text"])
def whole_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A recipe file, and the folder of its uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    file = write(tiny_recipe(folder, request.param, validations=2), folder / "recipe.toml")
    assert in_a_process(run_until, "never", file, str(folder / "runs"), 30.0) == 0
    return file, folder / "runs" / "run"


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 30.0], ids=["checkpoint every step", "at validations"])
@pytest.mark.parametrize("place", [*PLACES, "during a checkpoint", "while the model is saved"])
def test_going_on_equals_the_uninterrupted_run(
    whole_run: tuple[str, Path], place: str, checkpoint_seconds: float, tmp_path: Path
) -> None:
    recipe_file, whole = whole_run
    assert in_a_process(run_until, place, recipe_file, str(tmp_path), checkpoint_seconds) == -signal.SIGKILL
    run = tmp_path / "run"
    assert RunFolder(run).summary().status == "interrupted"
    assert in_a_process(go_on, str(run)) == 0
    assert curves(run) == curves(whole)
    assert (run / "model" / "model.safetensors").read_bytes() == (whole / "model" / "model.safetensors").read_bytes()
    assert RunFolder(run).summary().status == "finished"


WAYS: dict[str, Callable[[Path], Recipe]] = {
    "by the clock": lambda folder: gradual(tiny_recipe(folder, validations=2), every=3, unit="steps"),
    "by plateau": stalling,
    "by hand": lambda folder: tiny_recipe(folder, validations=2),
}


@pytest.fixture(scope="module", params=WAYS)
def whole_gradual_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, bool]:
    """A recipe file, the folder of its uninterrupted run, and whether groups change by hand."""
    folder, by_hand = tmp_path_factory.mktemp("whole"), request.param == "by hand"
    file = write(WAYS[request.param](folder), folder / "recipe.toml")
    assert in_a_process(run_until, "never", file, str(folder / "runs"), 30.0, by_hand) == 0
    return file, folder / "runs" / "run", by_hand


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 30.0], ids=["checkpoint every step", "at validations"])
@pytest.mark.parametrize("place", CHANGES)
def test_changes_of_the_plan_come_again(
    whole_gradual_run: tuple[str, Path, bool], place: str, checkpoint_seconds: float, tmp_path: Path
) -> None:
    recipe_file, whole, by_hand = whole_gradual_run
    assert in_a_process(run_until, place, recipe_file, str(tmp_path), checkpoint_seconds, by_hand) == -signal.SIGKILL
    run = tmp_path / "run"
    assert in_a_process(go_on, str(run), by_hand) == 0
    assert curves(run) == curves(whole)
    one, two = (History.of(RunFolder(folder).events()) for folder in (run, whole))
    assert one.changes == two.changes != []
    assert {key: receipt.after for key, receipt in one.receipts.items()} == {
        key: receipt.after for key, receipt in two.receipts.items()
    }
    assert (run / "model" / "model.safetensors").read_bytes() == (whole / "model" / "model.safetensors").read_bytes()


def test_the_starter_on_real_text_goes_on_exactly(tmp_path: Path) -> None:
    from tlgui.core.paths import resources

    recipe = (
        Recipe(name="reviews")
        .edit("data", source=str(resources() / "samples" / "reviews.csv"), rows=120)
        .edit("transfer", frozen=("embeddings", "0-3"))
        .edit("train", epochs=1, max_length=64, validations=2, threads=1)
    )
    file = write(recipe, tmp_path / "recipe.toml")
    assert in_a_process(run_until, "never", file, str(tmp_path / "whole"), 30.0) == 0
    assert in_a_process(run_until, "mid epoch", file, str(tmp_path / "killed"), 0.0) == -signal.SIGKILL
    assert in_a_process(go_on, str(tmp_path / "killed" / "run")) == 0
    assert curves(tmp_path / "killed" / "run") == curves(tmp_path / "whole" / "run")
