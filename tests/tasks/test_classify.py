"""The goal of classifying makes the head that the recipe asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_models import tiny_folder

from tlgui.core.recipe import Recipe
from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.tasks.table import TASKS


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return Recipe().edit("model", source=str(tiny_folder(tmp_path_factory.mktemp("classify") / "model")))


@pytest.mark.parametrize(
    ("method", "pooling", "made"),
    [
        ("fine-tune", "auto", "own"),
        ("gradual", "auto", "own"),
        ("feature-based", "auto", "mean"),
        ("feature-based", "own", "own"),
        ("lora", "attention", "attention"),
    ],
)
@pytest.mark.parametrize("weights", ["pretrained", "scratch"])
def test_the_method_and_the_pooling_decide_the_head(
    recipe: Recipe, method: str, pooling: str, made: str, weights: str
) -> None:
    wanted = recipe.edit("transfer", method=method).edit("head", pooling=pooling).edit("model", weights=weights)
    model = TASKS["classify"].load(Path(recipe.model.source), wanted, ("a", "b", "c"))
    assert isinstance(model, TlguiForSequenceClassification) == (made != "own")
    assert getattr(model.config, "pooling", "own") == made
    assert model.config.id2label == {0: "a", 1: "b", 2: "c"}
    assert not model.training
    other = TASKS["classify"].load(Path(recipe.model.source), wanted.edit("train", seed=1), ("a", "b", "c"))
    words = [one.get_input_embeddings().weight for one in (model, other)]
    assert torch.equal(*words) == (weights == "pretrained")
