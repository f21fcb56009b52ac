"""Headers of the data table: a chooser of the column's role over each column, icons beside the row numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableView, QWidget

from tlgui.core.data_edits import Role
from tlgui.core.facts import ColumnFacts
from tlgui.ui import theme

ICON = 14
_ICONS: dict[Role, str] = {"text": "text", "label": "tag", "ignore": ""}


class RoleHeader(QHeaderView):
    """Column names with a combo box each; `role_wanted(column name, role)` when one is changed by hand."""

    role_wanted = Signal(str, str)

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self._columns: tuple[ColumnFacts, ...] = ()
        self._choices: list[QComboBox] = []
        self.setSectionsClickable(False)
        self.sectionResized.connect(self._place)
        self.sectionCountChanged.connect(self._place)
        table.horizontalScrollBar().valueChanged.connect(self._place)

    def show_roles(self, columns: tuple[ColumnFacts, ...], offered: Sequence[tuple[Role, str]]) -> None:
        """Take the columns with their roles, and the roles that may be chosen with their words."""
        if [c.name for c in columns] != [c.name for c in self._columns] or self._offered() != list(offered):
            for choice in self._choices:
                choice.hide()
                choice.deleteLater()
            self._choices = [self._make_choice(column, offered) for column in columns]
            QWidget.setTabOrder(self._table, self._choices[0])
            for before, after in pairwise(self._choices):
                QWidget.setTabOrder(before, after)
        for column, choice in zip(columns, self._choices, strict=True):
            choice.setCurrentIndex(max(0, choice.findData(column.role)))
        self._columns = columns
        self._place()
        self.viewport().update()

    @property
    def choices(self) -> Sequence[QComboBox]:
        """The combo boxes, left to right."""
        return tuple(self._choices)

    def _offered(self) -> list[tuple[Role, str]]:
        first = self._choices[:1]
        return [(choice.itemData(i), choice.itemText(i)) for choice in first for i in range(choice.count())]

    def _make_choice(self, column: ColumnFacts, offered: Sequence[tuple[Role, str]]) -> QComboBox:
        choice = QComboBox(self)
        choice.setObjectName(f"role_{column.name}")
        choice.setAccessibleName(self.tr("Role of column {name}").format(name=column.name))
        for role, words in offered:
            choice.addItem(words, role)
        choice.activated.connect(lambda at, name=column.name: self.role_wanted.emit(name, choice.itemData(at)))
        choice.installEventFilter(self)
        return choice

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Tab reaches choosers that are scrolled out of sight: bring their column in.
        if event.type() == QEvent.Type.FocusIn and watched in self._choices:
            column = next(i for i, choice in enumerate(self._choices) if choice is watched)
            self._table.scrollTo(self._table.model().index(self._table.rowAt(0), column))
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        choice = self._choices[0].sizeHint().height() if self._choices else 0
        name = QFontMetrics(theme.font("heading")).height()
        return QSize(super().sizeHint().width(), name + choice + theme.space(16))

    def sectionSizeFromContents(self, section: int) -> QSize:
        name = QFontMetrics(theme.font("heading")).horizontalAdvance(self._columns[section].name) + ICON
        width = max(name, self._choices[section].sizeHint().width()) if self._choices else name
        return QSize(width + theme.space(20), self.sizeHint().height())

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place()

    def _place(self) -> None:
        inset = theme.space(6)
        for section, choice in enumerate(self._choices):
            height = choice.sizeHint().height()
            left = self.sectionViewportPosition(section) + inset
            width = self.sectionSize(section) - 2 * inset
            choice.setGeometry(left, self.height() - height - inset, max(width, 0), height)
            choice.setVisible(width > 0)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        _paint_cell(painter, rect)
        if section >= len(self._columns):
            return
        column = self._columns[section]
        left = rect.left() + theme.space(8)
        top, height = rect.top() + theme.space(6), QFontMetrics(theme.font("heading")).height()
        if icon := _ICONS[column.role]:
            picture = theme.pixmap(icon, "accent", ICON, self.devicePixelRatioF())
            painter.drawPixmap(left, top + (height - ICON) // 2, picture)
            left += ICON + theme.space(4)
        font = theme.font("body" if column.role == "ignore" else "heading")
        painter.setFont(font)
        painter.setPen(theme.colour("dim" if column.role == "ignore" else "text"))
        room = rect.right() - left - theme.space(6)
        name = QFontMetrics(font).elidedText(column.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, top, room, height), Qt.AlignmentFlag.AlignVCenter, name)
        if column.role != "ignore":
            ring = QRectF(self._choices[section].geometry()).adjusted(-0.5, -0.5, 0.5, 0.5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.drawRoundedRect(ring, 3, 3)


class RowHeader(QHeaderView):
    """Row numbers at the right; at the left an icon where the row has a problem."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(self.fontMetrics().height() + theme.space(10))
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        last = self.model().headerData(self.count() - 1, Qt.Orientation.Vertical) if self.count() else ""
        before = self.model().headerData(self.count() - 2, Qt.Orientation.Vertical) if self.count() > 1 else ""
        widest = self.fontMetrics().horizontalAdvance(max("8,888", last, before, key=len))
        return QSize(widest + ICON + theme.space(16), super().sizeHint().height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        _paint_cell(painter, rect)
        icon = self.model().headerData(section, Qt.Orientation.Vertical, Qt.ItemDataRole.DecorationRole)
        if icon is not None:
            place = QRect(rect.left() + theme.space(4), rect.center().y() - ICON // 2, ICON, ICON)
            icon.paint(painter, place)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("dim"))
        words = self.model().headerData(section, Qt.Orientation.Vertical)
        where = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect.adjusted(0, 0, -theme.space(8), 0), where, words)


def _paint_cell(painter: QPainter, rect: QRect) -> None:
    painter.fillRect(rect, theme.colour("alt"))
    painter.setPen(theme.colour("line"))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    painter.drawLine(rect.topRight(), rect.bottomRight())
