"""How a file is read, for when the guess was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from tlgui.core.recipe import ReadingPart
from tlgui.ui import theme
from tlgui.ui.widgets.basics import label

Words = Any  # QT_TRANSLATE_NOOP gives a str, but is declared to give an object
Choices = tuple[tuple[Words, Any], ...]
FOUND: Words = QT_TRANSLATE_NOOP("ReadingForm", "found out from the file")
# fmt: off
FIELDS: tuple[tuple[str, Words, Choices], ...] = (  # field of data.reading, words, choices besides "found out"
    ("delimiter", QT_TRANSLATE_NOOP("ReadingForm", "&Delimiter"), (
        (QT_TRANSLATE_NOOP("ReadingForm", "comma"), ","), (QT_TRANSLATE_NOOP("ReadingForm", "tab"), "\t"),
        (QT_TRANSLATE_NOOP("ReadingForm", "semicolon"), ";"), (QT_TRANSLATE_NOOP("ReadingForm", "bar"), "|"))),
    ("encoding", QT_TRANSLATE_NOOP("ReadingForm", "&Encoding"), (
        ("UTF-8", "utf-8"), ("UTF-16", "utf-16"), ("Windows-1252", "cp1252"), ("ISO 8859-1", "latin-1"))),
    ("header", QT_TRANSLATE_NOOP("ReadingForm", "&First line"), (
        (QT_TRANSLATE_NOOP("ReadingForm", "names of the columns"), True),
        (QT_TRANSLATE_NOOP("ReadingForm", "a row like the others"), False))),
    ("quoting", QT_TRANSLATE_NOOP("ReadingForm", "&Quotes"), (
        (QT_TRANSLATE_NOOP("ReadingForm", "enclose a cell"), True),
        (QT_TRANSLATE_NOOP("ReadingForm", "are part of the text"), False))),
)
# fmt: on


class ReadingForm(QWidget):
    """One chooser a setting; `reading_wanted(ReadingPart)` when one is changed by hand."""

    reading_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._reading = ReadingPart()
        self.choices: dict[str, QComboBox] = {}
        self._names: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.space(8))
        grid.setColumnStretch(4, 1)
        self.found = label("", "caption", dim=True, wrap=True)
        grid.addWidget(self.found, len(FIELDS), 0, 1, 5)
        for place, (field, words, offered) in enumerate(FIELDS):
            choice = QComboBox()
            choice.setObjectName(f"reading_{field}")
            choice.setAccessibleName(self.tr(words).replace("&", ""))
            for text, value in ((FOUND, ReadingPart.model_fields[field].default), *offered):
                choice.addItem(self.tr(text), value)
            choice.activated.connect(lambda at, field=field: self._edit(field, at))
            name = label(self.tr(words), dim=True)
            name.setBuddy(choice)
            grid.addWidget(name, place // 2, place % 2 * 2)
            grid.addWidget(choice, place // 2, place % 2 * 2 + 1)
            self.choices[field], self._names[field] = choice, name

    def show_reading(self, reading: ReadingPart, fields: Sequence[str], found: str) -> None:
        """Take the settings, which of them mean anything for this file, and how it was read in the end."""
        self._reading = reading
        self.found.setText(found)
        self.found.setVisible(bool(found))
        for field, choice in self.choices.items():
            value = getattr(reading, field)
            at = next((i for i in range(choice.count()) if choice.itemData(i) == value), -1)
            if at < 0:  # a recipe may name a delimiter or an encoding that is not in the list
                choice.addItem(str(value), value)
                at = choice.count() - 1
            choice.setCurrentIndex(at)
            choice.setVisible(field in fields)
            self._names[field].setVisible(field in fields)

    def _edit(self, field: str, at: int) -> None:
        value = self.choices[field].itemData(at, Qt.ItemDataRole.UserRole)
        self.reading_wanted.emit(self._reading.model_copy(update={field: value}))
