"""Parquet files, read in blocks of rows; every value becomes text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.sniff import column_names
from tlgui.data.tables import Stream
from tlgui.data.text_files import MAX_LINE, cannot_read
from tlgui.data.watch import Watch

ROWS = 10_000
MAGIC = b"PAR1"


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """The rows of a Parquet file; class numbers become their names where `datasets` wrote these into the file.

    Raises:
        TlguiError: now or while the batches are read: the file is damaged or a cell is too long.
    """
    try:
        with path.open("rb") as start:
            magic = start.read(4)
        if magic != MAGIC:
            raise TlguiError(f"{path.name} is {'no Parquet file' if magic else 'empty'}.", "Choose a file with texts.")
        file = parquet.ParquetFile(path)
    except OSError as error:
        raise cannot_read(path, error) from error
    except pa.ArrowInvalid as error:
        raise _damaged(path) from error
    schema = file.schema_arrow
    classes = _classes(schema)
    return Stream(column_names(schema.names), _batches(path, file, classes, watch), "Parquet", classes)


def _batches(
    path: Path, file: parquet.ParquetFile, classes: dict[str, tuple[str, ...]], watch: Watch
) -> Iterator[pa.RecordBatch]:
    rows, total = 0, file.metadata.num_rows
    try:
        with file:
            for batch in file.iter_batches(ROWS):
                watch.at(f"Reading {path.name}", rows, total)
                columns = []
                for name, values in zip(batch.schema.names, batch.columns, strict=True):
                    columns.append(_as_text(values, classes.get(name)))
                    _refuse_long(path, name, columns[-1], rows)
                rows += batch.num_rows
                yield pa.record_batch(columns, names=[str(i) for i in range(len(columns))])
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path) from error


def _as_text(values: pa.Array, names: tuple[str, ...] | None) -> pa.Array:
    """Any column as strings; nothing becomes an empty cell."""
    if names and pa.types.is_integer(values.type):
        words = [names[i] if i is not None and 0 <= i < len(names) else "" for i in values.to_pylist()]
        return pa.array(words, pa.string())
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        words = ["" if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values.to_pylist()]
        return pa.array(words, pa.string())
    return pc.fill_null(values.cast(pa.string()), "")


def _refuse_long(path: Path, name: str, cells: pa.Array, rows: int) -> None:
    lengths = pc.binary_length(cells)
    if len(cells) and pc.max(lengths).as_py() > 4 * MAX_LINE:
        row = rows + pc.index(pc.greater(lengths, 4 * MAX_LINE), True).as_py() + 1
        raise TlguiError(
            f"{path.name}, row {row:,}, column {name}: the cell is longer than 4 million characters.",
            "Cut the text into passages, or remove the row.",
        )


def _classes(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Names of the classes, by column, that the `datasets` library leaves in a file's metadata."""
    try:
        features: dict[str, Any] = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    kinds = {name: kind for name, kind in features.items() if isinstance(kind, dict) and kind.get("names")}
    return {name: tuple(kind["names"]) for name, kind in kinds.items() if kind.get("_type") == "ClassLabel"}


def _damaged(path: Path) -> TlguiError:
    return TlguiError(f"{path.name} is a damaged Parquet file.", "Get the file again, or save it as CSV.")
