"""JSON and JSON Lines: a list of objects, or one object after the other, streamed record by record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.tables import Stream, text_batch
from tlgui.data.text_files import BLOCK, MAX_LINE, TextFile, examine
from tlgui.data.watch import Watch

MAX_COLUMNS = 1000
_GAP = re.compile(r"[\s,]*")
# A number keeps the digits it was written with.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """The records of a file; the columns are all keys that occur, and a key that a record lacks is an empty cell.

    Raises:
        TlguiError: now or while the batches are read: a damaged record is named by its line.
    """
    file = examine(path, reading.encoding, watch)
    names: dict[str, None] = {}
    for _, record in _records(file, watch):
        names.update(dict.fromkeys(record))
        if len(names) > MAX_COLUMNS:
            raise TlguiError(
                f"The records of {path.name} have more than {MAX_COLUMNS:,} different keys.",
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
        if isinstance(value, str):
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
    text, at, line, done = "", 0, 1, 0
    in_list: bool | None = None
    with file.path.open(encoding=file.encoding, newline=None) as source:
        more = True
        while True:
            at, line = _skip(text, at, line)
            if in_list is None and at < len(text):
                in_list = text[at] == "["
                at += in_list
                continue
            if at < len(text) and in_list and text[at] == "]":
                return
            try:
                if at == len(text):
                    raise json.JSONDecodeError("Expecting value", text, at)
                value, end = _DECODER.raw_decode(text, at)
                if more and end == len(text):  # a number or word may go on in the next block
                    raise json.JSONDecodeError("Expecting more", text, end)
            except json.JSONDecodeError as error:
                if not more and at == len(text) and not in_list:
                    return
                if not more or _is_wrong(error, len(text)) or len(text) - at > MAX_LINE:
                    raise _damaged(file, line + text.count("\n", at, error.pos), error) from None
                watch.at(f"Reading {file.path.name}", done, file.size)
                block = source.read(BLOCK)
                more, text, at, done = bool(block), text[at:] + block, 0, done + len(block)
                continue
            yield line, value
            line += text.count("\n", at, end)
            at = end


def _skip(text: str, at: int, line: int) -> tuple[int, int]:
    """Behind the spaces and commas between two values."""
    gap = _GAP.match(text, at)
    end = gap.end() if gap else at
    return end, line + text.count("\n", at, end)


def _is_wrong(error: json.JSONDecodeError, end: int) -> bool:
    """Whether more text would not help: the fault lies before the end of what was read."""
    return not error.msg.startswith("Unterminated string") and error.pos < end - 16


def _damaged(file: TextFile, line: int, error: json.JSONDecodeError) -> TlguiError:
    return TlguiError(
        f"{file.path.name}, line {line:,} is not valid JSON ({error.msg.lower()}).",
        "Correct that line. A file holds a list of objects, or one object a line.",
    )
