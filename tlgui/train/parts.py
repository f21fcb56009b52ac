"""A batch in parts that are computed one after the other, so that it takes the memory of one part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tlgui.tasks.base import Task
from tlgui.tasks.encoded import Batch
from tlgui.tasks.mask import NOT_PREDICTED

PART_TOKENS = 1024
"""Of a part, padding included, where the number of parts is left open: larger products are no faster on a processor."""

DECODER_MASK = "decoder_attention_mask"
OF_DECODER = (DECODER_MASK, "labels")
"""What is as wide as the outputs of a batch that has a decoder's mask."""


def parts_for(wanted: int, rows: int, tokens: int, device: torch.device) -> int:
    """The number asked for, or, on a processor, as many as keep a part at `PART_TOKENS`.

    Args:
        wanted: 0 = left open.
        tokens: Of the longest row.
    """
    return wanted or (min(rows, -(-rows * tokens // PART_TOKENS)) if device.type == "cpu" else 1)


def split(batch: Batch, lengths: np.ndarray, parts: int) -> list[Batch]:
    """The rows of a padded batch in nearly equal parts, in their order, each cut to its own longest text.

    Args:
        batch: Tensors of shape (rows, …); where there is an `attention_mask`, those as wide as it are (rows, tokens, …)
            with the padding at the end. Where there is a decoder, what it reads and the labels are as wide as its own
            mask.
        lengths: Tokens of each row, shape (rows,).
        parts: At most this many; none is empty.
    """
    if parts == 1 or len(lengths) == 1:
        return [batch]
    spans = np.array_split(np.arange(len(lengths)), min(parts, len(lengths)))
    return [_some(batch, slice(span[0], span[-1] + 1), int(lengths[span].max())) for span in spans]


def shares_of(task: Task, parts: Sequence[Batch]) -> list[float]:
    """How much the mean loss of each part counts in that of the whole: its share of what is predicted."""
    counts = [_predictions(task, part) for part in parts]
    return [count / max(1, sum(counts)) for count in counts]


def _predictions(task: Task, batch: Batch) -> int:
    wanted = task.wanted(batch)
    return len(batch["labels"]) if wanted is None else len(wanted)


def _some(batch: Batch, rows: slice, longest: int) -> Batch:
    tokens = batch["attention_mask"].shape[1] if "attention_mask" in batch else None
    written = None
    if DECODER_MASK in batch:  # counted on the labels, which are not on an accelerator that would have to be waited for
        written = int((batch["labels"][rows] != NOT_PREDICTED).sum(1).max())

    def cut(name: str, values: torch.Tensor) -> torch.Tensor:
        if written is not None and name in OF_DECODER:
            return values[rows, :written]
        return values[rows, :longest] if values.ndim > 1 and values.shape[1] == tokens else values[rows]

    return {name: cut(name, values).contiguous() for name, values in batch.items()}
