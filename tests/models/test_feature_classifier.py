"""The classifier with a head of ours, over every family: what the head reads, and that padding cannot touch it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import SIZES, families_for, tiny_batch, tiny_classifier, tiny_headed_folder, tiny_model

from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.models.groups import apply_freeze, layer_groups
from tlgui.models.loading import load_trained

KINDS = families_for("classify")
POOLINGS = ("first", "mean", "max", "attention")
HEADS = {
    **{pooling: {"pooling": pooling} for pooling in POOLINGS},
    "layer": {"pooling": "max", "layer": 1},
    "mix": {"pooling": "mean", "mix": True, "hidden": 5},
    "mix-attention": {"pooling": "attention", "mix": True},
}
EVERY = [pytest.param(kind, head, id=f"{kind}-{head}") for kind, head in itertools.product(KINDS, HEADS)]
classifier = cache(tiny_classifier)


@pytest.mark.parametrize(("kind", "head"), EVERY)
def test_groups_hold_every_weight_once_without_a_pooler(kind: str, head: str) -> None:
    model = tiny_classifier(kind, **HEADS[head])
    groups = layer_groups(model)
    layers = ["0"] if kind == "albert" else ["0", "1", "2"]
    assert [group.key for group in groups] == ["embeddings", *layers, "head"]
    assert sorted(name for group in groups for name in group.names) == sorted(n for n, _ in model.named_parameters())
    assert not [name for name in groups[-1].names if name.startswith("backbone.")]


@pytest.mark.parametrize(("kind", "head"), EVERY)
def test_the_logits_are_those_of_the_stored_features(kind: str, head: str) -> None:
    model, batch = tiny_classifier(kind, **HEADS[head]), tiny_batch()
    logits = model(**batch).logits
    assert logits.shape == (4, 2)
    assert model.can_store_features == ("attention" not in head)
    if model.can_store_features:
        features = model.features(**batch)
        assert features.shape == (4, SIZES["num_hidden_layers"] + 1 if model.config.mix else 1, SIZES["hidden_size"])
        assert torch.equal(model.classify(features), logits)


def test_features_are_stored_where_pooling_and_mix_may_change_places() -> None:
    can = {
        (pooling, mix)
        for pooling, mix in itertools.product(POOLINGS, (False, True))
        if tiny_classifier("bert", pooling=pooling, mix=mix).can_store_features
    }
    assert can == {("first", False), ("first", True), ("mean", False), ("mean", True), ("max", False)}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=2, max_size=4),
    pooling=st.sampled_from(POOLINGS),
    mix=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_text_is_classified_alike_alone_and_in_a_padded_batch(
    kind: str, lengths: list[int], pooling: str, mix: bool, seed: int
) -> None:
    model = stirred(kind, pooling, mix)
    random = torch.Generator().manual_seed(seed)
    texts = [torch.randint(5, 100, (length,), generator=random) for length in lengths]
    ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=SIZES["pad_token_id"])
    mask = torch.arange(ids.shape[1]) < torch.tensor(lengths)[:, None]
    with torch.no_grad():
        together = model(input_ids=ids, attention_mask=mask.long()).logits
        alone = torch.cat([model(input_ids=text[None]).logits for text in texts])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@cache
def stirred(kind: str, pooling: str, mix: bool) -> TlguiForSequenceClassification:
    """A classifier whose mix and query are as if they had learned, and whose logits differ from text to text."""
    model = tiny_classifier(kind, pooling=pooling, mix=mix)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("backbone."):
                parameter.normal_()
    return model


@pytest.mark.parametrize(("layer", "state"), [(0, 0), (2, 2), (-1, 3)])
def test_the_head_reads_the_layer_it_is_told(layer: int, state: int) -> None:
    model = classifier("bert", pooling="first", layer=layer)
    states = model.backbone(**tiny_batch(), output_hidden_states=True).hidden_states
    assert torch.equal(model.features(**tiny_batch())[:, 0], states[state][:, 0])


def test_the_mix_is_elmos_and_its_shares_are_told() -> None:
    model = stirred("bert", "mean", True)
    keys, shares, scale = model.mix_shares() or ((), (), 0.0)
    assert keys == ("embeddings", "0", "1", "2")
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0
    states = model.backbone(**tiny_batch(), output_hidden_states=True).hidden_states
    by_hand = sum(scale * share * state.mean(1) for share, state in zip(shares, states, strict=True))
    torch.testing.assert_close(model.mix(model.features(**tiny_batch())), by_hand, rtol=1e-4, atol=1e-5)
    assert classifier("bert").mix_shares() is None


def test_attention_weighs_tokens_by_their_scores() -> None:
    model = stirred("bert", "attention", False)
    tokens = model.backbone(**tiny_batch()).last_hidden_state
    shares = (tokens @ model.pooling.query / SIZES["hidden_size"] ** 0.5).softmax(-1)
    by_hand = model.classifier(torch.einsum("rt,rtw->rw", shares, tokens))
    torch.testing.assert_close(model(**tiny_batch()).logits, by_hand, rtol=1e-4, atol=1e-5)


def test_all_of_the_head_learns_from_the_first_step() -> None:
    model = tiny_classifier("bert", pooling="attention", mix=True, hidden=5)
    groups = layer_groups(model)
    model.train()
    apply_freeze(model, groups, {group.key for group in groups} - {"head"})
    model(**tiny_batch(), labels=torch.tensor([0, 1, 0, 1])).loss.backward()
    moved = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.abs().max() > 0}
    assert moved == set(groups[-1].names)


def test_dropout_is_on_the_heads_input_while_it_learns() -> None:
    model = tiny_classifier("bert")
    groups = layer_groups(model)
    model.train()
    apply_freeze(model, groups, {group.key for group in groups} - {"head"})
    features = model.features(**tiny_batch())
    assert torch.equal(features, model.features(**tiny_batch()))
    assert not torch.equal(model.classify(features), model.classify(features))


ALONE = """
import sys
from pathlib import Path
sys.modules["tlgui"] = None
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
answers = {}
for folder in map(Path, sys.argv[2:]):
    model = AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=True)
    inputs = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)("w1 w2 w3 w40", return_tensors="pt")
    model.save_pretrained(folder / "again")
    assert (folder / "again" / "feature_classifier.py").exists()
    answers[folder.name] = model(**inputs).logits.detach(), inputs["input_ids"], model.config.id2label
