"""The card of what happened in a run, and at its foot what comes next and the way to change it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton

from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, ProblemLabel, button
from tlgui.ui.widgets.log_list import LogList


class LogCard(Card):
    """Is told everything and decides nothing."""

    change_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(self.tr("What happened"))
        self.log = LogList()
        copy = QToolButton()
        copy.setText(self.tr("Copy"))
        copy.setObjectName("copy_log")
        copy.setAccessibleName(self.tr("Copy what happened"))
        copy.setAutoRaise(True)
        copy.clicked.connect(self.log.copy)
        copy.setFixedHeight(self.heading.sizeHint().height() + theme.space(4))
        self.head.addWidget(copy)
        self.next = ProblemLabel("info")
        self.next.setObjectName("what_is_next")
        self.next.hide()
        self.change = button(self.tr("Thaw or freeze…"), "thaw_or_freeze", "open", clicked=self.change_wanted.emit)
        self.change.hide()
        self.body.setContentsMargins(theme.space(12), theme.space(6), theme.space(8), theme.space(8))
        for part, stretch in ((self.log, 1), (self.next, 0), (self.change, 0)):
            self.body.addWidget(part, stretch)

    def show_next(self, words: str, *, going: bool, blocked: str) -> None:
        """What comes next ("" if nothing is planned), and why no group can be changed by hand ("" if one can)."""
        if words != self.next.text:
            self.next.show_text("info", words)
        self.change.setVisible(going)
        self.change.setEnabled(not blocked)
        self.change.setToolTip(blocked)
        self.change.setAccessibleDescription(blocked)
