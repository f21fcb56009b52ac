"""What can be set of the chosen method, on the line under the presets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSpinBox, QStyle, QStyleOptionComboBox, QWidget

from tlgui.core import presets
from tlgui.core.board import Board
from tlgui.core.facts import ModelFacts
from tlgui.core.freeze import layer_keys, title
from tlgui.core.goals import GOALS
from tlgui.core.transfer import LAST, MIX
from tlgui.core.transfer_words import YARDSTICKS
from tlgui.ui import theme
from tlgui.ui.widgets.basics import label
from tlgui.ui.widgets.choice import LinkButton
from tlgui.ui.widgets.flow import FlowLayout
from tlgui.ui.widgets.number import NumberSpin

ORDINARY_WIDTH = 256
"""Of a hidden layer in the head, before one was chosen."""


class Chooser(QComboBox):
    """A list of values; speaks only when a person picks one."""

    def __init__(self, name: str, accessible: str, choices: Sequence[tuple[Any, str]] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.currentIndexChanged.connect(lambda index: self.updateGeometry())
        self.offer(choices)

    def sizeHint(self) -> QSize:
        # As wide as what is chosen: a line of fields reads like a sentence.
        at = self.fontMetrics()
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text = QSize(at.horizontalAdvance(self.currentText()) + theme.space(8), at.height())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, text, self)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showPopup(self) -> None:
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + theme.space(24))
        super().showPopup()

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offer other values, in words."""
        if [(self.itemData(i), self.itemText(i)) for i in range(self.count())] != list(choices):
            self.clear()
            for value, words in choices:
                self.addItem(words, value)

    def show_value(self, value: Any) -> None:
        self.setCurrentIndex(self.findData(value))

    def on_choice(self, take: Callable[[Any], object]) -> None:
        self.activated.connect(lambda index: take(self.itemData(index)))


class Options(QWidget):
    """The settings of one method; asks for another recipe when one is changed."""

    recipe_wanted = Signal(object)
    """(Recipe)"""

    def __init__(self) -> None:
        super().__init__()
        self.board: Board | None = None
        self._line = FlowLayout(self, gap=theme.space(12), line_gap=theme.space(6))
        self.hide()

    def show_board(self, board: Board, model: ModelFacts) -> None:
        """Show what a recipe says."""
        self.board = board

    def ask(self, change: Callable[[Board], object]) -> None:
        """Ask for what a change makes of the recipe that is shown."""
        if self.board is not None:
            self.recipe_wanted.emit(change(self.board))

    def add(self, *parts: str | QWidget) -> None:
        """Words and fields that stay together on a line; the words before a field name it."""
        holder, words = QWidget(), None
        holder.setMinimumHeight(QSpinBox().sizeHint().height())  # all on one line, whatever kind of field they are
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(8))
        for part in parts:
            if isinstance(part, str):
                words = label(part, dim=True)
                row.addWidget(words)
                continue
            if words is not None:
                words.setBuddy(part)
            row.addWidget(part)
        self._line.addWidget(holder)


class TopOptions(Options):
    """How many of the top layers learn."""

    def __init__(self) -> None:
        super().__init__()
        self.top_layers = _spin("top_layers", self.tr("Number of top layers that learn"), 1, 1)
        self.top_layers.valueChanged.connect(lambda n: self.ask(lambda board: presets.choose(board, "top", n)))
        self.add(self.tr("&Let learn the top"), self.top_layers)

    def show_board(self, board: Board, model: ModelFacts) -> None:
        super().show_board(board, model)
        with QSignalBlocker(self.top_layers):
            self.top_layers.setMaximum(max(1, len(layer_keys(board.keys))))
            self.top_layers.setValue(presets.preset_of(board)[1])
            self.top_layers.setSuffix(self.tr(" layer") if self.top_layers.value() == 1 else self.tr(" layers"))


