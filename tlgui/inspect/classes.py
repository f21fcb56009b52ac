"""What a trained classifier says of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from tlgui.core.answers import ClassAnswer, Guess
from tlgui.core.control import Control
from tlgui.inspect.shelf import Opened, open_classifier

BATCH_ROWS = 32


def answer(texts: Sequence[tuple[str, ...]], source: str, control: Control) -> tuple[ClassAnswer, ...]:
    """Shares of the classes for each text, or pair of texts.

    Raises:
        TlguiError: the source is no trained classifier.
    """
    opened = open_classifier(source, lambda event: None, control)
    found = np.concatenate([shares for _, shares in shares_of(opened, texts, control)])
    return tuple(
        ClassAnswer(" / ".join(text), tuple(Guess(name, float(s)) for name, s in zip(opened.labels, row, strict=True)))
        for text, row in zip(texts, found, strict=True)
    )


@torch.no_grad()
def shares_of(opened: Opened, texts: Sequence[tuple[str, ...]], control: Control) -> Iterator[tuple[int, np.ndarray]]:
    """Class probabilities in batches, in order: (texts done before, float32 of shape (rows, classes))."""
    for start, logits in logits_of_texts(opened, texts, control):
        yield start, logits.softmax(-1).cpu().numpy()


def logits_of_texts(
    opened: Opened, texts: Sequence[tuple[str, ...]], control: Control
) -> Iterator[tuple[int, torch.Tensor]]:
    """What a text model's head gives, in batches, in order: (texts done before, float32 of shape (rows, outputs))."""
    for start in range(0, len(texts), BATCH_ROWS):
        control.check()
        columns = [list(column) for column in zip(*texts[start : start + BATCH_ROWS], strict=True)]
        cut = {"truncation": True, "max_length": opened.max_length}
        inputs = opened.tokenizer(*columns, **cut, padding=True, return_tensors="pt")
        yield start, opened.model(**inputs.to(opened.model.device)).logits.float()
