"""The table of the Data page: role choosers on top, problems marked where they are, clean stretches folded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from tlgui.core.data_edits import Role
from tlgui.core.facts import ColumnFacts, DataFacts, DataProblem
from tlgui.ui import theme
from tlgui.ui.widgets.basics import label
from tlgui.ui.widgets.data_headers import RoleHeader, RowHeader
from tlgui.ui.widgets.data_model import DataModel

WIDEST = 24
"""Characters that a column which is no text gets at most."""


class DataTable(QTableView):
    """Shows a preview; the header's choosers say what each column is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("data_table")
        self.setAccessibleName(self.tr("Rows of the table"))
        self._corner = label(self.tr("Row"), dim=True)
        self._corner.setParent(self)
        self._corner.setAutoFillBackground(True)
        self._corner.setBackgroundRole(self._corner.palette().ColorRole.AlternateBase)
        self._corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        self._corner.setContentsMargins(0, 0, theme.space(8), theme.space(6))
        self.rows = DataModel(self)
        self.header = RoleHeader(self)
        self.setModel(self.rows)
        self.setHorizontalHeader(self.header)
        self.setVerticalHeader(RowHeader(self))
        self.setItemDelegate(_CellDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.clicked.connect(self._open_fold)
        self.rows.modelReset.connect(self._span_folds)

    def show_table(
        self,
        facts: DataFacts,
        columns: tuple[ColumnFacts, ...],
        offered: Sequence[tuple[Role, str]],
        problems: Sequence[DataProblem],
    ) -> None:
        """Take a table, its columns' roles, the roles that may be chosen, and what is wrong with the rows."""
        news = self.rows.show(facts, columns, problems)
        self.header.show_roles(columns, offered)
        if news:
            self._fit_columns()

    def show_row(self, number: int) -> None:
        """Scroll to a row of the table and select it; a fold that hides it opens."""
        if self.rows.line_of(number) < 0 and self.rows.holds(number):
            self.rows.unfold()
        at = self.rows.line_of(number)
        if at >= 0:
            self.setCurrentIndex(self.rows.index(at, 0))
            self.scrollTo(self.rows.index(at, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open_fold(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._corner.setGeometry(0, 0, self.verticalHeader().width(), self.horizontalHeader().height())

    def _open_fold(self, index: QModelIndex | QPersistentModelIndex) -> None:
        fold = self.rows.fold_at(index.row()) if index.isValid() else None
        if fold is not None and fold.held:
            self.rows.unfold()

    def _span_folds(self) -> None:
        self.clearSpans()
        if self.rows.columnCount() > 1:
            for row in range(self.rows.rowCount()):
                if self.rows.fold_at(row) is not None:
                    self.setSpan(row, 0, 1, self.rows.columnCount())

    def _fit_columns(self) -> None:
        """Give other columns what they need and the text columns the rest."""
        texts = [i for i, column in enumerate(self.rows.columns) if column.role == "text"]
        character = self.fontMetrics().averageCharWidth()
        most = character * WIDEST
        room = self.viewport().width()
        for i in range(len(self.rows.columns)):
            if i not in texts:
                cells = (self.rows.widest_cell(i) + 1) * character + theme.space(16)
                width = max(self.header.least_width(i), min(cells, most))
                self.setColumnWidth(i, width)
                room -= width
        for i in texts:
            self.setColumnWidth(i, max(room // len(texts), 2 * most if len(texts) == 1 else most))


class _CellDelegate(QStyledItemDelegate):
    """Cells as text on their background; a folded stretch has a link that opens it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rows = index.model()
        assert isinstance(rows, DataModel)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        fold = rows.fold_at(index.row())
        background = index.data(Qt.ItemDataRole.BackgroundRole) or theme.colour("base")
        if state & QStyle.StateFlag.State_Selected:
            background = theme.colour("sel")
        painter.save()
        painter.fillRect(rect, background)
        painter.setPen(theme.colour("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        text = rect.adjusted(theme.space(8), 0, -theme.space(6), 0)
        if fold is None:
            ink = index.data(Qt.ItemDataRole.ForegroundRole) or theme.colour("text")
            _write(painter, text, index.data(), ink)
        else:
            words = rows.fold_words(fold)
            _write(painter, text, words, theme.colour("dim"))
            text.setLeft(text.left() + QFontMetrics(theme.font("body")).horizontalAdvance(words) + theme.space(12))
            if fold.held:
                _write(painter, text, self.tr("Show all rows"), theme.colour("link"), underline=True)
        painter.restore()


def _write(painter: QPainter, area: QRect, text: str, ink: QColor, *, underline: bool = False) -> None:
    font = QFont(theme.font("body"))
    font.setUnderline(underline)
    painter.setFont(font)
    painter.setPen(ink)
    elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, elided)