torch.save(answers, sys.argv[1])
"""


def test_transformers_alone_opens_the_folder_and_answers_the_same(tmp_path: Path) -> None:
    heads = itertools.cycle(
        ({"pooling": "attention"}, {"pooling": "mean", "features": "mix", "hidden": 5}, {"pooling": "max"})
    )
    folders = [tiny_headed_folder(tmp_path / kind, kind, ("bad", "good"), **next(heads)) for kind in KINDS]
    places = {"HF_HOME": str(tmp_path / "hf"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-c", ALONE, str(tmp_path / "answers.pt"), *map(str, folders)]
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, **places}, capture_output=True)
    answers = torch.load(tmp_path / "answers.pt")
    for folder in folders:
        logits, ids, labels = answers[folder.name]
        assert labels == {0: "bad", 1: "good"}
        torch.testing.assert_close(load_trained("classify", folder)(input_ids=ids).logits, logits, rtol=0, atol=1e-6)
        torch.testing.assert_close(
            load_trained("classify", folder / "again")(input_ids=ids).logits, logits, rtol=0, atol=1e-6
        )


def test_an_encoder_of_any_family_keeps_nothing_of_its_pooler() -> None:
    assert any("pooler" in name for name, _ in tiny_model("bert", "classify").named_parameters())
    assert not any("pooler" in name for name, _ in classifier("bert").named_parameters())
