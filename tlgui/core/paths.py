"""Where things live: resources beside the program, the user's runs and caches."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import platformdirs


@cache
def resources() -> Path:
    """The folder of icons, samples and the starter model, in a checkout, a wheel or a frozen build."""
    package = Path(__file__).resolve().parent.parent
    frozen = Path(getattr(sys, "_MEIPASS", package)) / "resources"
    for folder in (frozen, package.parent / "resources", package / "resources"):
        if (folder / "starter").is_dir():
            return folder
    raise FileNotFoundError("The resources folder is missing: reinstall TLGUI.")


def runs() -> Path:
    """The user's run folders; TLGUI_HOME moves them, as tests do."""
    return home() / "runs"


def cache_folder() -> Path:
    """Files that can be made again: read tables, encoded texts."""
    if "TLGUI_HOME" in os.environ:
        return home() / "cache"
    return Path(platformdirs.user_cache_dir("tlgui", appauthor=False))


def home() -> Path:
    """The user's folder of this application."""
    if "TLGUI_HOME" in os.environ:
        return Path(os.environ["TLGUI_HOME"])
    return Path(platformdirs.user_data_dir("tlgui", appauthor=False))


def nearest_existing(folder: Path) -> Path | None:
    """The folder itself or the closest one above it that is there; None on a missing drive."""
    return next((path for path in (folder, *folder.parents) if path.exists()), None)


def has_display() -> bool:
    """Whether a window can be opened; only Linux can lack a display."""
    named = (os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform != "linux" or any(named)
