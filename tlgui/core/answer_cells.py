"""Answers in a table's cell, and where in their passage they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

NEAR = 50
"""Characters that an offset may be off, as after another counting of letters."""
Found = Literal["as said", "moved", "only", "first"]
"""Where its offset says; beside it; without an offset, the only place or the first of several."""


@dataclass(frozen=True)
class Answer:
    """An answer as a table has it."""

    text: str
    start: int | None = None
    """Characters of the passage before it, if the table says so."""


@dataclass(frozen=True)
class Place:
    """Where an answer stands in its passage."""

    begin: int
    end: int
    found: Found


def read_answers(cell: str) -> tuple[Answer, ...]:
    """The answers in a cell: JSON as `write_answers` makes it or as data sets have it, else a plain text; may be none.

    Of JSON there may be a list of texts or of objects with `text` and `start` or `answer_start`; or one object, whose
    values may be lists.
    """
    cell = cell.strip()
    found = _from_json(cell) if cell[:1] in ("[", "{") else None
    plain = (Answer(cell),) if cell else ()
    return plain if found is None else tuple(answer for answer in map(_bare, found) if answer.text)


def write_answers(answers: Sequence[Answer]) -> str:
    """A cell of a table: `[{"text": "honey", "start": 12}]`."""
    parts = [{"text": a.text} | ({} if a.start is None else {"start": a.start}) for a in answers]
    return json.dumps(parts, ensure_ascii=False)


def place(answer: Answer, passage: str) -> Place | None:
    """Where an answer stands; None if it is not in the passage, or not near the place that the table names."""
    text, said = answer.text, answer.start
    if said is not None and said >= 0 and passage.startswith(text, said):
        return Place(said, said + len(text), "as said")
    everywhere = list(_occurrences(text, passage))
    if not everywhere:
        return None
    if said is None:
        return Place(everywhere[0], everywhere[0] + len(text), "only" if len(everywhere) == 1 else "first")
    nearest = min(everywhere, key=lambda begin: abs(begin - said))
    return Place(nearest, nearest + len(text), "moved") if abs(nearest - said) <= NEAR else None


def _occurrences(text: str, passage: str) -> Iterator[int]:
    begin = passage.find(text)
    while begin >= 0:
        yield begin
        begin = passage.find(text, begin + 1)


def _bare(answer: Answer) -> Answer:
    """The answer without spaces around it."""
    text = answer.text.strip()
    if answer.start is None or text == answer.text:
        return Answer(text, answer.start)
    return Answer(text, answer.start + len(answer.text) - len(answer.text.lstrip()))


def _from_json(cell: str) -> list[Answer] | None:
    """None if it is no JSON, or other things than answers."""
    try:
        value = json.loads(cell)
    except ValueError:
        return None
    if isinstance(value, dict):
        texts, starts = value.get("text"), _start(value)
        if isinstance(texts, list):
            starts = starts if isinstance(starts, list) and len(starts) == len(texts) else [None] * len(texts)
            value = [{"text": text, "start": start} for text, start in zip(texts, starts, strict=True)]
        else:
            value = [value]
    answers = [_answer(one) for one in value]
    return None if None in answers else [answer for answer in answers if answer is not None]


def _answer(value: Any) -> Answer | None:
    if isinstance(value, str):
        return Answer(value)
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return Answer(value["text"], offset(_start(value)))
    return None


def _start(value: dict[str, Any]) -> Any:
    return value.get("start", value.get("answer_start"))


def offset(value: Any) -> int | None:
    """A number of characters, whether it is a number or a text; None if it is neither."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
