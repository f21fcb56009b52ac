"""The installed program: what a frozen build has to see to before anything else, and whether all of it is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from tlgui import __version__
from tlgui.core.errors import TlguiError

VERSION_FILE = "version.txt"
MANIFEST = "files.txt"
"""In the frozen folder: a line for each file, `BYTES<TAB>PATH`."""
AGAIN = "Install TLGUI again; your runs and settings stay as they are."


def frozen_folder() -> Path | None:
    """The folder that holds all parts of a frozen build; None in a checkout or an ordinary installation."""
    folder = getattr(sys, "_MEIPASS", None)
    return Path(folder) if folder else None


def give_children_their_own_libraries(environ: MutableMapping[str, str] = os.environ) -> None:
    """Undo what the start of a frozen build does to the search path of libraries.

    The program itself has read it by now. A browser or file manager started from it would load the bundle's libraries
    instead of its own.
    """
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        original = environ.pop(f"{name}_ORIG", None)
        if original is not None:
            environ[name] = original
        elif frozen_folder() is not None:
            environ.pop(name, None)


def check_version(folder: Path | None = None) -> None:
    """Look whether programs and parts are of one version, which an interrupted upgrade leaves them not.

    Raises:
        TlguiError: they are not.
    """
    folder = folder or frozen_folder()
    if folder is None:
        return
    try:
        found = (folder / VERSION_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = "an unknown version"
    if found != __version__:
        raise TlguiError(f"This installation mixes TLGUI {__version__} with parts of {found}.", AGAIN)


def write_manifest(folder: Path) -> None:
    """Note version, files and sizes of a frozen folder in it, for `check_version` and `damaged`."""
    (folder / VERSION_FILE).write_text(f"{__version__}\n", encoding="ascii")
    lines = [f"{size}\t{path}\n" for path, size in sorted(_sizes(folder)) if path != MANIFEST]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")


def damaged(folder: Path) -> list[str]:
    """Files of a frozen folder that are missing or of another size than when it was built."""
    there = dict(_sizes(folder))
    pairs = (line.split("\t", 1) for line in (folder / MANIFEST).read_text(encoding="utf-8").splitlines())
    return [path for size, path in pairs if there.get(path) != int(size)]


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Each file's path below the folder, with forward slashes, and its size in bytes."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            yield path.relative_to(folder).as_posix(), path.stat().st_size
