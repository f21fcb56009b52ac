from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import families_for, pretraining, tiny_config, tiny_model
from torch import nn
from transformers import PreTrainedModel

from tlgui.models.families import FAMILIES
from tlgui.models.groups import apply_freeze, decoder_of, keepable, layer_groups, lower_layers
from tlgui.models.loading import HEADS

EVERY_MODEL = [pytest.param(kind, task, id=f"{kind}-{task}") for task in HEADS for kind in families_for(task)]
TURNED = ("modernbert", "gpt_neox", "llama", "t5", "mt5")
"""These turn by angle or tell distances, so they have no table of positions to run out of."""


def batch(rows: int = 4, tokens: int = 12) -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 100, (rows, tokens), generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def inputs_of(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """What the model reads; one that writes also reads what it has written."""
    return {**batch(), **({"decoder_input_ids": batch(tokens=7)["input_ids"]} if decoder_of(model) is not None else {})}


def train(model: PreTrainedModel, frozen: set[str], steps: int = 3) -> None:
    groups = layer_groups(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(steps):
        model.train()
        apply_freeze(model, groups, frozen)
        found = model(**inputs_of(model)).to_tuple()  # a model may have several heads
        sum(one.pow(2).mean() for one in found if isinstance(one, torch.Tensor)).backward()  # type: ignore[union-attr]
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize(("kind", "task"), EVERY_MODEL)
def test_every_weight_has_one_group_and_no_part_of_the_encoder_is_forgotten(kind: str, task: str) -> None:
    model = tiny_model(kind, task)
    groups = layer_groups(model)
    keys = [group.key for group in groups]
    layers = ["0"] if kind == "albert" else ["0", "1", "2"]
    assert [key for key in keys if key != "pooler"] == ["embeddings", *layers, "head"]
    assert sorted(name for group in groups for name in group.names) == sorted(n for n, _ in model.named_parameters())
    encoder = f"{model.base_model_prefix}."
    left = [name.removeprefix(encoder) for name in groups[-1].names if name.startswith(encoder)]
    # A head that has only the word embeddings is given what closes the last layer.
    tied = model.get_output_embeddings() is not None and len(left) == len(groups[-1].names)
    assert all(name.startswith(FAMILIES[kind].closing) for name in left) if tied else left == []


@pytest.mark.parametrize("kind", families_for("mask"))
def test_tied_word_embeddings_are_the_embeddings_group_and_the_rest_of_the_masked_head_is_the_head(kind: str) -> None:
    model = tiny_model(kind, "mask")
    words = model.get_input_embeddings().weight
    assert model.get_output_embeddings().weight is words
    group = {name: group.key for group in layer_groups(model) for name in group.names}
    owner = {id(parameter): group[name] for name, parameter in model.named_parameters()}
    assert owner[id(words)] == "embeddings"
    assert owner[id(model.get_output_embeddings().bias)] == "head"


@pytest.mark.parametrize(
    ("kind", "path", "key"),
    [
        ("bert", "pooler.dense.weight", "pooler"),
        ("albert", "pooler.weight", "pooler"),
        ("albert", "encoder.embedding_hidden_mapping_in.weight", "embeddings"),
        ("electra", "embeddings_project.weight", "embeddings"),
        ("mpnet", "encoder.relative_attention_bias.weight", "embeddings"),
        ("deberta", "encoder.rel_embeddings.weight", "embeddings"),
        ("deberta-v2", "encoder.rel_embeddings.weight", "embeddings"),
        ("deberta-v2", "encoder.LayerNorm.weight", "embeddings"),
        ("deberta-v2", "encoder.conv.conv.weight", "embeddings"),
        ("modernbert", "final_norm.weight", "2"),
        ("gpt2", "wpe.weight", "embeddings"),
        ("gpt2", "ln_f.weight", "2"),
        ("gpt_neox", "final_layer_norm.weight", "2"),
        ("llama", "norm.weight", "2"),
    ],
)
def test_parts_outside_the_layers_are_where_the_table_says(kind: str, path: str, key: str) -> None:
    model = tiny_model(kind, "classify")
    wanted = model.base_model.get_parameter(path)
    names = {name for name, parameter in model.named_parameters() if parameter is wanted}
    assert [group.key for group in layer_groups(model) if names & set(group.names)] == [key]


@pytest.mark.parametrize("kind", families_for("text-to-text"))
def test_a_model_that_writes_has_two_sides(kind: str) -> None:
    model = tiny_model(kind, "text-to-text")
    group = {name: one.key for one in layer_groups(model) for name in one.names}
    table = "block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    expected = {
        "shared.weight": "embeddings",
        f"encoder.{table}": "embeddings",
        f"decoder.{table}": "embeddings",
        "encoder.block.1.layer.0.SelfAttention.q.weight": "1",
        "encoder.final_layer_norm.weight": "1",
        "decoder.block.0.layer.1.EncDecAttention.k.weight": "2",
        "decoder.final_layer_norm.weight": "head",
    }
    assert {name: group[name] for name in expected} == expected
    assert lower_layers(model) == 2
    assert keepable(model, ("embeddings", "0", "1", "2")) == ("embeddings", "0", "1")
    assert lower_layers(tiny_model("bert", "mask")) == 0


@pytest.mark.parametrize(("kind", "task"), EVERY_MODEL)
def test_frozen_groups_do_not_change_by_one_bit_and_the_others_do(kind: str, task: str) -> None:
    model = tiny_model(kind, task)
    groups = layer_groups(model)
    # a prefix and one group above a learning one
    frozen = {"embeddings", "0"} if kind == "albert" else {"embeddings", "0", "2"}
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    train(model, frozen)
    after = dict(model.named_parameters())
    for group in groups:
        same = [torch.equal(before[name], after[name]) for name in group.names]
        assert all(same) if group.key in frozen else not any(same), group.key


@given(frozen=st.sets(st.sampled_from(["embeddings", "0", "1", "2", "pooler", "head"])))
def test_any_set_of_groups_can_be_frozen(frozen: set[str]) -> None:
    model = tiny_model("bert", "classify")
    model.train()
    groups = layer_groups(model)
    apply_freeze(model, groups, frozen)
    for group in groups:
        dropouts = [part for module in group.modules for part in module.modules() if isinstance(part, nn.Dropout)]
        assert {model.get_parameter(name).requires_grad for name in group.names} == {group.key not in frozen}
        assert {dropout.training for dropout in dropouts} <= {group.key not in frozen}


def test_a_group_that_is_opened_again_learns() -> None:
    model = tiny_model("bert", "classify")
    before = model.bert.embeddings.word_embeddings.weight.detach().clone()
    train(model, {"embeddings"})
    assert torch.equal(before, model.bert.embeddings.word_embeddings.weight)
    train(model, set())
    assert not torch.equal(before, model.bert.embeddings.word_embeddings.weight)


@pytest.mark.parametrize(("kind", "task"), EVERY_MODEL)
def test_a_frozen_prefix_has_no_dropout_and_one_that_learns_has(kind: str, task: str) -> None:
    model = tiny_model(kind, task)
    groups = layer_groups(model)
    below = [group.key for group in itertools.takewhile(lambda group: group.key not in ("pooler", "head"), groups)]
    prefix = set(keepable(model, below))
    top = [key for key in below if key in prefix][-1]

    def features() -> torch.Tensor:
        output = model.base_model(**inputs_of(model))
        return output.last_hidden_state if decoder_of(model) is None else output.encoder_last_hidden_state

    model.train()
    apply_freeze(model, groups, prefix)
    assert torch.equal(features(), features())
    model.train()
    apply_freeze(model, groups, prefix - {top})
    assert not torch.equal(features(), features())


@pytest.mark.parametrize(("kind", "task"), EVERY_MODEL)
def test_with_everything_frozen_no_dropout_is_left_anywhere(kind: str, task: str) -> None:
    model = tiny_model(kind, task)
    groups = layer_groups(model)
    model.train()
    apply_freeze(model, groups, {group.key for group in groups})
    assert torch.equal(model(**inputs_of(model))[0], model(**inputs_of(model))[0])


@pytest.mark.parametrize("kind", FAMILIES)
def test_the_longest_text_fits_and_one_token_more_does_not(kind: str) -> None:
    model = tiny_model(kind, pretraining(kind), **({"position_biased_input": True} if kind == "deberta-v2" else {}))
    longest = tiny_config(kind).max_position_embeddings - FAMILIES[kind].reserved_positions
    written = {"decoder_input_ids": batch(rows=1)["input_ids"]} if decoder_of(model) is not None else {}
    model(**batch(rows=1, tokens=longest), **written)
    if kind not in TURNED:
        with pytest.raises((IndexError, RuntimeError)):
            model(**batch(rows=1, tokens=longest + 1))
