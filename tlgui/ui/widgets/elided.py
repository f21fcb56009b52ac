"""A line of text that gives way: what does not fit is elided and shown in a tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from tlgui.ui import theme


class ElidedLabel(QLabel):
    """Takes the width it is given, down to a few characters."""

    def __init__(self, role: theme.FontRole = "body", *, dim: bool = False) -> None:
        super().__init__()
        self.setFont(theme.font(role))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if dim:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 6, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        elided = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if elided != self.text() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, elided)
