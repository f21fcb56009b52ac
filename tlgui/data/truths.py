"""What a label column may hold besides classes, and which of its cells cannot be used: one row a kind of truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tlgui.core import answer_cells
from tlgui.core.goals import Truth
from tlgui.core.plan import count
from tlgui.core.word_lists import split
from tlgui.data.names import is_number


@dataclass(frozen=True)
class TruthKind:
    """How the cells of a label column are looked at, row by row."""

    key: Truth
    why_not: Callable[[tuple[str, ...], str], str]
    """Given the row's texts and its label, both without spaces around them: why the row cannot be used, as the end of
    a sentence such as "the label is no number"; empty if it can be."""
    may_be_empty: bool = False
    """Whether an empty label says something, such as that there is no answer."""


def _number(texts: tuple[str, ...], label: str) -> str:
    return "" if is_number(label) and math.isfinite(float(label)) else f"the label “{_short(label)}” is no number"


def _anything(texts: tuple[str, ...], label: str) -> str:
    return ""


def _spans(texts: tuple[str, ...], label: str) -> str:
    if len(texts) != 2:
        return "an answer needs two text columns, a question and its passage"
    passage = texts[1]
    for answer in answer_cells.read_answers(label):
        if answer_cells.place(answer, passage) is None:
            where = "not near the place given for it" if answer.text in passage else "not in its passage"
            if len(texts[0]) > len(passage) and answer.text in texts[0]:
                where = "in the first text column, where the question should be"
            return f"the answer “{_short(answer.text)}” is {where}"
    return ""


def _tags(texts: tuple[str, ...], label: str) -> str:
    if len(texts) != 1:
        return "tags need one column of tokens, not two"
    tokens, tags = split(texts[0]), split(label)
    if len(tokens) != len(tags):
        return f"there are {count(len(tokens), 'token')} and {count(len(tags), 'tag')}"
    for place, (token, tag) in enumerate(zip(tokens, tags, strict=True), 1):
        if not (token and tag):
            return f"token {place:,} is empty" if tag else f"token {place:,}, “{_short(token)}”, has no tag"
    return "" if tokens else "there are no tokens"


KINDS: dict[Truth, TruthKind] = {
    kind.key: kind
    for kind in (
        TruthKind("number", _number),
        TruthKind("text", _anything),
        TruthKind("tags", _tags),
        TruthKind("spans", _spans, may_be_empty=True),
    )
}
"""Classes are not in here: they are told apart and counted, not looked at one by one."""


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
