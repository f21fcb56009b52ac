"""Buttons that stay chosen, and buttons that look like links."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton

from tlgui.ui import theme
from tlgui.ui.widgets.basics import ThemedButton


class ChoiceButton(ThemedButton):
    """A checkable button; checked, it has the chosen fill, an accent border and demibold text."""

    def __init__(self, text: str, name: str, icon: str = "") -> None:
        super().__init__(text, icon)
        self.setObjectName(name)
        self.setAccessibleName(text.replace("&", ""))
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        # Wide enough for the demibold text, so that choosing moves no neighbour.
        text = self.text().replace("&", "")
        more = QFontMetrics(theme.font("heading")).horizontalAdvance(text) - self.fontMetrics().horizontalAdvance(text)
        return super().sizeHint() + QSize(max(0, more), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isChecked():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(theme.colour("sel"))
        area = QRectF(self.rect())
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 3, 3)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(area.adjusted(3.5, 3.5, -3.5, -3.5), 2, 2)
        painter.setFont(theme.font("heading"))
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.fontMetrics = QFontMetrics(theme.font("heading"))
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonLabel, option, painter, self)


class LinkButton(QPushButton):
    """A button drawn as an underlined link."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        at = self.fontMetrics()
        return QSize(at.horizontalAdvance(self.text()) + theme.space(4), at.height() + theme.space(4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = self.font()
        font.setUnderline(True)
        painter.setFont(font)
        painter.setPen(theme.colour("link" if self.isEnabled() else "edge"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)
