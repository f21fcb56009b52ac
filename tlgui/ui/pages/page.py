"""What every page has: a title, one dim sentence, a main column and a side column."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import scrolling
from tlgui.ui.workbench import Workbench

QWIDGETSIZE_MAX = (1 << 24) - 1
SIDE_CHARACTERS = 44
"""Width of the side column, its scroll bar included."""


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
        self.header_buttons = QHBoxLayout()
        """Buttons at the right of the title."""
        titles = QVBoxLayout()
        titles.setSpacing(theme.space(2))
        titles.addWidget(self.heading)
        titles.addWidget(self.subtitle)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.addLayout(self.header_buttons)
        self.main = QVBoxLayout()
        self.side = QVBoxLayout()
        for column in (self.main, self.side):
            column.setSpacing(theme.space(12))
        self.side.setContentsMargins(0, 0, 0, 0)
        self._side_holder = QWidget()
        self._side_holder.setLayout(self.side)
        self._side_area = scrolling(self._side_holder)
        self._inner = QWidget()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._inner)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(theme.space(16))
        self._columns.addLayout(self.main, 1)
        self._columns.addWidget(self._side_area)
        self._body = scrolling(self._inner)
        self._body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._body.viewport().installEventFilter(self)
        self._arrange()
        everything = QVBoxLayout(self)
        everything.setContentsMargins(theme.space(20), theme.space(16), theme.space(20), theme.space(12))
        everything.setSpacing(theme.space(12))
        everything.addLayout(top)
        everything.addWidget(self._body, 1)

    def without_side(self) -> None:
        """For pages that use the whole width."""
        self._side_area.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        """Put the side column beside the main one, or below it where both do not fit; the page scrolls then."""
        if self._side_area.isHidden():
            return
        side = self.fontMetrics().averageCharWidth() * SIDE_CHARACTERS
        margins = theme.space(20) * 2 + self._columns.spacing()
        beside = self.main.minimumSize().width() + side + margins <= self.width()
        if beside:
            self._columns.setDirection(QBoxLayout.Direction.LeftToRight)
            self._side_area.setFixedWidth(side)
            self._side_area.setMinimumHeight(0)
            self._inner.setMinimumHeight(0)
        else:
            self._columns.setDirection(QBoxLayout.Direction.TopToBottom)
            self._side_area.setMinimumWidth(0)
            self._side_area.setMaximumWidth(QWIDGETSIZE_MAX)
            height = self._side_holder.sizeHint().height()
            self._side_area.setMinimumHeight(height)
            # The main column fills the view; what is below it is scrolled to.
            self._inner.setMinimumHeight(self._body.viewport().height() + self._columns.spacing() + height)

    @property
    def has_primary(self) -> bool:
        """Whether the page has a filled button of its own; there is one in the window."""
        return False

    def entered(self) -> None:
        """Called each time the page comes to the front."""


def dim(label: QLabel) -> QLabel:
    """Give a label the colour of captions and hints, also after a change of theme."""
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
