"""The list of models with its filter, and the fields for a folder or a name on the Hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from tlgui.core import model_words
from tlgui.core.facts import ModelEntry
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, button, label
from tlgui.ui.widgets.rows import Column, RowsTable

COLUMNS = (
    Column("Model", lambda e: e.name, lambda e: e.note, sort=lambda e: e.name.lower()),
    Column("Parameters", model_words.parameters, right=True, sort=lambda e: e.parameters),
    Column("Size", model_words.entry_size, right=True, sort=lambda e: e.size_bytes),
    Column("Language", lambda e: e.languages, optional=True),
    Column("Licence", lambda e: e.licence, optional=True),
    Column(
        "Ready",
        lambda e: "here" if e.here else "download",
        mark=lambda e: ("check", "good") if e.here else ("cloud", "dim"),
        sort=lambda e: not e.here,
    ),
)
TABS: tuple[tuple[str, Callable[[ModelEntry, str], bool] | None], ...] = (
    ("For this goal", lambda entry, goal: entry.fits(goal) and not entry.from_nothing),
    ("On this computer", lambda entry, goal: entry.here and not entry.from_nothing),
    ("From nothing", lambda entry, goal: entry.fits(goal) and entry.from_nothing),
    ("Folder or Hub name", None),
)
"""Title, and which models the list shows for a goal; None = no list."""


class ModelPicker(QWidget):
    """Says `picked(entry)` as one moves through the list, `opened(entry)` on Enter, `typed(source)` from the fields."""

    picked = Signal(object)
    opened = Signal(object)
    typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ("", "")
        """Source and goal that are shown."""
        self.tabs = QTabBar()
        self.tabs.setObjectName("model_tabs")
        self.tabs.setAccessibleName(self.tr("Where models come from"))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for title, _ in TABS:
            self.tabs.addTab(title)
        self.filter = QLineEdit()
        self.filter.setObjectName("model_filter")
        self.filter.setAccessibleName(self.tr("Filter by name or language"))
        self.filter.setPlaceholderText(self.tr("Filter by name or language"))
        self.filter.setClearButtonEnabled(True)
        self.table = RowsTable(COLUMNS, "models", self.tr("Models"))
        self.table.sort_by(len(COLUMNS) - 1, Qt.SortOrder.AscendingOrder)
        self.table.picked.connect(self.picked)
        self.table.opened.connect(self.opened)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(theme.space(8))
        self._panels = QStackedWidget()
        self._panels.addWidget(self._list())
        self._panels.addWidget(self._fields())
        sheet = Card()
        sheet.body.addWidget(self._panels, 1)
        sheet.body.addLayout(self.foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(sheet, 1)
        self.tabs.currentChanged.connect(self._show_tab)
        self.filter.textChanged.connect(self._show_tab)

    def show_entries(self, entries: tuple[ModelEntry, ...], source: str, goal: str) -> None:
        """The models there are, and the one that is chosen; one that is chosen elsewhere comes into view."""
        chosen = next((entry for entry in entries if entry.source == source), None)
        for place, (title, shown) in enumerate(TABS):
            if shown is not None:
                self.tabs.setTabText(place, f"{title} ({sum(shown(entry, goal) for entry in entries)})")
        if chosen is not None and (source, goal) != self._shown:
            listing = [shown is not None and shown(chosen, goal) for _, shown in TABS]
            if any(listing) and TABS[self.tabs.currentIndex()][1] and not listing[self.tabs.currentIndex()]:
                self.tabs.setCurrentIndex(listing.index(True))
        if goal != self._shown[1]:
            self._shown = (source, goal)
            self._show_tab()
        self._shown = (source, goal)
        if entries != self.table.rows.rows:
            self.table.show_rows(entries, lambda entry: entry.source == source)
        else:
            self.show_chosen(source)

    def show_chosen(self, source: str) -> None:
        self.table.show_chosen(lambda entry: entry.source == source)

    def _list(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(8))
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        return holder

    def _fields(self) -> QWidget:
        self.folder = self._field("model_folder", self.tr("Folder with a model"), self.tr("/path/to/a/model"))
        self.folder.returnPressed.connect(self._take_folder)
        use_folder = button(self.tr("Open"), "use_folder", clicked=self._take_folder)
        use_folder.setAccessibleName(self.tr("Open this folder"))
        choose = button(self.tr("Choose…"), "choose_folder", "folder", clicked=self._choose_folder)
        choose.setAccessibleName(self.tr("Choose a folder…"))
        self.hub_name = self._field("hub_name", self.tr("Name on the Hub"), "distilbert/distilbert-base-uncased")
        self.hub_name.returnPressed.connect(self._take_name)
        self.download = button(self.tr("Download…"), "download_name", "get", clicked=self._take_name)
        self.download.setAccessibleName(self.tr("Download the model of this name…"))
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(8))
        column.addWidget(label(self.tr("A folder on this computer"), "heading"))
        what = self.tr("It holds config.json, the tokenizer's files and model.safetensors. A run's folder will do too.")
        column.addWidget(label(what, dim=True, wrap=True))
        column.addLayout(_row(self.folder, use_folder, choose))
        column.addSpacing(theme.space(12))
        column.addWidget(label(self.tr("A model of the Hugging Face Hub"), "heading"))
        what = self.tr("Downloaded once, then used offline. Code that comes with a model is never run.")
        column.addWidget(label(what, dim=True, wrap=True))
        column.addLayout(_row(self.hub_name, self.download))
        column.addStretch(1)
        return holder

    @staticmethod
    def _field(name: str, title: str, example: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(title)
        field.setPlaceholderText(example)
        return field

    def _show_tab(self, *_: object) -> None:
        shown = TABS[self.tabs.currentIndex()][1]
        self._panels.setCurrentIndex(0 if shown is not None else 1)
        if shown is not None:
            wanted = self.filter.text().strip().lower()
            blocked = self.table.blockSignals(True)  # a row that is filtered away is not a choice of another
            goal = self._shown[1]
            self.table.filter.show_only(
                lambda e: shown(e, goal) and wanted in f"{e.name} {e.languages} {e.note}".lower()
            )
            self.table.blockSignals(blocked)

    def _take_folder(self) -> None:
        if text := self.folder.text().strip():
            self.typed.emit(str(Path(text).expanduser()))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder with a model"), self.folder.text())
        if folder:
            self.folder.setText(folder)
            self._take_folder()

    def _take_name(self) -> None:
        if name := self.hub_name.text().strip().removeprefix("hub:"):
            self.typed.emit(f"hub:{name}")


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.space(8))
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 1 if place == 0 else 0)
    return row
