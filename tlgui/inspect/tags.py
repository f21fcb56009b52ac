"""What a trained model marks in texts, and how well it finds each kind of name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tlgui.core.answers import Evaluation, FoundName, Mistake, TagAnswer
from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.core.recipe import Recipe
from tlgui.core.word_lists import join
from tlgui.data.prepare import Part
from tlgui.inspect.shelf import Opened, open_for
from tlgui.tasks.alignment import words_in
from tlgui.tasks.tag import shares_of, tags_of, words_of
from tlgui.tasks.tag_sequences import compare, kind_of, names_in, repaired

TASK = "tag"
PREDICTED = ("tags",)
"""Columns that are written of each row beside its tokens."""
MISTAKES_KEPT = 200
ROWS_AT_ONCE = 32
Row = tuple[int, list[str], list[str], np.ndarray]
"""Position, words, the tags guessed, and the share of each of them."""


def answer(text: str, source: str, control: Control) -> TagAnswer:
    """The names in running text.

    Raises:
        TlguiError: the source is no model that was trained to mark names.
    """
    opened = open_for(TASK, source, lambda event: None, control)
    spans = words_in(text)
    (shares,) = _shares(opened, [[text[begin:end] for begin, end in spans]])
    tags, sure = _guessed(opened, shares)
    names = [
        FoundName(kind, spans[first][0], spans[end - 1][1], float(np.exp(np.log(sure[first:end]).mean())))
        for kind, first, end in names_in(tags)
    ]
    kinds = dict.fromkeys(kind for label in opened.labels if (kind := kind_of(label)))
    return TagAnswer(text, tuple(names), tuple(kinds))


def predictions(
    part: Part, ran: Recipe, model: str, emit: Emit, control: Control
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """For each row its position, its text cells, and the cells of `PREDICTED`."""
    opened = open_for(TASK, model, emit, control)
    for row, words, tags, _ in _rows(opened, part, emit, control):
        yield row, [join(words)], [join(repaired(tags)[0])]


def evaluate(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    """Figures of all names and of each kind; a mistake is a word, in braces in its sentence."""
    opened = open_for(TASK, model, emit, control)
    truth = [tags for tags, _ in tags_of(part, np.arange(len(part)))]
    guess: list[list[str]] = []
    mistakes: list[Mistake] = []
    for row, words, tags, sure in _rows(opened, part, emit, control):
        guess.append(tags)
        for place in (i for i, (a, b) in enumerate(zip(truth[row], tags, strict=True)) if a != b):
            marked = " ".join([*words[:place], f"{{{words[place]}}}", *words[place + 1 :]])
            number = int(part.row_numbers[row])
            mistakes.append(Mistake(number, marked, truth[row][place], tags[place], float(sure[place])))
        mistakes = sorted(mistakes, key=lambda mistake: -mistake.share)[:MISTAKES_KEPT]
    metrics, kinds = compare(truth, guess)
    return Evaluation(rows=len(part), metrics=metrics, mistakes=tuple(mistakes), kinds=tuple(kinds))


def _rows(opened: Opened, part: Part, emit: Emit, control: Control) -> Iterator[Row]:
    for start in range(0, len(part), ROWS_AT_ONCE):
        control.check()
        emit(Progress("Scoring the rows", start, len(part)))
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(part)))
        texts = words_of(part, rows)
        for row, words, shares in zip(rows.tolist(), texts, _shares(opened, texts), strict=True):
            yield row, words, *_guessed(opened, shares)


def _shares(opened: Opened, texts: Sequence[Sequence[str]]) -> list[np.ndarray]:
    return shares_of(opened.model, opened.tokenizer, texts, opened.max_length)


def _guessed(opened: Opened, shares: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The likeliest tag of each word, and its share."""
    return [opened.labels[i] for i in shares.argmax(axis=1)], shares.max(axis=1, initial=0.0)
