"""The rows of a table as the checks and the split see them: a few numbers a row, never the texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow.compute as pc

from tlgui.core.goals import Truth
from tlgui.data.names import is_number
from tlgui.data.tables import Table
from tlgui.data.truths import KINDS
from tlgui.data.watch import Watch

_ARRAYS = ("numbers", "texts", "empty", "labels")


@dataclass(frozen=True)
class Rows:
    """Some rows of one table; all arrays have one entry a row."""

    numbers: np.ndarray
    """int64, from 1, in the table."""
    texts: np.ndarray
    """int64; equal for equal texts, whatever spaces are around them. Differs from process to process."""
    empty: np.ndarray
    """int8: place of the first text column whose cell is empty, -1 if none is."""
    labels: np.ndarray
    """int32: place in `label_names`; -1 if the cell is empty, -2 if it cannot be used; all 0 for goals without labels.
    For a truth that is no class, `label_names` has one entry, and the label of each row that can be used is 0."""
    label_names: tuple[str, ...]
    text_columns: tuple[str, ...]
    label_column: str
    file: str = ""
    """Name of the file, if it is not the one that is shown."""
    truth: Truth = ""
    """What the label column holds."""
    why: str = ""
    """Why the first row whose label cannot be used cannot be used."""

    def __len__(self) -> int:
        return len(self.numbers)

    def keep(self, wanted: np.ndarray) -> Rows:
        """Only some rows, by position or by one flag a row."""
        kept: dict[str, Any] = {name: getattr(self, name)[wanted] for name in _ARRAYS}
        return replace(self, **kept)

    def merged(self, other: Rows) -> Rows:
        """These rows and others of the same table, by row number."""
        both: dict[str, Any] = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in _ARRAYS}
        return replace(self, **both).keep(np.argsort(both["numbers"], kind="stable"))

    def renamed(self, names: Sequence[str]) -> Rows:
        """The same rows with label ids that are places in other names; -1 for a label that is not among them."""
        place = {name: i for i, name in enumerate(names)}
        ids = np.array([place.get(name, -1) for name in self.label_names] + [-1], dtype=np.int32)
        return replace(self, labels=ids[self.labels], label_names=tuple(names))

    def counts(self) -> np.ndarray:
        """Rows of each label, shape (labels,)."""
        return np.bincount(self.labels[self.labels >= 0], minlength=len(self.label_names))

    @property
    def indices(self) -> np.ndarray:
        """Positions in the table, from 0."""
        return self.numbers - 1


def read_rows(
    table: Table, text: Sequence[str], label: str, watch: Watch, file: str = "", truth: Truth = "class"
) -> Rows:
    """Go through the text and label columns once, in blocks."""
    keys, empty = [], []
    done = 0
    for chunks in zip(*(table.column(name).chunks for name in text), strict=True):
        watch.at("Checking the rows", done, len(table))
        cells = [pc.utf8_trim_whitespace(chunk).to_pylist() for chunk in chunks]
        keys.append(np.fromiter(map(hash, zip(*cells, strict=True)), np.int64, len(chunks[0])))
        blank = np.full(len(chunks[0]), -1, dtype=np.int8)
        for place in reversed(range(len(cells))):
            blank[[not cell for cell in cells[place]]] = place
        empty.append(blank)
        done += len(chunks[0])
    names: tuple[str, ...] = ("",)
    labels, why = np.zeros(len(table), dtype=np.int32), ""
    if label and truth in KINDS:
        labels, why = _usable(table, text, label, truth)
    elif label:
        names, labels = _labels(table, label)
    numbers = np.arange(1, len(table) + 1, dtype=np.int64)
    arrays = numbers, np.concatenate(keys), np.concatenate(empty), labels
    return Rows(*arrays, names, tuple(text), label, file, truth if label else "", why)


def sorted_labels(names: Sequence[str], official: Sequence[str] = ()) -> tuple[str, ...]:
    """Label names in the order of their ids: the official order if it has them all, else by value or by letter."""
    if set(names) <= set(official):
        return tuple(official)
    if all(is_number(name) for name in names):
        return tuple(sorted(names, key=lambda name: (float(name), name)))
    return tuple(sorted(names))


def _usable(table: Table, text: Sequence[str], label: str, truth: Truth) -> tuple[np.ndarray, str]:
    """For each row 0, -1 if its label is empty, or -2 if it cannot be used; and why the first of those cannot."""
    kind, first, parts = KINDS[truth], "", []
    for chunks in zip(*(table.column(name).chunks for name in (label, *text)), strict=True):
        cells = [pc.utf8_trim_whitespace(chunk).to_pylist() for chunk in chunks]
        found = np.zeros(len(chunks[0]), dtype=np.int32)
        for row, (truth_cell, *texts) in enumerate(zip(*cells, strict=True)):
            if not truth_cell and not kind.may_be_empty:
                found[row] = -1
            elif why := kind.why_not(tuple(texts), truth_cell):
                found[row], first = -2, first or why
        parts.append(found)
    return np.concatenate(parts), first


def _labels(table: Table, column: str) -> tuple[tuple[str, ...], np.ndarray]:
    """The different labels, sorted, and for each row the place of its own; -1 where the cell is empty."""
    found: dict[str, int] = {}
    parts = []
    for chunk in table.column(column).chunks:
        encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(chunk))
        numbers = [found.setdefault(name, len(found)) for name in encoded.dictionary.to_pylist()]
        parts.append(np.array(numbers, dtype=np.int32)[encoded.indices.to_numpy()])
    names = sorted_labels([name for name in found if name])
    place = {name: i for i, name in enumerate(names)}
    ids = np.array([place.get(name, -1) for name in found], dtype=np.int32)
    return names, ids[np.concatenate(parts)]
