"""Libraries that others name although they take nothing from them: the wheel links each part of Arrow to all of it."""

from __future__ import annotations

from pathlib import Path

from linux.tools import binaries, run

UNUSED = ("libarrow_substrait.so", "libarrow_dataset.so", "libarrow_acero.so")
"""Only the modules of pyarrow that are excluded from the bundle call these."""


def leave_out(bundle: Path) -> list[Path]:
    """Remove the unused libraries from a bundle, and their names from those that stay; gives the files that are gone.

    Raises:
        SetUpError: patchelf is missing or failed.
    """
    gone = [path for path in sorted(bundle.rglob("libarrow_*.so*")) if path.name.startswith(UNUSED)]
    for path in gone:  # the libraries, and the links that PyInstaller makes to them
        path.unlink()
    for path in binaries(bundle / "_internal" / "pyarrow"):
        for name in run(["patchelf", "--print-needed", path]).split():
            if name.startswith(UNUSED):
                run(["patchelf", "--remove-needed", name, path])
    return gone
