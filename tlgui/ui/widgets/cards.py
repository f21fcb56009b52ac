"""Large cards one picks from: what a goal does, with a painted example."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from tlgui.core.goals import Card
from tlgui.core.hidden import Word, split
from tlgui.ui import theme
from tlgui.ui.widgets.basics import paint_bar

WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
NARROWEST = 224
"""Width of a card at least, in the units of `theme.space`."""
SENTENCE_LINES = 2
"""Lines that are kept for the sentence, so that the examples of a row begin at one height."""
MIDDLE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
MIDDLE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Piece:
    """One word of the example and where it stands; `hidden` is drawn as a dashed box without the word."""

    text: str
    area: QRectF
    hidden: bool


class GoalCard(QAbstractButton):
    """A checkable card: title, sentence, an example above its answers, and what is needed."""

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card, self.goal = card, card.goal
        goal = card.goal
        self.setObjectName(f"goal_{card.key}")
        self.setText(goal.title)
        self.setAccessibleName(goal.title)
        self.setAccessibleDescription(f"{goal.sentence} {goal.needs}.")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._words = split(f"“{goal.example}”")

    def sizeHint(self) -> QSize:
        return QSize(theme.space(NARROWEST), self.heightForWidth(theme.space(NARROWEST)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        edge, inner = theme.space(14), width - 2 * theme.space(14)
        example = flowed(self._words, QFontMetrics(theme.font("body")), QRect(0, 0, inner - 2 * theme.space(12), 0))
        height = 2 * theme.space(12) + self._title_height(inner) + theme.space(2)
        height += SENTENCE_LINES * QFontMetrics(theme.font("body")).lineSpacing() + theme.space(8)
        height += theme.space(10) + round(example[-1].area.bottom()) + theme.space(10)
        height += len(self.goal.answers) * self._answer_height() + theme.space(8)
        return height + theme.space(8) + _wrapped_height(self.goal.needs, "caption", width - 2 * edge)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_sheet(painter)
        edge = theme.space(14)
        area = self.rect().adjusted(edge, theme.space(12), -edge, -theme.space(12))
        top = self._paint_heading(painter, area)
        needs = _wrapped_height(self.goal.needs, "caption", area.width())
        well = QRect(area.left(), top, area.width(), area.bottom() - top - needs - theme.space(8))
        self._paint_example(painter, well)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(area.adjusted(0, area.height() - needs, 0, 0), WRAP, self.goal.needs)

    def _paint_sheet(self, painter: QPainter) -> None:
        chosen = self.isChecked()
        strong = chosen or self.hasFocus() or self.underMouse()
        width = 2.0 if chosen or self.hasFocus() else 1.0
        painter.setPen(QPen(theme.colour("accent" if strong else "line"), width))
        painter.setBrush(_between(theme.colour("base"), theme.colour("sel"), 0.5) if chosen else theme.colour("base"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4.5, 4.5, -4.5, -4.5), 4, 4)

    def _paint_heading(self, painter: QPainter, area: QRect) -> int:
        """Returns where the example begins."""
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.colour("text"))
        side = theme.space(18)
        painter.drawText(area.adjusted(0, 0, -side, 0), WRAP, self.goal.title)
        if self.isChecked():
            tick = theme.pixmap("check", "accent", side, self.devicePixelRatioF())
            painter.drawPixmap(area.right() - side, area.top(), tick)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("dim"))
        under = area.adjusted(0, self._title_height(area.width()) + theme.space(2), 0, 0)
        painter.drawText(under, WRAP, self.goal.sentence)
        lines = SENTENCE_LINES * QFontMetrics(theme.font("body")).lineSpacing()
        return under.top() + lines + theme.space(8)

    def _paint_example(self, painter: QPainter, well: QRect) -> None:
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("base" if self.isChecked() else "alt"))
        painter.drawRoundedRect(QRectF(well).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        inner = well.adjusted(theme.space(12), theme.space(10), -theme.space(12), -theme.space(8))
        font = theme.font("body")
        painter.setFont(font)
        for piece in flowed(self._words, QFontMetrics(font), inner):
            if piece.hidden:
                painter.setPen(QPen(theme.colour("frozenedge"), 1, Qt.PenStyle.DashLine))
                painter.setBrush(theme.colour("frozen"))
                painter.drawRoundedRect(piece.area.adjusted(0.5, 2.5, -0.5, -2.5), 4, 4)
            else:
                painter.setPen(theme.colour("text"))
                painter.drawText(piece.area, MIDDLE_LEFT, piece.text)
        height = self._answer_height()
        top = inner.bottom() - height * len(self.goal.answers) + 1
        for i, (name, share) in enumerate(self.goal.answers):
            row = QRect(inner.left(), top + i * height, inner.width(), height)
            self._paint_answer(painter, row, name, share, first=i == 0)

    def _paint_answer(self, painter: QPainter, row: QRect, name: str, share: float, *, first: bool) -> None:
        side = theme.space(14)
        if first:
            arrow = theme.pixmap("right", "dim", side, self.devicePixelRatioF())
            painter.drawPixmap(row.left(), row.center().y() - side // 2, arrow)
        font = theme.font("body")
        at = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        names = row.adjusted(side + theme.space(8), 0, 0, 0)
        painter.drawText(names, MIDDLE_LEFT, name)
        if self.goal.answers_are_shares:
            painter.drawText(row, MIDDLE_RIGHT, f"{share:.2f}")
        left = names.left() + max(at.horizontalAdvance(n) for n, _ in self.goal.answers) + theme.space(16)
        right = row.right() - at.horizontalAdvance("0.00") - theme.space(12)
        bar = QRectF(left, row.center().y() - theme.space(4), right - left, theme.space(8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("grid"))
        painter.drawRoundedRect(bar, 2, 2)
        paint_bar(painter, bar, share, theme.colour("accent"), hollow=False)

    def _answer_height(self) -> int:
        return QFontMetrics(theme.font("body")).height() + theme.space(4)

    def _title_height(self, width: int) -> int:
        return _wrapped_height(self.goal.title, "heading", width - theme.space(18))


def _wrapped_height(text: str, role: theme.FontRole, width: int) -> int:
    """Of a text that is broken into lines of a width."""
    return QFontMetrics(theme.font(role)).boundingRect(QRect(0, 0, width, 10_000), WRAP, text).height()


def flowed(words: tuple[Word, ...], at: QFontMetrics, area: QRect) -> list[Piece]:
    """Words from left to right in lines of the area's width; a hidden word keeps its own width."""
    pieces: list[Piece] = []
    x, y, space = float(area.left()), float(area.top()), at.horizontalAdvance(" ")
    for word in words:
        parts = [(word.before, False), (word.word, word.hidden), (word.after, False)]
        widths = [at.horizontalAdvance(text) + (theme.space(8) if hidden else 0) for text, hidden in parts]
        if x > area.left() and x + sum(widths) > area.right():
            x, y = float(area.left()), y + at.height() + theme.space(2)
        for (text, hidden), width in zip(parts, widths, strict=True):
            if text:
                pieces.append(Piece(text, QRectF(x, y, width, at.height()), hidden))
            x += width
        x += space
    return pieces


def _between(first: QColor, second: QColor, share: float) -> QColor:
    """A mix of two colours."""
    pairs = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))
