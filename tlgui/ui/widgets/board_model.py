"""What the freeze board shows: one row a group, the model's top group first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tlgui.core.facts import GroupFacts
from tlgui.core.freeze import FreezePlan, title
from tlgui.core.plan import millions, scientific

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class BoardRow:
    """One group as it is drawn."""

    key: str
    learns: bool
    new: bool
    parameters: int
    rate: float
    """Peak learning rate, if it learns."""
    factor: float
    """The rate as a share of the head's, 0..1."""


class BoardModel(QAbstractListModel):
    """Groups top first, with the plan and the rates that go with them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[GroupFacts, ...] = ()
        self._rates: Mapping[str, float] = {}
        self.plan: FreezePlan | None = None

    def show(self, groups: tuple[GroupFacts, ...], plan: FreezePlan, rates: Mapping[str, float]) -> None:
        """Take the groups (bottom to top), what learns and each group's rate; a selection survives the same groups."""
        others = tuple(g.key for g in groups) != tuple(g.key for g in self._groups)
        if others:
            self.beginResetModel()
        self._groups, self.plan, self._rates = groups, plan, rates
        if others:
            self.endResetModel()
        else:
            self.refresh()

    def show_plan(self, plan: FreezePlan) -> None:
        """Draw another plan over the same groups."""
        self.plan = plan
        self.refresh()

    def refresh(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    @property
    def new(self) -> frozenset[str]:
        """Groups that start at random."""
        return frozenset(group.key for group in self._groups if group.new)

    @property
    def learning_parameters(self) -> int:
        """Parameters that learn."""
        return sum(g.parameters for g in self._groups if self.plan is not None and self.plan.learns(g.key))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() or self.plan is None else len(self._groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title(row.key)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, index.row())
            case Qt.ItemDataRole.ToolTipRole:
                return self.tr("{group}: {count} parameters").format(group=title(row.key), count=f"{row.parameters:,}")
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def row(self, number: int) -> BoardRow:
        """The group of one row, counted from the top."""
        assert self.plan is not None
        group = self._groups[len(self._groups) - 1 - number]
        rate, peak = self._rates.get(group.key, 0.0), max(self._rates.values(), default=0.0)
        factor = rate / peak if peak else 0.0
        return BoardRow(group.key, self.plan.learns(group.key), group.new, group.parameters, rate, factor)

    def state_words(self, row: BoardRow) -> str:
        if row.new and row.learns:
            return self.tr("new, learns")
        return self.tr("learns") if row.learns else self.tr("frozen")

    def _spoken(self, row: BoardRow, number: int) -> str:
        parts = [title(row.key), self.state_words(row)]
        if row.learns:
            parts.append(self.tr("learning rate {rate}").format(rate=scientific(row.rate)))
        parameters = millions(row.parameters).replace(" M", self.tr(" million"))
        parts.append(self.tr("{count} parameters").format(count=parameters))
        parts.append(self.tr("{place} of {all} from the top").format(place=number + 1, all=self.rowCount()))
        return ", ".join(parts)
