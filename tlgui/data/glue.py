"""The nine GLUE tasks as their official TSV files: one row a task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.csv_files import stream
from tlgui.data.sniff import sniff
from tlgui.data.tables import Stream, Table, converted
from tlgui.data.text_files import examine
from tlgui.data.watch import Watch


@dataclass(frozen=True)
class GlueTask:
    """How one task's files are laid out."""

    folder: str
    text: tuple[str, ...]
    label: str
    labels: tuple[tuple[str, str], ...]
    """(what stands in the file, the name of the class), in the official order of the ids; empty for a score."""
    names: tuple[str, ...] = ()
    """Of the columns, where the files have no header."""
    dev: str = "dev.tsv"
    broken_rows: bool = False
    """Whether the official training file is known to have rows that are broken over two lines."""


_ENTAILMENT = (("entailment", "entailment"), ("not_entailment", "not_entailment"))
_PAIR = ("sentence1", "sentence2")
TASKS = {
    task.folder: task
    for task in (
        GlueTask(
            "CoLA", ("sentence",), "label", (("0", "unacceptable"), ("1", "acceptable")),
            names=("source", "label", "mark", "sentence"),
        ),
        GlueTask("SST-2", ("sentence",), "label", (("0", "negative"), ("1", "positive"))),
        GlueTask("MRPC", ("#1 String", "#2 String"), "Quality", (("0", "not_equivalent"), ("1", "equivalent"))),
        GlueTask(
            "QQP", ("question1", "question2"), "is_duplicate", (("0", "not_duplicate"), ("1", "duplicate")),
            broken_rows=True,
        ),
        GlueTask("STS-B", _PAIR, "score", ()),
        GlueTask(
            "MNLI", _PAIR, "gold_label",
            (("entailment", "entailment"), ("neutral", "neutral"), ("contradiction", "contradiction")),
            dev="dev_matched.tsv",
        ),
        GlueTask("QNLI", ("question", "sentence"), "label", _ENTAILMENT),
        GlueTask("RTE", _PAIR, "label", _ENTAILMENT),
        GlueTask("WNLI", _PAIR, "label", (("0", "not_entailment"), ("1", "entailment"))),
    )
}  # fmt: skip


def find(folder: Path) -> GlueTask:
    """The task whose files a folder holds, by the folder's name.

    Raises:
        TlguiError: it is the name of no task, or the folder is not there.
    """
    task = next((t for name, t in TASKS.items() if name.lower() == folder.name.lower()), None)
    if task is None:
        raise TlguiError(f"{folder.name} is no GLUE task.", f"The tasks are: {', '.join(TASKS)}.")
    if not folder.is_dir():
        raise TlguiError(f"There is no folder {folder}.", "Name the folder that holds train.tsv and dev.tsv.")
    return task


def read(folder: Path, task: GlueTask, file_name: str, watch: Watch) -> Table:
    """One file of a task, its labels replaced by the official names.

    Raises:
        TlguiError: the file is not there, is damaged or lacks the task's columns.
    """
    path = folder / file_name
    if not path.is_file():
        raise TlguiError(f"{folder} holds no {file_name}.", "Get the task's official files.")
    return converted([path], f"glue {task!r}", lambda: _stream(path, task, watch), watch)


def _stream(path: Path, task: GlueTask, watch: Watch) -> Stream:
    file = examine(path, "", watch)
    reading = ReadingPart(delimiter="\t", header=not task.names, quoting=False)
    dialect = sniff(file.sample(), reading)
    found = stream(file, dialect, watch, skip_ragged=task.broken_rows)
    names = task.names if len(task.names) == len(dialect.names) else dialect.names
    if missing := {*task.text, task.label} - set(names):
        raise TlguiError(
            f"{path.name} is not {task.folder}'s: it has no column {sorted(missing)[0]}.",
            "Get the task's official files.",
        )
    order = {task.label: tuple(name for _, name in task.labels)} if task.labels else {}
    return Stream(names, _named(found, names.index(task.label), task), found.reading, order)


def _named(found: Stream, column: int, task: GlueTask) -> Iterator[pa.RecordBatch]:
    """The same rows with names for labels; an unknown label stays as it is."""
    official = dict(task.labels)
    for batch in found.batches:
        cells = batch.columns
        if official:
            encoded = pc.dictionary_encode(cells[column])
            words = pa.array([official.get(label, label) for label in encoded.dictionary.to_pylist()], pa.string())
            cells[column] = words.take(encoded.indices)
        yield pa.record_batch(cells, names=batch.schema.names)
