"""LoRA on every family: adapters land on the matrices that the table names, and nothing else learns in a layer."""

from __future__ import annotations

import dataclasses
import itertools
import json
import warnings
from pathlib import Path

import pytest
import torch
from tiny_models import families_for, pretraining, tiny_batch, tiny_classifier, tiny_model
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from tlgui.core.errors import RecipeError
from tlgui.core.transfer import MATRICES, LoraPart
from tlgui.models import adapters
from tlgui.models.families import FAMILIES
from tlgui.models.groups import LORA, Group, apply_freeze, layer_groups

KINDS = families_for("classify")
EVERY = [pytest.param(kind, matrix, id=f"{kind}-{matrix}") for kind, matrix in itertools.product(KINDS, MATRICES)]
MADE = {
    "own": lambda kind: tiny_model(kind, "classify"),
    "pretrained": lambda kind: tiny_model(kind, pretraining(kind)),
    "ours": lambda kind: tiny_classifier(kind, pooling="mean", mix=True, hidden=5),
}
EVERY_HEAD = [pytest.param(kind, head, id=f"{kind}-{head}") for kind, head in itertools.product(KINDS, MADE)]
ONE_MATRIX_FOR_THREE = {"deberta", "modernbert", "gpt2", "gpt_neox"}


def with_lora(
    model: PreTrainedModel, keys: tuple[str, ...] = ("0", "1", "2"), seed: int = 0, **lora: object
) -> tuple[Group, ...]:
    return adapters.add(model, layer_groups(model), (*keys, "head"), LoraPart(rank=2, **lora), seed)  # type: ignore[arg-type]


def stir(model: PreTrainedModel) -> None:
    """Let the adapters and the head be as if they had learned."""
    torch.manual_seed(5)
    groups = layer_groups(model)
    learned = {n for g in groups if g.adapters or g.key in ("pooler", "head") for n in g.learnable}
    with torch.no_grad():
        for name in learned:
            model.get_parameter(name).add_(torch.randn_like(model.get_parameter(name)) * 0.05)


@pytest.mark.parametrize(("kind", "matrix"), EVERY)
def test_adapters_land_on_exactly_the_modules_of_the_table(kind: str, matrix: str) -> None:
    family, model = FAMILIES[kind], tiny_model(kind, "classify")
    layers = model.base_model.get_submodule(family.layers)
    assert len(layers) == (1 if kind == "albert" else 3)
    wanted = {
        f"{model.base_model_prefix}.{family.layers}.{i}.{path.replace('*', '0')}"
        for i, path in itertools.product(range(len(layers)), family.matrices[matrix])
    }
    for path in wanted:
        assert isinstance(model.get_submodule(path), (nn.Linear, Conv1D))
    told = [adapters.size(layer, LoraPart(rank=2, matrices=(matrix,)), family) for layer in layers]
    groups = with_lora(model, matrices=(matrix,))
    assert told == [sum(model.get_parameter(n).numel() for n in g.adapters) for g in groups if g.adapters]
    landed = {name.partition(LORA)[0] for group in groups for name in group.adapters}
    assert landed == wanted
    assert all(bool(group.adapters) == group.key.isdigit() for group in groups)
    assert sorted(n for g in groups for n in (*g.names, *g.adapters)) == sorted(n for n, _ in model.named_parameters())


@pytest.mark.parametrize(("kind", "head"), EVERY_HEAD)
def test_adapters_start_as_nothing_then_learn_alone_and_merge_and_come_back(
    tmp_path: Path, kind: str, head: str
) -> None:
    model, before = MADE[head](kind), MADE[head](kind)
    keys = ("0",) if kind == "albert" else ("0", "2")
    groups = with_lora(model, keys, matrices=MATRICES)
    torch.testing.assert_close(model(**tiny_batch()).logits, before(**tiny_batch()).logits, rtol=0, atol=1e-6)

    learnt = train(model, groups, {"embeddings", "1"})
    assert learnt == {name for group in groups if group.key not in ("embeddings", "1") for name in group.learnable}

    stir(model)
    model.eval()
    logits = model(**tiny_batch()).logits.detach()
    plain = adapters.merged(model)
    torch.testing.assert_close(plain(**tiny_batch()).logits, logits, rtol=0, atol=1e-5)
    assert [n for n, _ in plain.named_parameters()] == [n for n, _ in before.named_parameters()]
    for name, parameter in model.named_parameters():
        if name.endswith(".base_layer.weight"):
            assert not torch.equal(plain.get_parameter(name.replace(".base_layer", "")), parameter)
    assert adapters.has_adapters(model)
    assert torch.equal(model(**tiny_batch()).logits, logits)

    adapters.save_alone(model, tmp_path / "adapter", "base")
    with torch.no_grad():
        for name in layer_groups(before)[-1].names:  # a head that was drawn anew, as whoever opens it would have
            before.get_parameter(name).normal_()
    torch.testing.assert_close(opened_by_peft(before, tmp_path / "adapter")(**tiny_batch()).logits, logits)


