"""A model that goes on from the states of its lowest groups: the same logits and gradients as the whole model's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from tiny_models import EACH_KIND, PADDING, families_for, pretraining, tiny_batch, tiny_classifier, tiny_model
from torch import nn

from tlgui.models.groups import Group, apply_freeze, decoder_of, layer_groups
from tlgui.models.prefix import Prefix, cut


def padded() -> dict[str, torch.Tensor]:
    batch = tiny_batch(3, 12)
    batch["attention_mask"][1, 8:] = 0
    batch["input_ids"][1, 8:] = PADDING
    return batch


def cuts(model: nn.Module, groups: tuple[Group, ...]) -> Iterator[tuple[list[str], Prefix]]:
    """The model cut above each of its groups but the last."""
    keys = [group.key for group in groups]
    for count in range(1, len(keys)):
        prefix = cut(model, groups, keys[:count], padded())  # type: ignore[arg-type]
        assert isinstance(prefix, Prefix), prefix
        yield keys[:count], prefix


@pytest.mark.parametrize(("family", "task"), [(family, task) for task in EACH_KIND for family in families_for(task)])
def test_every_family_goes_on_from_every_cut(family: str, task: str) -> None:
    model, batch = tiny_model(family, task), padded()
    groups = layer_groups(model)
    if decoder_of(model) is not None:
        batch["decoder_input_ids"] = batch["input_ids"][:, :7]
    for below, prefix in cuts(model, groups):
        apply_freeze(model.train(), groups, below)
        torch.manual_seed(3)
        model(**batch).logits.square().sum().backward()
        whole = {name: p.grad for name, p in model.named_parameters()}
        model.zero_grad()
        states = prefix.states(batch)
        assert states.shape == (3, 12, 16)
        assert not states.requires_grad
        states[1, 8:] = 0  # padding is not kept
        torch.manual_seed(3)
        with prefix.going_on_from(states):
            model(**batch).logits.square().sum().backward()
        for name, parameter in model.named_parameters():
            assert (parameter.grad is None) == (whole[name] is None)
            if parameter.grad is not None and task == "classify":  # the loss of words leaves padding out
                assert torch.allclose(parameter.grad, whole[name], atol=1e-5)  # type: ignore[arg-type]
        model.zero_grad()


@pytest.mark.parametrize("family", (*families_for("mask"), *families_for("next-word")))
def test_words_that_are_no_padding_get_the_same_logits(family: str) -> None:
    model, batch = tiny_model(family, pretraining(family)), padded()
    for _, prefix in cuts(model, layer_groups(model)):
        with torch.no_grad():
            whole, states = model(**batch).logits, prefix.states(batch)
            states[1, 8:] = 0
            with prefix.going_on_from(states):
                resumed = model(**batch).logits
        seen = batch["attention_mask"].bool()
        assert (whole - resumed)[seen].abs().max() < 1e-5


def test_nothing_below_the_cut_runs_and_nothing_stays_behind() -> None:
    model, batch = tiny_model("bert", "classify"), padded()
    groups = layer_groups(model)
    prefix = cut(model, groups, ["embeddings", "0", "1"], batch)
    assert isinstance(prefix, Prefix)
    states = prefix.states(batch)
    before = {name: vars(module).copy() for name, module in model.named_modules()}
    with torch.no_grad(), prefix.going_on_from(torch.zeros_like(states)):
        zeros = model(**batch).logits
        for module in groups[1].modules:  # would break the pass if it ran
            for parameter in module.parameters():
                parameter.data = torch.empty(0)
        again = model(**batch).logits
    assert torch.equal(zeros, again)
    assert {name: vars(module).keys() for name, module in model.named_modules()} == {
        name: held.keys() for name, held in before.items()
    }


def test_nothing_above_the_cut_runs_for_the_states() -> None:
    model, batch = tiny_model("bert", "classify"), padded()
    prefix = cut(model, layer_groups(model), ["embeddings", "0"], batch)
    assert isinstance(prefix, Prefix)
    ran: list[str] = []
    for number, layer in enumerate(model.base_model.encoder.layer):
        layer.register_forward_hook(lambda *_, number=number: ran.append(str(number)))
    prefix.states(batch)
    assert ran == ["0"]


def test_trying_a_cut_leaves_the_modes_of_the_modules() -> None:
    model = tiny_model("bert", "classify").train()
    groups = layer_groups(model)
    apply_freeze(model, groups, ["embeddings", "1"])
    before = [module.training for module in model.modules()]
    assert len(set(before)) == 2
    cut(model, groups, ["embeddings"], padded())
    assert [module.training for module in model.modules()] == before


@pytest.mark.parametrize("head", [{"mix": True}, {"layer": 0}, {"layer": 1}])
def test_a_head_that_reads_frozen_layers_is_refused_with_a_sentence(head: dict[str, object]) -> None:
    model = tiny_classifier("bert", **head)
    found = cut(model, layer_groups(model), ["embeddings", "0", "1"], padded())
    assert found == "The head reads layers among the frozen ones, so all of them run at each step."


@pytest.mark.parametrize("head", [{}, {"layer": 2}, {"layer": 3}, {"pooling": "max"}, {"pooling": "attention"}])
def test_a_head_of_ours_goes_on(head: dict[str, object]) -> None:
    model, batch = tiny_classifier("bert", **head), padded()
    prefix = cut(model, layer_groups(model), ["embeddings", "0", "1"], batch)
    assert isinstance(prefix, Prefix)
    with torch.no_grad():
        whole, states = model(**batch).logits, prefix.states(batch)
        states[1, 8:] = 0
        with prefix.going_on_from(states):
            assert torch.allclose(model(**batch).logits, whole, atol=1e-6)


def test_a_model_that_looks_at_its_tokens_again_is_refused_with_a_sentence() -> None:
    model, batch = tiny_model("bert", "classify"), padded()
    layer = model.base_model.encoder.layer[2]
    run = layer.forward
    # As a model would that adds the embeddings to its last layer: the stand-in for them gives other states.
    layer.forward = lambda states, *args, **named: run(
        states + 100 * model.base_model.embeddings(input_ids=batch["input_ids"]), *args, **named
    )
    found = cut(model, layer_groups(model), ["embeddings", "0", "1"], batch)
    assert found == "This model cannot go on from kept states, so its frozen groups run at each step."
