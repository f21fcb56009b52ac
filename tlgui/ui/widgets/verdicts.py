"""What the data say of each claim: a word in a chip, and the sentence with the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tlgui.core.race import Level, Verdict
from tlgui.core.race_words import bound
from tlgui.ui import theme
from tlgui.ui.widgets.basics import label, rule

_LEVELS: dict[Level, tuple[str, str, str]] = {  # icon, ink, fill
    "yes": ("check", "good", "goodbg"),
    "price": ("check", "good", "goodbg"),
    "no": ("bad", "bad", "badbg"),
    "unclear": ("warn", "warn", "warnbg"),
}


class Chip(QWidget):
    """A word on a tint with an icon before it."""

    def __init__(self, level: Level, text: str) -> None:
        super().__init__()
        self.level, self.text = level, text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.font("caption"))
        return QSize(words.horizontalAdvance(self.text) + theme.space(36), words.height() + theme.space(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        icon, ink, fill = _LEVELS[self.level]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.colour(ink), 1))
        painter.setBrush(theme.colour(fill))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        side = theme.space(12)
        picture = theme.pixmap(icon, ink, side, self.devicePixelRatioF())
        painter.drawPixmap(theme.space(9), round((self.height() - side) / 2), picture)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour(ink))
        words = area.adjusted(theme.space(26), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text)


class VerdictList(QWidget):
    """One claim under the other, with lines between them."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Verdict, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space(9))

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Say these and no others."""
        if tuple(verdicts) == self.shown:
            return
        self.shown = tuple(verdicts)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for verdict in verdicts:
            self._column.addWidget(_entry(verdict))
            self._column.addWidget(rule())


def _entry(verdict: Verdict) -> QWidget:
    entry = QWidget()
    entry.setAccessibleName(f"{verdict.claim}: {verdict.chip}. {verdict.text}")
    text = label(bound(verdict.text), wrap=True)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    head = QHBoxLayout()
    head.setSpacing(theme.space(6))
    head.addWidget(label(verdict.claim, "heading", wrap=True), 1)
    head.addWidget(Chip(verdict.level, verdict.chip), 0, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout(entry)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.space(4))
    column.addLayout(head)
    column.addWidget(text)
    return entry