def train(model: PreTrainedModel, groups: tuple[Group, ...], frozen: set[str]) -> set[str]:
    """Names of what two steps change."""
    first = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(2):  # in the first, the factor that starts as zeros keeps the other one from learning
        model.train()
        apply_freeze(model, groups, frozen)
        model(**tiny_batch()).logits.pow(2).mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    return {name for name, parameter in model.named_parameters() if not torch.equal(parameter, first[name])}


def opened_by_peft(base: PreTrainedModel, folder: Path) -> nn.Module:
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft asks transformers for what it deprecates, and warns of tied heads
        opened: nn.Module = PeftModel.from_pretrained(base, folder).eval()
    return opened


def test_adapters_are_drawn_from_the_seed_alone() -> None:
    def drawn(seed: int) -> list[torch.Tensor]:
        model = tiny_model("bert", "classify")
        torch.rand(seed + 1)
        groups = with_lora(model, seed=seed)
        return [model.get_parameter(name) for group in groups for name in group.adapters if ".lora_A" in name]

    state = torch.get_rng_state()
    one, again, other = drawn(1), drawn(1), drawn(2)
    assert all(map(torch.equal, one, again))
    assert not any(map(torch.equal, one, other))
    model = tiny_model("bert", "classify")
    state = torch.get_rng_state()
    with_lora(model)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_recorded_is_what_is_adapted(kind: str) -> None:
    assert adapters.matrices_of(kind) == MATRICES
    usual = adapters.resolve(LoraPart(), kind).matrices
    assert usual == (("query", "key", "value") if kind in ONE_MATRIX_FOR_THREE else ("query", "value"))
    for matrices in ((), ("value",), ("output", "query"), MATRICES):
        once = adapters.resolve(LoraPart(rank=3, matrices=matrices), kind)
        assert once.rank == 3
        assert set(matrices) <= set(once.matrices)
        assert adapters.resolve(once, kind) == once


def test_a_matrix_that_the_family_has_not_is_a_problem_of_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    bert = FAMILIES["bert"]
    fewer = {kind: paths for kind, paths in bert.matrices.items() if kind in ("query", "output")}
    monkeypatch.setitem(FAMILIES, "bert", dataclasses.replace(bert, matrices=fewer))
    assert adapters.resolve(LoraPart(), "bert").matrices == ("query",)
    with pytest.raises(RecipeError, match=r"BERT has no value matrix of its own\. It has: query, output") as caught:
        with_lora(tiny_model("bert", "classify"), matrices=("value",))
    assert [problem.field for problem in caught.value.problems] == ["transfer.lora.matrices"]


def test_without_an_open_layer_there_is_nothing_to_adapt() -> None:
    with pytest.raises(RecipeError, match="Every layer is frozen"):
        with_lora(tiny_model("bert", "classify"), keys=())


def test_dropout_of_the_adapters_is_on_where_they_learn() -> None:
    model = tiny_model("bert", "classify", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    groups = with_lora(model, dropout=0.5)
    stir(model)

    def features() -> torch.Tensor:
        return model.base_model(**tiny_batch()).last_hidden_state

    model.train()
    apply_freeze(model, groups, ["0", "1", "2"])
    assert torch.equal(features(), features())
    apply_freeze(model, groups, ["0", "1"])
    assert not torch.equal(features(), features())


def test_a_model_without_adapters_is_merged_already() -> None:
    model = tiny_model("bert", "classify")
    assert adapters.merged(model) is model


def test_equal_adapters_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        model = tiny_model("bert", "classify")
        with_lora(model, matrices=MATRICES)
        adapters.save_alone(model, tmp_path / name, "hub/base")
    for file in (adapters.CONFIG, adapters.WEIGHTS):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    config = json.loads((tmp_path / "one" / adapters.CONFIG).read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == "hub/base"
    assert config["modules_to_save"] == ["bert.pooler", "classifier"]
