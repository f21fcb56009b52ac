"""A form made from a table: one row a setting, its widget by kind, a problem's sentence under it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlgui.ui import theme
from tlgui.ui.widgets.basics import Icon, label

CELL_UNITS = 19
"""Narrowest cell, in units of the theme: the longest label and suffix fit."""

Kind = Literal["whole", "number", "percent", "rate", "choice", "switch", "text"]


@dataclass(frozen=True)
class Setting:
    """One value that a person can change."""

    section: str
    field: str
    label: str
    kind: Kind
    tip: str
    low: float = 0
    high: float = 1
    step: float = 1
    suffix: str = ""
    zero: str = ""
    """Words shown instead of 0."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, words)."""
    goals: tuple[str, ...] = ()
    """Goals that have this setting; empty = all."""

    @property
    def key(self) -> str:
        """The field as problems name it, such as `train.epochs`."""
        return f"{self.section}.{self.field}" if self.section else self.field


class SettingsForm(QWidget):
    """Cells in rows of at most `columns`; speaks when the person changes a value, not when it is shown one."""

    edited = Signal(str, str, object)
    """(section, field, value)"""

    def __init__(self, settings: Sequence[Setting], columns: int) -> None:
        super().__init__()
        self._settings = tuple(settings)
        self._cells: dict[str, QWidget] = {}
        self._problems: dict[str, FieldProblem] = {}
        self.fields: dict[str, QWidget] = {}
        """The widget of each setting, by key."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space(16))
        self._grid.setVerticalSpacing(theme.space(8))
        self._most = self._columns = columns
        self._goal = ""
        self.setMinimumWidth(theme.unit() * 40)  # less than the cells in one row: they wrap
        for setting in self._settings:
            self._cells[setting.key] = self._make_cell(setting)
        self.show_goal("")

    def show_goal(self, goal: str) -> None:
        """Show the settings that this goal has."""
        self._goal = goal
        self._lay_cells()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitting() != self._columns:
            self._lay_cells()

    def _shown(self) -> list[Setting]:
        return [setting for setting in self._settings if not setting.goals or self._goal in setting.goals]

    def _fitting(self) -> int:
        """Cells in a row, so that all rows are about equally long."""
        most = min(self._most, max(1, self.width() // (theme.unit() * CELL_UNITS)))
        rows = math.ceil(len(self._shown()) / most)
        return math.ceil(len(self._shown()) / rows)

    def _lay_cells(self) -> None:
        self._columns = self._fitting()
        shown = self._shown()
        for setting in self._settings:
            self._cells[setting.key].setVisible(setting in shown)
        for place, setting in enumerate(shown):
            self._grid.addWidget(self._cells[setting.key], place // self._columns, place % self._columns)
        for column in range(self._most):
            self._grid.setColumnStretch(column, int(column < self._columns))

    def show_values(self, value: Callable[[str, str], Any]) -> None:
        """Show what `value(section, field)` says, without speaking."""
        for setting in self._settings:
            widget = self.fields[setting.key]
            with QSignalBlocker(widget):
                _KINDS[setting.kind].show(widget, value(setting.section, setting.field))

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Put each problem's sentence under its field."""
        for key, line in self._problems.items():
            line.show_text(problems.get(key, ""), problem=True)

    def show_remark(self, key: str, text: str) -> None:
        """A remark under a field that has no problem."""
        if not self._problems[key].is_problem:
            self._problems[key].show_text(text, problem=False)

    def problem(self, key: str) -> FieldProblem:
        """The line under a field."""
        return self._problems[key]

    def _make_cell(self, setting: Setting) -> QWidget:
        cell = QWidget(self)  # a cell that is not laid out yet must not become a window
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(4))
        tell = partial(self.edited.emit, setting.section, setting.field)
        widget = _KINDS[setting.kind].make(setting, tell)
        widget.setObjectName(setting.key.replace(".", "_"))
        widget.setToolTip(self.tr(setting.tip))
        widget.setAccessibleName(self.tr(setting.label))
        widget.setAccessibleDescription(self.tr(setting.tip))
        name = label(self.tr(setting.label), "caption", dim=True)
        name.setBuddy(widget)
        name.setToolTip(self.tr(setting.tip))
        problem = FieldProblem()
        column.addWidget(name)
        column.addWidget(widget)
        column.addWidget(problem)
        column.addStretch(1)
        self.fields[setting.key], self._problems[setting.key] = widget, problem
        return cell


