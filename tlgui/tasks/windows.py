"""Questions with their passages as a model reads them: long passages in windows that overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from transformers import PreTrainedTokenizerBase

from tlgui.core.answer_cells import Answer, Place, offset, place, read_answers
from tlgui.core.plan import count
from tlgui.core.recipe import AnswerPart
from tlgui.core.squad_metrics import normalised
from tlgui.tasks import pieces
from tlgui.tasks.encoded import Encoded

LEAST_ROOM = 8
"""Tokens of a passage that a window must have room for, unless the passage is shorter."""
BEGINS = "answer_start"
"""A column that may stand beside the answers: the characters before them in the passage."""
FIELDS: dict[str, type] = {"input_ids": np.int32, "begin": np.int32, "end": np.int32}
"""Of each token: its id, and the characters of the passage that it stands for, from and up to; -1 outside of it."""


class Asked(Protocol):
    """Questions, their passages and the cells with their answers, read on demand."""

    def __len__(self) -> int: ...
    def texts(self, indices: np.ndarray) -> list[tuple[str, ...]]: ...
    def truths(self, indices: np.ndarray) -> list[str]: ...
    def beside(self, column: str, indices: np.ndarray) -> list[str]: ...


@dataclass(frozen=True)
class OneQuestion:
    """A question that is in no table."""

    question: str
    passage: str
    answers: str = ""
    """As in a cell."""

    def __len__(self) -> int:
        return 1

    def texts(self, indices: np.ndarray) -> list[tuple[str, ...]]:
        return [(self.question, self.passage)] * len(indices)

    def truths(self, indices: np.ndarray) -> list[str]:
        return [self.answers] * len(indices)

    def beside(self, column: str, indices: np.ndarray) -> list[str]:
        return [""] * len(indices)


@dataclass(frozen=True)
class Windows(Encoded):
    """Questions in windows, and where those come from; the texts stay on the disk."""

    asked: Asked = field(kw_only=True)
    rows: np.ndarray = field(kw_only=True)
    """int64, shape (examples,): position of a window's question; windows of one question follow one another."""
    settings: AnswerPart = field(kw_only=True)
    whole: Mapping[int, str] = field(default_factory=dict, kw_only=True)
    """By position, answers that begin or end within a token, with all of it: no span of tokens is the answer itself."""

    def some(self, rows: np.ndarray) -> Windows:
        """Some of the windows, by position, copied into memory."""
        part = super().some(rows)
        return Windows(
            part.starts,
            part.fields,
            part.labels,
            part.cut,
            asked=self.asked,
            rows=self.rows[rows],
            settings=self.settings,
            whole=self.whole,
        )

    def characters(self, window: int, first: int, last: int, passage: str) -> tuple[int, int]:
        """Where in its passage a span of tokens begins and ends, without spaces around it."""
        start = self.starts[window]
        return without_spaces(passage, int(self.fields["begin"][start + first]), int(self.fields["end"][start + last]))


def without_spaces(passage: str, begin: int, end: int) -> tuple[int, int]:
    """A span of characters without the spaces around it: some tokens have the one before their word."""
    text = passage[begin:end]
    return begin + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())


@dataclass
class Counts:
    """What was met while questions were put into windows."""

    moved: int = 0
    """Answers that did not stand where the table says."""
    several: int = 0
    """Answers without an offset that stand in their passage more than once."""
    too_long: int = 0
    """Questions beside which no window has room."""
    first_too_long: int = -1
    """Position of the first of those."""
    whole: dict[int, str] = field(default_factory=dict)
    """As `Windows.whole`."""
    cut: int = 0
    """Answers that no window has whole."""
    blank: int = 0
    """Questions whose passage has no letter that the tokenizer keeps."""

    def heed(self, found: Place) -> None:
        self.moved += found.found == "moved"
        self.several += found.found == "first"

    def leave_out(self, row: int) -> None:
        self.too_long += 1
        self.first_too_long = row if self.first_too_long < 0 else self.first_too_long

    def notes(self, limit: int, numbers: np.ndarray) -> tuple[str, ...]:
        """Sentences.

        Args:
            limit: Tokens of a window.
            numbers: Row number of each position, from 1.
        """
        found = []
        if self.moved:
            found.append(
                f"Moved to where they stand in the passage, a few characters off: {count(self.moved, 'answer')}."
            )
        if self.several:
            answers = count(self.several, "answer")
            found.append(f"Taken where they first stand, as the passage has them more than once: {answers}.")
        if self.whole:
            answers = count(len(self.whole), "answer")
            found.append(f"Learned and counted as right with the whole token, as they end within one: {answers}.")
        if self.cut:
            answers = count(self.cut, "answer")
            found.append(
                f"Longer than what two windows share, and whole in none of them: {answers}. Let them share more."
            )
        if self.too_long:
            first = f"the first is row {numbers[self.first_too_long]:,}"
            left_out = f"{count(self.too_long, 'question')}, {first}"
            found.append(f"Left out, as {limit:,} tokens have no room for a passage beside them: {left_out}.")
        if self.blank:
            found.append(f"Left out, as the model can read nothing of the passage: {count(self.blank, 'question')}.")
        return tuple(found)


