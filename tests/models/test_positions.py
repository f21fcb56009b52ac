"""A head that is run at some positions gives there what the whole computation gives, and pulls at the weights alike."""

from __future__ import annotations

import pytest
import torch
from tiny_models import families_for, pretraining, tiny_batch, tiny_model
from torch.nn import functional

from tlgui.models.groups import decoder_of
from tlgui.models.positions import head_only_at

AT = torch.tensor([1, 5, 14, 30, 31, 47])


@pytest.mark.parametrize("family", (*families_for("mask"), *families_for("next-word"), *families_for("text-to-text")))
def test_loss_and_gradients_are_those_of_the_whole_computation(family: str) -> None:
    """With dropout on, which must fall on the same values."""
    model, batch = tiny_model(family, pretraining(family)), tiny_batch()
    truth = batch["input_ids"].flatten()[AT]
    if decoder_of(model) is not None:  # the positions are those of what is written
        batch = {**{name: values[:, :9] for name, values in batch.items()}, "decoder_input_ids": batch["input_ids"]}
    found = []
    for positions in (None, AT):
        model.train()
        model.zero_grad()
        torch.manual_seed(3)
        with head_only_at(model, positions):
            logits = model(**batch).logits.flatten(0, 1)
        loss = functional.cross_entropy(logits[AT] if positions is None else logits, truth)
        loss.backward()
        found.append((loss, logits.shape, {name: p.grad for name, p in model.named_parameters() if p.grad is not None}))
    (whole, every, pulls), (part, some, pulled) = found
    assert every == (48, 100)
    assert some == (6, 100)
    assert part.item() == pytest.approx(whole.item(), abs=1e-6)
    assert pulls.keys() == pulled.keys()
    for name, pull in pulls.items():
        torch.testing.assert_close(pulled[name], pull, rtol=1e-4, atol=1e-6, msg=name)


def test_the_model_is_whole_again_even_after_an_error() -> None:
    model, batch = tiny_model("bert", "mask"), tiny_batch()
    with pytest.raises(ZeroDivisionError), head_only_at(model, AT):
        _ = 1 / 0
    assert model(**batch).logits.shape == (4, 12, 100)
