"""Programs of the system that make and check packages, and sentences for when they are missing or fail."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from set_up import SetUpError

# Debian's package that brings a program, where the names differ.
PACKAGES = {
    "xz": "xz-utils",
    "dpkg-deb": "dpkg",
    "appstreamcli": "appstream",
    "desktop-file-validate": "desktop-file-utils",
    "man": "man-db",
    "unshare": "util-linux",
    "apt-get": "apt",
}
DEBIAN_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def found(name: str) -> str:
    """Where a program lies.

    Raises:
        SetUpError: it is not installed.
    """
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise SetUpError(
            f"The program {name} is missing.", f"Install it: sudo apt-get install --yes {PACKAGES.get(name, name)}"
        )
    return path


def run(command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; gives what it wrote on both streams.

    Raises:
        SetUpError: it is missing or failed; its output is in the title.
    """
    words = [found(str(command[0])), *map(str, command[1:])]
    settings = {**os.environ, **(environ or {})}
    done = subprocess.run(
        words, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise failure(str(command[0]), done.returncode, output)
    return output


def failure(name: str, code: int, output: str) -> SetUpError:
    """A program that did not do its work."""
    tail = "\n".join(f"    {line[:300]}" for line in output.rstrip().splitlines()[-30:])
    return SetUpError(f"{tail}\n\n{name} failed with exit code {code}.", "What it wrote is above.")


def debian_architecture() -> str:
    """Debian's name of this machine.

    Raises:
        SetUpError: no package is made for such a machine.
    """
    machine = platform.machine()
    if machine not in DEBIAN_ARCHITECTURES:
        raise SetUpError(f"No package is made for {machine}.", f"Use one of {', '.join(DEBIAN_ARCHITECTURES)}.")
    return DEBIAN_ARCHITECTURES[machine]


def mode_of(path: Path) -> int:
    """The permissions of a file or folder in a package, whatever those of the build were: only programs can be run."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return 0o777
    is_program = stat.S_ISREG(mode) and mode & stat.S_IXUSR and ".so" not in path.name and is_binary(path)
    return 0o755 if stat.S_ISDIR(mode) or is_program else 0o644


def binaries(bundle: Path) -> list[Path]:
    """The programs and shared libraries of a bundle, each by its own name and not by links to it."""
    return [path for path in sorted(bundle.rglob("*")) if path.is_file() and not path.is_symlink() and is_binary(path)]


def is_binary(path: Path) -> bool:
    """Whether a file is a program or a shared library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
