"""CSV, TSV and their kin, streamed through Arrow's reader."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.sniff import Dialect, sniff, style
from tlgui.data.tables import Stream
from tlgui.data.text_files import MAX_LINE, LongLineError, TextFile, examine
from tlgui.data.watch import Watch

BLOCK = 2 * MAX_LINE
"""Bytes Arrow reads at once; no row may be longer."""


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """The rows of a delimited file; delimiter, quotes and header are found out where `reading` leaves them open.

    Raises:
        TlguiError: now or while the batches are read: damage is named by line, row and column.
    """
    try:
        file = examine(path, reading.encoding, watch)
    except LongLineError as found:
        raise _long_cell(found, reading) from found
    dialect = sniff(file.sample(), reading, path.suffix.lower())
    return stream(file, dialect, watch)


def stream(file: TextFile, dialect: Dialect, watch: Watch, *, skip_ragged: bool = False) -> Stream:
    """The rows of a file whose dialect is known.

    Args:
        skip_ragged: Leave out rows with too few or too many cells rather than raise.
    """
    words = dialect.words
    return Stream(dialect.names, _batches(file, dialect, watch, skip_ragged), words.replace(",", f", {file.title},", 1))


def _batches(file: TextFile, dialect: Dialect, watch: Watch, skip_ragged: bool) -> Iterator[pa.RecordBatch]:
    ragged: list[arrow_csv.InvalidRow] = []

    def on_ragged(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip" if skip_ragged else "error"

    rows = done = 0
    last = ""
    try:
        with pa.OSFile(str(file.path)) as source:
            for batch in _open(source, file, dialect, on_ragged):
                watch.at(f"Reading {file.path.name}", done, file.size)
                rows, done = rows + batch.num_rows, done + batch.nbytes
                last = batch.column(batch.num_columns - 1)[-1].as_py() if batch.num_rows else last
                yield batch
    except pa.ArrowInvalid as error:
        if ragged:
            raise _ragged(file, dialect, ragged[0]) from None
        if "straddl" in str(error):
            raise _open_quote(file, rows + 1, "is longer than 8 MB, or opens a quote that is never closed") from None
        raise TlguiError(f"{file.path.name} cannot be read: {error}.", "Check the delimiter and the quotes.") from error
    if dialect.quoting and "\n" in last and not _ends_with_quote(file):
        raise _open_quote(file, rows, "opens a quote that is never closed")


def _open(source: pa.NativeFile, file: TextFile, dialect: Dialect, on_ragged: object) -> arrow_csv.CSVStreamingReader:
    # Arrow numbers the rows for messages only if it works on one thread.
    return arrow_csv.open_csv(
        source,
        arrow_csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK,
            column_names=dialect.names,
            skip_rows_after_names=int(dialect.header),
            encoding="utf8" if file.encoding in ("utf-8", "utf-8-sig") else file.encoding,
        ),
        arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char='"' if dialect.quoting else False,
            newlines_in_values=dialect.quoting,
            invalid_row_handler=on_ragged,
        ),
        arrow_csv.ConvertOptions(column_types={name: pa.string() for name in dialect.names}, strings_can_be_null=False),
    )


def _ragged(file: TextFile, dialect: Dialect, row: arrow_csv.InvalidRow) -> TlguiError:
    number = row.number - int(dialect.header)
    line = _line_of(file, dialect, row.number)
    where = f"line {line:,} (row {number:,})" if line else f"row {number:,}"
    return TlguiError(
        f"{file.path.name}, {where} has {_columns(row.actual_columns)}, but {row.expected_columns} are expected.",
        "Correct that line, or set the delimiter and the quotes by hand.",
    )


def _open_quote(file: TextFile, row: int, what: str) -> TlguiError:
    return TlguiError(
        f"{file.path.name}, row {row:,} {what}.",
        "Close the quote, or read the file with quotes as part of the text. Cut a longer text into passages.",
    )


def _columns(count: int) -> str:
    return f"{count} column" if count == 1 else f"{count} columns"


def _line_of(file: TextFile, dialect: Dialect, row: int) -> int:
    """The line on which a row starts, counted as an editor does; 0 if it cannot be told. Rows count from 1."""
    with file.open() as text:
        reader = csv.reader(text, **style(dialect.delimiter, dialect.quoting))
        found, before = 0, 0
        try:
            for cells in reader:
                found += bool(cells)
                if found == row and cells:
                    return before + 1
                before = reader.line_num
        except csv.Error:  # a cell beyond the module's own limit
            return 0
    return 0


def _ends_with_quote(file: TextFile) -> bool:
    with file.path.open("rb") as source:
        source.seek(max(0, file.size - 64))
        return source.read().replace(b"\0", b"").rstrip(b"\r\n\t ").endswith(b'"')


def _long_cell(found: LongLineError, reading: ReadingPart) -> TlguiError:
    """Name the column of the longest cell in the line that is too long."""
    if found.line == 1:
        return found
    dialect = sniff(TextFile(found.path, found.encoding, 0).sample(), reading, found.path.suffix.lower())
    with found.path.open(encoding=found.encoding, newline=None) as text:
        for _ in range(found.line - 1):
            text.readline()
        start = text.read(MAX_LINE)
    lengths = [len(piece) for piece in start.split(dialect.delimiter)]
    column = dialect.names[min(lengths.index(max(lengths)), len(dialect.names) - 1)]
    return TlguiError(
        f"{found.path.name}, line {found.line:,}, column {column}: the cell is longer than 4 million characters.",
        found.hint,
    )
