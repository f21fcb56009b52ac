"""What a recipe's `data.source` may be: a file, a folder, or a scheme such as `glue:`. One row a kind."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.recipe import ReadingPart
from tlgui.data import conll_files, csv_files, folders, glue, json_files, parquet_files, plain_files, squad_files
from tlgui.data.tables import Stream, Table, converted
from tlgui.data.text_files import cannot_read
from tlgui.data.watch import Watch


@dataclass(frozen=True)
class Source:
    """Rows to learn from, and what their source says about them."""

    name: str
    """File or folder, for people."""
    table: Table
    held: Table | None = None
    """Rows that the source itself keeps for validation; used unless the recipe names a second source."""
    held_name: str = ""
    text: tuple[str, ...] = ()
    """Columns that are known to be the text; empty = to be guessed."""
    label: str = ""
    notes: tuple[str, ...] = ()
    """Sentences for people."""


Reader = Callable[[Path, ReadingPart, Watch], Stream]
Opener = Callable[[str, ReadingPart, Watch], Source]

READERS: dict[str, Reader] = {
    ".csv": csv_files.read,
    ".tsv": csv_files.read,
    ".tab": csv_files.read,
    ".json": squad_files.read,
    ".jsonl": json_files.read,
    ".ndjson": json_files.read,
    ".parquet": parquet_files.read,
    **dict.fromkeys((".conll", ".bio", ".iob", ".iob2"), conll_files.read),
}
"""By the file's ending; any other file is plain text."""


def open_source(source: str, reading: ReadingPart, emit: Emit, control: Control) -> Source:
    """Open what `data.source` names; the first time it is converted, with progress.

    Raises:
        TlguiError: it is not there, not readable, empty or damaged.
        StopRequested: between two blocks.
    """
    watch = Watch(emit, control)
    scheme = next((scheme for scheme in SCHEMES if source.startswith(scheme)), "")
    return SCHEMES.get(scheme, _path)(source.removeprefix(scheme), reading, watch)


def _path(source: str, reading: ReadingPart, watch: Watch) -> Source:
    path = Path(source).expanduser()
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        name = str(path).encode(errors="replace").decode()
        raise TlguiError(f"The file name {name} has bytes that are no letters.", "Rename the file.") from error
    return _folder(path, reading, watch) if path.is_dir() else _file(path, reading, watch)


def _file(path: Path, reading: ReadingPart, watch: Watch) -> Source:
    return Source(path.name, _table([path], reading, watch))


def _table(files: Sequence[Path], reading: ReadingPart, watch: Watch, known: Reader | None = None) -> Table:
    """The rows of one file, or of several with the same columns, by a known reader or that for the first's ending."""
    path = files[0]
    read = known or READERS.get(path.suffix.lower(), csv_files.read if reading.delimiter else plain_files.read)
    try:
        if not path.is_file():
            raise _absent(path)
        with path.open("rb") as start:
            head = start.read(conll_files.HEAD)
        if head.startswith(parquet_files.MAGIC):
            read = parquet_files.read
        elif read is plain_files.read and conll_files.begins_one(head):
            read = conll_files.read
    except OSError as error:
        raise cannot_read(path, error) from error
    settings = f"{read.__module__} {read.__name__} {reading!r}"
    return converted(files, settings, lambda: _joined(files, read, reading, watch), watch)


def _joined(files: Sequence[Path], read: Reader, reading: ReadingPart, watch: Watch) -> Stream:
    """The rows of files that follow one another, each with the first one's columns in any order."""
    first = read(files[0], reading, watch)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from first.batches
        for file in files[1:]:
            more = read(file, reading, watch)
            if set(more.names) != set(first.names):
                raise TlguiError(
                    f"{file.name} has other columns than {files[0].name}: {', '.join(more.names)}.",
                    "Give all files the same columns.",
                )
            order = [more.names.index(name) for name in first.names]
            yield from (batch.select(order) for batch in more.batches)

    return replace(first, batches=batches())


def _absent(path: Path) -> TlguiError:
    near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*")], n=1)
    hint = f"Did you mean {near[0]}?" if near else "Check the name, or choose the file again."
    return TlguiError(f"There is no file {path}.", hint)


