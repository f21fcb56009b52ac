"""Makes a Linux bundle smaller: libraries that nothing needs go, and symbols that only debuggers read."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

Entry = tuple[str, str, str]
"""PyInstaller's: place in the bundle, source file, kind."""

STRIPPED = (
    "torch/lib/*.so*", "torch/_C*.so", "libpython*", "pyarrow/*.so*", "tokenizers/*.so", "hf_xet/*.so",
    "lib-dynload/*.so", "python3.*/lib-dynload/*.so", "pydantic_core/*.so", "safetensors/*.so", "sentencepiece/*.so",
)  # fmt: skip
"""Libraries built with symbols. Those that `patchelf` has been through, such as `numpy.libs/*`, break when stripped."""


def reachable(binaries: Iterable[Entry], datas: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The binaries without the libraries that none of the others needs any more, and the datas without links to them.

    A library that only a left-out plugin needed is still in PyInstaller's list, and which ones there are depends on
    what is installed where the bundle is built.
    """
    from PyInstaller.depend.bindepend import get_imports

    binaries = list(binaries)
    libraries = {Path(place).name: (place, source) for place, source, _ in binaries if is_only_linked(place, source)}
    waiting = [source for place, source, kind in binaries if kind != "SYMLINK" and Path(place).name not in libraries]
    needed: set[str] = set()
    while waiting:
        names = {Path(name).name for name, _ in get_imports(waiting.pop())} & libraries.keys() - needed
        needed |= names
        waiting += [libraries[name][1] for name in names]
    gone = libraries.keys() - needed
    return tuple([entry for entry in entries if Path(entry[0]).name not in gone] for entries in (binaries, datas))  # type: ignore[return-value]


def is_only_linked(place: str, source: str) -> bool:
    """Whether a file is there only for others that link to it: a library of the system, or one of Qt's."""
    if place.startswith("PySide6/Qt/lib/"):
        return True
    return "/" not in place and ".so" in place and not place.startswith("libpython") and "site-packages" not in source


def without_copies(binaries: Iterable[Entry]) -> list[Entry]:
    """The binaries, with a link in place of each that has the content of an earlier one, as wheels bring some twice."""
    first: dict[str, str] = {}
    kept = []
    for place, source, kind in binaries:
        if kind == "SYMLINK":
            kept.append((place, source, kind))
            continue
        original = first.setdefault(hashlib.sha256(Path(source).read_bytes()).hexdigest(), place)
        if original == place:
            kept.append((place, source, kind))
        else:
            kept.append((place, os.path.relpath(original, Path(place).parent), "SYMLINK"))
    return kept


def stripped(binaries: Iterable[Entry], work: Path) -> list[Entry]:
    """The binaries, with those of `STRIPPED` replaced by copies without symbols.

    Raises:
        FileNotFoundError: there is no `strip`; Debian's package binutils brings it.
    """
    return [
        (place, str(_strip(Path(source), work / place)), kind)
        if kind != "SYMLINK" and any(fnmatch(place, pattern) for pattern in STRIPPED)
        else (place, source, kind)
        for place, source, kind in binaries
    ]


def _strip(source: Path, copy: Path) -> Path:
    """A copy without symbols; one that is there and as new as its source is taken as it is."""
    if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True)
        os.utime(copy)
    return copy
