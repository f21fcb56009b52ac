"""The strategies of a race: a button that tells how many are chosen, and the list that it opens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QSpinBox, QVBoxLayout

from tlgui.core.race import strategy
from tlgui.core.race_words import chosen_words
from tlgui.ui import theme
from tlgui.ui.widgets.basics import ThemedButton

ORDER = ("everything", "gradual", "top", "lora", "feature-based", "head", "scratch")
"""In plots and table; `top` is any `top-K`."""
USUAL = ("everything", "top-2", "feature-based", "scratch")
TOP = 2
MOST_LAYERS = 96


class StrategyPicker(ThemedButton):
    """Says `changed` when the user has chosen otherwise."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("", "down")
        self.setObjectName("race_strategies")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the words
        self.list = StrategyList(self)
        self.list.changed.connect(self._take)
        self.clicked.connect(self._open)
        self.show_keys(USUAL)

    @property
    def keys(self) -> tuple[str, ...]:
        """The chosen strategies, in the order of plots and table."""
        return self.list.keys

    def show_keys(self, keys: Sequence[str]) -> None:
        """Mark these strategies, without speaking; those that the list has not are left out."""
        self.list.show_keys(keys)
        self._show_count()

    def show_layers(self, layers: int) -> None:
        """Let `top-K` have at most this many layers; 0 if the model is not known."""
        self.list.top.setMaximum(layers or MOST_LAYERS)

    def _take(self) -> None:
        self._show_count()
        self.changed.emit()

    def _show_count(self) -> None:
        words = chosen_words(len(self.keys), len(ORDER))
        self.setText(words)
        self.setAccessibleName(self.tr("Strategies, {words} chosen").format(words=words))
        self.setToolTip(", ".join(strategy(key).title for key in self.keys))

    def _open(self) -> None:
        self.list.adjustSize()
        self.list.move(self.mapToGlobal(QPoint(0, self.height())))
        self.list.show()
        next(iter(self.list.boxes.values())).setFocus()


class StrategyList(QFrame):
    """A box a strategy; the number of top layers stands in its line. Escape puts it away."""

    changed = Signal()

    def __init__(self, parent: StrategyPicker) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setObjectName("strategy_list")
        self.setAccessibleName(self.tr("Strategies"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.boxes: dict[str, QCheckBox] = {}
        self.top = QSpinBox()
        self.top.setObjectName("race_top_layers")
        self.top.setAccessibleName(self.tr("Number of top layers"))
        self.top.setRange(1, MOST_LAYERS)
        self.top.setValue(TOP)
        self.top.valueChanged.connect(self._take_top)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(12), theme.space(10), theme.space(12), theme.space(10))
        column.setSpacing(theme.space(6))
        for key in ORDER:
            box = QCheckBox(self.tr("Top layers:") if key == "top" else strategy(key).title)
            box.setObjectName(f"race_{key}")
            box.setAccessibleName(box.text().strip(":"))
            box.toggled.connect(self.changed)
            self.boxes[key] = box
            if key == "top":
                line = QHBoxLayout()
                line.setSpacing(theme.space(6))
                line.addWidget(box)
                line.addWidget(self.top)
                line.addStretch(1)
                column.addLayout(line)
            else:
                column.addWidget(box)

    @property
    def keys(self) -> tuple[str, ...]:
        chosen = (key for key in ORDER if self.boxes[key].isChecked())
        return tuple(f"top-{self.top.value()}" if key == "top" else key for key in chosen)

    def show_keys(self, keys: Sequence[str]) -> None:
        top = next((key for key in keys if key.startswith("top-")), "")
        with QSignalBlocker(self.top):
            self.top.setValue(int(top.removeprefix("top-")) if top else self.top.value())
        for key, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(bool(top) if key == "top" else key in keys)

    def _take_top(self) -> None:
        if not self.boxes["top"].isChecked():
            self.boxes["top"].setChecked(True)  # says that it changed
        else:
            self.changed.emit()
