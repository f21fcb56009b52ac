from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hub_server import HubServer
from tiny_models import EACH_KIND, families_for, tiny_folder, tiny_model
from transformers import AutoModelForMaskedLM

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.models.loading import HEADS, load_classifier, load_own, load_tokenizer, outline
from tlgui.models.weights import shapes

LABELS = ("bad", "good", "mixed")


def test_the_starter_opens_in_float32_and_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    model = load_classifier(paths.resources() / "starter", LABELS)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.config.id2label == dict(enumerate(LABELS))
    assert not model.training
    assert "".join(capfd.readouterr()) == ""


def test_the_starter_knows_its_words() -> None:
    folder = paths.resources() / "starter"
    tokenizer, model = load_tokenizer(folder), load_own("mask", folder)
    inputs = tokenizer("Paris is the capital of [MASK].", return_tensors="pt")
    place = int((inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero())
    with torch.no_grad():
        best = model(**inputs).logits[0, place].topk(5).indices
    assert "france" in tokenizer.convert_ids_to_tokens(best)


@pytest.mark.parametrize("kind", families_for("classify"))
def test_a_new_head_depends_on_the_seed_alone_and_the_encoder_on_the_file(tmp_path: Path, kind: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    torch.manual_seed(99)
    first = load_classifier(folder, LABELS, seed=3).state_dict()
    torch.rand(7)
    again = load_classifier(folder, LABELS, seed=3).state_dict()
    other = load_classifier(folder, LABELS, seed=4).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    changed = {name for name in first if not torch.equal(first[name], other[name])}
    with_weights = shapes(folder)
    assert changed
    assert changed.isdisjoint(with_weights)


def test_loading_leaves_the_random_state_alone(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    state = torch.get_rng_state()
    load_classifier(folder, LABELS, seed=3)
    load_classifier(folder, LABELS, weights="scratch", seed=3)
    assert torch.equal(state, torch.get_rng_state())


def test_scratch_keeps_the_architecture_and_nothing_else(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    saved, drawn = load_own("mask", folder), load_own("mask", folder, weights="scratch", seed=1)
    assert drawn.config.to_dict() == saved.config.to_dict()
    words = [model.get_input_embeddings().weight for model in (saved, drawn, load_own("mask", folder, "scratch", 1))]
    assert not torch.equal(words[0], words[1])
    assert torch.equal(words[1], words[2])


@pytest.mark.parametrize(("kind", "task"), [(kind, task) for task in EACH_KIND for kind in families_for(task)])
def test_the_outline_has_the_shapes_of_the_model_and_knows_what_is_new(tmp_path: Path, kind: str, task: str) -> None:
    folder = tiny_folder(tmp_path / kind, kind)
    model, new = outline(folder, HEADS[task], "pretrained", shapes(folder))
    with_seed = [
        load_classifier(folder, ("a", "b"), seed=seed) if task == "classify" else load_own(task, folder, seed=seed)
        for seed in (1, 2)
    ]
    one, two = (dict(loaded.named_parameters()) for loaded in with_seed)
    assert {n: p.shape for n, p in model.named_parameters()} == {n: p.shape for n, p in one.items()}
    drawn = {name for name in one if not torch.equal(one[name], two[name])}
    assert drawn <= new  # what is drawn as zeros, such as biases, is new but equal
    assert bool(drawn) == (task == "classify")
    assert new.isdisjoint(name for name in one if torch.equal(one[name], two[name]) and one[name].any())


def test_a_classifier_for_other_classes_gets_a_new_head_and_keeps_its_body(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model", "bert", "classify", num_labels=5)
    model = load_classifier(folder, LABELS)
    assert model.classifier.out_features == 3
    original = tiny_model("bert", "classify", num_labels=5)
    assert torch.equal(model.bert.pooler.dense.weight, original.bert.pooler.dense.weight)


def test_weights_of_another_size_than_the_configuration_says_are_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_size": 32}))
    with pytest.raises(TlguiError, match=r"do not fit its config\.json") as caught:
        load_classifier(folder, LABELS)
    assert str(folder) in caught.value.title


def test_a_bin_file_gives_the_same_model(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    saved = load_own("mask", folder)
    (folder / "model.safetensors").unlink()
    torch.save(saved.state_dict(), folder / "pytorch_model.bin")
    opened = load_own("mask", folder)
    assert all(torch.equal(a, b) for a, b in zip(saved.parameters(), opened.parameters(), strict=True))


def test_transformers_alone_opens_what_was_opened_here(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    load_own("mask", folder).save_pretrained(tmp_path / "saved")
    alone = AutoModelForMaskedLM.from_pretrained(tmp_path / "saved")
    assert torch.equal(alone.get_input_embeddings().weight, load_own("mask", folder).get_input_embeddings().weight)


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model")
    (folder / "tokenizer.json").write_text('{"version": "1.0"')
    with pytest.raises(TlguiError, match=r"tokenizer in .*model cannot be read"):
        load_tokenizer(folder)


def test_a_tokenizer_with_more_words_than_the_model_is_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model", vocab_size=90)
    with pytest.raises(TlguiError, match=r"100 pieces.*only 90"):
        load_tokenizer(folder)


def test_a_tokenizer_without_a_limit_gets_that_of_the_model(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "model", "roberta")
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": int(1e30)}))
    assert load_tokenizer(folder).model_max_length == 62
    ids = load_tokenizer(folder)(" ".join(["w1"] * 500), truncation=True, return_tensors="pt")
    assert load_own("mask", folder)(**ids).logits.shape[1] == 62


def test_a_tokenizer_with_a_large_vocabulary_opens_without_a_look_at_the_network(
    tmp_path: Path, hub_server: HubServer
) -> None:
    folder = tiny_folder(tmp_path / "model", vocab_size=110_000)
    path = folder / "tokenizer.json"
    values = json.loads(path.read_text())
    values["model"]["vocab"] |= {f"word{i}": i for i in range(100, 110_000)}
    path.write_text(json.dumps(values))
    assert len(load_tokenizer(folder)) == 110_000
    assert hub_server.requests == []
