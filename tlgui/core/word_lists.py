"""Cells that hold a list of words: joined by spaces, or as a JSON list where those would not read back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_WORD = re.compile(r"[^ \t\r\n]+")


def split(cell: str) -> list[str]:
    """The words of a cell: the entries of a JSON list of texts or whole numbers, else what spaces set apart."""
    if cell.startswith("[") and not cell.startswith("[ "):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(type(one) in (str, int) for one in found):
            return [str(one) for one in found]
    return _WORD.findall(cell)


def join(words: Sequence[str]) -> str:
    """The cell of some words; `split` gives them back, also when the spaces around the cell were taken off."""
    cell = " ".join(words)
    return cell if split(cell.strip()) == list(words) else json.dumps(list(words), ensure_ascii=False)
