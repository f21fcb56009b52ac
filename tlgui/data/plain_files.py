"""Plain text: one passage a line; empty lines are left out, or end a document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tlgui.core.recipe import ReadingPart
from tlgui.data.tables import DOCUMENT, Stream, text_batch
from tlgui.data.text_files import TextFile, examine, lines
from tlgui.data.watch import Watch


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """One row for each line that is not blank, without the spaces around it, in the column `text`.

    With `reading.documents` there is a second column, with the number of the document from 1: a blank line ends one.

    Raises:
        TlguiError: the file cannot be read, is empty, binary or damaged.
    """
    file = examine(path, reading.encoding, watch)
    if reading.documents:
        told = f"one text a line, an empty line ends a document, {file.title}"
        return Stream(("text", DOCUMENT), _by_document(file, watch), told)
    return Stream(("text",), _batches(file, watch), f"one text a line, {file.title}")


def passages(file: TextFile, watch: Watch) -> Iterator[list[str]]:
    """The lines that are not blank, in blocks."""
    for block in lines(file, watch):
        yield [text for line in block if (text := line.strip())]


def _by_document(file: TextFile, watch: Watch) -> Iterator[pa.RecordBatch]:
    number, ended = 0, True
    for block in lines(file, watch):
        texts, numbers = [], []
        for text in map(str.strip, block):
            number += ended and bool(text)
            ended = not text
            if text:
                texts.append(text)
                numbers.append(str(number))
        yield text_batch(texts, numbers)


def _batches(file: TextFile, watch: Watch) -> Iterator[pa.RecordBatch]:
    for block in passages(file, watch):
        yield text_batch(block)
