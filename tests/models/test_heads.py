"""Folders and heads: which weights are kept, which are drawn, and that no foreign code gets in."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pytest
import torch
from tiny_models import families_for, pretraining, tiny_folder, tiny_headed_folder
from transformers import PreTrainedModel

from tlgui.core.control import Control
from tlgui.core.errors import RecipeError, TlguiError
from tlgui.core.transfer import HeadPart
from tlgui.inspect.shelf import open_classifier, open_masked
from tlgui.models.feature_classifier import CODE
from tlgui.models.loading import HEADS as AUTO
from tlgui.models.loading import (
    OWN_HEAD,
    load_classifier,
    load_own,
    load_tokenizer,
    load_trained,
    outline,
    outline_classifier,
)
from tlgui.models.source import check
from tlgui.models.weights import shapes

LABELS = ("bad", "good")
HEADS = {
    "own": OWN_HEAD,
    "attention": HeadPart(pooling="attention"),
    "mix": HeadPart(pooling="mean", features="mix", hidden=5),
}
KINDS = families_for("classify")
EVERY = [pytest.param(kind, head, id=f"{kind}-{head}") for kind, head in itertools.product(KINDS, HEADS)]


def weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


def different(one: PreTrainedModel, two: PreTrainedModel) -> set[str]:
    others = weights(two)
    return {name for name, value in weights(one).items() if not torch.equal(value, others[name])}


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder a family, with the head that it is pretrained with."""
    folder = tmp_path_factory.mktemp("masked")
    for kind in KINDS:
        tiny_folder(folder / kind, kind)
    return folder


@pytest.mark.parametrize(("kind", "head"), EVERY)
def test_only_the_head_is_drawn_and_from_the_seed_alone(masked: Path, kind: str, head: str) -> None:
    folder, part = masked / kind, HEADS[head]
    state = torch.get_rng_state()
    first = load_classifier(folder, LABELS, seed=3, head=part)
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(7)
    assert not different(first, load_classifier(folder, LABELS, seed=3, head=part))
    drawn = different(first, load_classifier(folder, LABELS, seed=4, head=part))
    model, new = outline_classifier(folder, "pretrained", shapes(folder), part)
    assert {n: p.shape for n, p in model.named_parameters()} == {n: v.shape for n, v in weights(first).items()}
    assert drawn
    assert drawn <= new  # what is drawn as zeros, such as biases, is new but equal
    if part != OWN_HEAD:
        assert new == {name for name in weights(first) if not name.startswith("backbone.")}


