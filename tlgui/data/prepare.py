"""The rows of a run, ready for a task: texts on demand, labels as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.facts import DataProblem
from tlgui.core.recipe import Recipe
from tlgui.data.arrange import arrange
from tlgui.data.checks import SETTLEABLE, in_file
from tlgui.data.rows import Rows
from tlgui.data.tables import Table


class Part:
    """One side of the split; its texts stay on the disk until they are asked for."""

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        row_numbers: np.ndarray,
        labels: np.ndarray | None,
        label_column: str = "",
    ) -> None:
        self._table = table
        self.text_columns = tuple(columns)
        self.row_numbers = row_numbers
        """int64, from 1, in the table the rows come from."""
        self.labels = labels
        """int64 ids, shape (rows,), or None for goals whose labels are not classes."""
        self.label_column = label_column
        """Empty for goals without labels."""

    def __len__(self) -> int:
        return len(self.row_numbers)

    def texts(self, indices: np.ndarray) -> list[tuple[str, ...]]:
        """One tuple of one or two strings for each position in this part."""
        cells = self._table.rows(self.row_numbers[indices] - 1, self.text_columns)
        return list(zip(*(cells[name] for name in self.text_columns), strict=True))

    def truths(self, indices: np.ndarray) -> list[str]:
        """The label's cell, without spaces around it, for each position in this part; empty where there is none."""
        if not self.label_column:
            return [""] * len(indices)
        cells = self._table.rows(self.row_numbers[indices] - 1, (self.label_column,))
        return [cell.strip() for cell in cells[self.label_column]]

    def beside(self, column: str, indices: np.ndarray) -> list[str]:
        """The cells of another column of the table for each position in this part; empty if it has no such column."""
        if column not in self._table.names:
            return [""] * len(indices)
        return self._table.rows(self.row_numbers[indices] - 1, (column,))[column]


@dataclass(frozen=True)
class Prepared:
    """What a run learns from and is checked on."""

    train: Part
    validation: Part
    label_names: tuple[str, ...]
    """By label id; empty for goals whose labels are not classes."""
    label_column: str
    """Empty for goals without labels."""
    notes: tuple[str, ...]
    """Decisions about the rows, as sentences."""
    scale: tuple[float, ...] = ()
    """Lowest and highest number; empty for goals whose labels are no numbers."""


def prepare(recipe: Recipe, emit: Emit, control: Control) -> Prepared:
    """Read, check, leave out, sample and split; a pure function of the recipe and the files.

    Raises:
        TlguiError: a source cannot be read, or a problem must be settled first; file, row and column are named.
        StopRequested: between two blocks.
    """
    if recipe.mixture:
        from tlgui.data.mixture import prepare_mixture  # which prepares each of its data sets by this function

        return prepare_mixture(recipe, emit, control)
    found = arrange(recipe, emit, control)
    for problem in found.findings.problems:
        if problem.severity == "must":
            raise _unsettled(problem, found.source.name)
    assert found.train is not None and found.held is not None, "without columns there is a problem that must be settled"
    train = _part(found.source.table, found.train)
    return Prepared(
        train,
        _part(found.source.held or found.source.table, found.held),
        found.train.label_names if found.train.truth == "class" else (),
        found.roles.label,
        tuple(found.findings.notes),
        (recipe.data.scale or _scale(train)) if found.train.truth == "number" else (),
    )


def _scale(part: Part) -> tuple[float, float]:
    """The lowest and the highest label; never the same number, so that there is something between them."""
    numbers = [float(cell) for cell in part.truths(np.arange(len(part)))]
    low, high = min(numbers), max(numbers)
    return low, high if high > low else low + 1.0


def _part(table: Table, rows: Rows) -> Part:
    labels = rows.labels.astype(np.int64) if rows.truth == "class" else None
    return Part(table, rows.text_columns, rows.numbers, labels, rows.label_column)


HINTS = {
    "missing-column": "Use one of these names in data.text and data.label.",
    "no-text": "In a recipe, name it in data.text.",
    "no-pair": "Name both columns in data.text, or choose another goal.",
    "no-label": "In a recipe, name it in data.label.",
    "no-validation": "Name a second source in data.validation.",
    "one-class": "Add rows of another class, or pick another label column.",
}


def _unsettled(problem: DataProblem, name: str) -> TlguiError:
    title = problem.text if problem.kind == "missing-column" else in_file(name, problem.text)
    if problem.kind in SETTLEABLE:
        hint = f'{problem.fix} on the Data page, or add "{problem.kind}" to data.leave_out in the recipe.'
    else:
        hint = HINTS.get(problem.kind, "Add rows, or choose other data.")
    return TlguiError(title, hint)
