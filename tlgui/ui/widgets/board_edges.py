"""What stands above and below the freeze board: headings, what goes in and comes out, sums per epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.board import FreezeBoard
from tlgui.ui.widgets.board_paint import Columns, fitting, lock_size, spans, write


class BoardEdge(QWidget):
    """A strip of painted text that shares the columns of a board."""

    def __init__(self, board: FreezeBoard, name: str) -> None:
        super().__init__()
        self.board = board
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def flow(self, painter: QPainter, at: Columns, top: float, text: str) -> None:
        """An upward arrow in the column of the locks, and what flows there."""
        height = QFontMetrics(theme.font("caption")).height()
        x, middle = at.block + theme.space(6) + lock_size() / 2, top + height / 2
        painter.setPen(QPen(theme.colour("dim"), 1.4))
        for dx, y in ((0.0, middle + 5.5), (-3.5, middle - 2), (3.5, middle - 2)):
            painter.drawLine(QPointF(x + dx, y), QPointF(x, middle - 5.5))
        left = at.block + lock_size() + theme.space(18)
        area = QRectF(left, top, at.rate_end - left, height)
        write(painter, area, text, theme.font("caption"), "dim")


class BoardHead(BoardEdge):
    """Headings of the columns, and what comes out of the model."""

    def __init__(self, board: FreezeBoard) -> None:
        super().__init__(board, "board_head")
        self._epochs, self._steps, self._output = 1, 0, ""

    def show_run(self, epochs: int, steps: int, output: str) -> None:
        """Take epochs, the steps of each (0 = not known yet), and the model's output in words."""
        self._epochs, self._steps, self._output = epochs, steps, output
        self.setAccessibleName(f"{self.tr('Model, output on top')}. {output}")
        self.update()

    def sizeHint(self) -> QSize:
        body, narrow = QFontMetrics(theme.font("heading")).height(), QFontMetrics(theme.font("caption")).height()
        return QSize(0, body + 2 * narrow)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at, bold, narrow = self.board.columns(), theme.font("heading"), theme.font("caption")
        height, low = QFontMetrics(bold).height(), QFontMetrics(narrow).height()
        write(painter, QRectF(at.block, 0, at.rate - at.block, height), self.tr("Model, output on top"), bold)
        write(painter, QRectF(at.rate, 0, at.cells[0][0] - at.rate, height), self.tr("Learning rate"), bold)
        cells, width = spans(self._epochs), at.cells[0][1]
        inset = min(theme.space(8), width / 8)
        titles = fitting(bold, width - inset, *zip(*(self._epoch_titles(*cell) for cell in cells), strict=True))
        steps = fitting(narrow, width - inset, *zip(*(self._steps_of(*cell) for cell in cells), strict=True))
        for number, (left, _) in enumerate(at.cells):
            area = QRectF(left + inset, 0, width - inset, height)
            write(painter, area, titles[number] if titles else "", bold)
            below = QRectF(area.left(), height, area.width(), low)
            write(painter, below, steps[number] if steps else "", narrow, "dim")
        if self._output:
            self.flow(painter, at, height + low, self._output)

    def _epoch_titles(self, first: int, last: int) -> tuple[str, ...]:
        """Longest first."""
        if first == last:
            return self.tr("Epoch {number}").format(number=first), str(first)
        span = f"{first}–{last}"
        return self.tr("Epochs {span}").format(span=span), span

    def _steps_of(self, first: int, last: int) -> tuple[str, ...]:
        """Longest first."""
        if not self._steps:
            return ()
        span = f"{(first - 1) * self._steps + 1:,}–{last * self._steps:,}"
        return self.tr("steps {span}").format(span=span), span


@dataclass(frozen=True)
class Sums:
    """One line below the epochs."""

    title: str
    values: tuple[str, ...]
    """One for each cell."""
    strong: bool = False


class BoardFoot(BoardEdge):
    """What goes into the model, and sums below the epochs."""

    def __init__(self, board: FreezeBoard) -> None:
        super().__init__(board, "board_foot")
        self._input = ""
        self._sums: tuple[Sums, ...] = ()

    def show_sums(self, taken: str, sums: tuple[Sums, ...]) -> None:
        """Take an example of the input, and the lines of sums."""
        self._input, self._sums = taken, sums
        lines = (f"{line.title}: {', '.join(dict.fromkeys(line.values))}" for line in sums)
        self.setAccessibleName(". ".join([taken, *lines]))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        narrow = QFontMetrics(theme.font("caption")).height()
        return QSize(0, narrow + theme.space(10) + len(self._sums) * (narrow + theme.space(3)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at, narrow = self.board.columns(), theme.font("caption")
        height = QFontMetrics(narrow).height()
        if self._input:
            self.flow(painter, at, theme.space(3), self._input)
        top = float(height + theme.space(8))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(at.rate - theme.space(92), top), QPointF(self.width(), top))
        top += theme.space(2)
        strong = theme.font("caption")
        strong.setWeight(QFont.Weight.DemiBold)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for line in self._sums:
            end = at.cells[0][0] - theme.space(14)
            write(painter, QRectF(0, top, end, height + theme.space(3)), line.title, narrow, "dim", right)
            for (left, width), value in zip(at.cells, line.values, strict=False):
                inset = min(theme.space(10), width / 8)
                area = QRectF(left + inset, top, width - inset - 2, height + theme.space(3))
                write(painter, area, value, strong if line.strong else narrow)
            top += height + theme.space(3)


def one_of(names: Sequence[str]) -> str:
    """Class names as what a model answers: "positive or negative", "one of 20 labels"."""
    return " or ".join(names) if len(names) <= 3 else f"one of {len(names)} labels"
