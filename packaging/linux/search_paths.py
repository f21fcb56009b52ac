"""Libraries forget where they were built: a Python built from source notes its own folder in each of its libraries.

On the user's machine the loader would look there first, and take whatever lies in a folder of that name.
"""

from __future__ import annotations

from pathlib import Path

from linux.tools import binaries, run


def forget_build_machine(bundle: Path) -> list[Path]:
    """Remove the search paths that lead out of a bundle; gives the files that had one.

    Raises:
        SetUpError: patchelf is missing or failed.
    """
    found = [path for path in binaries(bundle) if leads_out(run(["patchelf", "--print-rpath", path]))]
    for path in found:
        run(["patchelf", "--remove-rpath", path])
    return found


def leads_out(search_path: str) -> bool:
    """Whether a library's search path, folders with colons between them, names one that is not relative to it."""
    return any(folder and not folder.startswith("$ORIGIN") for folder in search_path.strip().split(":"))
