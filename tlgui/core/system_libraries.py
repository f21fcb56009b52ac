"""Shared libraries that the window needs of a Linux system, and the packages that bring them."""

from __future__ import annotations

import re

from tlgui.core.errors import TlguiError

# Debian's name: the library that must be there. Distributions name their packages differently, the libraries alike.
LIBRARIES = {
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libopengl0": "libOpenGL.so.0",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libwayland-client0": "libwayland-client.so.0",
    "libwayland-cursor0": "libwayland-cursor.so.0",
    "libwayland-egl1": "libwayland-egl.so.1",
    "libx11-6": "libX11.so.6",
    "libx11-xcb1": "libX11-xcb.so.1",
    "libxcb1": "libxcb.so.1",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-glx0": "libxcb-glx.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-shm0": "libxcb-shm.so.0",
    "libxcb-sync1": "libxcb-sync.so.1",
    "libxcb-xfixes0": "libxcb-xfixes.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
}


def missing_library(message: str) -> TlguiError | None:
    """What to do about a failed import such as `libEGL.so.1: cannot open shared object file`; None if it is another."""
    found = re.match(r"(?:.*/)?(lib[^/:\s]+\.so[\d.]*): ", message)
    if found is None:
        return None
    library = found[1]
    package = next((package for package, name in LIBRARIES.items() if name == library), None)
    if package is None:
        hint = "Install the package of your system that brings it."
    else:
        hint = f"On Debian or Ubuntu: sudo apt-get install {package}. Elsewhere, install what brings {library}."
    return TlguiError(f"The window needs the system library {library}, which cannot be loaded.", hint)