@pytest.mark.parametrize(("kind", "head"), EVERY)
def test_scratch_draws_every_matrix_from_the_seed(masked: Path, kind: str, head: str) -> None:
    folder, part = masked / kind, HEADS[head]
    made = [load_classifier(folder, LABELS, "scratch", seed, part) for seed in (1, 1, 2)]
    assert not different(made[0], made[1])
    drawn = different(made[0], made[2])
    assert {name for name, value in weights(made[0]).items() if value.dim() > 1} <= drawn
    model, new = outline_classifier(folder, "scratch", shapes(folder), part)
    assert new == set(weights(made[0]))
    assert {n: p.shape for n, p in model.named_parameters()} == {n: v.shape for n, v in weights(made[0]).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_encoder_of_a_head_of_ours_goes_on_under_any_head(tmp_path: Path, kind: str) -> None:
    folder = tiny_headed_folder(tmp_path / "model", kind, LABELS, pooling="mean")
    saved = load_trained("classify", folder)
    assert not different(saved, load_classifier(folder, LABELS, seed=8, head=HeadPart(pooling="mean")))
    for model in (
        load_own(pretraining(kind), folder, seed=8),
        load_classifier(folder, LABELS, seed=8),
        load_classifier(folder, LABELS, seed=8, head=HeadPart(pooling="attention", features="mix")),
    ):
        encoder = weights(model.base_model)  # type: ignore[arg-type]
        for name, value in weights(saved.base_model).items():  # type: ignore[arg-type]
            assert torch.equal(value, encoder[name])


def test_a_head_for_other_classes_is_new_and_the_mix_stays(tmp_path: Path) -> None:
    folder = tiny_headed_folder(tmp_path / "model", "bert", LABELS, pooling="mean", features="mix")
    part = HeadPart(pooling="mean", features="mix")
    model = load_classifier(folder, ("a", "b", "c"), head=part)
    assert model.classifier[-1].out_features == 3
    assert torch.equal(model.mix.weights, load_trained("classify", folder).mix.weights)
    assert not outline_classifier(folder, "pretrained", shapes(folder), part)[1]
    other = outline_classifier(folder, "pretrained", shapes(folder), HeadPart(pooling="max"))[1]
    assert other == {"classifier.1.weight", "classifier.1.bias"}


def test_a_head_of_ours_answers_and_has_no_words_to_guess(tmp_path: Path) -> None:
    folder = tiny_headed_folder(tmp_path / "model", "bert", LABELS, pooling="max", features="1")
    check(folder)
    opened = open_classifier(str(folder), lambda event: None, Control())
    assert opened.labels == LABELS
    assert opened.tokenizer.model_max_length == load_tokenizer(folder).model_max_length == 62
    assert outline(folder, AUTO["mask"], "pretrained", shapes(folder))[1]
    with pytest.raises(TlguiError, match="was not trained to guess hidden words"):
        open_masked(str(folder), lambda event: None, Control())


@pytest.mark.parametrize(("kind", "named"), [("bert", "0 to 2"), ("albert", "0 to 0")])
def test_a_layer_the_model_has_not_is_a_problem_of_its_field(masked: Path, kind: str, named: str) -> None:
    with pytest.raises(RecipeError, match=named) as caught:
        load_classifier(masked / kind, LABELS, head=HeadPart(pooling="mean", features="3"))
    assert [problem.field for problem in caught.value.problems] == ["head.features"]


@pytest.mark.parametrize(
    ("features", "layer"), [("last", -1), ("2", -1), ("1", 2), ("0", 1), ("embeddings", 0), ("mix", -1)]
)
def test_features_are_named_as_the_groups_are(masked: Path, features: str, layer: int) -> None:
    config = load_classifier(masked / "bert", LABELS, head=HeadPart(pooling="first", features=features)).config
    assert (config.layer, config.mix) == (layer, features == "mix")


def test_the_only_group_of_shared_layers_gives_the_last_of_them(masked: Path) -> None:
    assert load_classifier(masked / "albert", LABELS, head=HeadPart(pooling="first", features="0")).config.layer == -1


def test_our_file_beside_the_model_is_accepted_and_any_other_refused_unrun(tmp_path: Path) -> None:
    folder = tiny_headed_folder(tmp_path / "model", "bert", LABELS, pooling="mean")
    assert (folder / CODE.name).read_bytes() == CODE.read_bytes()
    check(folder)
    (folder / CODE.name).write_bytes(CODE.read_bytes().replace(b"\n", b"\r\n"))  # as some programs copy it
    check(folder)
    ran = tmp_path / "ran"
    for name in (CODE.name, "another.py"):
        copy = shutil.copytree(folder, tmp_path / name)
        with (copy / name).open("a") as file:
            file.write(f"\nopen({str(ran)!r}, 'w')\n")
        with pytest.raises(TlguiError, match=r"is program code that TLGUI did not write, and it is never run"):
            check(copy)
    (folder / CODE.name).unlink()
    check(folder)
    assert not ran.exists()


def test_a_head_of_ours_over_an_unknown_encoder_is_refused(tmp_path: Path) -> None:
    folder = tiny_headed_folder(tmp_path / "model", "bert", LABELS, pooling="mean")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for encoder, sentence in (({"model_type": "mamba"}, "brings its own program code"), ("x", "does not say which")):
        (folder / "config.json").write_text(json.dumps(config | {"encoder": encoder}), encoding="utf-8")
        with pytest.raises(TlguiError, match=sentence):
            check(folder)
