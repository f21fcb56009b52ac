"""How a table in a text file is written: its delimiter, its quotes, its header. Found out from a sample of the text."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tlgui.core.goals import GOALS
from tlgui.core.recipe import ReadingPart
from tlgui.data.names import LABEL_NAMES, TEXT_NAMES, is_number, plain

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
NO_DELIMITER = "\x1f"
"""A character that no text has: the file has one column."""
ROWS = 200

_OF_GOALS = ((*chain.from_iterable(goal.text_names), *goal.label_names) for goal in GOALS.values())
KNOWN = frozenset({*TEXT_NAMES, *LABEL_NAMES, *chain.from_iterable(_OF_GOALS)})
"""Names that a row of cells would hardly hold."""


@dataclass(frozen=True)
class Dialect:
    """How to cut a text into cells."""

    delimiter: str
    quoting: bool
    """Whether a cell may stand in double quotes, with quotes inside it doubled (RFC 4180)."""
    names: tuple[str, ...]
    """One a column, all different."""
    header: bool
    """Whether the first row holds the names."""

    @property
    def words(self) -> str:
        """For people: "comma, header in line 1"."""
        cells = {**DELIMITERS, NO_DELIMITER: "one column"}.get(self.delimiter, f"“{self.delimiter}”")
        quotes = "" if self.quoting else ", quotes are part of the text"
        return f"{cells}, {'header in line 1' if self.header else 'no header'}{quotes}"


def sniff(sample: str, reading: ReadingPart, ending: str = "") -> Dialect:
    """Find what the reading settings leave open.

    Args:
        sample: The start of the file, whole lines.
        ending: Of the file's name, such as ".tsv"; decides where the text alone does not.
    """
    delimiter = reading.delimiter or _delimiter(sample, reading.quoting, ending)
    quoting = _quoting(sample, delimiter) if reading.quoting is None else reading.quoting
    rows = parse(sample, delimiter, quoting)
    first = rows[0] if rows else []
    header = _has_header(rows) if reading.header is None else reading.header
    return Dialect(delimiter, quoting, column_names(first if header else [""] * len(first)), header)


def parse(text: str, delimiter: str, quoting: bool, limit: int = ROWS) -> list[list[str]]:
    """The first rows of a text; empty lines are no rows."""
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a cell beyond the module's own limit: judge by the rows before it
        for row in csv.reader(io.StringIO(text, newline=""), **style(delimiter, quoting)):
            if row:
                found.append(row)
            if len(found) == limit:
                break
    return found


def style(delimiter: str, quoting: bool) -> dict[str, Any]:
    """What the standard library's reader is told of a dialect."""
    return {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE}


def column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Different, non-empty names from a header's cells: "column 3" for an empty one, "text (2)" for a repeated one."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        wanted = cell.strip() or f"column {number}"
        free = (wanted if copy == 1 else f"{wanted} ({copy})" for copy in itertools.count(1))
        names.append(next(name for name in free if name not in names))
    return tuple(names)


def _delimiter(sample: str, quoting: bool | None, ending: str) -> str:
    """The delimiter that cuts most rows into as many cells as the first."""
    order = sorted(DELIMITERS, key=lambda d: d != "\t") if ending in (".tsv", ".tab") else list(DELIMITERS)
    best, best_share = NO_DELIMITER, 0.0
    for delimiter in order:
        rows = parse(sample, delimiter, _quoting(sample, delimiter) if quoting is None else quoting)
        width = len(rows[0]) if rows else 0
        share = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        if share > best_share:
            best, best_share = delimiter, share
    return best


def _quoting(sample: str, delimiter: str) -> bool:
    """Whether each cell that starts with a quote ends with one; where no cell does, what such files usually mean."""
    edge = re.escape(delimiter)
    opened = re.finditer(rf'(?:^|(?<=[\n\r{edge}]))("[^"]*+(?:""[^"]*+)*+"(?=[\n\r{edge}]|\Z)|")', sample)
    closed = [len(match[1]) > 1 for match in itertools.islice(opened, 10_000)]
    return all(closed) if closed else delimiter != "\t"


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns rather than being one of the rows."""
    first = [plain(cell) for cell in rows[0]] if rows else []
    if not KNOWN.isdisjoint(first):
        return True
    rest = [row for row in rows[1:] if len(row) == len(first)]
    if not rest or any(is_number(cell) for cell in first):
        return False
    columns = list(zip(*rest, strict=True))
    return sum(_vote(rows[0][i], column) for i, column in enumerate(columns)) > 0


def _vote(cell: str, below: Sequence[str]) -> int:
    """+1 if a cell looks like the name of the column below it, -1 if it looks like one more of its values."""
    filled = [value for value in below if value.strip()]
    if not filled:
        return 0
    if all(is_number(value) for value in filled):
        return 1
    if cell in below:
        return -1
    longest, mean = max(map(len, filled)), sum(map(len, filled)) / len(filled)
    few = len(set(filled)) <= max(2, len(filled) // 4)
    return 1 if few or len(cell) * 3 < mean else -1 if len(cell) > longest // 2 else 0
