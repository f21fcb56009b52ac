"""The table of a race: a line a strategy, drawn as in the plots; the best figure of each column is bold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from tlgui.core.race_words import TableRow
from tlgui.ui import theme
from tlgui.ui.plots.race_styles import draw_sample, style_of

Index = QModelIndex | QPersistentModelIndex
ROW, CELL = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
SAMPLE, ROW_HEIGHT = 26, 27
"""Width of the piece of line, and height of a row, in the units of `theme.space`."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the table."""

    text: str
    dim: str = ""
    """Said after it, less loudly."""
    best: bool = False


@dataclass(frozen=True)
class RaceColumn:
    """A heading, and the cell of a row under it."""

    title: str
    cell: Callable[[TableRow], Cell]
    optional: bool = False
    """Among the first to be left out where the table is narrow."""


FACTS = (
    RaceColumn("Strategy", lambda row: Cell(row.title)),
    RaceColumn("Parameters that learn", lambda row: Cell(row.parameters)),
    RaceColumn("Minutes", lambda row: Cell(row.minutes)),
)
"""The columns before those of the label counts."""
PARAMETERS = 1
"""Place of the column that is left out last."""


def columns_of(counts: Sequence[str]) -> tuple[RaceColumn, ...]:
    """The columns of a race with these headings of its label counts."""
    return (*FACTS, *(_scores(place, title, len(counts)) for place, title in enumerate(counts)))


def _scores(place: int, title: str, of: int) -> RaceColumn:
    last = place == of - 1

    def cell(row: TableRow) -> Cell:
        return Cell(row.scores[place], row.spread if last else "", row.best[place])

    return RaceColumn(title, cell, optional=place > 0 and not last)


