from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_models import tiny_config, tiny_folder, tiny_tokenizer

from tlgui.core.control import Control
from tlgui.core.facts import ModelFacts
from tlgui.core.recipe import Recipe
from tlgui.models.catalogue import NOT_STATED
from tlgui.models.facts import look
from tlgui.models.families import FAMILIES
from tlgui.models.loading import load_classifier, load_masked


def facts(source: str | Path, task: str = "classify", weights: str = "pretrained") -> ModelFacts:
    recipe = Recipe(task=task).edit("model", source=str(source), weights=weights)
    return look(recipe, lambda event: None, Control())


def test_the_starter_is_what_its_readme_says() -> None:
    found = facts("starter", "mask")
    assert (found.family, found.layers, found.width, found.vocabulary) == ("bert", 6, 384, 22_746)
    assert (found.tokens, found.max_tokens, found.size_bytes) == ("WordPiece", 512, 39_513_668)
    assert round(found.parameters / 1e6, 1) == 19.8
    assert found.keys == ("embeddings", *"012345", "head")
    assert not any(group.new for group in found.groups)
    assert (found.licence, found.name) == ("Apache-2.0", "Starter BERT")


def test_a_classifier_of_the_starter_draws_its_pooler_and_its_head() -> None:
    found = facts("starter")
    assert found.keys == ("embeddings", *"012345", "pooler", "head")
    assert [group.key for group in found.groups if group.new] == ["pooler", "head"]
    assert found.groups[-1].parameters == 2 * 384 + 2


def test_from_scratch_every_group_is_new() -> None:
    assert all(group.new for group in facts("starter", weights="scratch").groups)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("task", ["classify", "mask"])
def test_counts_are_those_of_the_loaded_model(tmp_path: Path, kind: str, task: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    found = facts(folder, task)
    model = load_classifier(folder, ("a", "b")) if task == "classify" else load_masked(folder)
    assert found.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert (found.layers, found.width, found.vocabulary, found.family) == (3, 16, 100, kind)
    assert found.groups[-1].new == (task == "classify")
    assert found.max_tokens == 62  # the tokenizer's limit, for families that reserve two positions of 64


def test_without_a_stated_limit_the_positions_decide(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": 1e30}))
    assert facts(folder).max_tokens == tiny_config("bert").max_position_embeddings
    assert tiny_tokenizer().model_max_length == 62


def test_a_trained_classifier_has_nothing_new_for_as_many_classes(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model", "bert", "classify")
    assert not any(group.new for group in facts(folder).groups)
    assert facts(folder, "mask").groups[-1].new


def test_a_readme_states_licence_and_languages(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    assert (facts(folder).licence, facts(folder).languages) == (NOT_STATED, NOT_STATED)
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage: de\n---\n")
    assert (facts(folder).licence, facts(folder).languages) == ("mit", "de")
    (folder / "README.md").write_text("---\nlicense: [\n---\n")
    assert facts(folder).licence == NOT_STATED
