"""Where a trained model finds the answers to questions, and how sure it is of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from tlgui.core.answers import FoundAnswer, FoundSpan
from tlgui.core.control import Control
from tlgui.core.events import Emit, Progress
from tlgui.core.history import History
from tlgui.core.recipe import AnswerPart, Recipe
from tlgui.core.runs import RunFolder
from tlgui.data.prepare import Part
from tlgui.inspect.shelf import Opened, open_for
from tlgui.tasks.answer import THRESHOLD, Answer, windows_of_one
from tlgui.tasks.base import logits_of, to_device
from tlgui.tasks.spans import NEVER, best_spans, null_scores, span_scores
from tlgui.tasks.windows import OneQuestion, Windows

WINDOWS_AT_ONCE = 32
TASK = Answer()


def find(question: str, passage: str, source: str, control: Control, top: int = 5) -> FoundAnswer:
    """The answer to one question, and the next best ones.

    Args:
        source: A run folder, or another source of a model that was trained to answer questions.
        top: Spans, at most.
    Raises:
        TlguiError: the model was not trained for this, or the question leaves no room for a passage.
    """
    opened = open_for("answer", source, lambda event: None, control)
    how = settled(_recipe_of(source), source).answer
    asked = OneQuestion(question.strip(), passage)
    encoded = windows_of_one(asked, opened.tokenizer, opened.max_length, how)
    ((_, found),) = found_in(opened, encoded, top, control)
    return found


def predictions(
    part: Part, ran: Recipe, model: str, emit: Emit, control: Control
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """For each question its position, its texts and what stands in `PREDICTED`; in order, none is left out.

    Raises:
        TlguiError: the model was not trained for this, or the rows have no passages.
    """
    opened, ran = open_for("answer", model, emit, control), settled(ran, model)
    ran = ran.edit("train", max_length=min(ran.train.max_length, opened.max_length))
    encoded = TASK.encode(part, opened.tokenizer, ran, emit, control)
    assert isinstance(encoded, Windows)
    row = 0
    for place, found in found_in(opened, encoded, 1, control):
        emit(Progress("Answering the questions", place, len(part)))
        yield from _unread(part, row, place)
        best = found.spans[0]
        share, cells = f"{best.share:.4f}", (best.text, str(best.begin))
        cells = ("", "") if found.says_nothing else cells
        yield place, (found.question, found.passage), (*cells, share, f"{found.no_answer:.4f}")
        row = place + 1
    yield from _unread(part, row, len(part))


PREDICTED = ("answer", "answer_start", "share", "share_no_answer")
"""Columns of a prediction: an empty answer = there is none; its share, or that of the best one if it is not given."""


def _unread(part: Part, begin: int, end: int) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """Questions that no window has room for."""
    for row in range(begin, end):
        yield row, part.texts(np.array([row]))[0], ("",) * len(PREDICTED)


def settled(ran: Recipe, model: str) -> Recipe:
    """The recipe with the threshold of "no answer" that was best on a run's own validation rows, if it has one.

    A model that is no run's says that there is no answer where that scores above the best answer.
    """
    if ran.answer.no_answer != "auto":
        return ran
    run = RunFolder(Path(model))
    if not run.recipe_file.exists():
        return ran.edit("answer", no_answer="fixed", threshold=0.0)
    best = History.of(run.events()).best
    threshold = best.metrics.get(THRESHOLD) if best is not None else None
    if threshold is None:
        return ran.edit("answer", no_answer="never")
    return ran.edit("answer", no_answer="fixed", threshold=threshold)


def _recipe_of(source: str) -> Recipe:
    run = RunFolder(Path(source))
    return run.recipe() if run.recipe_file.exists() else Recipe(task="answer")


@dataclass
class _Question:
    """What the windows of a question have come to."""

    row: int
    spans: dict[tuple[int, int], float] = field(default_factory=dict)
    """Score by the characters of the passage."""
    nothing: float = float("inf")
    totals: list[float] = field(default_factory=list)
    """Logarithms of the sums over all spans, one a window."""

    def found(self, question: str, passage: str, top: int, how: AnswerPart) -> FoundAnswer:
        """Shares of the best spans; all spans and "no answer" together have 1."""
        total = float(np.logaddexp.reduce([*self.totals, self.nothing]))
        best = sorted(self.spans.items(), key=lambda item: -item[1])[:top]
        spans = tuple(
            FoundSpan(passage[begin:end], begin, end, float(np.exp(score - total))) for (begin, end), score in best
        )
        lead = self.nothing - best[0][1]
        return FoundAnswer(
            question,
            passage,
            spans,
            no_answer=float(np.exp(self.nothing - total)),
            says_nothing=how.no_answer != "never" and lead > how.threshold,
        )


def found_in(opened: Opened, encoded: Windows, top: int, control: Control) -> Iterator[tuple[int, FoundAnswer]]:
    """The answers to questions that are in windows, in their order: (position, what was found)."""
    question: _Question | None = None
    for windows in np.split(np.arange(len(encoded)), range(WINDOWS_AT_ONCE, len(encoded), WINDOWS_AT_ONCE)):
        control.check()
        for row, spans, nothing, total in _looked_at(opened, encoded, windows, top):
            if question is None or question.row != row:
                if question is not None:
                    yield _told(question, encoded, top)
                question = _Question(row)
            for place, score in spans.items():
                question.spans[place] = max(score, question.spans.get(place, NEVER))
            question.nothing = min(question.nothing, nothing)
            question.totals.append(total)
    if question is not None:
        yield _told(question, encoded, top)


def _told(question: _Question, encoded: Windows, top: int) -> tuple[int, FoundAnswer]:
    ((asked, passage),) = encoded.asked.texts(np.array([question.row]))
    return question.row, question.found(asked, passage, top, encoded.settings)


@torch.no_grad()
def _looked_at(
    opened: Opened, encoded: Windows, windows: np.ndarray, top: int
) -> list[tuple[int, dict[tuple[int, int], float], float, float]]:
    """Of some windows: position of the question, the best spans by their characters, the score of "no answer", and the
    logarithm of the sum over all spans."""
    batch = TASK.batch(encoded, windows, opened.tokenizer, Recipe(), np.random.default_rng(0))
    logits = logits_of(TASK, opened.model, to_device(batch, opened.model.device)).float().cpu()
    scores = span_scores(logits, batch["labels"][:, 0, 2:4], encoded.settings.longest_answer)
    totals, nothing = scores.flatten(1).logsumexp(1).tolist(), null_scores(logits).tolist()
    values, places = best_spans(scores, top)
    rows = encoded.rows[windows]
    passages = [passage for _, passage in encoded.asked.texts(rows)]
    found = []
    for i, window in enumerate(windows.tolist()):
        spans: dict[tuple[int, int], float] = {}
        for score, (first, last) in zip(values[i].tolist(), places[i].tolist(), strict=True):
            if score > NEVER:
                spans.setdefault(encoded.characters(window, first, last, passages[i]), score)
        found.append((int(rows[i]), spans, nothing[i], totals[i]))
    return found
