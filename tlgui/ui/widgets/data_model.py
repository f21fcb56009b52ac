"""The rows of a table as the Data page shows them: problem rows marked, long clean stretches folded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tlgui.core.facts import ColumnFacts, DataFacts, DataProblem, Severity
from tlgui.core.plan import count
from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
HEAD, AROUND = 6, 2
"""Clean rows that stay visible at the top, and on each side of a problem row."""
SHORTEST_FOLD = 3
SAMPLE = 30
"""Rows by which the width of a column is chosen."""
CELL, TIP = 300, 1500
"""Characters of a cell that are drawn, and shown in its tip."""
_LOOKS = {"must": ("bad", "badbg"), "should": ("warn", "warnbg")}  # icon and ink, fill


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """Rows that are not shown, first to last."""

    first: int
    last: int
    held: bool
    """Whether some of them can be shown."""

    @property
    def rows(self) -> int:
        return self.last - self.first + 1


def folded(
    preview: Sequence[tuple[int, tuple[str, ...]]], rows: int, marked: Collection[int], unfold: bool
) -> list[Line | Fold]:
    """Lay out a preview of a table with `rows` rows; `marked` rows stay visible with their neighbours.

    Without marked rows, or with `unfold`, everything that the preview holds is shown.
    """
    near = {n + d for n in marked for d in range(-AROUND, AROUND + 1)}
    top = {number for number, _ in preview[:HEAD]}
    held = [number for number, _ in preview]
    shown = [line for line in preview if unfold or not marked or line[0] in near or line[0] in top]
    made: list[Line | Fold] = []
    cells, before = dict(preview), 0
    for number, row in [*shown, (rows + 1, ())]:
        between = range(before + 1, number)
        if between:
            inside = [n for n in held if n in between]
            if len(inside) == len(between) < SHORTEST_FOLD:
                made.extend(Line(n, cells[n]) for n in inside)
            else:
                made.append(Fold(between[0], between[-1], bool(inside)))
        if number in cells:
            made.append(Line(number, row))
        before = number
    return made


class DataModel(QAbstractTableModel):
    """Cells of the preview; the vertical header has row numbers and an icon for what is wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[ColumnFacts, ...] = ()
        self._lines: list[Line | Fold] = []
        self._facts: DataFacts | None = None
        self._marks: Mapping[int, Severity] = {}
        self._all_named = True
        self._unfold = False

    def show(self, facts: DataFacts, columns: tuple[ColumnFacts, ...], problems: Sequence[DataProblem]) -> bool:
        """Take a table, the roles of its columns, and the problems whose rows are marked; whether that is news."""
        marks: dict[int, Severity] = {}
        for problem in sorted(problems, key=lambda p: p.severity == "must"):  # a row that must be settled says so
            marks.update(dict.fromkeys(problem.rows, problem.severity))
        other_table = self._facts is None or self._facts.source != facts.source
        if not other_table and (facts, columns, marks) == (self._facts, self.columns, self._marks):
            return False
        self.beginResetModel()
        self._facts, self.columns, self._marks = facts, columns, marks
        self._all_named = all(problem.count <= len(problem.rows) for problem in problems if problem.rows)
        self._unfold = self._unfold and not other_table
        self._lay_out()
        self.endResetModel()
        return True

    def unfold(self) -> None:
        """Show every row that the preview holds."""
        self.beginResetModel()
        self._unfold = True
        self._lay_out()
        self.endResetModel()

    def _lay_out(self) -> None:
        assert self._facts is not None
        self._lines = folded(self._facts.preview, self._facts.rows, self._marks, self._unfold)

    def fold_at(self, row: int) -> Fold | None:
        """The folded stretch of one line, if it is one."""
        line = self._lines[row]
        return line if isinstance(line, Fold) else None

    def line_of(self, number: int) -> int:
        """Where a row of the table is shown, or -1."""
        places = (i for i, line in enumerate(self._lines) if isinstance(line, Line) and line.number == number)
        return next(places, -1)

    def widest_cell(self, column: int) -> int:
        """Characters of the longest cell of a column among the first rows of the preview."""
        rows = self._facts.preview[:SAMPLE] if self._facts is not None else ()
        return max((len(cells[column]) for _, cells in rows if column < len(cells)), default=0)

    def holds(self, number: int) -> bool:
        """Whether a row of the table can be shown."""
        return self._facts is not None and any(n == number for n, _ in self._facts.preview)

    def fold_words(self, fold: Fold) -> str:
        noun = self.tr("row without problems"), self.tr("rows without problems")
        if not self._all_named:  # some problem rows have no number, so nothing is known of these
            noun = self.tr("more row"), self.tr("more rows")
        return count(fold.rows, *noun)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if isinstance(line, Line):
            return self._of_cell(line, index.column(), role)
        words = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return self.fold_words(line) if role in words and index.column() == 0 else None

    def _of_cell(self, line: Line, column: int, role: int) -> Any:
        cell = line.cells[column] if column < len(line.cells) else ""
        ignored = self.columns[column].role == "ignore"
        missing = not cell.strip() and not ignored
        mark = self._marks.get(line.number)
        answer: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                answer = self.tr("empty") if missing else " ".join(cell[:CELL].split())
            case Qt.ItemDataRole.ToolTipRole:
                answer = cell[:TIP] or None
            case Qt.ItemDataRole.ForegroundRole if missing or ignored:
                answer = theme.colour("bad" if missing else "dim")
            case Qt.ItemDataRole.BackgroundRole if mark is not None:
                answer = theme.colour(_LOOKS[mark][1])
            case Qt.ItemDataRole.AccessibleTextRole:
                answer = self._spoken(line, column, cell, mark)
        return answer

    def _spoken(self, line: Line, column: int, cell: str, mark: Severity | None) -> str:
        words = self.tr("Row {number}, {column}: {cell}").format(
            number=line.number, column=self.columns[column].name, cell=cell[:CELL] or self.tr("empty")
        )
        return words if mark is None else words + self.tr(". This row has a problem")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            return self.columns[section].name if role == Qt.ItemDataRole.DisplayRole else None
        line = self._lines[section]
        mark = None if isinstance(line, Fold) else self._marks.get(line.number)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "…" if isinstance(line, Fold) else f"{line.number:,}"
            case Qt.ItemDataRole.DecorationRole if mark is not None:
                return theme.icon(_LOOKS[mark][0], _LOOKS[mark][0])
        return None
