"""CoNLL files: a token a line with its tags in columns beside it, and an empty line after each sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.core.word_lists import join
from tlgui.data.tables import Stream, text_batch
from tlgui.data.text_files import MAX_LINE, TextFile, examine, lines
from tlgui.data.watch import Watch

TOKENS, TAGS = "tokens", "tags"
DOCUMENT = "-DOCSTART-"
"""Begins a line between two documents."""
HEAD = 1 << 14
"""Bytes that tell whether a plain text is such a file."""
_TAG = re.compile(r"O|[BIES]-\S+")


@dataclass(frozen=True)
class _Shape:
    """What the lines of a file have in common, as the first one with a token shows it."""

    columns: int
    tabs: bool
    """Whether columns are set apart by tabs, and a token may hold spaces; else by spaces or tabs."""

    def fields(self, line: str) -> list[str]:
        return [field.strip(" ") for field in line.rstrip("\t ").split("\t")] if self.tabs else _by_spaces(line)

    def is_comment(self, line: str) -> bool:
        """Whether a line that begins a sentence is none of its tokens: `# text = …`, but not the token `#`."""
        return line.startswith("#") and (("\t" not in line) if self.tabs else len(_by_spaces(line)) != self.columns)


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """One row a sentence: the tokens in the first column, their tags in the last, further columns of the file between.

    Each cell is a list of words, see `word_lists`. Lines of spaces end a sentence as empty ones do.

    Raises:
        TlguiError: the file cannot be read, is empty, binary or damaged, or a sentence never ends.
    """
    file = examine(path, reading.encoding, watch)
    shape = _shape(file, watch)
    middle = tuple(f"column {number}" for number in range(2, shape.columns))
    names = (TOKENS, *middle, TAGS) if shape.columns > 1 else (TOKENS,)
    columns = f"{shape.columns} columns" if shape.columns > 1 else "1 column"
    return Stream(names, _batches(file, shape, watch), f"CoNLL, {columns}, {file.title}")


def begins_one(head: bytes) -> bool:
    """Whether each of a file's first lines that hold anything is a token and its tag, and some tags begin names."""
    lines = [line.split() for line in head.decode("utf-8-sig", "replace").split("\n")[:-1]]
    tags = [fields[-1] for fields in lines if fields and fields[0] != DOCUMENT]
    pairs = all(1 < len(fields) < 10 for fields in lines if fields)
    return pairs and all(map(_TAG.fullmatch, tags)) and len(set(tags)) > 1


def _by_spaces(line: str) -> list[str]:
    """Parts between spaces and tabs; other signs that Python takes for spaces may be tokens."""
    return [part for part in line.replace("\t", " ").split(" ") if part]


def _shape(file: TextFile, watch: Watch) -> _Shape:
    """Look for the first line that holds a token for sure."""
    perhaps = _Shape(2, tabs=False)
    for block in lines(file, watch):
        for line in block:
            if not line.strip() or line.startswith(DOCUMENT):
                continue
            tabs = "\t" in line.strip()
            shape = _Shape(len(line.rstrip("\t ").split("\t")) if tabs else len(_by_spaces(line)), tabs)
            if tabs or not line.startswith("#"):
                return shape
            perhaps = shape
    return perhaps


def _batches(file: TextFile, shape: _Shape, watch: Watch) -> Iterator[pa.RecordBatch]:
    rows: list[list[str]] = []
    size = 0
    for sentence in _sentences(file, shape, watch):
        rows.append(_cells(sentence, shape.columns))
        size += sum(map(len, rows[-1]))
        if size > MAX_LINE:
            yield text_batch(*zip(*rows, strict=True))
            rows, size = [], 0
    if rows:
        yield text_batch(*zip(*rows, strict=True))


def _sentences(file: TextFile, shape: _Shape, watch: Watch) -> Iterator[list[list[str]]]:
    """The fields of each line, sentence by sentence."""
    sentence: list[list[str]] = []
    number = begin = size = 0
    for block in lines(file, watch):
        for line in block:
            number += 1
            if not line.strip() or line.startswith(DOCUMENT):
                if sentence:
                    yield sentence
                sentence, size = [], 0
            elif sentence or not shape.is_comment(line):
                begin = begin if sentence else number
                sentence.append(shape.fields(line))
                size += len(line)
                if size > MAX_LINE:
                    raise TlguiError(
                        f"{file.path.name}, line {begin:,}: the sentence that begins here never ends.",
                        "Put an empty line after each sentence.",
                    )
    if sentence:
        yield sentence


def _cells(sentence: Sequence[Sequence[str]], columns: int) -> list[str]:
    """One cell a column; a line with fewer fields has its token and its tag, and with one field no tag."""
    cells = [join([fields[0] for fields in sentence])]
    cells += [
        _cell([fields[place] if place < len(fields) - 1 else "" for fields in sentence])
        for place in range(1, columns - 1)
    ]
    if columns > 1:
        cells.append(_cell([fields[-1] if len(fields) > 1 else "" for fields in sentence]))
    return cells


def _cell(words: list[str]) -> str:
    return join(words) if any(words) else ""
