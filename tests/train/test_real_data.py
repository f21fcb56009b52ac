"""Real data and the starter model: the results that the application promises. Each takes a minute or two."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tlgui.core.control import Control
from tlgui.core.events import Finished
from tlgui.core.facts import RunSummary
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.samples import FIRST, SAMPLES
from tlgui.train import session

pytestmark = pytest.mark.long


def train(recipe: Recipe, runs: Path) -> tuple[RunSummary, History]:
    """A run with every core, since nothing else happens in these tests."""
    ending = session.run(recipe.edit("train", threads=os.cpu_count() or 1), runs, lambda e: None, Control())
    assert isinstance(ending, Finished)
    return ending.value, History.of(RunFolder(Path(ending.value.folder)).events())


def test_rt_polarity_top_two_layers(shared_data: Path, tmp_path: Path) -> None:
    recipe = (
        Recipe(name="rt")
        .edit("data", source=str(shared_data / "rt-polarity"), validation=0.1)
        .edit("transfer", frozen=("embeddings", "0-3"))
        .edit("train", epochs=2, learning_rate=1e-4, validations=1)
    )
    summary, _ = train(recipe, tmp_path)
    assert summary.best is not None
    assert summary.best >= 0.76


def test_sst_2_everything_learns(shared_data: Path, tmp_path: Path) -> None:
    recipe = (
        Recipe(name="sst-2")
        .edit("data", source=f"glue:{shared_data}/glue/SST-2", rows=6000)
        .edit("train", epochs=1, learning_rate=1e-4, validations=1)
    )
    summary, _ = train(recipe, tmp_path)
    assert summary.best is not None
    assert summary.best >= 0.74


def test_masked_words_of_a_special_field(tmp_path: Path) -> None:
    recipe = SAMPLES["beekeeping"].recipe()
    assert (recipe.train.epochs, len(recipe.probes)) == (3, 12)
    summary, history = train(recipe.edit("train", validations=1), tmp_path)
    before, after = history.validations[0].loss, min(v.loss for v in history.validations)
    assert after <= 0.92 * before
    gains = [dict(points)[summary.best_step] > points[0][1] for points in history.probes.values()]
    assert len(gains) == 12
    assert sum(gains) >= 4


def test_what_a_newcomer_watches(tmp_path: Path) -> None:
    summary, history = train(FIRST.short_recipe(), tmp_path)
    losses = [validation.loss for validation in history.validations]
    assert min(losses) < losses[0] - 0.1
    gains = [dict(points)[summary.best_step] > points[0][1] for points in history.probes.values()]
    assert sum(gains) >= 8
