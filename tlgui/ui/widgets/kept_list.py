"""Kept sentences with what the models make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tlgui.core.hidden import split
from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Kept:
    """One sentence; braces mark its hidden word."""

    text: str
    note: str
    """Such as "18 % original, 44 % adapted"; empty if nothing is known."""
    title: str = ""
    """What stands for it in the list; empty = the sentence."""

    @property
    def shown(self) -> str:
        return self.title or self.text


class KeptModel(QAbstractListModel):
    """Rows of Kept; display is the sentence without braces."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Kept, ...] = ()

    def show_rows(self, rows: Sequence[Kept]) -> None:
        if tuple(rows) != self.rows:
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        kept = self.rows[index.row()]
        plain = kept.shown.replace("{", "").replace("}", "")
        values = {
            Qt.ItemDataRole.DisplayRole: plain,
            Qt.ItemDataRole.ToolTipRole: plain,
            Qt.ItemDataRole.AccessibleTextRole: f"{plain} {kept.note}".strip(),
            Qt.ItemDataRole.UserRole: kept,
        }
        return values.get(Qt.ItemDataRole(role))


class KeptList(QListView):
    """Enter or a click takes a sentence up again; Delete lets it go."""

    chosen = Signal(str)
    unwanted = Signal(int)

    def __init__(self, name: str, title: str, empty: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.kept = KeptModel()
        self._empty = empty
        self.setModel(self.kept)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._choose)

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 20, theme.unit() * 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(index)
        elif index.isValid() and event.key() == Qt.Key.Key_Delete:
            self.unwanted.emit(index.row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.kept.rows:
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.viewport().rect(), Qt.TextFlag.TextWordWrap, self._empty)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.kept.rows[index.row()].text)


class _Delegate(QStyledItemDelegate):
    """The sentence with its hidden word dashed, and a dim line with its shares."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        kept: Kept = index.data(Qt.ItemDataRole.UserRole)
        _, height = self._lay(kept, width)
        note = QFontMetrics(theme.font("caption")).height() if kept.note else 0
        return QSize(width, round(height) + note + theme.space(15))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        kept: Kept = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(area, theme.colour("sel" if state & QStyle.StateFlag.State_Selected else "alt"))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(area.topLeft(), area.topRight())
        painter.setPen(theme.colour("text"))
        layout, height = self._lay(kept, area.width())
        top = area.top() + theme.space(7)
        layout.draw(painter, QPointF(area.left(), top))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(area.adjusted(0, round(theme.space(8) + height), 0, 0), Qt.AlignmentFlag.AlignTop, kept.note)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        painter.restore()

    @staticmethod
    def _lay(kept: Kept, width: int) -> tuple[QTextLayout, float]:
        text, marks = "", []
        for word in split(kept.shown):
            text += (" " if text else "") + word.before
            if word.hidden:
                marks.append((len(text), len(word.word)))
            text += word.word + word.after
        layout = QTextLayout(text, theme.font("body"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        layout.setFormats([_dashed(start, length) for start, length in marks])
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        return layout, height


def _dashed(start: int, length: int) -> QTextLayout.FormatRange:
    """Bold with a dashed line under it: a word that is hidden from the models."""
    shown = QTextCharFormat()
    shown.setFontWeight(QFont.Weight.DemiBold)
    shown.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
    shown.setUnderlineColor(theme.colour("frozenedge"))
    marked = QTextLayout.FormatRange()
    marked.start, marked.length, marked.format = start, length, shown
    return marked
