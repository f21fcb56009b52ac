"""Debian packages that a bundle needs: read off the libraries that its files are linked to and do not bring."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from set_up import SetUpError

from linux.tools import binaries, run
from tlgui.core.system_libraries import LIBRARIES

C_LIBRARY = re.compile(r"(lib(c|m|dl|rt|pthread|util|resolv|nsl)|ld-linux-x86-64|ld-linux-aarch64)\.so\.\d+")
OPTIONAL = frozenset(("libwayland-client0", "libwayland-cursor0", "libwayland-egl1"))
"""Recommended, not required: without them the window opens on X11."""
FONTS = ("fontconfig-config", "fonts-dejavu-core | fonts-liberation2 | fonts-noto-core")
"""Without them all text is empty boxes."""


def packages(bundle: Path) -> list[str]:
    """What Debian calls a package's dependencies, with the oldest C library that the bundle runs with.

    Raises:
        SetUpError: a library is needed that no known package brings.
    """
    needed, floor = read(run(["objdump", "-p", *binaries(bundle)]))
    return [f"libc6 (>= {floor})", *from_debian(needed - {path.name for path in bundle.rglob("*.so*")}), *FONTS]


def from_debian(libraries: Iterable[str]) -> list[str]:
    """Packages that bring some libraries, without the C library and the optional ones.

    Raises:
        SetUpError: a library is in no known package.
    """
    known = {library: package for package, library in LIBRARIES.items()}
    outside = {library for library in libraries if not C_LIBRARY.fullmatch(library)}
    unknown = sorted(outside - known.keys())
    if unknown:
        hint = "Add it to tlgui/core/system_libraries.py, or leave out what needs it."
        raise SetUpError(f"The bundle needs {', '.join(unknown)}, and nothing says who brings it.", hint)
    return sorted({known[library] for library in outside} - OPTIONAL)


def read(output: str) -> tuple[set[str], str]:
    """Needed libraries and the newest version of the C library's interface, from `objdump -p`."""
    needed = set(re.findall(r"^\s+NEEDED\s+(\S+)$", output, re.MULTILINE))
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"\bGLIBC_(\d+\.\d+)", output)}
    return needed, ".".join(map(str, max(versions, default=(2, 34))))
