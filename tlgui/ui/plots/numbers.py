"""The numbers behind the curves, as a table to read, search and copy."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from tlgui.core import freeze
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.plots import curves
from tlgui.ui.plots.curves import Curve
from tlgui.ui.plots.heat_values import MEASURES
from tlgui.ui.widgets.basics import button, label

Index = QModelIndex | QPersistentModelIndex


class NumbersModel(QAbstractTableModel):
    """One row a step, one column a curve; a curve says nothing at steps where it was not measured."""

    def __init__(self, history: History, recipe: Recipe) -> None:
        super().__init__()
        self.columns = columns_of(recipe, history)
        points = [curve.points(history) for _, curve, _ in self.columns]
        self.steps = np.unique(np.concatenate([steps for steps, _ in points])) if points else np.empty(0)
        self._values = np.full((len(self.steps), len(points)), np.nan)
        for column, (steps, values) in enumerate(points):
            self._values[np.searchsorted(self.steps, steps), column] = values

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.steps)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = self._values[index.row(), index.column()]
        return "" if np.isnan(value) else self.columns[index.column()][2].format(value)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.columns[section][0] if way == Qt.Orientation.Horizontal else f"{int(self.steps[section]):,}"

    def text(self) -> str:
        """The whole table with tabs between the columns, as spreadsheets take it."""
        lines = ["\t".join(["step", *(title for title, _, _ in self.columns)])]
        for step, row in zip(self.steps, self._values, strict=True):
            lines.append("\t".join([str(int(step)), *("" if np.isnan(v) else repr(float(v)) for v in row)]))
        return "\n".join(lines)


def columns_of(recipe: Recipe, history: History) -> list[tuple[str, Curve, str]]:
    """Title, curve and format of every column; groups have theirs last, topmost first."""
    goal = GOALS[recipe.task]
    found = [(f"{curve.title} (loss)", curve, "{:.4f}") for curve in curves.LOSS]
    found += [(curve.title, curve, "{:.3e}") for curve in curves.RATE]
    scored = history.validations[-1].metrics if history.validations else {metric.key for metric in goal.metrics}
    shown = [metric for metric in goal.metrics if metric.key != "loss" and metric.key in scored]
    metrics = [(metric.title, curves.validation_metric(metric.key)) for metric in shown]
    probes = [(probe, curves.probe_score(i)) for i, probe in enumerate(recipe.probes)]
    measured = [
        (measure.column.format(group=freeze.title(key, history.lower)), curves.group_measure(measure.field, key))
        for measure in MEASURES
        for key in reversed(history.groups)
    ]
    return found + [(name, Curve(name, "text", points), "{:.4f}") for name, points in (*metrics, *probes, *measured)]


class NumbersWindow(QDialog):
    """A table of everything that the plots show."""

    def __init__(self, history: History, recipe: Recipe, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("numbers_window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Numbers of the run"))
        self.model = NumbersModel(history, recipe)
        self.table = QTableView()
        self.table.setObjectName("numbers")
        self.table.setAccessibleName(self.tr("Values of every curve at every step"))
        self.table.setModel(self.model)
        self.table.setAlternatingRowColors(True)
        self.table.scrollToBottom()
        empty = label(self.tr("No step has been taken yet."), dim=True)
        empty.setVisible(not self.model.rowCount())
        buttons = QHBoxLayout()
        buttons.addWidget(button(self.tr("Copy"), "copy_numbers", clicked=self.copy))
        buttons.addStretch(1)
        close = button(self.tr("Close"), "close_numbers", clicked=self.close)
        close.setDefault(True)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(empty)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        self.resize(theme.unit() * 90, theme.unit() * 60)

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.model.text())
