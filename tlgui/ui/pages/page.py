"""What every page has: a title, one dim sentence, a main column and a side column."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tlgui.ui import theme
from tlgui.ui.workbench import Workbench

NARROW_PIXELS = 1180
"""Below this window width, at the default font, the side column goes under the main one."""


class Page(QWidget):
    """Shows the draft and what is known of it, and edits the draft. No rules in it."""

    key: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self.setObjectName(f"{self.key}_page")
        self.setAccessibleName(self.tr(self.title))
        self.heading = QLabel(self.tr(self.title))
        self.heading.setFont(theme.font("title"))
        self.subtitle = QLabel(self.tr(self.sentence))
        self.subtitle.setForegroundRole(self.subtitle.foregroundRole())
        dim(self.subtitle)
        self.actions = QHBoxLayout()
        """Buttons at the right of the title."""
        titles = QVBoxLayout()
        titles.setSpacing(theme.space(2))
        titles.addWidget(self.heading)
        titles.addWidget(self.subtitle)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.addLayout(self.actions)
        self.main = QVBoxLayout()
        self.side = QVBoxLayout()
        for column in (self.main, self.side):
            column.setSpacing(theme.space(12))
        self._columns = QHBoxLayout()
        self._columns.setSpacing(theme.space(16))
        self._columns.addLayout(self.main, 1)
        self._side_holder = QWidget()
        self._side_holder.setLayout(self.side)
        self.side.setContentsMargins(0, 0, 0, 0)
        self._side_holder.setFixedWidth(self.fontMetrics().averageCharWidth() * 40)
        self._columns.addWidget(self._side_holder)
        everything = QVBoxLayout(self)
        everything.setContentsMargins(theme.space(20), theme.space(16), theme.space(20), theme.space(12))
        everything.setSpacing(theme.space(12))
        everything.addLayout(top)
        everything.addLayout(self._columns, 1)

    def without_side(self) -> None:
        """For pages that use the whole width."""
        self._side_holder.hide()

    def entered(self) -> None:
        """Called each time the page comes to the front."""


def dim(label: QLabel) -> QLabel:
    """Give a label the colour of captions and hints, also after a change of theme."""
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label


def scrolling(inner: QWidget) -> QScrollArea:
    """A frameless vertical scroll area around a widget."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return area