class FieldProblem(QWidget):
    """A small line under a field: what is wrong with its value, or a remark on it."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Icon("bad", "bad", theme.space(12))
        self._text = label("", "caption", wrap=True)
        self.is_problem = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(4))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_text(self, text: str, *, problem: bool) -> None:
        """Say something, or nothing; only a problem has an icon."""
        self.is_problem = problem and bool(text)
        self._icon.setVisible(self.is_problem)
        self._text.setText(text)
        self._text.setForegroundRole(QPalette.ColorRole.Text if problem else QPalette.ColorRole.PlaceholderText)
        self.setVisible(bool(text))


class RateSpin(QDoubleSpinBox):
    """A learning rate, written as 5e-5 and changed by a tenth of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(12)

    def textFromValue(self, value: float) -> str:
        digits, _, power = f"{value:.2e}".partition("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(power)}" if value else "0"

    def valueFromText(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        try:
            inside = self.minimum() <= float(text) <= self.maximum()
        except ValueError:
            typing = set(text) <= set("0123456789.eE+-")
            return (QValidator.State.Intermediate if typing else QValidator.State.Invalid), text, position
        return (QValidator.State.Acceptable if inside else QValidator.State.Intermediate), text, position

    def stepBy(self, steps: int) -> None:
        self.setValue(self.value() * 1.1**steps)


@dataclass(frozen=True)
class _Widgets:
    """How one kind of setting is made and shown."""

    make: Callable[[Setting, Callable[[Any], None]], QWidget]
    show: Callable[[Any, Any], None]


def _whole(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    spin = QSpinBox()
    spin.setGroupSeparatorShown(True)
    spin.setRange(int(setting.low), int(setting.high))
    spin.setSingleStep(int(setting.step))
    spin.valueChanged.connect(tell)
    return _dress_spin(spin, setting)


def _number(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    spin = QDoubleSpinBox()
    spin.setDecimals(3 if setting.step < 0.01 else 2)
    spin.setRange(setting.low, setting.high)
    spin.setSingleStep(setting.step)
    spin.valueChanged.connect(lambda value: tell(round(value, 6)))
    return _dress_spin(spin, setting)


def _percent(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    spin = QSpinBox()
    spin.setRange(round(setting.low * 100), round(setting.high * 100))
    spin.valueChanged.connect(lambda value: tell(value / 100))
    return _dress_spin(spin, setting)


def _rate(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    spin = RateSpin()
    spin.setRange(setting.low, setting.high)
    spin.valueChanged.connect(lambda value: tell(float(f"{value:.2e}")))
    return _dress_spin(spin, setting)


def _dress_spin(spin: QSpinBox | QDoubleSpinBox, setting: Setting) -> QAbstractSpinBox:
    spin.setSuffix(setting.suffix)
    spin.setSpecialValueText(setting.zero)
    spin.setKeyboardTracking(False)  # typing 128 is one change, not three
    spin.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return spin


def _choice(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    box = QComboBox()
    for value, words in setting.choices:
        box.addItem(words, value)
    box.currentIndexChanged.connect(lambda row: tell(box.itemData(row)))
    return box


def _switch(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    box = QCheckBox(setting.suffix)
    box.toggled.connect(tell)
    return box


def _text(setting: Setting, tell: Callable[[Any], None]) -> QWidget:
    line = QLineEdit()
    line.editingFinished.connect(lambda: tell(line.text().strip()))
    return line


_KINDS: dict[Kind, _Widgets] = {
    "whole": _Widgets(_whole, lambda spin, value: spin.setValue(value)),
    "number": _Widgets(_number, lambda spin, value: spin.setValue(value)),
    "percent": _Widgets(_percent, lambda spin, value: spin.setValue(round(value * 100))),
    "rate": _Widgets(_rate, lambda spin, value: spin.setValue(value)),
    "choice": _Widgets(_choice, lambda box, value: box.setCurrentIndex(box.findData(value))),
    "switch": _Widgets(_switch, lambda box, value: box.setChecked(value)),
    "text": _Widgets(_text, lambda line, value: line.setText(value)),
}