class GradualOptions(Options):
    """When layers thaw, and down to which."""

    def __init__(self) -> None:
        super().__init__()
        rules = (("schedule", self.tr("every")), ("plateau", self.tr("when validation stalls for")))
        self.rule = Chooser("thaw_rule", self.tr("When a layer thaws"), rules)
        self.every = NumberSpin("thaw_every", self.tr("Time between two thaws"), 0.001, 100_000)
        self.unit = Chooser("thaw_unit", self.tr("Unit of the time between two thaws"))
        self.checks = _spin("thaw_checks", self.tr("Checks without a better one"), 1, 1000, self.tr(" checks"))
        self.down_to = Chooser("thaw_down_to", self.tr("Lowest group that thaws"))
        self.rule.on_choice(lambda rule: self.ask(lambda board: presets.with_rule(board, rule)))
        self.every.valueChanged.connect(self._take_every)
        self.unit.on_choice(lambda unit: self.ask(lambda b: presets.with_every(b, b.transfer.gradual.every, unit)))
        self.checks.valueChanged.connect(
            lambda n: self.ask(lambda board: board.recipe.edit("transfer.gradual", checks=n))
        )
        self.down_to.on_choice(lambda key: self.ask(lambda board: presets.with_down_to(board, key)))
        self.add(self.tr("&Thaw a layer"), self.rule, self.every, self.unit, self.checks)
        self.add(self.tr("&down to"), self.down_to)

    def show_board(self, board: Board, model: ModelFacts) -> None:
        super().show_board(board, model)
        gradual = board.transfer.gradual
        by_clock = gradual.rule == "schedule"
        one = gradual.every == 1
        steps = self.tr("step") if one else self.tr("steps")
        self.unit.offer((("epochs", self.tr("epoch") if one else self.tr("epochs")), ("steps", steps)))
        self.down_to.offer([(key, title(key, board.lower)) for key in board.order])
        for field, value in ((self.rule, gradual.rule), (self.unit, gradual.unit)):
            field.show_value(value)
        self.down_to.show_value(presets.down_to(board))
        self.every.setSingleStep(board.grid)
        self.every.show_value(gradual.every)
        with QSignalBlocker(self.checks):
            self.checks.setValue(gradual.checks)
            self.checks.setSuffix(self.tr(" check") if gradual.checks == 1 else self.tr(" checks"))
        self.every.setVisible(by_clock)
        self.unit.setVisible(by_clock)
        self.checks.setVisible(not by_clock)

    def _take_every(self, every: float) -> None:
        def change(board: Board) -> object:
            unit = board.transfer.gradual.unit
            return presets.with_every(board, float(max(1, round(every))) if unit == "steps" else every, unit)

        self.ask(change)


class LoraOptions(Options):
    """Size of the updates, and which matrices get one."""

    def __init__(self) -> None:
        super().__init__()
        self.rank = _spin("lora_rank", self.tr("Rank of each update"), 1, 1024)
        self.alpha = NumberSpin("lora_alpha", self.tr("Alpha: the update is scaled by alpha over rank"), 0.01, 10_000)
        self.dropout = NumberSpin("lora_dropout", self.tr("Dropout on the update's input"), 0.0, 0.99)
        self.dropout.setSingleStep(0.05)
        self.rank.valueChanged.connect(lambda n: self._edit(rank=n))
        self.alpha.valueChanged.connect(lambda x: self._edit(alpha=x))
        self.dropout.valueChanged.connect(lambda x: self._edit(dropout=x))
        self.matrices: dict[str, QCheckBox] = {}
        self.more = LinkButton(self.tr("Dropout…"), "lora_more")
        self.more.clicked.connect(lambda: self._unfold(True))
        self.add(self.tr("&Rank"), self.rank)
        self.add(self.tr("&Alpha"), self.alpha)
        self._boxes = QWidget()
        self._boxes_row = QHBoxLayout(self._boxes)
        self._boxes_row.setContentsMargins(0, 0, 0, 0)
        self._boxes_row.setSpacing(theme.space(8))
        self.add(self.tr("on"), self._boxes)
        self._dropout_words = label(self.tr("Dr&opout"), dim=True)
        self._dropout_words.setBuddy(self.dropout)
        self.add(self.more, self._dropout_words, self.dropout)
        self._unfold(False)

    def show_board(self, board: Board, model: ModelFacts) -> None:
        super().show_board(board, model)
        if tuple(self.matrices) != model.matrices:
            self._offer(model.matrices)
        lora, chosen = board.transfer.lora, presets.lora_matrices(board.transfer.lora, model.matrices)
        for name, box in self.matrices.items():
            with QSignalBlocker(box):
                box.setChecked(name in chosen)
                box.setEnabled(chosen != (name,))  # one has to be left
        with QSignalBlocker(self.rank):
            self.rank.setValue(lora.rank)
        self.alpha.show_value(lora.alpha)
        self.dropout.show_value(lora.dropout)
        if lora.dropout:
            self._unfold(True)

    def _edit(self, **fields: Any) -> None:
        self.ask(lambda board: board.recipe.edit("transfer.lora", **fields))

    def _offer(self, names: Sequence[str]) -> None:
        for old in self.matrices.values():
            old.deleteLater()
        self.matrices = {}
        for name in names:
            box = QCheckBox(name)
            box.setObjectName(f"lora_{name}")
            box.setAccessibleName(self.tr("LoRA on {matrix}").format(matrix=name))
            box.toggled.connect(lambda *_: self._take_matrices())
            self._boxes_row.addWidget(box)
            self.matrices[name] = box
        stops = (self.alpha, *self.matrices.values(), self.more)
        for before, after in pairwise(stops):  # Tab goes from left to right
            QWidget.setTabOrder(before, after)

    def _take_matrices(self) -> None:
        self._edit(matrices=tuple(name for name, box in self.matrices.items() if box.isChecked()))

    def _unfold(self, opened: bool) -> None:
        self.more.setVisible(not opened)
        self._dropout_words.setVisible(opened)
        self.dropout.setVisible(opened)


class FeatureOptions(Options):
    """What the head is given, and how large it is."""

    def __init__(self) -> None:
        super().__init__()
        self.features = Chooser("features", self.tr("Layers whose output the head reads"))
        poolings = (
            ("mean", self.tr("mean")),
            ("first", self.tr("first token")),
            ("max", self.tr("max")),
            ("attention", self.tr("attention")),
            ("own", self.tr("the model's own")),
        )
        self.pooling = Chooser("pooling", self.tr("How tokens become one vector"), poolings)
        heads = ((False, self.tr("linear")), (True, self.tr("one hidden layer")))
        self.kind = Chooser("head_kind", self.tr("Kind of head"), heads)
        self.hidden_width = _spin("head_width", self.tr("Width of the hidden layer"), 1, 65_536, self.tr(" wide"))
        self.baseline = QCheckBox()
        self.baseline.setObjectName("baseline")
        self._name_baseline(YARDSTICKS["class"])
        self.features.on_choice(lambda value: self._edit(features=value))
        self.pooling.on_choice(lambda value: self._edit(pooling=value))
        self.kind.on_choice(lambda hidden: self._edit(hidden=ORDINARY_WIDTH if hidden else 0))
        self.hidden_width.valueChanged.connect(lambda n: self._edit(hidden=n))
        self.baseline.toggled.connect(lambda on: self._edit(baseline=on))
        self.add(self.tr("&Features"), self.features)
        self.add(self.tr("&Pooling"), self.pooling)
        self.add(self.tr("&Head"), self.kind, self.hidden_width)
        self.add(self.baseline)

    def show_board(self, board: Board, model: ModelFacts) -> None:
        super().show_board(board, model)
        head, layers = board.recipe.head, board.order
        ends = ((LAST, self.tr("last layer")), (MIX, self.tr("learned mix of all")))
        self.features.offer((*ends, *((key, title(key)) for key in layers)))
        self.features.show_value(head.features)
        self.pooling.show_value(board.recipe.pooling)
        item = self.pooling.model().item(self.pooling.findData("own"))  # type: ignore[attr-defined]
        item.setEnabled(head.features == LAST and not head.hidden)
        self.kind.show_value(bool(head.hidden))
        self.hidden_width.setVisible(bool(head.hidden))
        with QSignalBlocker(self.hidden_width), QSignalBlocker(self.baseline):
            self.hidden_width.setValue(head.hidden or ORDINARY_WIDTH)
            self.baseline.setChecked(head.baseline)
        yardstick = YARDSTICKS.get(GOALS[board.recipe.task].truth, "")
        if yardstick:
            self._name_baseline(yardstick)
        self.baseline.setVisible(board.transfer.method == "feature-based" and bool(yardstick))

    def _name_baseline(self, model: str) -> None:
        said = self.tr("{model} beside it").format(model=model)
        self.baseline.setText(said)
        self.baseline.setAccessibleName(said)
        tip = self.tr("Fits scikit-learn's {model} on the same features")
        self.baseline.setToolTip(tip.format(model=model.lower()))

    def _edit(self, **fields: Any) -> None:
        self.ask(lambda board: presets.with_head(board.recipe, **fields))


def _spin(name: str, accessible: str, low: int, high: int, suffix: str = "") -> QSpinBox:
    spin = QSpinBox()
    spin.setObjectName(name)
    spin.setAccessibleName(accessible)
    spin.setRange(low, high)
    spin.setSuffix(suffix)
    spin.setKeyboardTracking(False)
    return spin
