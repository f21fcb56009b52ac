"""What the freeze board shows: one row a group, the model's top group first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from tlgui.core.board import Board, Kind, Use, learning_parameters
from tlgui.core.facts import GroupFacts
from tlgui.core.freeze import title
from tlgui.core.plan import millions, scientific

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class BoardRow:
    """One group as it is drawn."""

    key: str
    title: str
    kind: Kind
    use: Use
    new: bool
    parameters: int
    rate: float
    """Peak learning rate, if it ever learns."""
    factor: float
    """The rate as a share of the highest, 0..1."""
    own_rate: bool
    """Whether the rate is its own, not computed from the head's."""
    begins: float | None
    """Epochs since the start after which it learns; None if it never does or nobody knows when."""
    time: float
    """The same in the recipe's unit, if it thaws by the clock."""

    @property
    def takes_part(self) -> bool:
        """Whether anything of it learns at some time."""
        return self.kind != "frozen"


class BoardModel(QAbstractListModel):
    """Groups top first, with their states and rates."""

    rate_wanted = Signal(str, float)
    """(group, peak rate) typed in place."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[GroupFacts, ...] = ()
        self.board: Board | None = None

    def show(self, groups: tuple[GroupFacts, ...], board: Board) -> None:
        """Take the groups (bottom to top) and the plan over them; a selection survives the same groups."""
        others = tuple(g.key for g in groups) != tuple(g.key for g in self._groups)
        if others:
            self.beginResetModel()
        self._groups, self.board = groups, board
        if others:
            self.endResetModel()
        else:
            self.refresh()

    def show_board(self, board: Board) -> None:
        """Draw another plan over the same groups."""
        self.board = board
        self.refresh()

    def refresh(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def learning_parameters(self) -> int:
        """Numbers that learn at some time."""
        return learning_parameters(self.board, self._groups, self.board.ever) if self.board is not None else 0

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() or self.board is None else len(self._groups)

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        if index.isValid() and self.row(index.row()).takes_part:
            found |= Qt.ItemFlag.ItemIsEditable  # its rate
        return found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index.row())
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.EditRole:
            return row.rate
        return self._words(row, index.row(), role)

    def _words(self, row: BoardRow, number: int, role: int) -> str | None:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, number)
            case Qt.ItemDataRole.ToolTipRole:
                words = self.tr("{group}, {state}: {count} parameters")
                return words.format(group=row.title, state=self.state_words(row), count=f"{row.parameters:,}")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        row = self.row(index.row())
        if value != row.rate:
            self.rate_wanted.emit(row.key, float(value))
        return True

    def row(self, number: int) -> BoardRow:
        """The group of one row, counted from the top."""
        board = self.board
        assert board is not None
        group = self._groups[len(self._groups) - 1 - number]
        rate, peak = board.rates[group.key], max(board.rates[key] for key in board.ever)
        return BoardRow(
            key=group.key,
            title=title(group.key, board.lower),
            kind=board.kind(group.key),
            use=board.use(group.key),
            new=group.new,
            parameters=group.parameters,
            rate=rate,
            factor=rate / peak if peak else 0.0,
            own_rate=group.key in board.transfer.rates,
            begins=board.begins(group.key),
            time=board.times.get(group.key, 0.0),
        )

    def state_words(self, row: BoardRow, *, short: bool = False) -> str:
        """What a group does, in full or for a narrow row."""
        match row.kind:
            case "learns":
                learns = self.tr("learns") if short else self.tr("learns from the start")
                return self.tr("new, {learns}").format(learns=learns) if row.new else learns
            case "adapted":
                return self.tr("LoRA learns") if short else self.tr("frozen, LoRA learns")
            case "waits":
                return self.tr("when it stalls") if short else self.tr("thaws when learning stalls")
            case "thaws":
                return self._thaw_words(row.time, short=short)
        uses = {"feeds": self.tr("feeds the head"), "mixed": self.tr("in the mix"), "unused": self.tr("not used")}
        if not row.use:
            return self.tr("frozen")
        return uses[row.use] if short else self.tr("frozen, {use}").format(use=uses[row.use])

    def _thaw_words(self, time: float, *, short: bool) -> str:
        assert self.board is not None
        if self.board.transfer.gradual.unit == "steps":
            words = self.tr("from step {number}") if short else self.tr("thaws after step {number}")
            return words.format(number=f"{time + short:,.0f}")
        if time == int(time):
            words = self.tr("from epoch {number}") if short else self.tr("thaws in epoch {number}")
            return words.format(number=int(time) + 1)
        words = self.tr("after {time} epochs") if short else self.tr("thaws after {time} epochs")
        return words.format(time=f"{time:g}")

    def _spoken(self, row: BoardRow, number: int) -> str:
        parts = [row.title, self.state_words(row)]
        if row.takes_part:
            rate = self.tr("own learning rate {rate}") if row.own_rate else self.tr("learning rate {rate}")
            parts.append(rate.format(rate=scientific(row.rate)))
        parameters = millions(row.parameters).replace(" M", self.tr(" million"))
        parts.append(self.tr("{count} parameters").format(count=parameters))
        parts.append(self.tr("{place} of {all} from the top").format(place=number + 1, all=self.rowCount()))
        return ", ".join(parts)
