"""What a trained model makes of texts that are to be given a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from tlgui.core.answers import Evaluation, Mistake, NumberAnswer
from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.core.metrics import pearson, spearman
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part
from tlgui.inspect.classes import logits_of_texts
from tlgui.inspect.shelf import Opened, open_for
from tlgui.tasks.regress import scale_of

TASK = "regress"
PREDICTED = ("number",)
"""Columns that are written of each row beside its texts."""
WORST_KEPT = 200
ROWS_AT_ONCE = 512


def answer(texts: Sequence[tuple[str, ...]], source: str, control: Control) -> tuple[NumberAnswer, ...]:
    """The number of each text, or pair of texts, and the scale it is on.

    Raises:
        TlguiError: the source is no model that was trained to predict a number.
    """
    opened = open_for(TASK, source, lambda event: None, control)
    low, high = scale_of(opened.labels[0])
    numbers = np.concatenate([found for _, found in numbers_of(opened, texts, control)])
    return tuple(
        NumberAnswer(" / ".join(text), float(number), low, high) for text, number in zip(texts, numbers, strict=True)
    )


@torch.no_grad()
def numbers_of(opened: Opened, texts: Sequence[tuple[str, ...]], control: Control) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers in batches, in order: (texts done before, float64 of shape (rows,))."""
    low, high = scale_of(opened.labels[0])
    for start, logits in logits_of_texts(opened, texts, control):
        yield start, low + (high - low) * logits[:, 0].double().cpu().numpy()


def predictions(
    part: Part, ran: Recipe, model: str, emit: Emit, control: Control
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """For each row its position, its texts, and the cells of `PREDICTED`."""
    for row, text, number in _rows(open_for(TASK, model, emit, control), part, emit, control):
        yield row, text, [f"{number:.6g}"]


def evaluate(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    """The goal's figures, and the rows whose number is farthest off."""
    opened = open_for(TASK, model, emit, control)
    low, high = scale_of(opened.labels[0])
    truth = np.array([float(cell) for cell in part.truths(np.arange(len(part)))])
    guess = np.empty(len(part))
    worst: list[Mistake] = []
    for row, text, number in _rows(opened, part, emit, control):
        guess[row] = number
        off = abs(number - truth[row]) / (high - low)
        worst.append(Mistake(int(part.row_numbers[row]), "\n".join(text), f"{truth[row]:.4g}", f"{number:.4g}", off))
        if len(worst) > 2 * WORST_KEPT:
            worst = _farthest(worst)
    figures = {
        "spearman": spearman(truth, guess),
        "pearson": pearson(truth, guess),
        "mse": float(np.mean((guess - truth) ** 2)),
    }
    return Evaluation(rows=len(part), metrics=figures, mistakes=tuple(_farthest(worst)))


def _farthest(found: list[Mistake]) -> list[Mistake]:
    return sorted(found, key=lambda mistake: -mistake.share)[:WORST_KEPT]


def _rows(opened: Opened, part: Part, emit: Emit, control: Control) -> Iterator[tuple[int, tuple[str, ...], float]]:
    for start in range(0, len(part), ROWS_AT_ONCE):
        emit(Progress("Scoring the rows", start, len(part)))
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(part)))
        texts = part.texts(rows)
        numbers = np.concatenate([found for _, found in numbers_of(opened, texts, control)])
        yield from zip(rows.tolist(), texts, numbers.tolist(), strict=True)
