"""What a window needs of the system: libraries, a display, and a way to say so when they are missing."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.core.system_libraries import missing_library


def check() -> None:
    """Look whether Qt will be able to open a window: when it cannot, it ends the process without a word to the user.

    Raises:
        TlguiError: there is no display, it does not answer, or a system library is missing.
    """
    if sys.platform != "linux":
        return
    if not paths.has_display():
        raise TlguiError(
            "There is no display to open the window on.", "Use a command, such as: tlgui train RECIPE.toml"
        )
    try:
        from PySide6 import QtWidgets  # noqa: F401 - to see whether it can be loaded
    except ImportError as error:
        raise missing_library(str(error)) or error from error
    platforms = _platforms()
    problems = [problem for name in platforms if (problem := _problem_with(name)) is not None]
    if len(problems) == len(platforms):
        raise problems[-1]


def tell(title: str, hint: str) -> None:
    """Show a message to somebody who started the program by its icon and sees no terminal; silent if nothing can."""
    text = f"{title}\n\n{hint}"
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, "TLGUI", 0x10)  # 0x10: the icon of an error
        return
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    for command in (
        ["osascript", "-e", f'display alert "TLGUI" message "{quoted}"'],
        ["zenity", "--error", "--no-markup", "--title=TLGUI", f"--text={text}"],
        ["kdialog", "--title", "TLGUI", "--error", text],
        ["xmessage", "-center", text],
        ["notify-send", "TLGUI", text],
    ):
        if shutil.which(command[0]) and subprocess.run(command, check=False, capture_output=True).returncode in (0, 1):
            return


def _platforms() -> list[str]:
    """Qt's platforms that the environment leads to, in the order Qt tries them."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named:
        return [one.partition(":")[0] for one in named.split(";")]
    displays = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return [name for name, variable in displays.items() if os.environ.get(variable)]


def _problem_with(platform: str) -> TlguiError | None:
    """Why Qt could not use one of its platforms; None if it can, as far as can be told."""
    spec = importlib.util.find_spec("PySide6")
    folders = spec.submodule_search_locations if spec is not None else None
    plugin = Path((folders or [""])[0]) / "Qt" / "plugins" / "platforms" / f"libq{platform}.so"
    if not plugin.exists():
        return None  # Qt knows more platforms than ship with it
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return missing_library(str(error))
    if platform == "xcb" and not _x_server_answers():
        display = os.environ.get("DISPLAY", "")
        return TlguiError(
            f"The display “{display}” does not answer, so no window can be opened.",
            "Start TLGUI from a desktop, or use a command, such as: tlgui train RECIPE.toml",
        )
    return None


def _x_server_answers() -> bool:
    """Whether a connection to the X server of DISPLAY can be made."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed
