"""Questions before something is lost, and errors with what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget


@dataclass(frozen=True)
class Choice:
    """A button of a question."""

    key: str
    verb: str
    default: bool = False
    escape: bool = False


def ask(parent: QWidget, title: str, text: str, choices: Sequence[Choice]) -> str:
    """Show a question until it is answered; returns the key of the choice, that of Escape if the box was put away."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=parent)
    box.setObjectName("question")
    box.setInformativeText(text)
    keys: dict[QAbstractButton, str] = {}
    for choice in choices:
        role = QMessageBox.ButtonRole.AcceptRole if choice.default else QMessageBox.ButtonRole.ActionRole
        made = box.addButton(choice.verb, role)
        made.setObjectName(choice.key)
        made.setAccessibleName(choice.verb)
        keys[made] = choice.key
        if choice.default:
            box.setDefaultButton(made)
        if choice.escape:
            box.setEscapeButton(made)
    box.exec()
    escape = next(choice.key for choice in choices if choice.escape)
    return keys.get(box.clickedButton(), escape)


def show_error(parent: QWidget | None, title: str, hint: str, details: str = "") -> None:
    """Say what happened and what to do; the technical details are folded away, Copy takes everything."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=parent)
    box.setObjectName("error")
    box.setInformativeText(hint)
    close = box.addButton(QMessageBox.StandardButton.Close)
    close.setObjectName("close")
    box.setDefaultButton(QMessageBox.StandardButton.Close)
    if details:
        box.setDetailedText(details)
        copy = box.addButton("Copy", QMessageBox.ButtonRole.HelpRole)
        copy.setObjectName("copy")
        copy.clicked.disconnect()  # copying does not close the box
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{title}\n{hint}\n\n{details}"))
    box.exec()
