"""What the menus do, beyond showing pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from tlgui import __version__
from tlgui.core import paths, plan
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.settings import THEME
from tlgui.ui.workbench import Workbench

if TYPE_CHECKING:
    from tlgui.ui.pages.train import TrainPage
    from tlgui.ui.window import Window

ABOUT = (
    "Transfer learning in NLP: take a pretrained model, choose what stays frozen, train the rest on your own texts, "
    "and try the result.\n\n"
    "Licence: Apache 2.0. The starter model and the samples come with their own notices in the resources folder."
)


def new(window: Window) -> None:
    """An empty recipe; Undo brings the old one back."""
    window.bench.draft.replace(Recipe())
    new_run(window)


def new_run(window: Window) -> None:
    """Begin at the first page with the recipe as it is; the run that was shown stays in its folder."""
    if not window.bench.training.active:
        window.bench.training.forget()
    window.bench.show_page("goal")


def can_start(bench: Workbench) -> bool:
    return not bench.going and plan.ready(bench.draft.recipe, bench.findings.model, bench.findings.data)


def start(window: Window) -> None:
    """Train the recipe as it is now."""
    window.bench.show_page("train")
    cast("TrainPage", window.page("train")).start()


def pause_or_go_on(window: Window) -> None:
    training = window.bench.training
    if training.state in ("pausing", "paused"):
        training.go_on()
    else:
        training.pause()


def stop_and_keep(window: Window) -> None:
    window.bench.training.stop()


def stop_and_discard(window: Window) -> None:
    """Ask, in numbers, before a run is deleted."""
    cast("TrainPage", window.page("train")).ask_to_discard()


def use_theme(window: Window, scheme: theme.Scheme) -> None:
    """Change the colours of everything, now and at the next start."""
    window.bench.settings.setValue(THEME, scheme)
    theme.apply(scheme)
    window.show_actions()


def saved_theme(bench: Workbench) -> theme.Scheme:
    """The user's choice; what the desktop says if there is none."""
    value = bench.settings.value(THEME, "system", type=str)
    return value if value in ("light", "dark") else "system"


def open_runs_folder(window: Window) -> None:
    folder = paths.runs()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def show_shortcuts(window: Window) -> None:
    """Every action that has a key, as the menus list them."""
    rows = [
        f"{action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)}\t{action.text().replace('&', '')}"
        for action in window.menu_actions.values()
        if not action.shortcut().isEmpty()
    ]
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Keyboard shortcuts", "Keyboard shortcuts", parent=window)
    box.setInformativeText("\n".join(rows))
    box.exec()


def show_about(window: Window) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, "About TLGUI", f"TLGUI {__version__}", parent=window)
    box.setInformativeText(ABOUT)
    box.exec()
