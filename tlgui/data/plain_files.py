"""Plain text: one passage a line, empty lines left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tlgui.core.recipe import ReadingPart
from tlgui.data.tables import Stream, text_batch
from tlgui.data.text_files import TextFile, examine, lines
from tlgui.data.watch import Watch


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """One row for each line that is not blank, without the spaces around it, in the column `text`.

    Raises:
        TlguiError: the file cannot be read, is empty, binary or damaged.
    """
    file = examine(path, reading.encoding, watch)
    return Stream(("text",), _batches(file, watch), f"one text a line, {file.title}")


def passages(file: TextFile, watch: Watch) -> Iterator[list[str]]:
    """The lines that are not blank, in blocks."""
    for block in lines(file, watch):
        yield [text for line in block if (text := line.strip())]


def _batches(file: TextFile, watch: Watch) -> Iterator[pa.RecordBatch]:
    for block in passages(file, watch):
        yield text_batch(block)