def _folder(folder: Path, reading: ReadingPart, watch: Watch) -> Source:
    """A folder with parts of a split, with classes, or with one file."""
    entries = folders.visible(folder)
    inner = [entry for entry in entries if entry.is_dir()]
    files = [entry for entry in entries if entry.is_file()]
    tables = [file for file in files if file.suffix.lower() in READERS]
    if split := folders.parts(entries) or folders.parts_of_tables(tables):
        return _split(folder.name, {part: [entry] for part, entry in split.items()}, reading, watch)
    if inner and not files:
        return Source(folder.name, folders.class_folders(inner, reading, watch), text=("text",), label="label")
    if len(tables) == 1 or len(files) == 1:
        return _file((tables or files)[0], reading, watch)
    if files and not tables:
        return Source(folder.name, folders.class_files(files, reading, watch), text=("text",), label="label")
    what = f"several tables: {', '.join(file.name for file in tables[:5])}" if tables else "no texts"
    hint = "Choose one file, or a folder with one file or folder a class."
    raise TlguiError(f"The folder {folder.name} holds {what}.", hint)


def _split(name: str, split: Mapping[str, Sequence[Path]], reading: ReadingPart, watch: Watch) -> Source:
    """A source of which each part is files or a folder of its own; a test part is left alone."""
    train = _part(split["train"], reading, watch)
    unused = (f"{split['test'][0].name} is not used, so it can be a last test.",) if "test" in split else ()
    if "validation" not in split:
        return Source(name, train.table, text=train.text, label=train.label, notes=unused)
    held = split["validation"][0].name
    return Source(
        name,
        train.table,
        _part(split["validation"], reading, watch).table,
        held,
        train.text,
        train.label,
        (f"The rows of {held} are for validation; no share of the training rows is held back.", *unused),
    )


def _part(files: Sequence[Path], reading: ReadingPart, watch: Watch) -> Source:
    return _path(str(files[0]), reading, watch) if len(files) == 1 else Source("", _table(files, reading, watch))


def _sample(source: str, reading: ReadingPart, watch: Watch) -> Source:
    """A sample that comes with the application, by the stem of its file."""
    files = {file.stem: file for file in folders.visible(paths.resources() / "samples") if file.is_file()}
    if source not in files:
        raise TlguiError(f"There is no sample “{source}”.", f"The samples are: {', '.join(files)}.")
    return _file(files[source], reading, watch)


def _glue(source: str, reading: ReadingPart, watch: Watch) -> Source:
    """A GLUE task. The official dev file is for validation, whatever share the recipe names."""
    folder = Path(source).expanduser()
    task = glue.find(folder)
    notes = [f"The official {task.dev} is for validation; no share of the training rows is held back."]
    if task.broken_rows:
        notes.append("Rows that the official file breaks over two lines are left out.")
    return Source(
        task.folder,
        glue.read(folder, task, "train.tsv", watch),
        glue.read(folder, task, task.dev, watch),
        task.dev,
        task.text,
        task.label,
        tuple(notes),
    )


def _hub(source: str, reading: ReadingPart, watch: Watch) -> Source:
    """A data set of the Hugging Face Hub, or of the common cache."""
    from tlgui.data.hub import open_dataset  # the network client loads only where it is needed

    files = open_dataset(source, watch.emit, watch.control)
    return _split(source, files if "train" in files else {"train": next(iter(files.values()))}, reading, watch)


def _squad(source: str, reading: ReadingPart, watch: Watch) -> Source:
    """A file of questions in SQuAD's form, or a folder with those of each part of a split."""
    path = Path(source).expanduser()
    if path.is_dir():
        return replace(_folder(path, reading, watch), text=squad_files.TEXT, label=squad_files.LABEL)
    table = _table([path], reading, watch, squad_files.read_questions)
    return Source(path.name, table, text=squad_files.TEXT, label=squad_files.LABEL)


def _conll(source: str, reading: ReadingPart, watch: Watch) -> Source:
    """A file in CoNLL's form, whatever its ending, or a folder with those of each part of a split."""
    path = Path(source).expanduser()
    if path.is_dir():
        return _folder(path, reading, watch)
    return Source(path.name, _table([path], reading, watch, conll_files.read))


SCHEMES: dict[str, Opener] = {
    "sample:": _sample,
    "glue:": _glue,
    "hub:": _hub,
    "squad:": _squad,
    "conll:": _conll,
}
