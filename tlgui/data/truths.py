"""What a label column may hold besides classes, and which of its cells cannot be used: one row a kind of truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tlgui.core.goals import Truth
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


KINDS: dict[Truth, TruthKind] = {
    kind.key: kind
    for kind in (
        TruthKind("number", _number),
        TruthKind("text", _anything),
    )
}
"""Classes are not in here: they are told apart and counted, not looked at one by one."""


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
