"""A model whose head is run only where its answer is wanted.

The head of a masked-word model gives one number for each word of its vocabulary, which often costs as much as the
layers below it; and it reads each position by itself, in every family.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from tlgui.models.groups import decoder_of


@contextmanager
def head_only_at(model: PreTrainedModel, positions: torch.Tensor | None) -> Iterator[None]:
    """Within this, the head gets the last hidden states of some positions, and gives its answer for them alone.

    Args:
        positions: Of the batch's tokens, or of those that are written, counted through all its rows, int64, shape
            (positions,); the head then reads one row, shape (1, positions, width). None = every position.
    """
    if positions is None:
        yield
        return

    def choose(_: nn.Module, __: object, output: ModelOutput) -> ModelOutput:
        states = output[0].flatten(0, 1).index_select(0, positions)[None]
        output[next(iter(output))] = states  # the first is the last hidden state
        return output

    decoder = decoder_of(model)  # what it gives is read by the head, whatever else its model puts out
    hook = (model.base_model if decoder is None else decoder).register_forward_hook(choose)
    try:
        yield
    finally:
        hook.remove()
