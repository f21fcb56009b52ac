"""Whether a model takes one text to follow another."""

from __future__ import annotations

import torch

from tlgui.core.answers import OrderAnswer
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.inspect.shelf import open_for
from tlgui.models.next_sentence import FOLLOWS

TASK = "mask+nsp"


def tell(first: str, second: str, original: str, adapted: str, emit: Emit, control: Control) -> OrderAnswer:
    """How likely the second text follows the first, by one or two models.

    Args:
        original: A model source; many have no head for this, and then say nothing.
        adapted: A run folder; empty for none.
    """
    before = _share(first, second, original, emit, control)
    return OrderAnswer(before, _share(first, second, adapted, emit, control) if adapted else None)


@torch.no_grad()
def _share(first: str, second: str, source: str, emit: Emit, control: Control) -> float | None:
    try:
        opened = open_for(TASK, source, emit, control)
    except TlguiError:
        return None  # it was not trained to tell
    cut = {"truncation": True, "max_length": opened.max_length}
    inputs = opened.tokenizer(first, second, **cut, return_tensors="pt")
    logits = opened.model(**inputs.to(opened.model.device)).seq_relationship_logits[0]
    return float(logits.float().softmax(-1)[FOLLOWS])
