from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_models import EACH_KIND, families_for, tiny_config, tiny_folder, tiny_headed_folder, tiny_tokenizer

from tlgui.core.control import Control
from tlgui.core.errors import RecipeError
from tlgui.core.facts import ModelFacts
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import MATRICES, HeadPart, LoraPart
from tlgui.models import adapters
from tlgui.models.catalogue import NOT_STATED
from tlgui.models.facts import look
from tlgui.models.groups import layer_groups
from tlgui.models.loading import load_classifier, load_own
from tlgui.models.source import resolve


def facts(source: str | Path, task: str = "classify", weights: str = "pretrained") -> ModelFacts:
    return found_of(Recipe(task=task).edit("model", source=str(source), weights=weights))


def found_of(recipe: Recipe) -> ModelFacts:
    return look(recipe, resolve(recipe.model.source, lambda event: None, Control()))


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


@pytest.mark.parametrize(("kind", "task"), [(kind, task) for task in EACH_KIND for kind in families_for(task)])
def test_counts_are_those_of_the_loaded_model(tmp_path: Path, kind: str, task: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    found = facts(folder, task)
    model = load_classifier(folder, ("a", "b")) if task == "classify" else load_own(task, folder)
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


@pytest.mark.parametrize("kind", families_for("classify"))
def test_a_head_of_ours_is_shown_with_its_own_counts_and_no_pooler(tmp_path: Path, kind: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    recipe = Recipe().edit("model", source=str(folder)).edit("transfer", method="feature-based")
    for made in (recipe, recipe.edit("head", features="mix", hidden=7)):
        found = found_of(made)
        model = load_classifier(folder, ("a", "b"), head=made.edit("head", pooling="mean").head)
        sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
        counted = {group.key: sum(sizes[name] for name in group.names) for group in layer_groups(model)}
        assert {group.key: group.parameters for group in found.groups} == counted
        assert found.new == ("head",)
        assert (found.layers, found.width, found.family, found.max_tokens) == (3, 16, kind, 62)
    assert found.groups[-1].parameters == (4 + 1) + (16 * 7 + 7) + (7 * 2 + 2)


def test_a_trained_head_of_ours_is_a_model_as_any_other(tmp_path: Path) -> None:
    folder = tiny_headed_folder(tmp_path / "model", "bert", ("a", "b"), pooling="max")
    recipe = Recipe().edit("model", source=str(folder)).edit("head", pooling="max")
    found = found_of(recipe)
    assert (found.family, found.vocabulary, found.new) == ("bert", 100, ())
    assert facts(folder).new == ("pooler", "head")
    assert facts(folder, "mask").new == ("head",)


@pytest.mark.parametrize("kind", families_for("classify"))
def test_what_lora_adds_to_each_layer_is_told_beforehand(tmp_path: Path, kind: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    recipe = Recipe().edit("model", source=str(folder)).edit("transfer", method="lora")
    found = found_of(recipe.edit("transfer.lora", rank=3))
    assert found.matrices == MATRICES
    model = load_classifier(folder, ("a", "b"))
    groups = adapters.add(model, layer_groups(model), found.keys, LoraPart(rank=3), 0)
    assert [group.adapters for group in found.groups] == [
        sum(model.get_parameter(name).numel() for name in group.adapters) for group in groups
    ]
    assert not any(group.adapters for group in facts(folder).groups)


def test_a_layer_the_model_has_not_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    recipe = Recipe(head=HeadPart(pooling="mean", features="9")).edit("model", source=str(tiny_folder(tmp_path / "m")))
    with pytest.raises(RecipeError, match="no layer of this model"):
        found_of(recipe)
