"""Where the window remembers its size, its theme and the last recipe."""

from __future__ import annotations

import os

from PySide6.QtCore import QSettings

from tlgui.core import paths

ORGANISATION, APPLICATION = "tlgui", "TLGUI"
APPLICATION_ID = "io.github.tlgui.TLGUI"
"""What desktops know the application by."""
SETTINGS_FORMAT = 1
"""Raise it when a setting changes its meaning: versions side by side then keep theirs apart."""
GEOMETRY, THEME, RECIPE, FOLDER = "window/geometry", "window/theme", "recipe", "folder"


def settings() -> QSettings:
    """The user's settings; TLGUI_HOME moves them, as it moves everything else."""
    if "TLGUI_HOME" in os.environ:
        return QSettings(str(paths.home() / f"settings-{SETTINGS_FORMAT}.ini"), QSettings.Format.IniFormat)
    return QSettings(ORGANISATION, f"{APPLICATION}-{SETTINGS_FORMAT}")
