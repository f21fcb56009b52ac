"""How well a trained model finds names of each kind, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QTableView

from tlgui.core.answers import KindScore
from tlgui.core.wording import percent
from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
MOST_ROWS = 8
"""That are shown without scrolling."""

COLUMNS: tuple[tuple[str, Callable[[KindScore], str], Qt.AlignmentFlag], ...] = (
    ("Kind", lambda k: k.kind, _LEFT),
    ("Precision", lambda k: percent(k.precision), _RIGHT),
    ("Recall", lambda k: percent(k.recall), _RIGHT),
    ("F1", lambda k: percent(k.f1), _RIGHT),
    ("Names", lambda k: f"{k.support:,}", _RIGHT),
)


class KindsModel(QAbstractTableModel):
    """One row a kind."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: tuple[KindScore, ...] = ()

    def show_kinds(self, kinds: Sequence[KindScore]) -> None:
        self.beginResetModel()
        self.kinds = tuple(kinds)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.kinds)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        _, show, alignment = COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return show(self.kinds[index.row()])
        return alignment if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return COLUMNS[section][2]
        return self.tr(COLUMNS[section][0]) if role == Qt.ItemDataRole.DisplayRole else None


class KindTable(QTableView):
    """As large as its rows, up to a few of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("kinds")
        self.setAccessibleName(self.tr("How well each kind is found"))
        self.kinds = KindsModel()
        self.setModel(self.kinds)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.space(8))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setHighlightSections(False)
        self.kinds.modelReset.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        rows = min(max(1, self.kinds.rowCount()), MOST_ROWS)
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        bar = self.verticalScrollBar().sizeHint().width() if self.kinds.rowCount() > MOST_ROWS else 0
        edge = 2 * self.frameWidth()
        return QSize(self.horizontalHeader().length() + bar + edge, height + edge)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
