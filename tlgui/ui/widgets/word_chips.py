"""A sentence of words to click: a hidden word turns into a dashed chip with a closed eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from tlgui.core.hidden import Word
from tlgui.ui import theme
from tlgui.ui.widgets.flow import FlowLayout


class WordChip(QToolButton):
    """One word; checked means hidden. A mark without a word can be seen and not clicked."""

    focused = Signal()

    def __init__(self, place: int) -> None:
        super().__init__()
        self.setObjectName(f"word_{place}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font("sentence"))
        self._word, self._number = Word("", "", ""), 0

    def show_word(self, word: Word, number: int) -> None:
        """Show a word; `number` counts the hidden ones from 1."""
        self._word, self._number = word, number
        self.setChecked(word.hidden)
        self.setEnabled(word.can_hide)
        self.setText(f"{word.before}{word.word}{word.after}")
        state = self.tr("hidden {number}").format(number=number) if word.hidden else self.tr("shown")
        self.setAccessibleName(f"{word.word or self.text()}, {state}")
        self.setToolTip(self.tr("Click to show this word") if word.hidden else self.tr("Click to hide this word"))
        self.updateGeometry()
        self.update()

    @property
    def number(self) -> int:
        """Which of the hidden words this is, from 1; 0 if it is shown."""
        return self._number if self._word.hidden else 0

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def sizeHint(self) -> QSize:
        big = QFontMetricsF(theme.font("sentence"))
        height = round(big.height() + theme.space(12))
        if not self._word.hidden:
            return QSize(round(big.horizontalAdvance(self.text())) + theme.space(12), height)
        return QSize(round(sum(self._hidden_widths())) + theme.space(36), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        if self._word.hidden:
            self._paint_hidden(painter, area)
        else:
            if self.underMouse() and self.isEnabled():
                painter.setPen(QPen(theme.colour("edge"), 1))
                painter.setBrush(theme.colour("alt"))
                painter.drawRoundedRect(area, 4, 4)
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            painter.setFont(theme.font("sentence"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _paint_hidden(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(theme.colour("frozenedge"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(theme.colour("frozen"))
        painter.drawRoundedRect(area, 4, 4)
        before, number, small, after = self._hidden_widths()
        eye = theme.space(15)
        x = area.left() + theme.space(6)
        top = (self.height() - eye) / 2
        painter.drawPixmap(QPointF(x, top), theme.pixmap("hide", "frozentext", eye, self.devicePixelRatioF()))
        x += eye + theme.space(6)
        bold = theme.font("sentence")
        bold.setBold(True)
        parts = (
            (self._word.before, theme.font("sentence"), "text", before),
            (self._label(), bold, "frozentext", number),
            (f" {self._word.word} ", theme.font("caption"), "frozentext", small),
            (self._word.after, theme.font("sentence"), "text", after),
        )
        for text, font, token, width in parts:
            painter.setFont(font)
            painter.setPen(theme.colour(token))
            painter.drawText(QRectF(x, 0, width + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width

    def _hidden_widths(self) -> tuple[float, float, float, float]:
        big = QFontMetricsF(theme.font("sentence"))
        bold = theme.font("sentence")
        bold.setBold(True)
        return (
            big.horizontalAdvance(self._word.before),
            QFontMetricsF(bold).horizontalAdvance(self._label()),
            QFontMetricsF(theme.font("caption")).horizontalAdvance(f" {self._word.word} "),
            big.horizontalAdvance(self._word.after),
        )

    def _label(self) -> str:
        return self.tr("hidden {number}").format(number=self._number)


class WordChips(QWidget):
    """The words of one sentence, each a tab stop; Left and Right move between them."""

    changed = Signal(tuple)
    """The words, after the person hid or showed one."""
    focused = Signal(int)
    """Number of the hidden word that the keyboard came to; 0 = a shown one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("words")
        self.setAccessibleName(self.tr("Words of the sentence"))
        self._words: tuple[Word, ...] = ()
        self.chips: list[WordChip] = []
        self._flow = FlowLayout(self, line_gap=theme.space(2))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def words(self) -> tuple[Word, ...]:
        return self._words

    def show_words(self, words: Sequence[Word]) -> None:
        """Show a sentence; chips that are there already are used again, so the keyboard keeps its place."""
        self._words = tuple(words)
        while len(self.chips) < len(self._words):
            self._add_chip()
        while len(self.chips) > len(self._words):
            chip = self.chips.pop()
            self._flow.removeWidget(chip)
            chip.deleteLater()
        number = 0
        for chip, word in zip(self.chips, self._words, strict=True):
            number += word.hidden
            chip.show_word(word, number)
        self._flow.invalidate()
        self.updateGeometry()

    def toggle(self, place: int) -> None:
        """Hide a word, or show it again."""
        word = self._words[place]
        words = (*self._words[:place], replace(word, hidden=not word.hidden), *self._words[place + 1 :])
        self.show_words(words)
        self.changed.emit(words)
        self.focused.emit(self.chips[place].number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        here = next((i for i, chip in enumerate(self.chips) if chip.hasFocus()), None)
        if here is None or event.key() not in moves:
            super().keyPressEvent(event)
            return
        way = moves[event.key()]
        places = range(here + way, len(self.chips) if way > 0 else -1, way)
        target = next((self.chips[i] for i in places if self.chips[i].isEnabled()), None)
        if target is not None:
            target.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.show_words(self._words)

    def _add_chip(self) -> None:
        place = len(self.chips)
        chip = WordChip(place)
        chip.clicked.connect(lambda: self.toggle(place))
        chip.focused.connect(lambda: self.focused.emit(chip.number))
        self.chips.append(chip)
        self._flow.addWidget(chip)
        chip.show()
