"""Tables of things one picks from: columns as rows of a table, two lines in a cell where there is more to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
SECOND = Qt.ItemDataRole.UserRole
MARK = Qt.ItemDataRole.UserRole + 1
SORT = Qt.ItemDataRole.UserRole + 2
NAME_WIDTH = 190
"""What the first column has at least, in the units of `theme.space`."""


@dataclass(frozen=True)
class Column:
    """One column: its title, and what it says of a row."""

    title: str
    text: Callable[[Any], str]
    second: Callable[[Any], str] | None = None
    """A dim second line."""
    mark: Callable[[Any], tuple[str, str]] | None = None
    """Icon and colour in front of the text."""
    right: bool = False
    sort: Callable[[Any], Any] | None = None
    """What it is sorted by, if not the text."""
    optional: bool = False
    """Left out where the table is narrow."""


class RowsModel(QAbstractTableModel):
    """Any values, one a row, told by columns."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.rows: tuple[Any, ...] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if way == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return _alignment(self.columns[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, row = self.columns[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            # The first cell reads the whole row, as a screen reader stops there.
            return ", ".join(said for cell in self.columns for said in _said(cell, row))
        answer = _ROLES.get(role)
        return answer(column, row) if answer is not None else None


class Filtered(QSortFilterProxyModel):
    """Shows the rows a function agrees to."""

    def __init__(self, source: RowsModel) -> None:
        super().__init__(source)
        self._source = source
        self._agrees: Callable[[Any], bool] = lambda row: True
        self.setSourceModel(source)
        self.setSortRole(SORT)

    def show_only(self, agrees: Callable[[Any], bool]) -> None:
        self.beginFilterChange()
        self._agrees = agrees
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        return self._agrees(self._source.rows[source_row])

    def lessThan(self, left: Index, right: Index) -> bool:
        return bool(left.data(SORT) < right.data(SORT))


