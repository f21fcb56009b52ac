"""Cards, captions, buttons, bars and problem labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tlgui.ui import theme

Level = Literal["bad", "warn", "good", "info"]
_LEVELS: dict[str, tuple[str, str, str]] = {  # icon, ink, fill
    "bad": ("bad", "bad", "badbg"),
    "warn": ("warn", "warn", "warnbg"),
    "good": ("check", "good", "goodbg"),
    "info": ("info", "accent", "sel"),
}


class Card(QWidget):
    """A white sheet with a thin border and round corners; `body` takes its content."""

    def __init__(self, heading: str = "", note: str = "", *, chosen: bool = False) -> None:
        super().__init__()
        self._chosen = chosen
        self.body = QVBoxLayout(self)
        edge = theme.space(12)
        self.body.setContentsMargins(edge, edge, edge, edge)
        self.body.setSpacing(theme.space(8))
        self.heading = label(heading, "heading")
        self.note = label(note, "caption", dim=True)
        self.head = QHBoxLayout()
        if heading:
            self.head.addWidget(self.heading)
            self.head.addStretch(1)
            self.head.addWidget(self.note)
            self.body.addLayout(self.head)

    def set_chosen(self, chosen: bool) -> None:
        """Draw the border in the accent colour, two pixels wide."""
        self._chosen = chosen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self._chosen else 1.0
        painter.setPen(QPen(theme.colour("accent" if self._chosen else "line"), width))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)


class Drawn(QWidget):
    """A widget that paints itself, and is measured and painted again when the font or the colours change."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()


def label(text: str = "", role: theme.FontRole = "body", *, dim: bool = False, wrap: bool = False) -> QLabel:
    """A line of text in one of the type sizes."""
    made = QLabel(text)
    made.setFont(theme.font(role))
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if dim:
        made.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return made


def button(text: str, name: str, icon: str = "", *, clicked: Callable[[], object] | None = None) -> ThemedButton:
    """A push button with an object name; its accessible name is its text without the mnemonic mark."""
    made = ThemedButton(text, icon)
    made.setObjectName(name)
    made.setAccessibleName(text.replace("&", ""))
    if clicked is not None:
        made.clicked.connect(lambda *_: clicked())
    return made


def primary(text: str, name: str, icon: str = "", *, clicked: Callable[[], object] | None = None) -> ThemedButton:
    """The one filled button of a page."""
    made = button(text, name, icon, clicked=clicked)
    made.make_primary()
    return made


def rule() -> QFrame:
    """A thin line between the rows of a card."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    line.setFixedHeight(1)
    return line


class ThemedButton(QPushButton):
    """A button whose icon and fill follow the theme."""

    def __init__(self, text: str, icon: str = "") -> None:
        super().__init__(text)
        self._icon, self._primary, self._dressing = icon, False, False
        self._dress()

    def make_primary(self, on: bool = True) -> None:
        """Fill the button, or take the fill away again."""
        if on != self._primary:
            self._primary = on
            self._dress()

    def set_icon_name(self, icon: str) -> None:
        self._icon = icon
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange) and not self._dressing:
            self._dress()

    def _dress(self) -> None:
        self._dressing = True  # setting the palette is a change of it
        if self._icon:
            self.setIcon(theme.icon(self._icon, "onaccent" if self._primary else "text"))
        self.setPalette(theme.primary_palette() if self._primary else QPalette())
        self._dressing = False


class Icon(QLabel):
    """A small picture in a token's colour that follows the theme."""

    def __init__(self, name: str, token: str = "text", size: int = 16) -> None:
        super().__init__()
        self._name, self._token, self._size = name, token, size
        self.setFixedSize(QSize(size, size))
        self._dress()

    def show_icon(self, name: str, token: str) -> None:
        self._name, self._token = name, token
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._dress()

    def _dress(self) -> None:
        self.setPixmap(theme.pixmap(self._name, self._token, self._size, self.devicePixelRatioF()))


class Bar(QWidget):
    """A thin horizontal bar, 0..1 of its width filled; hollow for the original model, solid for the adapted one."""

    def __init__(self, share: float = 0.0, token: str = "accent", *, hollow: bool = False) -> None:
        super().__init__()
        self._share, self._token, self._hollow = share, token, hollow
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.space(8))

    def show_share(self, share: float) -> None:
        """Fill `share` of the width, 0..1; more is drawn as full."""
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        if not self._hollow:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("grid"))
            painter.drawRoundedRect(whole, 2, 2)
        paint_bar(painter, whole, self._share, theme.colour(self._token), hollow=self._hollow)


def paint_bar(painter: QPainter, area: QRectF, share: float, ink: QColor, *, hollow: bool) -> None:
    """Fill `share` of an area; a share above zero is at least 2 pixels wide."""
    if share <= 0:
        return
    filled = QRectF(area.left(), area.top(), max(2.0, area.width() * min(share, 1.0)), area.height())
    if hollow:
        painter.setPen(QPen(ink, 1.5))
        soft = QColor(ink)
        soft.setAlphaF(0.22)
        painter.setBrush(soft)
        painter.drawRoundedRect(filled.adjusted(0.75, 0.75, -0.75, -0.75), 2, 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(filled, 2, 2)


class ProblemLabel(QWidget):
    """One sentence with an icon and a coloured left edge, and at most one button that settles it."""

    def __init__(self, level: Level, text: str = "", fix: str = "", settle: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._level: Level = level
        self._icon = Icon(_LEVELS[level][0], _LEVELS[level][1])
        self._text = label(text, wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(16), theme.space(8), theme.space(12), theme.space(8))
        row.setSpacing(theme.space(8))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        if fix and settle is not None:
            row.addWidget(button(fix, "settle", clicked=settle))
        self.setAccessibleName(text)

    def show_text(self, level: Level, text: str) -> None:
        """Say something else; an empty text hides the label."""
        self._level = level
        self._icon.show_icon(*_LEVELS[level][:2])
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    @property
    def text(self) -> str:
        return self._text.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _, ink, fill = _LEVELS[self._level]
        painter.setPen(QPen(theme.colour(ink), 1))
        painter.setBrush(theme.colour(fill))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ink))
        painter.drawRoundedRect(QRectF(area.left(), area.top(), 4, area.height()), 2, 2)


def scrolling(inner: QWidget) -> QScrollArea:
    """A frameless vertical scroll area around a widget."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what has the focus inside is scrolled into view
    area.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return area
