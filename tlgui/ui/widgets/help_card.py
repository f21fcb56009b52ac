"""Did training help: one figure before and after, as two bars and a sentence."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tlgui.core.goals import Metric
from tlgui.core.wording import gain_sentence
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Bar, Card, label


class HelpCard(Card):
    """Empty until a run has a value before its first step and one of its kept weights."""

    def __init__(self, heading: str) -> None:
        super().__init__(heading)
        self.setObjectName("did_it_help")
        self.what = label(dim=True, wrap=True)
        self.verdict = label(wrap=True)
        self._bars, self._figures = (Bar(token="original", hollow=True), Bar()), (label(), label())
        self._rows = QWidget()
        grid = QGridLayout(self._rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(8))
        names: tuple[QLabel, QLabel] = (label(self.tr("original"), "caption"), label(self.tr("adapted"), "caption"))
        for row, (name, bar, figure) in enumerate(zip(names, self._bars, self._figures, strict=True)):
            grid.addWidget(name, row, 0)
            grid.addWidget(bar, row, 1)
            grid.addWidget(figure, row, 2)
        for part in (self.what, self._rows, self.verdict):
            self.body.addWidget(part)
        self.show_nothing("")

    def show_nothing(self, sentence: str) -> None:
        """There is nothing to compare yet; the sentence says what would change that."""
        self.what.hide()
        self._rows.hide()
        self.verdict.setText(sentence)

    def show_figures(self, what: str, metric: Metric, before: float, after: float) -> None:
        """Show a figure before and after training, with what it means."""
        self.what.setText(what)
        self.what.show()
        self._rows.show()
        whole = 1.0 if metric.percent else max(before, after, 1e-9)
        for bar, figure, value in zip(self._bars, self._figures, (before, after), strict=True):
            bar.show_share(value / whole)
            figure.setText(metric.show(value))
        self.verdict.setText(gain_sentence(metric, before, after))
