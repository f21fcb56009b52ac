"""The menus as a table: words, keys, what happens, and when it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from tlgui.ui import commands, files
from tlgui.ui.pages.table import PAGES

if TYPE_CHECKING:
    from tlgui.ui.window import Window

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class ActionRow:
    """One entry of a menu; an empty text is a line between entries."""

    menu: str
    key: str = ""
    text: str = ""
    shortcut: str | QKeySequence.StandardKey = ""
    run: Callable[[Window], object] = lambda window: None
    works: Callable[[Window], bool] = lambda window: True
    checked: Callable[[Window], bool] | None = None
    """For an entry that shows a choice."""


def _going(window: Window) -> bool:
    return window.bench.training.active and window.bench.training.state != "stopping"


def _show(key: str) -> Callable[[Window], object]:
    return lambda window: window.bench.show_page(key)


def _pages() -> tuple[ActionRow, ...]:
    return tuple(
        ActionRow("&View", f"page_{row.key}", row.title, f"Ctrl+{number}", _show(row.key))
        for number, row in enumerate(PAGES, start=1)
    )


def _themes() -> tuple[ActionRow, ...]:
    titles = (("system", "Theme of the &system"), ("light", "&Light theme"), ("dark", "&Dark theme"))
    return tuple(
        ActionRow(
            "&View",
            f"theme_{scheme}",
            title,
            run=partial(commands.use_theme, scheme=scheme),  # type: ignore[arg-type]
            checked=lambda window, scheme=scheme: commands.saved_theme(window.bench) == scheme,  # type: ignore[misc]
        )
        for scheme, title in titles
    )


ACTIONS: tuple[ActionRow, ...] = (
    ActionRow("&File", "new", "&New", Keys.New, commands.new),
    ActionRow("&File", "open", "&Open recipe…", Keys.Open, lambda w: files.open_recipe(w, w.bench)),
    ActionRow("&File", "save", "&Save recipe as…", Keys.Save, lambda w: files.save_recipe(w, w.bench)),
    ActionRow("&File"),
    ActionRow("&File", "quit", "&Quit", "Ctrl+Q", lambda w: w.close()),
    ActionRow("&Edit", "undo", "&Undo", Keys.Undo, lambda w: w.bench.draft.undo(), lambda w: w.bench.draft.can_undo),
    ActionRow("&Edit", "redo", "&Redo", Keys.Redo, lambda w: w.bench.draft.redo(), lambda w: w.bench.draft.can_redo),
    ActionRow("&Run", "start", "&Start", "Ctrl+R", commands.start, lambda w: commands.can_start(w.bench)),
    ActionRow("&Run", "pause", "&Pause or go on", "Ctrl+P", commands.pause_or_go_on,
              lambda w: w.bench.training.state in ("running", "pausing", "paused")),
    ActionRow("&Run", "stop", "Stop and &keep", "Ctrl+.", commands.stop_and_keep, _going),
    ActionRow("&Run", "discard", "Stop and &discard…", "", commands.stop_and_discard, _going),
    ActionRow("&View", "next", "&Next page", "Alt+Right", lambda w: w.step(1), lambda w: w.can_step(1)),
    ActionRow("&View", "back", "&Previous page", "Alt+Left", lambda w: w.step(-1), lambda w: w.can_step(-1)),
    ActionRow("&View"),
    *_pages(),
    ActionRow("&View"),
    *_themes(),
    ActionRow("&Help", "shortcuts", "&Keyboard shortcuts", "F1", commands.show_shortcuts),
    ActionRow("&Help", "runs_folder", "&Open the runs folder", "", commands.open_runs_folder),
    ActionRow("&Help"),
    ActionRow("&Help", "about", "&About TLGUI", "", commands.show_about),
)  # fmt: skip


def make_menus(window: Window) -> dict[str, QAction]:
    """Fill the window's menu bar; returns the actions by key."""
    menus = {}
    made = {}
    for row in ACTIONS:
        if row.menu not in menus:
            menus[row.menu] = window.menuBar().addMenu(row.menu)
            menus[row.menu].setObjectName(f"menu_{row.menu.strip('&').lower()}")
        if not row.text:
            menus[row.menu].addSeparator()
            continue
        action = menus[row.menu].addAction(row.text)
        action.setObjectName(f"action_{row.key}")
        action.setCheckable(row.checked is not None)
        if row.shortcut:
            action.setShortcut(QKeySequence(row.shortcut))
        action.triggered.connect(lambda *_, row=row: row.run(window))
        made[row.key] = action
    return made


def show_state(window: Window) -> None:
    """Enable exactly what works now."""
    for row in ACTIONS:
        if row.text:
            action = window.menu_actions[row.key]
            action.setEnabled(row.works(window))
            if row.checked is not None:
                action.setChecked(row.checked(window))
