"""The buttons under the freeze board: what its keys do, for the selected groups."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from tlgui.core import gestures
from tlgui.core.board import Board, Kind, named_range
from tlgui.core.plan import scientific
from tlgui.ui import theme
from tlgui.ui.widgets.basics import label
from tlgui.ui.widgets.board import FreezeBoard
from tlgui.ui.widgets.board_keys import Gesture, thaw_gesture
from tlgui.ui.widgets.choice import ChoiceButton, LinkButton
from tlgui.ui.widgets.elided import ElidedLabel

MOST_EPOCHS = 12
"""So many lines of the thaw menu; a longer run has them further apart."""


class BoardTools(QWidget):
    """Shows what the selected groups do, and changes it."""

    def __init__(self, board: FreezeBoard) -> None:
        super().__init__()
        self._board = board
        self.range = label("", "heading")
        self.freeze = ChoiceButton(self.tr("Freeze"), "freeze", "lock")
        self.let_learn = ChoiceButton(self.tr("Let learn"), "let_learn", "open")
        self.thaw = ChoiceButton(self.tr("Thaw in epoch…"), "thaw", "later")
        self.lora = ChoiceButton(self.tr("LoRA"), "lora_range", "lora")
        self.menu = QMenu(self.thaw)
        self.rate = ElidedLabel("body", dim=True)
        self.rate.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.computed = LinkButton(self.tr("Use computed"), "computed_rate")
        self.computed.setToolTip(self.tr("Follow the head's rate again"))
        for choice, gesture in self._gestures().items():
            choice.clicked.connect(lambda _=False, gesture=gesture: self._perform(gesture))
        self.thaw.clicked.connect(self._open_menu)
        self.menu.aboutToHide.connect(self.show_range)
        self.computed.clicked.connect(lambda: self._perform(_computed))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(8))
        for widget in (self.range, self.freeze, self.let_learn, self.thaw, self.lora):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.rate)
        row.addWidget(self.computed)
        board.range_changed.connect(self.show_range)

    def _gestures(self) -> dict[ChoiceButton, Gesture]:
        return {self.freeze: gestures.freeze, self.let_learn: gestures.learn, self.lora: gestures.adapt}

    def _perform(self, gesture: Gesture) -> None:
        self._board.perform(gesture, self._board.selected)
        self.show_range()  # also when nothing changed: the pressed button has toggled itself

    def show_range(self) -> None:
        """Show the selection and its state, as they are now."""
        keys, board = self._board.selected, self._board.shown
        some = bool(keys) and board is not None
        words = self.tr("Nothing selected")
        if some and board is not None:
            words = self.tr("{groups} selected").format(groups=named_range(keys, lower=board.lower))
        self.range.setText(words)
        kinds = {board.kind(key) for key in keys} if board is not None else set()
        states: tuple[tuple[ChoiceButton, set[Kind]], ...] = (
            (self.freeze, {"frozen"}),
            (self.let_learn, {"learns"}),
            (self.thaw, {"thaws", "waits"}),
            (self.lora, {"adapted"}),
        )
        for choice, wanted in states:
            choice.setEnabled(some)
            choice.setChecked(some and kinds <= wanted)
        own = [key for key in keys if board is not None and key in board.transfer.rates]
        self.computed.setVisible(bool(own))
        hint = self.tr("Select groups, or click a lock")
        self.rate.setText(self._rate_words(board) if some and board is not None else hint)
        self.rate.setToolTip(self.tr("Double-click a rate to type it; + and - change it by a tenth."))

    def _rate_words(self, board: Board) -> str:
        learning = [key for key in self._board.selected if key in board.ever]
        if not learning:
            return self.tr("Rate: none while frozen")
        low, high = (scientific(f(board.rates[key] for key in learning)) for f in (min, max))
        if low == high:
            return self.tr("Rate: {rate}").format(rate=high)
        return self.tr("Rate: {low} to {high}").format(low=low, high=high)

    def _open_menu(self) -> None:
        self.fill_menu()
        self.menu.popup(self.thaw.mapToGlobal(QPoint(0, self.thaw.height())))

    def fill_menu(self) -> None:
        """Offer the epochs of the run."""
        self.menu.clear()
        board = self._board.shown
        epochs = board.recipe.train.epochs if board is not None else 1
        each = -(-epochs // MOST_EPOCHS)
        for epoch in range(1, epochs + 1, each):
            words = self.tr("Epoch {number}").format(number=epoch) if epoch > 1 else self.tr("From the start")
            action = self.menu.addAction(words)
            action.triggered.connect(lambda _=False, epoch=epoch: self._perform(thaw_gesture(epoch)))


def _computed(board: Board, keys: Sequence[str]) -> gestures.Outcome:
    return gestures.with_computed_rates(board, keys), ""