class RaceModel(QAbstractTableModel):
    """Rows of `race_words.table_rows` under the columns of their label counts."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = columns_of(())
        self.rows: tuple[TableRow, ...] = ()
        self._counts: tuple[str, ...] = ()

    def show_rows(self, rows: Sequence[TableRow], counts: Sequence[str]) -> bool:
        """Take other rows; returns whether anything changed."""
        if (tuple(rows), tuple(counts)) == (self.rows, self._counts):
            return False
        self.beginResetModel()
        self.rows, self._counts, self.columns = tuple(rows), tuple(counts), columns_of(counts)
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if way == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section else LEFT
        return self.columns[section].title if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        cell = self.columns[index.column()].cell(row)
        said = f"{cell.text} {cell.dim}".strip()
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            # The first cell reads the whole row, as a screen reader stops there.
            rest = (f"{c.title} {self._said(c.cell(row))}" for c in self.columns[1:])
            return ", ".join([row.title, *rest])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._said(cell)
        found: dict[int, Any] = {
            Qt.ItemDataRole.DisplayRole: said,
            Qt.ItemDataRole.TextAlignmentRole: RIGHT if index.column() else LEFT,
            ROW: row,
            CELL: cell,
        }
        return found.get(role)

    @staticmethod
    def _said(cell: Cell) -> str:
        return f"{cell.text} {cell.dim}".strip() + (", best" if cell.best else "")


class RaceTable(QTableView):
    """As wide as it is let be: middle label counts are left out where there is no room for all."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("race_table")
        self.setAccessibleName(self.tr("Scores of the strategies"))
        self.rows = RaceModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setItemDelegate(RaceCells(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(theme.space(ROW_HEIGHT))
        self.verticalHeader().setDefaultSectionSize(theme.space(ROW_HEIGHT))
        header = RaceHeader(self)
        self.setHorizontalHeader(header)
        header.setObjectName("race_table_header")
        header.setAccessibleName(self.tr("Scores of the strategies, columns"))
        self._fit()

    def show_rows(self, rows: Sequence[TableRow], counts: Sequence[str]) -> None:
        """Take other rows; `counts` are the headings of their scores."""
        if self.rows.show_rows(rows, counts):
            self._fit()

    def sizeHint(self) -> QSize:
        header = self.horizontalHeader().sizeHint().height()
        return QSize(theme.space(400), header + theme.space(ROW_HEIGHT) * max(5, len(self.rows.rows)) + 2)

    def minimumSizeHint(self) -> QSize:
        header = self.horizontalHeader().sizeHint().height()
        return QSize(theme.space(200), header + theme.space(ROW_HEIGHT) * 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave columns out until the others have room: middle counts, every other one first, then the first count."""
        header, columns = self.horizontalHeader(), self.rows.columns
        for place in range(len(columns)):
            self.setColumnHidden(place, False)  # what is hidden has no size
        widths = [max(self.sizeHintForColumn(i), header.sectionSizeHint(i)) for i in range(len(columns))]
        spare = self.viewport().width() - sum(widths)
        optional = [i for i, column in enumerate(columns) if column.optional]
        first_count = [len(FACTS)] if len(columns) > len(FACTS) + 1 else []
        for place in (*optional[::2], *optional[1::2], *first_count, PARAMETERS):
            self.setColumnHidden(place, spare < 0)
            spare += widths[place] if spare < 0 else 0
        for place, width in enumerate(widths):
            header.resizeSection(place, width + (max(0, spare) if place == 0 else 0))
        self.updateGeometry()


class RaceHeader(QHeaderView):
    """Headings in line with the figures under them."""

    def __init__(self, table: RaceTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.setFont(theme.font("caption"))
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def sectionSizeFromContents(self, section: int) -> QSize:
        title = str(self.model().headerData(section, self.orientation()))
        at = self.fontMetrics()
        return QSize(at.horizontalAdvance(title) + theme.space(18), at.height() + theme.space(12))

    def paintSection(self, painter: QPainter, area: QRect, section: int) -> None:
        painter.fillRect(area, theme.colour("alt"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme.colour("line"))
        painter.setFont(self.font())
        painter.setPen(theme.colour("dim"))
        side = self.model().headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        inner = area.adjusted(theme.space(8), 0, -theme.space(8), 0)
        painter.drawText(inner, side, str(self.model().headerData(section, self.orientation())))


class RaceCells(QStyledItemDelegate):
    """Paints a cell: a piece of the strategy's line, the figure, and what is said less loudly."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell: Cell = index.data(CELL)
        width = QFontMetrics(theme.font("heading")).horizontalAdvance(cell.text)
        width += QFontMetrics(theme.font("body")).horizontalAdvance(f" {cell.dim}") if cell.dim else 0
        sample = theme.space(SAMPLE + 8) if index.column() == 0 else 0
        return QSize(width + sample + theme.space(18), theme.space(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell: Cell = index.data(CELL)
        row: TableRow = index.data(ROW)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("sel"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme.colour("line"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(area).adjusted(1.5, 1.5, -1.5, -2.5))
        inner = area.adjusted(theme.space(8), 0, -theme.space(8), 0)
        if index.column() == 0:
            sample = QRectF(inner.left(), inner.top(), theme.space(SAMPLE), inner.height())
            draw_sample(painter, sample, style_of(row.strategy))
            inner.adjust(theme.space(SAMPLE + 8), 0, 0, 0)
        self._figures(painter, inner, cell, right=index.column() > 0)
        painter.restore()

    @staticmethod
    def _figures(painter: QPainter, area: QRect, cell: Cell, *, right: bool) -> None:
        font, quiet = theme.font("heading" if cell.best else "body"), theme.font("body")
        if cell.dim:
            painter.setFont(quiet)
            painter.setPen(theme.colour("dim"))
            painter.drawText(area, RIGHT, cell.dim)
            area = area.adjusted(0, 0, -QFontMetrics(quiet).horizontalAdvance(f" {cell.dim}"), 0)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        text = QFontMetrics(font).elidedText(cell.text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, RIGHT if right else LEFT, text)
