"""Tables of text cells, converted once to an Arrow file and then mapped into memory.

Memory use is bounded by a block of the source, not by its size, both while converting and while reading.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.core.runs import cannot_write
from tlgui.data.watch import Watch

FORMAT = 1  # raise it when the same source would be converted differently
UNUSED_DAYS = 30
DOCUMENT = "document"
"""Name of the column that tells which document a row is from."""


@dataclass(frozen=True)
class Stream:
    """A source while it is converted: blocks of rows, every cell a string."""

    names: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    """Columns by position; their names are not looked at."""
    reading: str
    """How it was read, for people: "comma, UTF-8, header in line 1"."""
    label_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Official order of a column's labels, where the source states one."""


class Table:
    """Rows of text cells in an Arrow file that is mapped into memory."""

    def __init__(self, path: Path) -> None:
        self._data: pa.Table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        facts = json.loads(self._data.schema.metadata[b"tlgui"])
        self.names: tuple[str, ...] = tuple(self._data.column_names)
        self.reading: str = facts["reading"]
        self.label_names: dict[str, tuple[str, ...]] = {k: tuple(v) for k, v in facts["label_names"].items()}
        chunks = self._data.column(0).chunks
        self._starts = np.cumsum([0, *(len(chunk) for chunk in chunks)])

    def __len__(self) -> int:
        return self._data.num_rows

    def column(self, name: str) -> pa.ChunkedArray:
        """All cells of one column."""
        return self._data.column(name)

    def documents(self, indices: np.ndarray) -> list[str]:
        """Names of the documents that some rows, counted from 0, are from; all alike if the table does not tell."""
        return self.rows(indices, (DOCUMENT,))[DOCUMENT] if DOCUMENT in self.names else [""] * len(indices)

    def rows(self, indices: np.ndarray, names: Sequence[str] | None = None) -> dict[str, list[str]]:
        """Some rows, in the order asked for: for each column its cells. Indices run from 0."""
        indices = np.asarray(indices, dtype=np.int64)
        block = np.searchsorted(self._starts, indices, side="right") - 1
        found: dict[str, list[str]] = {}
        for name in self.names if names is None else names:
            chunks = self._data.column(name).chunks
            cells = np.empty(len(indices), dtype=object)
            for number in np.unique(block):
                places = np.flatnonzero(block == number)
                cells[places] = chunks[number].take(pa.array(indices[places] - self._starts[number])).to_pylist()
            found[name] = cells.tolist()
        return found


def converted(files: Sequence[Path], settings: str, read: Callable[[], Stream], watch: Watch) -> Table:
    """The table of some files; converted now, unless that was done before and the files are as they were.

    Args:
        settings: Everything besides the files that decides the result.
        read: Starts the conversion.
    Raises:
        TlguiError: the files cannot be read or hold no rows, or the cache folder cannot be written.
    """
    before = _fingerprint(files, settings)
    target = paths.cache_folder() / "tables" / f"{before}.arrow"
    with contextlib.suppress(OSError, pa.ArrowInvalid):  # absent, or damaged when the power failed
        table = Table(target)
        os.utime(target)
        return table
    _write(target, read(), _name(files), watch)
    pa.default_memory_pool().release_unused()  # some hundred megabytes that reading has left behind
    if _fingerprint(files, settings) != before:
        target.unlink(missing_ok=True)
        raise TlguiError(f"{_name(files)} changed while it was read.", "Read it again when it is complete.")
    return Table(target)


def text_batch(*columns: Sequence[str]) -> pa.RecordBatch:
    """A block of rows, one sequence of cells a column."""
    names = [str(number) for number in range(len(columns))]
    return pa.record_batch([pa.array(cells, pa.string()) for cells in columns], names=names)


def _fingerprint(files: Sequence[Path], settings: str) -> str:
    digest = hashlib.blake2b(f"{FORMAT}\0{settings}".encode(), digest_size=20)
    for file in files:
        status = file.stat()
        digest.update(f"\0{file.resolve()}\0{status.st_size}\0{status.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _name(files: Sequence[Path]) -> str:
    return files[0].name if len(files) == 1 else files[0].parent.name


def _write(target: Path, stream: Stream, name: str, watch: Watch) -> None:
    """Convert into a file beside the target, then put it in place in one step."""
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _forget_unused(target.parent)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            rows = _write_batches(file, stream, watch)
        if not rows:
            raise TlguiError(f"{name} has no rows.", "Add at least a few texts, or choose another file.")
        os.replace(temporary, target)  # noqa: PTH105 - a temporary name, not a Path
    except OSError as error:
        raise cannot_write(target.parent, error) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _write_batches(file: IO[bytes], stream: Stream, watch: Watch) -> int:
    facts = json.dumps({"reading": stream.reading, "label_names": dict(stream.label_names)})
    schema = pa.schema([(name, pa.string()) for name in stream.names], metadata={"tlgui": facts})
    rows = 0
    with pa.ipc.new_file(file, schema) as writer:
        for batch in stream.batches:
            watch.control.check()
            if batch.num_rows:
                writer.write_batch(pa.record_batch(batch.columns, schema=schema))
            rows += batch.num_rows
    return rows


def _forget_unused(folder: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86400
    for file in folder.iterdir():
        with contextlib.suppress(OSError):  # on Windows a table that is open stays
            if file.stat().st_mtime < oldest:
                file.unlink()