class RowsTable(QTableView):
    """One row is chosen: `picked(value)` when the user moves there, `opened(value)` on Enter or a double click."""

    picked = Signal(object)
    opened = Signal(object)

    def __init__(self, columns: Sequence[Column], name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.rows = RowsModel(columns)
        self.filter = Filtered(self.rows)
        self.rows.setParent(self)
        self.setModel(self.filter)
        self.setItemDelegate(TwoLines(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        body, small = QFontMetrics(theme.font("heading")), QFontMetrics(theme.font("caption"))
        self.verticalHeader().setDefaultSectionSize(body.height() + small.height() + theme.space(18))
        header = RowsHeader(self)
        self.setHorizontalHeader(header)
        header.setObjectName(f"{name}_header")
        header.setAccessibleName(f"{title}, columns")
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(lambda index: self.opened.emit(self._value(index)))

    def sort_by(self, column: int, order: Qt.SortOrder) -> None:
        """Let the user sort by a click on a column; until then by this one."""
        self.setSortingEnabled(True)
        self.sortByColumn(column, order)

    def show_rows(self, rows: Sequence[Any], chosen: Callable[[Any], bool]) -> None:
        """Take other rows and mark one, without `picked`."""
        blocked = self.blockSignals(True)
        self.rows.show_rows(rows)
        self.blockSignals(blocked)
        self._fit_columns()
        self.show_chosen(chosen)

    def show_chosen(self, chosen: Callable[[Any], bool]) -> None:
        """Mark the row that is chosen, or none, without `picked`."""
        blocked = self.blockSignals(True)
        place = next((i for i, row in enumerate(self.rows.rows) if chosen(row)), None)
        if place is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.filter.mapFromSource(self.rows.index(place, 0)))
        self.blockSignals(blocked)

    @property
    def chosen(self) -> Any:
        """The value of the chosen row, None if there is none."""
        return self._value(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Leave optional columns out, the last one first, until the first column has room for a name."""
        header = self.horizontalHeader()
        widths = [max(self.sizeHintForColumn(i), header.sectionSizeHint(i)) for i in range(1, len(self.rows.columns))]
        spare = self.viewport().width() - theme.space(NAME_WIDTH) - sum(widths)
        for place in range(len(self.rows.columns) - 1, 0, -1):
            if self.rows.columns[place].optional:
                self.setColumnHidden(place, spare < 0)
                spare += widths[place - 1] if spare < 0 else 0

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self.signalsBlocked():
            self.picked.emit(self._value(current))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen is not None:
            self.opened.emit(self.chosen)
        else:
            super().keyPressEvent(event)

    def _value(self, index: Index) -> Any:
        place = self.filter.mapToSource(index).row()
        return self.rows.rows[place] if place >= 0 else None


class RowsHeader(QHeaderView):
    """Column titles in line with the cells under them."""

    def __init__(self, table: RowsTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.setFont(theme.font("caption"))
        self.setSectionsClickable(True)

    def sectionSizeFromContents(self, section: int) -> QSize:
        title = str(self.model().headerData(section, self.orientation()))
        at = self.fontMetrics()
        return QSize(at.horizontalAdvance(title) + theme.space(40), at.height() + theme.space(12))

    def paintSection(self, painter: QPainter, area: QRect, section: int) -> None:
        painter.fillRect(area, theme.colour("alt"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme.colour("line"))
        inner = area.adjusted(theme.space(10), 0, -theme.space(10), 0)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == section:
            side = theme.space(12)
            icon = "up" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else "down"
            picture = theme.pixmap(icon, "dim", side, painter.device().devicePixelRatioF())
            painter.drawPixmap(area.right() - side + 1, area.center().y() - side // 2, picture)
        painter.setFont(self.font())
        painter.setPen(theme.colour("dim"))
        side_of_text = self.model().headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(inner, side_of_text, str(self.model().headerData(section, self.orientation())))


class TwoLines(QStyledItemDelegate):
    """Paints a cell: mark, text, and a dim second line; a chosen row has a tint and an edge."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        first = QFontMetrics(theme.font("heading")).horizontalAdvance(str(index.data()))
        second = QFontMetrics(theme.font("caption")).horizontalAdvance(index.data(SECOND) or "")
        mark = theme.space(22) if index.data(MARK) else 0
        return QSize(max(first, second) + mark + theme.space(22), theme.space(44))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillRect(area, theme.colour("sel"))
            if index.column() == 0:
                painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.colour("accent"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme.colour("line"))
        view = self.parent()
        if chosen and isinstance(view, RowsTable) and view.hasFocus() and index.column() == 0:
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(area).adjusted(5.5, 2.5, -2.5, -3.5))
        inner = area.adjusted(theme.space(10), 0, -theme.space(10), 0)
        if mark := index.data(MARK):
            side = theme.space(15)
            icon, token = mark
            picture = theme.pixmap(icon, token, side, painter.device().devicePixelRatioF())
            painter.drawPixmap(inner.left(), inner.center().y() - side // 2, picture)
            inner.adjust(side + theme.space(6), 0, 0, 0)
        self._words(painter, inner, index, strong=chosen and index.column() == 0)
        painter.restore()

    @staticmethod
    def _words(painter: QPainter, area: QRect, index: Index, *, strong: bool) -> None:
        font, small = theme.font("heading" if strong else "body"), theme.font("caption")
        first, second = QFontMetrics(font), QFontMetrics(small)
        under = index.data(SECOND)
        height = first.height() + (second.height() + 1 if under else 0)
        top = area.center().y() - height // 2
        side = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignHorizontal_Mask
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        text = first.elidedText(index.data(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QRect(area.left(), top, area.width(), first.height()), side, text)
        if under:
            painter.setFont(small)
            painter.setPen(theme.colour("dim"))
            text = second.elidedText(under, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(QRect(area.left(), top + first.height() + 1, area.width(), second.height()), side, text)


def _said(column: Column, row: Any) -> list[str]:
    return [said for said in (column.text(row), column.second(row) if column.second else "") if said]


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


_ROLES: dict[int, Callable[[Column, Any], Any]] = {
    Qt.ItemDataRole.DisplayRole: lambda column, row: column.text(row),
    Qt.ItemDataRole.ToolTipRole: lambda column, row: "\n".join(_said(column, row)),
    Qt.ItemDataRole.AccessibleTextRole: lambda column, row: ", ".join(_said(column, row)),
    Qt.ItemDataRole.TextAlignmentRole: lambda column, row: _alignment(column),
    SECOND: lambda column, row: column.second(row) if column.second else "",
    MARK: lambda column, row: column.mark(row) if column.mark else None,
    SORT: lambda column, row: (column.sort or column.text)(row),
}
