"""The freeze board: the model as a stack of groups that are locked or opened by pointer and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy

from tlgui.core.facts import GroupFacts
from tlgui.core.freeze import FreezePlan, after_gesture, title
from tlgui.core.plan import millions
from tlgui.ui.widgets import board_paint
from tlgui.ui.widgets.announce import announce
from tlgui.ui.widgets.board_model import BoardModel
from tlgui.ui.widgets.board_paint import BoardDelegate, Columns, block_rect

LEAST_ROWS = 4
"""So many rows stay visible however low the window is; the others scroll."""


class FreezeBoard(QListView):
    """Shows a plan and asks for another one, once for each gesture; it never changes the plan itself."""

    plan_wanted = Signal(object)
    """(FreezePlan) after a click, a drag or a key."""
    refused = Signal(str)
    """A sentence: why a gesture did not do all that was asked; "" when one did."""
    range_changed = Signal()
    """Other rows are selected."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("freeze_board")
        self.setAccessibleName(self.tr("Freeze board"))
        keys = self.tr("Space locks or opens the selected groups, F freezes, L lets them learn.")
        self.setAccessibleDescription(keys)
        self._groups = BoardModel(self)
        self._rows = BoardDelegate(self)
        self.setModel(self._groups)
        self.setItemDelegate(self._rows)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMouseTracking(True)
        self._hover = -1
        self._stroke: list[str] = []
        """Keys of the groups that a drag from a lock has passed."""
        self._stroke_learns = False
        self._before: FreezePlan | None = None

    def show_plan(
        self, groups: tuple[GroupFacts, ...], plan: FreezePlan, rates: Mapping[str, float], epochs: int
    ) -> None:
        """Draw a plan over a model's groups (bottom to top) and the epochs of a run."""
        self._drop_stroke()
        self._rows.epochs = epochs
        self._groups.show(groups, plan, rates)
        self.setMaximumHeight(self.sizeHint().height())
        self._fit()
        self.updateGeometry()
        if not self.currentIndex().isValid():
            first = self._groups.index(0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    @property
    def plan(self) -> FreezePlan | None:
        """What is drawn now; while a lock is dragged, what the drag will come to."""
        return self._groups.plan

    @property
    def selected(self) -> tuple[str, ...]:
        """Keys of the selected groups, top first."""
        return tuple(self._groups.row(n).key for n in self._selected_rows())

    def columns(self) -> Columns:
        """Where the columns are, for headings above and sums below."""
        return board_paint.columns(self.viewport().width(), self._rows.epochs)

    def set_learning(self, keys: Sequence[str], learns: bool) -> None:
        """Ask for some groups to learn or to be frozen, as one gesture."""
        before = self._groups.plan
        if before is None or not keys:
            return
        after, refusal = after_gesture(before, keys, learns=learns, new=self._groups.new)
        self._finish(before, after, refusal, keys)

    # what the view asks of its size

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._groups.rowCount() * board_paint.tall_row() + 2)

    def minimumSizeHint(self) -> QSize:
        least = board_paint.row_height(0, 1)
        return QSize(super().minimumSizeHint().width(), min(self._groups.rowCount(), LEAST_ROWS) * least + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.setMaximumHeight(self.sizeHint().height())
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
        plan = self._groups.plan
        if plan is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = self.columns()
        rows = self._groups.rowCount()
        if plan.prefix:
            first = self._row_rect(rows - len(plan.prefix))
            board_paint.paint_stair(painter, first.top() - 0.5, at)
            area = QRectF(first).united(QRectF(self._row_rect(rows - 1)))
            board_paint.paint_brace(painter, area, at, self.tr("frozen prefix"))
        if self._hover >= 0:
            board_paint.paint_ring(painter, self._block(self._hover).adjusted(1.5, 1.5, -1.5, -1.5), "text")
        for first_row, last_row in _runs(self._selected_rows()):
            board_paint.paint_ring(painter, self._block(first_row).united(self._block(last_row)), "accent")
        current = self.currentIndex()
        if self.hasFocus() and current.isValid() and not self.selectionModel().isSelected(current):
            board_paint.paint_ring(painter, self._block(current.row()), "accent", Qt.PenStyle.DotLine)

    def _row_rect(self, row: int) -> QRect:
        return self.visualRect(self._groups.index(row))

    def _block(self, row: int) -> QRectF:
        return block_rect(self._row_rect(row), self.columns())

    # pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._lock_at(event)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if row < 0 or event.button() != Qt.MouseButton.LeftButton or not plain:
            super().mousePressEvent(event)
            return
        self._before = self._groups.plan
        pressed = self._groups.row(row)
        self._stroke_learns = not pressed.learns
        index = self._groups.index(row)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._extend_stroke(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._stroke:
            index = self.indexAt(event.position().toPoint())
            if index.isValid():
                self._extend_stroke(index.row())
            return
        super().mouseMoveEvent(event)
        at = event.position()
        index = self.indexAt(at.toPoint())
        hover = index.row() if index.isValid() and self._block(index.row()).contains(at) else -1
        over_lock = self._lock_at(event) >= 0
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over_lock else Qt.CursorShape.ArrowCursor)
        self._set_hover(hover)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._stroke:
            super().mouseReleaseEvent(event)
            return
        keys, before = tuple(self._stroke), self._before
        assert before is not None
        self._drop_stroke()
        after, refusal = after_gesture(before, keys, learns=self._stroke_learns, new=self._groups.new)
        self._finish(before, after, refusal, keys)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(-1)

    def _lock_at(self, event: QMouseEvent) -> int:
        """The row whose lock is under the pointer, or -1."""
        at = event.position()
        index = self.indexAt(at.toPoint())
        inside = index.isValid() and self._block(index.row()).contains(at) and at.x() < self.columns().lock_end
        return index.row() if inside else -1

    def _extend_stroke(self, row: int) -> None:
        """Add a row, and those that a fast pointer skipped, to the drag and preview what it will come to."""
        rows = self._groups.rowCount()
        known = [number for number in range(rows) if self._groups.row(number).key in self._stroke]
        near = min(known, key=lambda number: abs(number - row), default=row)
        between = range(min(near, row), max(near, row) + 1)
        passed = [key for number in between if (key := self._groups.row(number).key) not in self._stroke]
        if passed:
            self._stroke.extend(passed)
            assert self._before is not None
            preview, _ = after_gesture(self._before, self._stroke, learns=self._stroke_learns, new=self._groups.new)
            self._show_preview(preview)

    def _drop_stroke(self) -> None:
        if self._before is not None:
            self._show_preview(self._before)
        self._stroke, self._before = [], None

    def _show_preview(self, plan: FreezePlan) -> None:
        self._groups.show_plan(plan)
        self.viewport().update()

    def _set_hover(self, row: int) -> None:
        if row != self._hover:
            self._hover = row
            self.viewport().update()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier & ~Qt.KeyboardModifier.KeypadModifier
        plan, keys = self._groups.plan, self._chosen()
        match event.key():
            case Qt.Key.Key_Escape if self._stroke:
                self._drop_stroke()
            case Qt.Key.Key_Space if plain and plan is not None:
                self.set_learning(keys, not all(plan.learns(key) for key in keys))
            case Qt.Key.Key_F if plain:
                self.set_learning(keys, False)
            case Qt.Key.Key_L if plain:
                self.set_learning(keys, True)
            case _:
                super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not the beginning of a group's name."""

    def _chosen(self) -> tuple[str, ...]:
        current = self.currentIndex()
        return self.selected or ((self._groups.row(current.row()).key,) if current.isValid() else ())

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
        """The selection in words: "Layers 2 to 3 selected, all frozen"."""
        plan, keys = self._groups.plan, self.selected
        if plan is None or not keys:
            return ""
        learning = sum(plan.learns(key) for key in keys)
        states = {0: self.tr("frozen"), len(keys): self.tr("learning")}
        state = states.get(learning, self.tr("{count} of them learn").format(count=learning))
        both = {1: "", 2: self.tr("both ")}.get(len(keys), self.tr("all ")) if learning in states else ""
        return self.tr("{groups} selected, {state}").format(groups=named_range(keys, " to "), state=both + state)

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def _finish(self, before: FreezePlan, after: FreezePlan, refusal: str, keys: Sequence[str]) -> None:
        if after != before:
            self._groups.show_plan(after)
            changed = [key for key in keys if before.learns(key) != after.learns(key)]
            state = self.tr("learn") if after.learns(changed[0]) else self.tr("frozen")
            count = millions(self._groups.learning_parameters).replace(" M", self.tr(" million"))
            sentence = self.tr("{groups}: {state}. {count} parameters learn.")
            announce(self, sentence.format(groups=named_range(changed, " to "), state=state, count=count))
            self.plan_wanted.emit(after)
        if refusal:
            announce(self, refusal)
        self.refused.emit(refusal)


def named_range(keys: Sequence[str], dash: str = "–") -> str:
    """Some groups by name, top first in, bottom first out: "Layers 2–3, Embeddings"."""
    ordered = list(reversed(keys))
    numbers = sorted(int(key) for key in ordered if key.isdigit())
    parts = [title(key) for key in ordered if not key.isdigit()]
    if numbers:
        gapless = numbers == list(range(numbers[0], numbers[-1] + 1))
        listed = f"{numbers[0]}{dash}{numbers[-1]}" if gapless else ", ".join(map(str, numbers))
        parts.insert(0, title(str(numbers[0])) if len(numbers) == 1 else f"Layers {listed}")
    return ", ".join(parts)


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers as (first, last)."""
    if not rows:
        return []
    cuts = [i for i, (a, b) in enumerate(pairwise(rows), start=1) if b != a + 1]
    starts, ends = [0, *cuts], [*cuts, len(rows)]
    return [(rows[a], rows[b - 1]) for a, b in zip(starts, ends, strict=True)]
