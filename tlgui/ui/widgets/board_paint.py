"""How the freeze board is drawn: columns, rows, stair, brace and rings. All sizes follow the font."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlgui.core.freeze import title
from tlgui.core.plan import millions, scientific
from tlgui.ui import theme
from tlgui.ui.widgets.board_model import ROW, BoardModel, BoardRow

MOST_CELLS = 6
"""More epochs than this share a cell, so that a cell's words stay legible."""
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class Columns:
    """Horizontal layout of the board, logical pixels from its left edge."""

    brace: float
    block: float
    block_end: float
    rate: float
    rate_end: float
    cells: tuple[tuple[float, float], ...]
    """(left, width) of each epoch cell."""

    @property
    def lock_end(self) -> float:
        return self.block + theme.space(10) + lock_size()


def lock_size() -> int:
    """Side of the lock's picture, logical pixels."""
    return theme.space(16)


def columns(width: int, epochs: int) -> Columns:
    """Divide a width among brace, block, learning rate and the cells of the epochs."""
    narrow, body = QFontMetrics(theme.font("caption")), QFontMetrics(theme.font("body"))
    brace = float(narrow.height() + theme.space(10))
    block = brace + theme.space(12)
    rate_width = max(map(narrow.horizontalAdvance, ("8.8e-8 × 0.888", "Learning rate"))) + theme.space(8)
    room = width - block - rate_width - theme.space(40)
    name = body.horizontalAdvance("Embeddings") * 1.15
    whole = name + narrow.horizontalAdvance("new, learns 888.8 M") + theme.space(72)
    block_width = min(whole, max(room * 0.55, body.averageCharWidth() * 30), max(room * 0.6, 40))
    rate = block + block_width + theme.space(14)
    first = rate + rate_width + theme.space(14)
    count = len(spans(epochs))
    each = max(4.0, (width - first) / count)
    cells = tuple((first + i * each, each) for i in range(count))
    return Columns(brace, block, block + block_width, rate, rate + rate_width, cells)


