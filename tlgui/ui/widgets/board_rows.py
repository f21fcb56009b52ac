"""How one row of the freeze board is drawn: block with lock, learning rate, a cell for each epoch."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlgui.core.board import Kind
from tlgui.core.plan import millions, scientific
from tlgui.ui import theme
from tlgui.ui.widgets.board_model import ROW, BoardModel, BoardRow
from tlgui.ui.widgets.board_paint import Columns, block_rect, columns, fitting, frozen_hatch, lock_size, write
from tlgui.ui.widgets.number import NumberSpin

_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Look:
    """How a state is told apart: by the lock's shape and fill, and by two zones, without any colour."""

    icon: str
    block: str
    """`learn` or `frozen`: tokens of the whole block."""
    zone: str
    """`learn`, or `` = hatched: the part with the lock."""


LOOKS: dict[Kind, Look] = {
    "learns": Look("open", "learn", "learn"),
    "thaws": Look("later", "frozen", "learn"),
    "waits": Look("later", "frozen", "learn"),
    "adapted": Look("lora", "frozen", "learn"),
    "frozen": Look("lock", "frozen", ""),
}


class BoardDelegate(QStyledItemDelegate):
    """Paints a whole row, and takes a rate typed in place."""

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
        self._block(painter, block, row, model, view)
        self._rate(painter, QRectF(at.rate, block.top(), at.rate_end - at.rate, block.height()), row)
        self._cells(painter, block, row, at, view)
        painter.restore()

    def _block(self, painter: QPainter, block: QRectF, row: BoardRow, model: BoardModel, view: QWidget) -> None:
        look = LOOKS[row.kind]
        ink = f"{look.block}text"
        painter.setPen(QPen(theme.colour(f"{look.block}edge"), 1))
        painter.setBrush(theme.colour(look.block))
        painter.drawRoundedRect(block.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        zone = QRectF(block.left() + 1, block.top() + 1, lock_size() + theme.space(10), block.height() - 2)
        if not look.zone:
            frozen_hatch(painter, zone, view)
        elif look.zone != look.block:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.zone))
            painter.drawRoundedRect(zone, 3, 3)
        lock = theme.pixmap(look.icon, f"{look.zone or 'frozen'}text", lock_size(), view.devicePixelRatioF())
        painter.drawPixmap(QPointF(block.left() + theme.space(6), block.center().y() - lock_size() / 2), lock)
        text = block.adjusted(lock_size() + theme.space(18), 0, -theme.space(10), 0)
        name, count = row.title, millions(row.parameters)
        bold, narrow = theme.font("heading"), theme.font("caption")
        narrow_at = QFontMetrics(narrow)
        room = text.width() - narrow_at.horizontalAdvance(count) - theme.space(6)
        body, small = QFontMetrics(bold), narrow_at.height()
        if block.height() >= body.height() + small:
            top = block.center().y() - (body.height() + small) / 2
            write(painter, QRectF(text.left(), top, room, body.height()), name, bold, "text")
            line = QRectF(text.left(), top + body.height(), room, small)
            words = model.state_words(row)
            if narrow_at.horizontalAdvance(words) > room:
                words = model.state_words(row, short=True)
            write(painter, line, words, narrow, ink)
        else:
            named = min(room, max(body.horizontalAdvance(name), body.horizontalAdvance("Embeddings")) + theme.space(10))
            write(painter, text.adjusted(0, 0, named - text.width(), 0), name, bold, "text")
            line = text.adjusted(named, 0, room - text.width(), 0)
            write(painter, line, model.state_words(row, short=True), narrow, ink)
        write(painter, text, count, narrow, ink, _RIGHT)

    def _rate(self, painter: QPainter, area: QRectF, row: BoardRow) -> None:
        narrow = theme.font("caption")
        if not row.takes_part:
            write(painter, area, "–", narrow, "dim")
            return
        height = QFontMetrics(narrow).height()
        two_lines = area.height() >= 2 * height
        line = QRectF(area.left(), area.center().y() - height + 1, area.width(), height) if two_lines else area
        write(painter, line, scientific(row.rate), narrow, "text")
        share = self.tr("own") if row.own_rate else f"× {row.factor:.2f}"
        write(painter, line, share, narrow, "accent" if row.own_rate else "dim", _RIGHT)
        if two_lines:
            bar = QRectF(area.left(), line.bottom() + 2, area.width(), 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("grid"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(max(2.0, bar.width() * row.factor))
            painter.setBrush(theme.colour("accent" if row.own_rate else "learnedge"))
            painter.drawRoundedRect(bar, 2, 2)

    def _cells(self, painter: QPainter, block: QRectF, row: BoardRow, at: Columns, view: QWidget) -> None:
        thaw = at.x_of(row.begins) if row.begins else 0.0
        for number, ((left, width), (first, last)) in enumerate(zip(at.cells, at.spans, strict=True)):
            cell = QRectF(left, block.top(), width - 2, block.height())
            if row.begins is None or row.begins >= last:
                self._still(painter, cell, view)
                continue
            begun = row.begins <= first - 1
            if not begun:
                self._still(painter, cell, view)
                cell.setLeft(thaw)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("learn"))
            painter.drawRoundedRect(cell, 2, 2)
            text = cell.adjusted(min(theme.space(10), cell.width() / 8), 0, -2, 0)
            thaws_here = row.begins > 0 and (not begun or row.begins == first - 1)
            wordings = (self.tr("learns"), "")
            if thaws_here:
                wordings = self.tr("thaws, learns"), self.tr("thaws")
            elif row.kind == "adapted" and number == 0:
                wordings = self.tr("LoRA learns"), self.tr("LoRA")
            narrow = theme.font("caption")
            words = "".join(fitting(narrow, text.width(), *((each,) for each in wordings)))
            write(painter, text, words, narrow, "learntext")
        if row.kind == "waits":
            left, width = at.cells[0]
            area = QRectF(left + min(theme.space(10), width / 8), block.top(), at.x_of(at.spans[-1][1]), block.height())
            write(painter, area, self.tr("when learning stalls"), theme.font("caption"), "frozentext")

    def _still(self, painter: QPainter, cell: QRectF, view: QWidget) -> None:
        """A cell in which nothing learns."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("alt"))
        painter.drawRoundedRect(cell, 2, 2)
        frozen_hatch(painter, cell, view, 0.55)

    # a rate typed in place

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        made = NumberSpin("group_rate", self.tr("Learning rate of {group}").format(group=index.data()), 1e-12, 1.0)
        made.setStepType(NumberSpin.StepType.AdaptiveDecimalStepType)
        made.setParent(parent)
        return made

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        assert isinstance(editor, NumberSpin)
        editor.show_value(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        assert isinstance(editor, NumberSpin)
        editor.interpretText()
        model.setData(index, editor.value())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        at = columns(rect.width(), self.epochs)
        height = max(editor.sizeHint().height(), 0)
        width = max(int(at.rate_end - at.rate), editor.minimumWidth())
        editor.setGeometry(int(at.rate), rect.center().y() - height // 2, width, height)
