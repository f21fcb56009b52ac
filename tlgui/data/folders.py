"""Folders of texts: a sub-folder per class, a file per class, or one file per part of the split."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.plain_files import passages
from tlgui.data.tables import Stream, Table, converted, text_batch
from tlgui.data.text_files import MAX_LINE, TextFile, cannot_read, examine
from tlgui.data.watch import Watch

PARTS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "eval"),
    "test": ("test",),
}
"""Names, without ending, of files or folders that hold one part of a split."""
_LETTERS = re.compile(r"[a-z]+")
TEXT_ENDINGS = (".txt", ".text", "")
NOT_DATA = ("readme", "license", "licence", "notice", "changelog")


def parts(entries: Sequence[Path]) -> dict[str, Path]:
    """Which entry is which part of a split; empty unless one is for training."""
    stems = [(entry.name if entry.is_dir() else entry.stem).lower() for entry in entries]
    return {part: found[-1] for part, found in _found(entries, [{stem} for stem in stems]).items()}


def parts_of_tables(files: Sequence[Path]) -> dict[str, Path]:
    """The same of tables with the part among the words of their names, as `emerging.dev.conll`; one each, or none."""
    found = _found(files, [set(_LETTERS.findall(file.stem.lower())) for file in files])
    clear = len(found) > 1 and all(len(some) == 1 for some in found.values())
    return {part: some[0] for part, some in found.items()} if clear else {}


def _found(entries: Sequence[Path], words: Sequence[set[str]]) -> dict[str, list[Path]]:
    """For each part the entries that have one of its names among their words; empty unless one is for training."""
    found = {
        part: [entry for entry, own in zip(entries, words, strict=True) if own & set(names)]
        for part, names in PARTS.items()
    }
    return {part: some for part, some in found.items() if some} if found["train"] else {}


def visible(folder: Path) -> list[Path]:
    """What a folder holds besides hidden files and notes about it, sorted by name.

    Raises:
        TlguiError: the folder cannot be listed.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise cannot_read(folder, error) from error
    return [e for e in entries if not e.name.startswith(".") and e.stem.lower() not in NOT_DATA]


def class_folders(folders: Sequence[Path], reading: ReadingPart, watch: Watch) -> Table:
    """One row a file, labelled with the name of its folder.

    Raises:
        TlguiError: no folder holds text files, or a file cannot be read.
    """
    files = [(path, folder.name) for folder in folders for path in visible(folder) if _is_text(path)]
    if not files:
        raise TlguiError(
            f"The folders in {folders[0].parent} hold no text files.",
            "Put the texts of each class into its own folder.",
        )
    return _labelled(files, reading, watch, _whole, f"{len(folders)} folders, one text a file")


def class_files(files: Sequence[Path], reading: ReadingPart, watch: Watch) -> Table:
    """One row a line, labelled with what tells the files apart: the ending if the stems are equal, else the stem.

    Raises:
        TlguiError: a file cannot be read.
    """
    same_stem = len({file.stem for file in files}) == 1
    labels = [file.suffix.removeprefix(".") if same_stem else file.stem for file in files]
    pairs = list(zip(files, labels, strict=True))
    return _labelled(pairs, reading, watch, passages, f"{len(files)} files, one text a line")


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in TEXT_ENDINGS and path.is_file()


Texts = Callable[[TextFile, Watch], Iterator[list[str]]]


def _labelled(files: Sequence[tuple[Path, str]], reading: ReadingPart, watch: Watch, texts: Texts, words: str) -> Table:
    def read() -> Stream:
        return Stream(("text", "label"), _batches(files, reading, watch, texts), words)

    labels = "\n".join(label for _, label in files)
    return converted([path for path, _ in files], f"{reading!r} {words} {labels}", read, watch)


def _batches(
    files: Sequence[tuple[Path, str]], reading: ReadingPart, watch: Watch, texts: Texts
) -> Iterator[pa.RecordBatch]:
    rows: list[str] = []
    labels: list[str] = []
    size = 0
    quiet = Watch(lambda event: None, watch.control)
    for number, (path, label) in enumerate(files):
        watch.at(f"Reading {path.parent.name}", number, len(files))
        for block in texts(examine(path, reading.encoding, quiet), quiet):
            rows += block
            labels += [label] * len(block)
            size += sum(map(len, block))
            if size > MAX_LINE:
                yield text_batch(rows, labels)
                rows, labels, size = [], [], 0
    yield text_batch(rows, labels)


def _whole(file: TextFile, watch: Watch) -> Iterator[list[str]]:
    if file.size > 4 * MAX_LINE:
        raise TlguiError(f"{file.path.name} is longer than 4 million characters.", "Cut it into several files.")
    with file.path.open(encoding=file.encoding, newline=None) as source:
        yield [source.read().strip()]
