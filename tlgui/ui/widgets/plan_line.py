"""The plan in one line at the foot of the window; each part opens the page that settles it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import label

SEPARATOR = "·"


class PlanPart(QToolButton):
    """A flat button with a dotted line under its words."""

    def __init__(self, words: str, key: str, page: str) -> None:
        super().__init__()
        self.words = words
        self.setText(words)
        self.setObjectName(f"plan_{key}")
        self.setAccessibleName(f"{words}, opens {page}")
        self.setAutoRaise(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        at = self.fontMetrics()
        return QSize(at.horizontalAdvance(self.words) + 2 * theme.space(3), at.height() + theme.space(8))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(24), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.rect().adjusted(theme.space(3), 0, -theme.space(3), 0)
        painter.setPen(theme.colour("link" if self.underMouse() else "text"))
        at = self.fontMetrics()
        fits = at.horizontalAdvance(self.words) <= area.width()
        shown = self.words if fits else at.elidedText(self.words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        under = area.center().y() + at.height() // 2 + 1
        painter.setPen(QPen(theme.colour("edge"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(area.left(), under, area.left() + at.horizontalAdvance(shown), under)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)


class PlanLine(QWidget):
    """Says `wanted(key)` when a part is pressed. Long parts are shortened first when the line is too long."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("plan_line")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._parts: list[PlanPart] = []
        self._dots: list[QLabel] = []
        self._shown: tuple[tuple[str, str, str], ...] = ()

    def show_parts(self, parts: Sequence[tuple[str, str, str]]) -> None:
        """Take (page key, page title, words) of each part; the whole line is the accessible name."""
        if tuple(parts) == self._shown:
            return
        self._shown = tuple(parts)
        focused = next((part.objectName() for part in self._parts if part.hasFocus()), "")
        for old in (*self._parts, *self._dots):
            old.hide()
            old.deleteLater()
        self._parts = [self._part(*part) for part in parts]
        self._dots = [self._dot() for _ in parts[1:]]
        self.setAccessibleName(f" {SEPARATOR} ".join(words for _, _, words in parts))
        self._place()
        for part in self._parts:
            if part.objectName() == focused:
                part.setFocus()

    @property
    def text(self) -> str:
        return self.accessibleName()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(300), theme.space(30))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _part(self, key: str, page: str, words: str) -> PlanPart:
        part = PlanPart(words, key, page)
        part.setParent(self)
        part.setToolTip(words)
        part.clicked.connect(lambda: self.wanted.emit(key))
        part.show()
        return part

    def _dot(self) -> QLabel:
        dot = label(SEPARATOR, dim=True)
        dot.setParent(self)
        dot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        dot.show()
        return dot

    def _place(self) -> None:
        gap = theme.space(14)
        widths = [part.sizeHint().width() for part in self._parts]
        widths = fitted(widths, self.width() - gap * max(0, len(widths) - 1))
        x = 0
        for i, (part, width) in enumerate(zip(self._parts, widths, strict=True)):
            height = part.sizeHint().height()
            part.setGeometry(x, (self.height() - height) // 2, width, height)
            x += width
            if i < len(self._dots):
                self._dots[i].setGeometry(x, 0, gap, self.height())
                x += gap


def fitted(widths: Sequence[int], available: int) -> list[int]:
    """The widths, the longest cut to one same width so that their sum is at most `available`."""
    left, remaining = available, sorted(widths)
    for i, width in enumerate(remaining):
        cap = max(0, left) // (len(remaining) - i)
        if width > cap:
            return [min(w, cap) for w in widths]
        left -= width
    return list(widths)