@dataclass(frozen=True)
class Frame:
    """The special tokens that a model expects around a question and its passage, and the types of all tokens."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    after: tuple[int, ...]
    types: tuple[int, ...]
    """Of the tokens before, of the question, between, of the passage and after: five."""

    @property
    def tokens(self) -> int:
        return len(self.before) + len(self.between) + len(self.after)


def frame_of(tokenizer: PreTrainedTokenizerBase) -> Frame:
    """Seen in a pair of texts of a letter each."""
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    pair = backend.encode("a", "a")
    owners = pair.sequence_ids
    question, passage = owners.index(0), owners.index(1)
    behind = len(owners) - owners[::-1].index(0)
    last = len(owners) - owners[::-1].index(1)
    edges = (0, question, behind, passage, last, len(owners))
    parts = [slice(*edge) for edge in pairwise(edges)]
    types = tuple((pair.type_ids[part] or [0])[0] for part in parts)
    before, _, between, _, after = (tuple(pair.ids[part]) for part in parts)
    return Frame(before, between, after, types)


def cuts(tokens: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Where the windows of a passage begin and end, in tokens.

    Args:
        room: Tokens of the passage in a window, at least 1.
        stride: Tokens that a window shares with the one before, at most half of the room.
    """
    step = room - min(stride, room // 2)
    last = max(0, -(-(tokens - room) // step))
    return [(begin * step, min(begin * step + room, tokens)) for begin in range(last + 1)]


@dataclass
class Window:
    """One example: a question and a part of its passage."""

    row: int
    ids: list[int]
    types: list[int]
    begin: list[int]
    end: list[int]
    label: tuple[int, int, int, int]
    """First and last token of the answer, both 0 if it is not in here; first token of the passage, and the one after
    its last."""


def windows_of(
    rows: np.ndarray, asked: Asked, tokenizer: PreTrainedTokenizerBase, limit: int, settings: AnswerPart, counts: Counts
) -> Iterator[Window]:
    """The windows of some questions, in order; those without room for a passage have none.

    Args:
        rows: Positions of the questions.
        limit: Tokens of a window.
    """
    frame, texts = frame_of(tokenizer), asked.texts(rows)
    questions = pieces.plain(tokenizer, [question for question, _ in texts])
    different = dict.fromkeys(passage for _, passage in texts)  # several questions are about one passage
    passages = dict(zip(different, map(_Passage, pieces.plain(tokenizer, list(different))), strict=True))
    answers = zip(asked.truths(rows), asked.beside(BEGINS, rows), strict=True)
    for row, (_, text), question, (cell, begins) in zip(rows.tolist(), texts, questions, answers, strict=True):
        passage = passages[text]
        if not passage.ids:
            counts.blank += 1
            continue
        room = limit - frame.tokens - len(question.ids)
        if room < min(LEAST_ROOM, len(passage.ids)):
            counts.leave_out(row)
            continue
        found = _right_place(cell, begins, text, counts)
        answer = passage.tokens(found)
        if found is not None and answer is not None:
            whole = text[slice(*passage.characters(*answer, text))]
            if normalised(whole) != normalised(text[found.begin : found.end]):
                counts.whole[row] = whole
        spans = cuts(len(passage.ids), room, settings.stride)
        counts.cut += answer is not None and not any(b <= answer[0] and answer[1] < e for b, e in spans)
        for span in spans:
            yield _window(row, frame, question.ids, passage, span, answer)


class _Passage:
    """A passage in tokens."""

    def __init__(self, encoding: Any) -> None:
        self.ids: list[int] = encoding.ids
        self.begins = [begin for begin, _ in encoding.offsets]
        self.ends = [end for _, end in encoding.offsets]

    def characters(self, first: int, last: int, text: str) -> tuple[int, int]:
        """Where a span of tokens begins and ends, without spaces around it."""
        return without_spaces(text, self.begins[first], self.ends[last])

    def tokens(self, found: Place | None) -> tuple[int, int] | None:
        """First and last token that have letters of an answer; None if there are none."""
        if found is None:
            return None
        first, last = bisect_right(self.ends, found.begin), bisect_left(self.begins, found.end) - 1
        return (first, last) if first <= last else None


def _right_place(cell: str, begins: str, passage: str, counts: Counts) -> Place | None:
    """Where the first of a question's answers stands; the one that is learned."""
    answers = read_answers(cell)
    if not answers:
        return None
    answer = answers[0]
    if answer.start is None and len(answers) == 1:
        answer = Answer(answer.text, offset(begins))
    found = place(answer, passage) or place(Answer(answer.text), passage)
    if found is not None:
        counts.heed(found)
    return found


def _window(
    row: int,
    frame: Frame,
    question: list[int],
    passage: _Passage,
    span: tuple[int, int],
    answer: tuple[int, int] | None,
) -> Window:
    begin, end = span
    first = len(frame.before) + len(question) + len(frame.between)
    parts = (frame.before, question, frame.between, passage.ids[begin:end], frame.after)
    inside = answer is not None and begin <= answer[0] and answer[1] < end
    shift = first - begin
    places = (answer[0] + shift, answer[1] + shift) if answer is not None and inside else (0, 0)
    outside, behind = [-1] * first, [-1] * len(frame.after)
    return Window(
        row,
        [token for part in parts for token in part],
        [kind for kind, part in zip(frame.types, parts, strict=True) for _ in part],
        [*outside, *passage.begins[begin:end], *behind],
        [*outside, *passage.ends[begin:end], *behind],
        (*places, first, first + end - begin),
    )
