"""JSON and JSON Lines: a list of objects, or one object after the other, streamed record by record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.tables import Stream, text_batch
from tlgui.data.text_files import BLOCK, MAX_LINE, TextFile, examine
from tlgui.data.watch import Watch

MAX_COLUMNS = 1000
_GAP = re.compile(r"[\s,]*")


class _Number(str):
    """A number with the digits it was written with."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """The records of a file; the columns are all keys that occur, and a key that a record lacks is an empty cell.

    Raises:
        TlguiError: now or while the batches are read: a damaged record is named by its line.
    """
    return stream(examine(path, reading.encoding, watch, long_lines=True), watch)


def stream(file: TextFile, watch: Watch) -> Stream:
    """The records of a file that was examined; see `read`."""
    names: dict[str, None] = {}
    for _, record in _records(file, watch):
        names.update(dict.fromkeys(record))
        if len(names) > MAX_COLUMNS:
            raise TlguiError(
                f"The records of {file.path.name} have more than {MAX_COLUMNS:,} different keys.",
                "Give every record the same keys, such as text and label.",
            )
    return Stream(tuple(names) or ("text",), _batches(file, tuple(names), watch), f"JSON, {file.title}")


def _batches(file: TextFile, names: tuple[str, ...], watch: Watch) -> Iterator[pa.RecordBatch]:
    columns: list[list[str]] = [[] for _ in names]
    size = 0
    for _, record in _records(file, watch):
        for name, column in zip(names, columns, strict=True):
            column.append(_cell(record.get(name)))
            size += len(column[-1])
        if size > MAX_LINE:
            yield text_batch(*columns)
            columns, size = [[] for _ in names], 0
    if columns:
        yield text_batch(*columns)


def _cell(value: Any) -> str:
    """A value as text: a list or object as JSON, nothing as an empty cell."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _records(file: TextFile, watch: Watch) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and value of each record; a bare string is a record with a text."""
    for number, (line, value) in enumerate(_values(file, watch), 1):
        if isinstance(value, str) and not isinstance(value, _Number):
            yield line, {"text": value}
        elif isinstance(value, dict):
            yield line, value
        else:
            raise TlguiError(
                f"{file.path.name}, line {line:,}, row {number:,}: this is not an object with keys.",
                'Write each row as {"text": …, "label": …}.',
            )


def _values(file: TextFile, watch: Watch) -> Iterator[tuple[int, Any]]:
    """The values of a list, or those that follow one another, each with the line it starts on."""
    with file.path.open(encoding=file.encoding, newline=None) as source:
        text = JsonText(file, source, watch)
        in_list = text.next_character() == "["
        text.at += in_list
        while (character := text.next_character()) and not (in_list and character == "]"):
            yield text.line, text.value()
        if in_list and not character:
            raise text.damaged("the list is not closed", text.at)


class JsonText:
    """The text of a file from one place on; more of it is read when it is needed."""

    def __init__(self, file: TextFile, source: TextIO, watch: Watch) -> None:
        self.at, self.line = 0, 1
        self._file, self._source, self._watch = file, source, watch
        self._text, self._done = "", 0

    def next_character(self) -> str:
        """What the next value starts with; empty at the end."""
        while True:
            gap = _GAP.match(self._text, self.at)
            self._move(gap.end() if gap else self.at)
            if self.at < len(self._text):
                return self._text[self.at]
            if not self._grow():
                return ""

    def value(self) -> Any:
        """Read one value and stand behind it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
            except json.JSONDecodeError as error:
                too_long = len(self._text) - self.at > MAX_LINE
                if too_long or self._is_wrong(error) or not self._grow():
                    raise self.damaged(error.msg.lower(), error.pos) from None
            else:
                if end < len(self._text) or not self._grow():  # a number may go on in the next block
                    self._move(end)
                    return value

    def skip(self, character: str, otherwise: str) -> None:
        """Stand behind the character that must come next; if it does not, the file is damaged as `otherwise` says."""
        if self.next_character() != character:
            raise self.damaged(otherwise, self.at)
        self.at += 1

    def damaged(self, what: str, at: int) -> TlguiError:
        line = self.line + self._text.count("\n", self.at, at)
        return TlguiError(
            f"{self._file.path.name}, line {line:,} is not valid JSON ({what}).",
            "Correct that line. A file holds a list of objects, or one object a line.",
        )

    def _is_wrong(self, error: json.JSONDecodeError) -> bool:
        """Whether more text would not help: the fault lies before the end of what was read."""
        return not error.msg.startswith("Unterminated string") and error.pos < len(self._text) - 16

    def _move(self, end: int) -> None:
        self.line += self._text.count("\n", self.at, end)
        self.at = end

    def _grow(self) -> bool:
        """Read another block, and forget what lies behind; False at the end of the file."""
        self._watch.at(f"Reading {self._file.path.name}", self._done, self._file.size)
        block = self._source.read(BLOCK)
        if block:
            self._text, self.at = self._text[self.at :] + block, 0
            self._done += len(block)
        return bool(block)