def spans(epochs: int) -> list[tuple[int, int]]:
    """The epochs of each cell, first and last, from 1; neighbours share a cell when there are many."""
    each = -(-epochs // MOST_CELLS)
    return [(first, min(first + each - 1, epochs)) for first in range(1, epochs + 1, each)]


def row_height(room: int, rows: int) -> int:
    """Height of a row so that all fit if they can: two lines of text where there is room, else one."""
    body, narrow = QFontMetrics(theme.font("body")), QFontMetrics(theme.font("caption"))
    one, two = body.height() + theme.space(9), tall_row()
    fitting = room // max(rows, 1)
    if fitting < body.height() + narrow.height() + theme.space(6):
        return max(one, fitting)
    return min(fitting, two)


def tall_row() -> int:
    """The most a row takes, however much room there is."""
    return QFontMetrics(theme.font("body")).height() + QFontMetrics(theme.font("caption")).height() + theme.space(18)


def block_rect(row: QRect, at: Columns) -> QRectF:
    """The block inside a row; the rest is the gap to the next one."""
    gap = 3 if row.height() > 28 else 2
    return QRectF(at.block, row.top() + 1, at.block_end - at.block, row.height() - gap)


def frozen_hatch(painter: QPainter, area: QRectF, widget: QWidget, opacity: float = 1.0) -> None:
    """Thin diagonal lines over an area: what is frozen, everywhere."""
    painter.save()
    painter.setOpacity(opacity)
    painter.setBrushOrigin(area.topLeft())
    painter.fillRect(area, QBrush(theme.hatch("frozenedge", widget.devicePixelRatioF())))
    painter.restore()


class BoardDelegate(QStyledItemDelegate):
    """Paints a whole row: block with lock, learning rate, epoch cells."""

    height = 0
    epochs = 1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, self.height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view: QWidget = option.widget
        rect: QRect = option.rect
        model = index.model()
        assert isinstance(model, BoardModel)
        row: BoardRow = index.data(ROW)
        at = columns(rect.width(), self.epochs)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        block = block_rect(rect, at)
        if index.row():
            painter.setPen(QPen(theme.colour("edge"), 1.4))
            x = block.left() + theme.space(6) + lock_size() / 2
            painter.drawLine(QPointF(x, rect.top() - 2), QPointF(x, block.top()))
        self._block(painter, block, row, model.state_words(row), view)
        self._rate(painter, QRectF(at.rate, block.top(), at.rate_end - at.rate, block.height()), row)
        for left, width in at.cells:
            self._cell(painter, QRectF(left, block.top(), width - 2, block.height()), row, view)
        painter.restore()

    def _block(self, painter: QPainter, block: QRectF, row: BoardRow, state: str, view: QWidget) -> None:
        kind = "learn" if row.learns else "frozen"
        ink = f"{kind}text"
        painter.setPen(QPen(theme.colour(f"{kind}edge"), 1))
        painter.setBrush(theme.colour(kind))
        painter.drawRoundedRect(block.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if not row.learns:
            zone = QRectF(block.left() + 1, block.top() + 1, lock_size() + theme.space(10), block.height() - 2)
            frozen_hatch(painter, zone, view)
        lock = theme.pixmap("open" if row.learns else "lock", f"{kind}text", lock_size(), view.devicePixelRatioF())
        painter.drawPixmap(QPointF(block.left() + theme.space(6), block.center().y() - lock_size() / 2), lock)
        text = block.adjusted(lock_size() + theme.space(18), 0, -theme.space(10), 0)
        name, count = title(row.key), millions(row.parameters)
        bold, narrow = theme.font("heading"), theme.font("caption")
        narrow_at = QFontMetrics(narrow)
        room = text.width() - narrow_at.horizontalAdvance(count) - theme.space(6)
        body, small = QFontMetrics(bold), narrow_at.height()
        if block.height() >= body.height() + small:
            top = block.center().y() - (body.height() + small) / 2
            write(painter, QRectF(text.left(), top, room, body.height()), name, bold, "text")
            line = QRectF(text.left(), top + body.height(), room, small)
            write(painter, line, state, narrow, ink)
        else:
            named = min(room, max(body.horizontalAdvance(name), body.horizontalAdvance("Embeddings")) + theme.space(10))
            write(painter, text.adjusted(0, 0, named - text.width(), 0), name, bold, "text")
            write(painter, text.adjusted(named, 0, room - text.width(), 0), state, narrow, ink)
        write(painter, text, count, narrow, ink, _RIGHT)

    def _rate(self, painter: QPainter, area: QRectF, row: BoardRow) -> None:
        narrow = theme.font("caption")
        if not row.learns:
            write(painter, area, "–", narrow, "dim")
            return
        height = QFontMetrics(narrow).height()
        two_lines = area.height() >= 2 * height
        line = QRectF(area.left(), area.center().y() - height + 1, area.width(), height) if two_lines else area
        write(painter, line, scientific(row.rate), narrow, "text")
        write(painter, line, f"× {row.factor:.2f}", narrow, "dim", _RIGHT)
        if two_lines:
            bar = QRectF(area.left(), line.bottom() + 2, area.width(), 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("grid"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(max(2.0, bar.width() * row.factor))
            painter.setBrush(theme.colour("learnedge"))
            painter.drawRoundedRect(bar, 2, 2)

    def _cell(self, painter: QPainter, cell: QRectF, row: BoardRow, view: QWidget) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("learn" if row.learns else "alt"))
        painter.drawRoundedRect(cell, 2, 2)
        if row.learns:
            text = cell.adjusted(min(theme.space(10), cell.width() / 8), 0, 0, 0)
            write(painter, text, self.tr("learns"), theme.font("caption"), "learntext")
        else:
            frozen_hatch(painter, cell, view, 0.55)


def paint_stair(painter: QPainter, y: float, at: Columns) -> None:
    """The lower edge of what learns, across the epochs."""
    painter.setPen(QPen(theme.colour("learnedge"), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    left, width = at.cells[-1]
    painter.drawLine(QPointF(at.cells[0][0] - 1, y), QPointF(left + width - 1, y))


def paint_brace(painter: QPainter, area: QRectF, at: Columns, words: str) -> None:
    """A bracket left of the blocks it covers, with words along it where they fit."""
    right, left = at.block - theme.space(6), at.block - theme.space(12)
    top, bottom = area.top() + 2, area.bottom() - 2
    path = QPainterPath(QPointF(right, top))
    for x, y in ((left, top), (left, bottom), (right, bottom)):
        path.lineTo(x, y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("frozenedge"), 1.6))
    painter.drawPath(path)
    narrow = theme.font("caption")
    if QFontMetrics(narrow).horizontalAdvance(words) > area.height():
        return
    painter.save()
    painter.translate(left - theme.space(4), area.center().y())
    painter.rotate(-90)
    height = QFontMetrics(narrow).height()
    write(painter, QRectF(-area.height() / 2, -height, area.height(), height), words, narrow, "frozentext", _CENTRE)
    painter.restore()


def paint_ring(painter: QPainter, block: QRectF, token: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
    """A two-pixel ring just outside a block, or a run of blocks."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(token), 2, style))
    painter.drawRoundedRect(block.adjusted(-1.5, -1, 1.5, 1), 6, 6)


def write(
    painter: QPainter, area: QRectF, text: str, font: QFont, token: str = "text", where: Qt.AlignmentFlag = _LEFT
) -> None:
    """One line of text in a token's colour, elided at the right."""
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()) + 1)
    painter.drawText(area, where, elided)
