"""What happened in a run, newest on top: a selectable list of sentences with their step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlgui.core.events import Note
from tlgui.core.wording import unbroken
from tlgui.ui import theme

Index = QModelIndex | QPersistentModelIndex
STEP_ROLE = Qt.ItemDataRole.UserRole


class NotesModel(QAbstractListModel):
    """Notes, newest first; display is the sentence, STEP_ROLE the words for its step."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: list[Note] = []

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Take over a run's notes, oldest first; what was only added to keeps its selection."""
        new = list(notes)
        if new[: len(self._notes)] != self._notes:
            self.beginResetModel()
            self._notes = new
            self.endResetModel()
        elif len(new) > len(self._notes):
            self.beginInsertRows(QModelIndex(), 0, len(new) - len(self._notes) - 1)
            self._notes = new
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._notes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        note = self._notes[-1 - index.row()]
        where = self.tr("step") + f" {note.step:,}" if note.step else self.tr("start")
        texts = {
            Qt.ItemDataRole.DisplayRole: note.text,
            Qt.ItemDataRole.ToolTipRole: note.text,
            Qt.ItemDataRole.AccessibleTextRole: f"{where}: {note.text}",
            STEP_ROLE: where,
        }
        return texts.get(Qt.ItemDataRole(role))

    def text(self, rows: Sequence[int] = ()) -> str:
        """Some rows, or all, oldest first, one line each."""
        chosen = sorted(rows or range(len(self._notes)), reverse=True)
        return "\n".join(str(self.data(self.index(row), Qt.ItemDataRole.AccessibleTextRole)) for row in chosen)


class LogList(QListView):
    """A narrow dim column with the step, the sentence beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("what_happened")
        self.setAccessibleName(self.tr("What happened"))
        self.notes = NotesModel()
        self.setModel(self.notes)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.empty_sentence = self.tr("Decisions and findings of the run appear here, newest on top.")

    def copy(self) -> None:
        """Put the chosen notes, or all, on the clipboard."""
        QGuiApplication.clipboard().setText(self.notes.text([index.row() for index in self.selectedIndexes()]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.notes.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.viewport().rect(), Qt.TextFlag.TextWordWrap, self.empty_sentence)

    def sizeHint(self) -> QSize:
        return QSize(theme.unit() * 20, theme.unit() * 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # sentences wrap at another width

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        metrics = QFontMetrics(theme.font("body"))
        room = QRect(0, 0, self._text_width(width), 10_000)
        words = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, unbroken(index.data()))
        return QSize(width, words.height() + theme.space(13))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        widget: QWidget = self._view
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("sel"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        if index.row():
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(area.topLeft(), area.topRight())
        inner = area.adjusted(0, theme.space(6), 0, -theme.space(6))
        step_width = self._step_width()
        painter.setFont(theme.font("caption"))
        painter.setPen(widget.palette().color(QPalette.ColorRole.PlaceholderText))
        step = QRect(inner.left(), inner.top() + 1, step_width, inner.height())
        painter.drawText(step, Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextWordWrap, index.data(STEP_ROLE))
        painter.setFont(theme.font("body"))
        painter.setPen(widget.palette().color(QPalette.ColorRole.Text))
        words = QRect(step.right() + theme.space(8), inner.top(), self._text_width(area.width()), inner.height())
        painter.drawText(words, Qt.TextFlag.TextWordWrap, unbroken(index.data()))
        painter.restore()

    @staticmethod
    def _step_width() -> int:
        return QFontMetrics(theme.font("caption")).horizontalAdvance("00,000") + theme.space(2)

    def _text_width(self, width: int) -> int:
        return width - self._step_width() - theme.space(10)
