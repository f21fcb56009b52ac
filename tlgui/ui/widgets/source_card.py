"""Which file is read and how: name, size, and the ways to choose another one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu

from tlgui.core.facts import DataFacts
from tlgui.core.plan import count
from tlgui.core.recipe import ReadingPart
from tlgui.core.samples import SAMPLES, Sample
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, button, label
from tlgui.ui.widgets.data_side import file_name
from tlgui.ui.widgets.elided import ElidedLabel
from tlgui.ui.widgets.reading_form import ReadingForm

ROOMY = 110
"""Characters from which on there is room for the invitation to drop a file."""


class SourceCard(Card):
    """Names the table and offers others."""

    source_wanted = Signal(str)
    """(recipe source) when a file, a folder or a sample is chosen."""
    reading_wanted = Signal(object)
    """(ReadingPart) when the file is to be read another way."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("source_card")
        self.name = label("", "heading")
        self.facts = ElidedLabel(dim=True)
        self.invitation = label("", "caption", dim=True)
        self.choose = button(self.tr("Choose…"), "choose_data")
        self.choose.setMenu(self._menu())
        self.how = button(self.tr("How it is read"), "how_it_is_read", "right")
        self.how.setAccessibleName(self.tr("How the file is read"))
        self.how.setCheckable(True)
        self.how.setFlat(True)
        self.how.toggled.connect(self._fold)
        self.form = ReadingForm()
        self.form.setVisible(False)
        self.form.reading_wanted.connect(self.reading_wanted)
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        row.addWidget(Icon("folder", "dim", 18))
        row.addWidget(self.name)
        row.addWidget(self.facts, 1)
        for widget in (self.how, self.invitation, self.choose):
            row.addWidget(widget)
        self.body.setContentsMargins(theme.space(10), theme.space(8), theme.space(10), theme.space(8))
        self.body.addLayout(row)
        self.body.addWidget(self.form)

    def _menu(self) -> QMenu:
        menu = QMenu(self.choose)
        menu.setObjectName("choose_data_menu")
        menu.addAction(self.tr("&File…"), self.choose_file)
        menu.addAction(self.tr("Fol&der…"), self.choose_folder)
        menu.addSeparator()
        first_of: dict[str, Sample] = {}
        for sample in SAMPLES.values():
            first_of.setdefault(sample.source, sample)
        for sample in first_of.values():
            words = self.tr("Sample: {title}").format(title=sample.title)
            menu.addAction(words, partial(self.source_wanted.emit, sample.source))
        return menu

    def show_source(self, source: str, facts: DataFacts | None, reading: ReadingPart, fields: Sequence[str]) -> None:
        """Take what is read, what it turned out to be, and the settings of reading that mean anything for it."""
        name = file_name(source) or self.tr("No data yet")
        self.name.setText(facts.name if facts is not None else name)
        self.name.setToolTip(source)
        words = ""
        if facts is not None:
            columns = count(len(facts.columns), self.tr("column"), self.tr("columns"))
            rows = count(facts.rows, self.tr("row"), self.tr("rows"))
            words = ", ".join(part for part in (rows, columns, facts.reading) if part)
        self.facts.setText(words)
        self.invitation.setText(self.tr("Drop another file here, or") if source else self.tr("Drop a file here, or"))
        self.how.setVisible(bool(fields))
        self.form.setVisible(bool(fields) and self.how.isChecked())
        how = self.tr("Read as: {how}.").format(how=facts.reading) if facts is not None and facts.reading else ""
        self.form.show_reading(reading, fields, how)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.invitation.setVisible(self.width() > self.fontMetrics().averageCharWidth() * ROOMY)

    def choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file of texts"))
        if path:
            self.source_wanted.emit(path)

    def choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder of texts"))
        if path:
            self.source_wanted.emit(path)

    def _fold(self, unfolded: bool) -> None:
        self.how.set_icon_name("down" if unfolded else "right")
        self.form.setVisible(unfolded)
