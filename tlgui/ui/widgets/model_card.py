"""What is known of the model at hand, and what it costs on this computer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, label, rule
from tlgui.ui.widgets.choice import LinkButton
from tlgui.ui.widgets.fact_rows import FactRows

Rows = Sequence[tuple[str, str]]


class ModelCard(Card):
    """Told everything; `again` asks for another measurement."""

    def __init__(self) -> None:
        super().__init__()
        self.name = label("", "heading", wrap=True)
        self.note = label("", dim=True, wrap=True)
        self.facts = FactRows()
        self.figures = FactRows(figures=True)
        self.again = LinkButton(self.tr("Again"), "measure_again")
        self.again.setAccessibleName(self.tr("Measure again"))
        self.measured = label("", "caption", dim=True, wrap=True)
        self._measured_icon = Icon("check", "good")
        self._safe = self._files()
        for part in (self.name, self.note, self.facts):
            self.body.addWidget(part)
        self._cost = self._measurements()
        self.body.addWidget(self._cost)
        self.body.addWidget(self._safe)

    def show_model(self, name: str, note: str, rows: Rows, *, checked: bool) -> None:
        """`checked` says that the files were looked into and hold nothing that runs."""
        self.name.setText(name)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.facts.show_rows(rows)
        self._safe.setVisible(checked)

    def show_cost(self, rows: Rows, sentence: str) -> None:
        """What was timed; without rows the sentence says why nothing is there yet."""
        self.figures.show_rows(rows)
        self.figures.setVisible(bool(rows))
        self.again.setVisible(bool(rows))
        self._measured_icon.setVisible(bool(rows))
        self.measured.setText(sentence)
        self._cost.setVisible(bool(sentence))

    def _measurements(self) -> QWidget:
        foot = QHBoxLayout()
        foot.addWidget(self._measured_icon)
        foot.addWidget(self.measured, 1)
        foot.addWidget(self.again)
        return _part(self.tr("On this computer"), self.figures, foot)

    def _files(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        row.addWidget(Icon("check", "good"))
        row.addWidget(label(self.tr("Safe format: weights only, no code inside."), wrap=True), 1)
        return _part(self.tr("Files"), None, row)


def _part(title: str, widget: QWidget | None, row: QHBoxLayout) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, theme.space(4), 0, 0)
    column.setSpacing(theme.space(6))
    column.addWidget(rule())
    column.addWidget(label(title, "heading"))
    if widget is not None:
        column.addWidget(widget)
    column.addLayout(row)
    return holder
