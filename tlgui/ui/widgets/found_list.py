"""The answers that a model found, best first, each with a bar for its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tlgui.core.wording import percent
from tlgui.ui import theme
from tlgui.ui.widgets.basics import paint_bar

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class FoundRow:
    """One answer, or that there is none."""

    text: str
    share: float
    chosen: bool = False
    """Whether the model gives it as its answer."""


class FoundModel(QAbstractListModel):
    """Rows of FoundRow."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[FoundRow, ...] = ()

    def show_rows(self, rows: Sequence[FoundRow]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        spoken = f"{row.text}, {percent(row.share)}" + (", the answer" if row.chosen else "")
        values = {
            Qt.ItemDataRole.DisplayRole: row.text,
            Qt.ItemDataRole.ToolTipRole: row.text,
            Qt.ItemDataRole.AccessibleTextRole: spoken,
            Qt.ItemDataRole.UserRole: row,
        }
        return values.get(Qt.ItemDataRole(role))


class FoundList(QListView):
    """A click, or the arrow keys, show a row's place."""

    shown = Signal(int)
    """The row that is to be shown."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.found = FoundModel()
        self.setModel(self.found)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._tell)

    def show_rows(self, rows: Sequence[FoundRow]) -> None:
        """Show answers; the one that the model gives is chosen."""
        self.found.show_rows(rows)
        self.updateGeometry()
        chosen = next((i for i, row in enumerate(rows) if row.chosen), 0)
        if rows:
            index = self.found.index(chosen)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def sizeHint(self) -> QSize:
        rows = max(1, len(self.found.rows))
        return QSize(theme.unit() * 30, rows * row_height() + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.unit() * 24, self.sizeHint().height())

    def _tell(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self.shown.emit(current.row())


def row_height() -> int:
    """Of one answer, pixels."""
    return QFontMetrics(theme.font("body")).height() + theme.space(9)


class _Delegate(QStyledItemDelegate):
    """The words, a bar and the share; the given answer is bold."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.unit() * 24, row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: FoundRow = index.data(Qt.ItemDataRole.UserRole)
        area, state = QRectF(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(area, theme.colour("sel" if state & QStyle.StateFlag.State_Selected else "alt"))
        font = theme.font("heading" if row.chosen else "body")
        metrics, edge = QFontMetrics(font), theme.space(6)
        figure = QFontMetrics(theme.font("body")).horizontalAdvance("under 1 %") + edge
        words = QRectF(area.left() + edge, area.top(), area.width() * 0.5 - edge, area.height())
        painter.setFont(font)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        text = metrics.elidedText(row.text, Qt.TextElideMode.ElideMiddle, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        left = words.right() + theme.space(12)
        bar = QRectF(left, area.center().y() - theme.space(6), area.right() - figure - edge - left, theme.space(12))
        paint_bar(painter, bar, row.share, theme.colour("accent"), hollow=False)
        painter.setFont(theme.font("body"))
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))  # the bar has none
        painter.drawText(
            area.adjusted(0, 0, -edge, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            percent(row.share),
        )
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        painter.restore()
