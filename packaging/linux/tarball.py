"""The archive for any distribution: one folder to unpack anywhere. The same bundle gives the same bytes."""

from __future__ import annotations

import os
import platform
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from linux.tools import failure, found, mode_of
from tlgui import __version__


def build(bundle: Path, out: Path, epoch: int) -> Path:
    """Pack a bundle; gives the archive.

    Args:
        out: Folder for the archive.
        epoch: Time of every file in it, in seconds since 1970.
    Raises:
        SetUpError: xz is missing or failed, as on a full disk.
    """
    archive = out / f"tlgui-{__version__}-linux-{platform.machine()}.tar.xz"
    with tempfile.TemporaryDirectory(dir=out, prefix="tarball-") as folder:
        unfinished = Path(folder, archive.name)
        with unfinished.open("wb") as target:
            compress(bundle, target, epoch)
        return unfinished.replace(archive)


def compress(bundle: Path, target: IO[bytes], epoch: int) -> None:
    """Send the files of a bundle through xz.

    Raises:
        SetUpError: xz is missing or failed.
    """
    # A single thread makes one large block and several make smaller ones, so that "one" would change the bytes.
    threads = max(2, os.cpu_count() or 2)
    command = [found("xz"), "-6", f"-T{threads}", "--stdout"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=target, stderr=subprocess.PIPE) as xz:
        assert xz.stdin
        assert xz.stderr
        with suppress(BrokenPipeError), xz.stdin, tarfile.open(fileobj=xz.stdin, mode="w|") as tar:
            add_files(tar, bundle, epoch)
        said = xz.stderr.read().decode("utf-8", "replace")
    if xz.returncode:
        raise failure("xz", xz.returncode, said)


def add_files(tar: tarfile.TarFile, bundle: Path, epoch: int) -> None:
    """Add a bundle's files in the order of their names, owned by root, below one folder named with the version."""
    top = Path(f"tlgui-{__version__}")
    for path in (bundle, *sorted(bundle.rglob("*"))):
        entry = tar.gettarinfo(path, (top / path.relative_to(bundle)).as_posix())
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime, entry.mode = epoch, mode_of(path)
        if entry.isreg():
            with path.open("rb") as file:
                tar.addfile(entry, file)
        else:
            tar.addfile(entry)
