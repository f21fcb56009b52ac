"""The freeze board: the model as a stack of groups that are locked, opened and thawed by pointer and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy

from tlgui.core import gestures
from tlgui.core.board import Board, named_range
from tlgui.core.facts import GroupFacts
from tlgui.core.gestures import Outcome
from tlgui.core.plan import millions, scientific
from tlgui.core.recipe import Recipe
from tlgui.ui.widgets import board_paint
from tlgui.ui.widgets.announce import announce
from tlgui.ui.widgets.board_drag import Drag, Slide, Stroke
from tlgui.ui.widgets.board_keys import KEYS, Gesture, thaw_gesture
from tlgui.ui.widgets.board_model import BoardModel
from tlgui.ui.widgets.board_paint import Columns, block_rect
from tlgui.ui.widgets.board_rows import BoardDelegate
from tlgui.ui.widgets.board_stair import Placed, handle_rect, paint_handles, paint_stair

LEAST_ROWS, USUAL_ROWS = 4, 15
"""So many rows stay visible however low the window is, and so many before others scroll in an ordinary one."""


class FreezeBoard(QListView):
    """Shows a recipe's plan and asks for another recipe, once for each gesture; it never changes the recipe itself."""

    recipe_wanted = Signal(object)
    """(Recipe) after a click, a drag or a key."""
    refused = Signal(str)
    """A sentence: why a gesture did not do all that was asked; "" when one did."""
    range_changed = Signal()
    """Other rows are selected."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("freeze_board")
        self.setAccessibleName(self.tr("Freeze board"))
        self.setAccessibleDescription(
            self.tr(
                "Space locks or opens the selected groups, F freezes, L lets them learn, 1 to 9 thaw in that epoch, "
                "left and right move the thaw, A puts LoRA on, plus and minus change the rate, R types one, "
                "Delete takes the computed one."
            )
        )
        self._groups = BoardModel(self)
        self._rows = BoardDelegate(self)
        self.setModel(self._groups)
        self.setItemDelegate(self._rows)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._groups.rate_wanted.connect(self._take_rate)
        self._hover = -1
        self._drag: Drag | None = None

    def show_board(self, groups: tuple[GroupFacts, ...], board: Board) -> None:
        """Draw a recipe's plan over a model's groups, bottom to top."""
        self._drop_drag()
        self._rows.epochs = board.recipe.train.epochs
        self._groups.show(groups, board)
        self._limit_height()
        self.viewport().update()
        if not self.currentIndex().isValid():
            first = self._groups.index(0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    @property
    def shown(self) -> Board | None:
        """What is drawn now; during a drag, what it will come to."""
        return self._groups.board

    @property
    def selected(self) -> tuple[str, ...]:
        """Keys of the selected groups, top first."""
        return tuple(self._groups.row(n).key for n in self._selected_rows())

    def columns(self) -> Columns:
        """Where the columns are, for headings above and sums below."""
        return board_paint.columns(self.viewport().width(), self._rows.epochs)

    def perform(self, gesture: Gesture, keys: Sequence[str] = ()) -> None:
        """Ask for what a gesture makes of some groups; of the selected ones unless others are named."""
        board, keys = self._groups.board, keys or self._chosen()
        if board is not None and keys:
            recipe, refusal = gesture(board, keys)
            self._finish(board, recipe, refusal, keys)

    def edit_rate(self) -> None:
        """Let the current group's rate be typed in place."""
        index = self.currentIndex()
        if not index.isValid():
            return
        if self._groups.row(index.row()).takes_part:
            self.edit(index)
        else:
            self.refused.emit(self.tr("A frozen group has no rate. Let it learn first."))

    # what the view asks of its size

    def sizeHint(self) -> QSize:
        # Low rows: what room there is beyond makes them taller, so the page never scrolls for height it only likes.
        least = board_paint.row_height(0, 1)
        return QSize(super().sizeHint().width(), min(self._groups.rowCount(), USUAL_ROWS) * least + 2)

    def minimumSizeHint(self) -> QSize:
        least = board_paint.row_height(0, 1)
        return QSize(super().minimumSizeHint().width(), min(self._groups.rowCount(), LEAST_ROWS) * least + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._limit_height()

    def _limit_height(self) -> None:
        self.setMaximumHeight(self._groups.rowCount() * board_paint.tall_row() + 2)
        self._fit()
        self.updateGeometry()

    def _fit(self) -> None:
        height = board_paint.row_height(self.height() - 2, self._groups.rowCount())
        if height != self._rows.height:
            self._rows.height = height
            self.scheduleDelayedItemsLayout()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        board = self._groups.board
        if board is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at, rows, placed = self.columns(), self._groups.rowCount(), self._placed()
        if board.prefix or board.times:
            paint_stair(painter, placed, at)
        paint_handles(painter, placed, at, self._drag.key if isinstance(self._drag, Slide) else "")
        if board.prefix:
            first = self._row_rect(rows - len(board.prefix))
            area = QRectF(first).united(QRectF(self._row_rect(rows - 1)))
            read_once = board.transfer.method == "feature-based"
            words = self.tr("frozen prefix, computed once") if read_once else self.tr("frozen prefix")
            board_paint.paint_brace(painter, area, at, words)
        if self._hover >= 0:
            board_paint.paint_ring(painter, self._block(self._hover).adjusted(1.5, 1.5, -1.5, -1.5), "text")
        for first_row, last_row in _runs(self._selected_rows()):
            board_paint.paint_ring(painter, self._block(first_row).united(self._block(last_row)), "accent")
        current = self.currentIndex()
        if self.hasFocus() and current.isValid() and not self.selectionModel().isSelected(current):
            board_paint.paint_ring(painter, self._block(current.row()), "accent", Qt.PenStyle.DotLine)

    def _placed(self) -> Placed:
        return [(self._groups.row(n), QRectF(self._row_rect(n))) for n in range(self._groups.rowCount())]

    def _row_rect(self, row: int) -> QRect:
        return self.visualRect(self._groups.index(row))

    def _block(self, row: int) -> QRectF:
        return block_rect(self._row_rect(row), self.columns())

    # pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        board, at = self._groups.board, event.position()
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier and event.button() == Qt.MouseButton.LeftButton
        lock, grip = self._lock_at(at), self._grip_at(at)
        if board is None or not plain or max(lock, grip) < 0:
            super().mousePressEvent(event)
            return
        row = max(lock, grip)
        index, key = self._groups.index(row), self._groups.row(row).key
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if grip >= 0:
            self._drag = Slide(board, key)
            self.viewport().update()
        else:
            self._drag = Stroke(board, row, freezes=board.kind(key) != "frozen")
            self._extend_stroke(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if isinstance(self._drag, Slide):
            self._drag.move_to(self.columns().epochs_at(at.x()))
            self._show_preview()
        elif isinstance(self._drag, Stroke):
            index = self.indexAt(at.toPoint())
            if index.isValid():
                self._extend_stroke(index.row())
        else:
            super().mouseMoveEvent(event)
            index = self.indexAt(at.toPoint())
            self._set_hover(index.row() if index.isValid() and self._block(index.row()).contains(at) else -1)
            self._set_cursor(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is None:
            super().mouseReleaseEvent(event)
            return
        recipe, refusal = drag.outcome
        self._drop_drag()
        self._finish(drag.before, recipe, refusal, drag.keys)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at, columns = event.position(), self.columns()
        index = self.indexAt(at.toPoint())
        if index.isValid() and columns.rate - 4 <= at.x() <= columns.rate_end + 4:
            self.setCurrentIndex(index)
            self.edit_rate()
        else:
            self.mousePressEvent(event)  # two quick clicks on a lock are two clicks

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(-1)

    def _lock_at(self, at: QPointF) -> int:
        """The row whose lock is under the pointer, or -1."""
        index = self.indexAt(at.toPoint())
        inside = index.isValid() and self._block(index.row()).contains(at) and at.x() < self.columns().lock_end
        return index.row() if inside else -1

    def _grip_at(self, at: QPointF) -> int:
        """The row whose thaw can be dragged from here, or -1."""
        index = self.indexAt(at.toPoint())
        if not index.isValid():
            return -1
        grip = handle_rect(self._groups.row(index.row()), QRectF(self._row_rect(index.row())), self.columns())
        return index.row() if grip is not None and grip.adjusted(-3, -2, 3, 2).contains(at) else -1

    def _set_cursor(self, at: QPointF) -> None:
        shape = Qt.CursorShape.PointingHandCursor if self._lock_at(at) >= 0 else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.SplitHCursor if self._grip_at(at) >= 0 else shape)

    def _extend_stroke(self, row: int) -> None:
        assert isinstance(self._drag, Stroke)
        if self._drag.pass_over(row, lambda number: self._groups.row(number).key):
            self._show_preview()

    def _show_preview(self) -> None:
        assert self._drag is not None
        self._groups.show_board(self._drag.preview)
        self.viewport().update()

    def _drop_drag(self) -> None:
        if self._drag is not None:
            self._groups.show_board(self._drag.before)
            self._drag = None
            self.viewport().update()

    def _set_hover(self, row: int) -> None:
        if row != self._hover:
            self._hover = row
            self.viewport().update()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        extra = ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        key = Qt.Key(event.key())
        if self._drag is not None:
            if key == Qt.Key.Key_Escape:
                self._drop_drag()
        elif event.modifiers() & extra:
            super().keyPressEvent(event)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.perform(thaw_gesture(key - Qt.Key.Key_0))
        elif key == Qt.Key.Key_R:
            self.edit_rate()
        elif gesture := KEYS.get(Qt.Key.Key_Plus if key == Qt.Key.Key_Equal else key):  # plus without the shift key
            self.perform(gesture)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not the beginning of a group's name."""

    def _chosen(self) -> tuple[str, ...]:
        current = self.currentIndex()
        return self.selected or ((self._groups.row(current.row()).key,) if current.isValid() else ())

    def _take_rate(self, key: str, rate: float) -> None:
        self.perform(partial(_with_rate, rate=rate), (key,))

    # selection and what is said of it

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.viewport().update()
        self.range_changed.emit()
        if len(self.selected) > 1:
            announce(self, self.range_sentence())

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def range_sentence(self) -> str:
        """The selection in words: "Layers 2 to 3 selected, both frozen"."""
        if self._groups.board is None or not self.selected:
            return ""
        states = [self._state(key) for key in self.selected]
        both = {1: "", 2: self.tr("both ")}.get(len(states), self.tr("all "))
        state = both + states[0] if len(set(states)) == 1 else ", ".join(dict.fromkeys(states))
        groups = named_range(self.selected, " to ", self._groups.board.lower)
        return self.tr("{groups} selected, {state}").format(groups=groups, state=state)

    def _state(self, key: str) -> str:
        rows = (self._groups.row(number) for number in range(self._groups.rowCount()))
        return self._groups.state_words(next(row for row in rows if row.key == key))

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def _finish(self, before: Board, recipe: Recipe, refusal: str, keys: Sequence[str]) -> None:
        if recipe != before.recipe:
            after = replace(before, recipe=recipe)
            self._groups.show_board(after)
            announce(self, self._change_sentence(before, after, keys))
            self.recipe_wanted.emit(recipe)
        if refusal:
            announce(self, refusal)
        self.refused.emit(refusal)

    def _change_sentence(self, before: Board, after: Board, keys: Sequence[str]) -> str:
        """What a gesture has done: "Layer 4: thaws in epoch 3. 3.70 million parameters learn."."""
        changed = [key for key in keys if _differs(before, after, key)]
        if not changed:
            sentence = self.tr("{group}: learning rate {rate}.")
            group = named_range(keys[:1], lower=after.lower)
            return sentence.format(group=group, rate=scientific(after.rates[keys[0]]))
        count = millions(self._groups.learning_parameters()).replace(" M", self.tr(" million"))
        sentence = self.tr("{groups}: {state}. {count} parameters learn.")
        groups = named_range(changed, " to ", after.lower)
        return sentence.format(groups=groups, state=self._state(changed[0]), count=count)


def _with_rate(board: Board, keys: Sequence[str], rate: float) -> Outcome:
    return gestures.with_rate(board, keys[0], rate), ""


def _differs(before: Board, after: Board, key: str) -> bool:
    return (before.kind(key), before.begins(key)) != (after.kind(key), after.begins(key))


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers as (first, last)."""
    if not rows:
        return []
    cuts = [i for i, (a, b) in enumerate(pairwise(rows), start=1) if b != a + 1]
    starts, ends = [0, *cuts], [*cuts, len(rows)]
    return [(rows[a], rows[b - 1]) for a, b in zip(starts, ends, strict=True)]
