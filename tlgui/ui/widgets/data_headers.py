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

_ICONS: dict[Role, str] = {"text": "text", "label": "tag", "ignore": ""}


def icon_size() -> int:
    """Side of the pictures in a header, logical pixels."""
    return theme.space(14)


class RoleHeader(QHeaderView):
    """Column names with a combo box each, made when its column first comes into view: a table may have thousands."""

    role_wanted = Signal(str, str)
    """(name of a column, its role) when one is chosen by hand."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self._columns: tuple[ColumnFacts, ...] = ()
        self._offered: tuple[tuple[Role, str], ...] = ()
        self._choices: dict[int, QComboBox] = {}
        self._pattern = QComboBox(self)
        """Never shown; says how large a chooser is."""
        self._pattern.hide()
        self.setSectionsClickable(False)
        self.sectionResized.connect(self._place)
        self.sectionCountChanged.connect(self._place)
        table.horizontalScrollBar().valueChanged.connect(self._place)

    def show_roles(self, columns: tuple[ColumnFacts, ...], offered: Sequence[tuple[Role, str]]) -> None:
        """Take the columns with their roles, and the roles that may be chosen with their words."""
        names = [[column.name for column in shown] for shown in (columns, self._columns)]
        if names[0] != names[1] or self._offered != tuple(offered):
            for choice in (*self._choices.values(), self._pattern):
                choice.hide()
                choice.deleteLater()
            self._choices, self._offered = {}, tuple(offered)
            self._pattern = self._make_choice(self.tr("of any name"))
        self._columns = columns
        for section, choice in self._choices.items():
            choice.setCurrentIndex(max(0, choice.findData(columns[section].role)))
        self._place()
        self.viewport().update()

    @property
    def choices(self) -> Sequence[QComboBox]:
        """The combo boxes that have come into view, left to right."""
        return tuple(self._choices[section] for section in sorted(self._choices))

    def _make_choice(self, name: str) -> QComboBox:
        choice = QComboBox(self)
        choice.setObjectName(f"role_{name}")
        choice.setAccessibleName(self.tr("Role of column {name}").format(name=name))
        for role, words in self._offered:
            choice.addItem(words, role)
        choice.activated.connect(lambda at: self.role_wanted.emit(name, choice.itemData(at)))
        choice.installEventFilter(self)
        choice.hide()
        return choice

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Tab reaches the chooser just outside the view: bring its column in, which makes the next one.
        if event.type() == QEvent.Type.FocusIn:
            column = next((section for section, choice in self._choices.items() if choice is watched), 0)
            self._table.scrollTo(self._table.model().index(self._table.rowAt(0), column))
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        name = QFontMetrics(theme.font("heading")).height()
        return QSize(super().sizeHint().width(), name + self._pattern.sizeHint().height() + theme.space(16))

    def least_width(self, section: int) -> int:
        """What a column's name and chooser need."""
        name = QFontMetrics(theme.font("heading")).horizontalAdvance(self._columns[section].name) + icon_size()
        return max(name, self._pattern.sizeHint().width()) + theme.space(20)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place()

    def _place(self) -> None:
        """Put a chooser over every column in view, and one on each side of it."""
        if self.count() != len(self._columns) or not self._columns:
            return
        first, last = self.visualIndexAt(0), self.visualIndexAt(self.viewport().width() - 1)
        last = len(self._columns) - 1 if last < 0 else last
        inset, height = theme.space(6), self._pattern.sizeHint().height()
        for section in range(max(0, first - 1), min(last + 2, len(self._columns))):
            choice = self._choices.get(section) or self._add_choice(section)
            left = self.sectionViewportPosition(section) + inset
            width = self.sectionSize(section) - 2 * inset
            choice.setGeometry(left, self.height() - height - inset, max(width, 0), height)
            choice.setVisible(width > 0)
        for section, choice in self._choices.items():
            if not first - 1 <= section <= last + 1:
                choice.move(self.sectionViewportPosition(section) + inset, choice.y())

    def _add_choice(self, section: int) -> QComboBox:
        choice = self._choices[section] = self._make_choice(self._columns[section].name)
        choice.setCurrentIndex(max(0, choice.findData(self._columns[section].role)))
        for before, after in pairwise((self._table, *self.choices)):
            QWidget.setTabOrder(before, after)
        return choice

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        _paint_cell(painter, rect)
        if section >= len(self._columns):
            return
        column = self._columns[section]
        left = rect.left() + theme.space(8)
        top, height = rect.top() + theme.space(6), QFontMetrics(theme.font("heading")).height()
        if icon := _ICONS[column.role]:
            size = icon_size()
            picture = theme.pixmap(icon, "accent", size, self.devicePixelRatioF())
            painter.drawPixmap(left, top + (height - size) // 2, picture)
            left += size + theme.space(4)
        font = theme.font("body" if column.role == "ignore" else "heading")
        painter.setFont(font)
        painter.setPen(theme.colour("dim" if column.role == "ignore" else "text"))
        room = rect.right() - left - theme.space(6)
        name = QFontMetrics(font).elidedText(column.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, top, room, height), Qt.AlignmentFlag.AlignVCenter, name)
        if column.role != "ignore" and section in self._choices:
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
        return QSize(widest + icon_size() + theme.space(16), super().sizeHint().height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        _paint_cell(painter, rect)
        icon = self.model().headerData(section, Qt.Orientation.Vertical, Qt.ItemDataRole.DecorationRole)
        if icon is not None:
            size = icon_size()
            icon.paint(painter, QRect(rect.left() + theme.space(4), rect.center().y() - size // 2, size, size))
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
