"""The last layer run only at the tokens whose output is read: for all others it would be work that nobody sees.

Keys and values are those of every token; queries, what follows attention, and the feed-forward part are of the chosen
tokens alone. The loss and all gradients stay what they are; only which random numbers dropout draws differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel

from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.models.groups import family_of


def can_run_at_some(model: PreTrainedModel) -> bool:
    """Whether the last layer can be run at some tokens alone now: its family can, and nothing stands in for it."""
    return family_of(model.config).last_layer in WAYS and "forward" not in vars(_last_layer(model))


def reads_first(model: PreTrainedModel) -> bool:
    """Whether the head is a classifier's that reads nothing but the last layer's first token."""
    if isinstance(model, TlguiForSequenceClassification):
        return model.config.pooling == "first" and not model.config.mix and model.config.layer == -1
    return type(model).__name__.endswith("ForSequenceClassification")  # so do those of all families that have a way


@contextmanager
def only_at(model: PreTrainedModel, places: torch.Tensor) -> Iterator[None]:
    """Within this, the last hidden state has only the chosen tokens, shape (rows, places, width).

    Args:
        places: Tokens of each row, int64, shape (rows, places).
    """
    layer = _last_layer(model)
    layer.forward = partial(_run, WAYS[family_of(model.config).last_layer], layer, places)
    try:
        yield
    finally:
        vars(layer).pop("forward")


def by_row(positions: torch.Tensor, tokens: int, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions counted through all rows, ascending, as places of each row, and where each is counted through these.

    Args:
        positions: int64, shape (positions,).
        tokens: Of a row.
    Returns:
        Places, shape (rows, most of a row), filled up with 0; and positions among them, shape (positions,).
    """
    row = positions // tokens
    counts = torch.bincount(row, minlength=rows)
    most = max(1, int(counts.max()))
    among = row * most + torch.arange(len(positions)) - (counts.cumsum(0) - counts)[row]
    places = torch.zeros(rows * most, dtype=torch.int64)
    places[among] = positions % tokens
    return places.view(rows, most), among


def _last_layer(model: PreTrainedModel) -> nn.Module:
    layers = model.base_model.get_submodule(family_of(model.config).layers)
    assert isinstance(layers, nn.ModuleList)
    return layers[-1]


Way = Callable[[Any, torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]
"""From a layer, all states (rows, tokens, width), the chosen ones and the mask of the keys to the layer's output."""


def _run(
    way: Way,
    layer: nn.Module,
    places: torch.Tensor,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *_: object,
    **__: object,
) -> torch.Tensor:
    """What stands in for the layer; all queries see the same keys, so the mask of one does for all."""
    index = places.to(hidden_states.device)[..., None].expand(-1, -1, hidden_states.shape[-1])
    mask = None if attention_mask is None else attention_mask[:, :, :1]
    return way(layer, hidden_states, hidden_states.gather(1, index), mask)


def _attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, heads: int, dropout: float
) -> torch.Tensor:
    """Scaled dot-product attention of queries (rows, places, width) over all tokens."""

    def split(values: torch.Tensor) -> torch.Tensor:
        return values.unflatten(-1, (heads, -1)).transpose(1, 2)

    found = functional.scaled_dot_product_attention(
        split(query), split(key), split(value), attn_mask=mask, dropout_p=dropout
    )
    return found.transpose(1, 2).flatten(2)


def _bert(layer: Any, states: torch.Tensor, chosen: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    attention = layer.attention.self
    dropout = attention.dropout.p if attention.training else 0.0
    seen = _attend(
        attention.query(chosen),
        attention.key(states),
        attention.value(states),
        mask,
        attention.num_attention_heads,
        dropout,
    )
    return layer.feed_forward_chunk(layer.attention.output(seen, chosen))


def _distilbert(layer: Any, states: torch.Tensor, chosen: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    attention = layer.attention
    dropout = attention.dropout.p if attention.training else 0.0
    seen = _attend(
        attention.q_lin(chosen), attention.k_lin(states), attention.v_lin(states), mask, attention.n_heads, dropout
    )
    seen = layer.sa_layer_norm(attention.out_lin(seen) + chosen)
    return layer.output_layer_norm(layer.ffn(seen) + seen)


WAYS: dict[str, Way] = {"bert": _bert, "distilbert": _distilbert}
"""By `Family.last_layer`. What is in no row attends in a way of its own, or normalises after the last layer."""
