"""A small table of records with a header and one line a row."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QTableView

from tlgui.ui import theme
from tlgui.ui.widgets.rows import RowsModel


class PlainTable(QTableView):
    """Whole rows are selected, one at a time; columns are as wide as what they show."""

    def __init__(self, name: str, title: str, model: RowsModel) -> None:
        """Args:
        name: Object name.
        title: Accessible name.
        model: What is shown.
        """
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(self.tr(title))
        self.setModel(model)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.space(8))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setHighlightSections(False)
