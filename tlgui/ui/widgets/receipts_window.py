"""What a run did to each group, counted value by value: a table to read, search and copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.transfer_words import RECEIPT_COLUMNS, after_sentences, ordered_receipts
from tlgui.ui import theme
from tlgui.ui.widgets.basics import button, label

Index = QModelIndex | QPersistentModelIndex


class ReceiptsModel(QAbstractTableModel):
    """One row a group, topmost first."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.receipts = ordered_receipts(history)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.receipts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(RECEIPT_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        receipt = self.receipts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return RECEIPT_COLUMNS[index.column()][1](receipt)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return theme.icon("open" if receipt.learned or receipt.adapters else "lock")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if role != Qt.ItemDataRole.DisplayRole or way != Qt.Orientation.Horizontal:
            return None
        return RECEIPT_COLUMNS[section][0]

    def text(self) -> str:
        """The whole table with tabs between the columns."""
        lines = ["\t".join(name for name, _ in RECEIPT_COLUMNS)]
        lines += ["\t".join(words(receipt) for _, words in RECEIPT_COLUMNS) for receipt in self.receipts]
        return "\n".join(lines)


class ReceiptsWindow(QDialog):
    """The table, and what else was found out once the run had ended."""

    def __init__(self, history: History, recipe: Recipe, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("receipts_window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Receipts of the run"))
        self.model = ReceiptsModel(history)
        self.table = QTableView()
        self.table.setObjectName("receipts")
        self.table.setAccessibleName(self.tr("What the run did to each group"))
        self.table.setModel(self.model)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(8))
        self.sentences = _sentences(after_sentences(history, recipe), column)
        column.addWidget(self.table, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(button(self.tr("Copy"), "copy_receipts", clicked=self.copy))
        buttons.addStretch(1)
        close = button(self.tr("Close"), "close_receipts", clicked=self.close)
        close.setDefault(True)
        buttons.addWidget(close)
        column.addLayout(buttons)
        self.resize(theme.unit() * 122, theme.unit() * 60)

    def copy(self) -> None:
        """Put sentences and table on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join([*self.sentences, "", self.model.text()]))


def _side(column: int) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


def _sentences(texts: Sequence[str], column: QVBoxLayout) -> tuple[str, ...]:
    for text in texts:
        column.addWidget(label(text, wrap=True))
    return tuple(texts)
