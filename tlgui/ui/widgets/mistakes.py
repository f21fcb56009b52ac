"""Rows that a trained classifier got wrong, the most confident first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from tlgui.core.answers import Mistake
from tlgui.core.wording import percent
from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

COLUMNS: tuple[tuple[str, Callable[[Mistake], str], Qt.AlignmentFlag], ...] = (
    ("Row", lambda m: f"{m.row:,}", _RIGHT),
    ("Truth", lambda m: m.truth, _LEFT),
    ("Guess", lambda m: m.guess, _LEFT),
    ("Sure", lambda m: percent(m.share), _RIGHT),
    ("Text", lambda m: m.text.replace("\n", " / "), _LEFT),
)


class MistakesModel(QAbstractTableModel):
    """One row a mistake."""

    def __init__(self, share: str) -> None:
        super().__init__()
        self._titles = [share if title == "Sure" else title for title, _, _ in COLUMNS]
        self.mistakes: tuple[Mistake, ...] = ()

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        self.beginResetModel()
        self.mistakes = tuple(mistakes)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.mistakes)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        _, show, alignment = COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return show(self.mistakes[index.row()])
        return alignment if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return COLUMNS[section][2]
        return self.tr(self._titles[section]) if role == Qt.ItemDataRole.DisplayRole else None


class MistakesTable(QTableView):
    """A click or Enter takes the text up, to try it with other words."""

    chosen = Signal(str)

    def __init__(self, share: str = "Sure", name: str = "Confident mistakes") -> None:
        """Args:
        share: Title of the column of shares.
        name: Of the table, for people who hear it.
        """
        super().__init__()
        self.setObjectName("mistakes")
        self.setAccessibleName(self.tr(name))
        self.mistakes = MistakesModel(share)
        self.setModel(self.mistakes)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.space(8))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        self.activated.connect(self._choose)
        self.clicked.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.mistakes.mistakes[index.row()].text)
