"""The rail: every page with its answer, its state told by a shape, and the page one is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
STEP, PLACE, PAGE = 44, 36, 28
"""Heights of a step, a place and a page of a section, in the units of `theme.space`."""
RULE, CAPTION = 18, 26
"""What stands above a place, and above a section's first page."""


@dataclass(frozen=True)
class RailRow:
    """One line: a step of the wizard with a number, a place with an icon under a rule, or a page of a section."""

    key: str
    title: str
    summary: str
    state: Literal["open", "filled", "problem"] = "open"
    number: int = 0
    icon: str = ""
    caption: str = ""
    """Heading of the section that begins with this line."""


class RailModel(QAbstractListModel):
    """The rows of the rail."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[RailRow, ...] = ()

    def show_rows(self, rows: tuple[RailRow, ...]) -> None:
        """Take new words and states; the keys stay the same after the first time."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            place = f"{row.title}, step {row.number}" if row.number else row.title
            return ", ".join(said for said in (row.caption, place, row.summary) if said)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.summary
        return row if role == ROW else None


class Rail(QListView):
    """Says `wanted(key)` when the user goes to a page."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName(self.tr("Pages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.viewport().setMouseTracking(True)
        self._rows = RailModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(RailDelegate(self))

    def show_rows(self, rows: tuple[RailRow, ...]) -> None:
        self._rows.show_rows(rows)

    def show_current(self, key: str) -> None:
        """Mark the page one is on, without asking for it."""
        place = next(i for i, row in enumerate(self._rows.rows) if row.key == key)
        if place != self.currentIndex().row():
            blocked = self.blockSignals(True)
            self.setCurrentIndex(self._rows.index(place))
            self.blockSignals(blocked)

    def row_area(self, key: str) -> QRect:
        """Where a page's line is, in the viewport's coordinates."""
        place = next(i for i, row in enumerate(self._rows.rows) if row.key == key)
        return self.visualRect(self._rows.index(place))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self.signalsBlocked():
            self.wanted.emit(self._rows.rows[current.row()].key)


class RailDelegate(QStyledItemDelegate):
    """Paints a line: shape, title, and the page's answer under it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: RailRow = index.data(ROW)
        height = STEP if row.number else RULE + PLACE if row.icon else PAGE + (CAPTION if row.caption else 0)
        return QSize(theme.space(120), theme.space(height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: RailRow = index.data(ROW)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        here = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.icon:
            area = self._rule(painter, area)
        elif row.caption:
            area = self._caption(painter, area, row.caption)
        if here:
            painter.fillRect(area, theme.colour("sel"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.colour("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.colour("alt"))
        side = theme.space(18)
        shape = QRectF(area.left() + theme.space(14), area.top() + theme.space(6), side, side)
        if row.number:
            _paint_shape(painter, shape, row, here)
        elif row.icon:
            shape.moveTop(area.center().y() - side / 2)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(shape.toRect(), theme.pixmap(row.icon, "text", side, ratio))
        left = round(shape.right()) + theme.space(10)
        _paint_words(painter, area.adjusted(left - area.left(), 0, -theme.space(8), 0), row, here)
        if here and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        painter.restore()

    @staticmethod
    def _rule(painter: QPainter, area: QRect) -> QRect:
        """Draw a line above a place that is no step; returns the area below it."""
        y = area.top() + theme.space(9)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(area.left() + theme.space(14), y, area.right() - theme.space(14), y)
        return area.adjusted(0, theme.space(RULE), 0, 0)

    @staticmethod
    def _caption(painter: QPainter, area: QRect, text: str) -> QRect:
        """Write a section's heading above its first page; returns the area below it."""
        above = QRect(area.left() + theme.space(14), area.top(), area.width() - theme.space(14), theme.space(CAPTION))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        return area.adjusted(0, theme.space(CAPTION), 0, 0)


def _paint_shape(painter: QPainter, area: QRectF, row: RailRow, here: bool) -> None:
    """Ring with number, filled disc, tick or triangle: the state without colour."""
    ring = area.adjusted(1, 1, -1, -1)
    font = theme.font("caption")
    painter.setFont(font)
    if here:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(area)
        font.setBold(True)
        painter.setFont(font)
        _number(painter, area, row.number, theme.colour("onaccent"))
    elif row.state == "problem":
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(area.toRect(), theme.pixmap("warn", "warn", round(area.width()), ratio))
    elif row.state == "filled":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("good"), 1.5))
        painter.drawEllipse(ring)
        inner = area.adjusted(area.width() * 0.2, area.width() * 0.2, -area.width() * 0.2, -area.width() * 0.2)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(inner.toRect(), theme.pixmap("check", "good", round(inner.width()), ratio))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("edge"), 1.5))
        painter.drawEllipse(ring)
        _number(painter, area, row.number, theme.colour("dim"))


def _number(painter: QPainter, area: QRectF, number: int, ink: QColor) -> None:
    painter.setPen(ink)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(number))


def _paint_words(painter: QPainter, area: QRect, row: RailRow, here: bool) -> None:
    """Title and answer, on two lines for a step and on one for a place."""
    title = theme.font("heading" if here else "body")
    lines = QFontMetrics(title)
    painter.setFont(title)
    painter.setPen(theme.colour("dim" if row.number and row.state == "open" and not here else "text"))
    left_to_top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    if row.number:
        painter.drawText(area.adjusted(0, theme.space(5), 0, 0), left_to_top, row.title)
        small = theme.font("caption")
        painter.setFont(small)
        painter.setPen(theme.colour("dim"))
        under = area.adjusted(0, theme.space(5) + lines.height() + 1, 0, 0)
        words = QFontMetrics(small).elidedText(row.summary, Qt.TextElideMode.ElideRight, under.width())
        painter.drawText(under, left_to_top, words)
    else:
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, middle, row.title)
        after = area.adjusted(lines.horizontalAdvance(row.title), 0, 0, 0)
        if row.summary:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colour("dim"))
            painter.drawText(after, middle, f" · {row.summary}")
