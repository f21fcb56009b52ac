"""Kept questions: a question on the first line, then its passage with the answer in braces."""

from __future__ import annotations

import re

from tlgui.core.errors import TlguiError

_MARKED = re.compile(r"\{([^{}]*)\}")


def marked_answer(text: str) -> tuple[str, str, str, int]:
    """Question, passage without braces, answer and the number of characters before it; no answer if none is marked.

    Raises:
        TlguiError: there are no two lines.
    """
    question, _, rest = (part.strip() for part in text.strip().partition("\n"))
    if not question or not rest:
        raise TlguiError(
            "A kept question needs its passage.", "Write the question on the first line and the passage below it."
        )
    match = _MARKED.search(rest)
    if match is None or not match.group(1).strip():
        return question, rest, "", 0
    answer = match.group(1).strip()
    begin = match.start() + len(match.group(1)) - len(match.group(1).lstrip())
    return question, rest[: match.start()] + match.group(1) + rest[match.end() :], answer, begin


def with_marked_answer(question: str, passage: str, begin: int, end: int) -> str:
    """A kept question whose answer is a span of the passage; begin = end: it has none."""
    passage = passage.replace("{", "(").replace("}", ")")
    if begin < end:
        passage = f"{passage[:begin]}{{{passage[begin:end]}}}{passage[end:]}"
    return f"{' '.join(question.split())}\n{passage}"
