"""The few Debian packages that Qt, the test display and `venv` need: found missing by what they bring, not by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from set_up import ROOT, SetUpError, step

sys.path.append(str(ROOT))  # the application may not be installed yet

from tlgui.core.system_libraries import LIBRARIES

# Debian's name: whether what it brings is there. Without a font all text is empty boxes.
OTHERS: dict[str, Callable[[], bool]] = {
    "fontconfig-config": Path("/etc/fonts/fonts.conf").exists,
    "fonts-dejavu-core": lambda: any(Path("/usr/share/fonts").rglob("*.[to]tf")),
    "ca-certificates": Path("/etc/ssl/certs/ca-certificates.crt").exists,
}
# Debian's name: the program that must be there, for each command that needs more than `run`.
PROGRAMS = {
    "run": {},
    "test": {"xvfb": "Xvfb"},
    "package": {
        "xvfb": "Xvfb",
        "binutils": "strip",
        "patchelf": "patchelf",
        "xz-utils": "xz",
        "desktop-file-utils": "desktop-file-validate",
        "appstream": "appstreamcli",
        "lintian": "lintian",
        "man-db": "man",
    },
}


def ensure(command: str, *, ensurepip_missing: bool) -> None:
    """Install what a command lacks as root on Debian or Ubuntu; elsewhere name it and go on.

    Raises:
        SetUpError: without the missing piece no environment can be made.
    """
    if sys.platform != "linux":
        return
    missing = lacking(known_libraries(), OTHERS, PROGRAMS[command])
    if ensurepip_missing:
        missing.insert(0, f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    if not missing:
        return
    advice = f"  {'' if os.geteuid() == 0 else 'sudo '}apt-get install --yes {' '.join(missing)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt_install(missing, advice, may_fail=not ensurepip_missing)
    elif ensurepip_missing:
        raise SetUpError("This Python cannot make virtual environments.", f"Run this once, then start again:\n{advice}")
    else:
        print(f"The window may not open: system packages are missing. On Debian or Ubuntu:\n{advice}", flush=True)


def apt_install(packages: list[str], advice: str, *, may_fail: bool) -> None:
    """Install Debian packages, with fresh lists first: a bare system has none."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    try:
        step("lists of system packages", ["apt-get", "update"], quiet)
        step(f"{len(packages)} system packages", install, quiet)
    except SetUpError as error:
        if not may_fail:
            raise
        print(f"{error.title}\nGoing on without them; the window may not open. To try again:\n{advice}", flush=True)


def lacking(libraries: set[str], others: dict[str, Callable[[], bool]], programs: dict[str, str]) -> list[str]:
    """Debian names of what is missing, given the names of the shared libraries that the linker finds."""
    packages = [package for package, library in LIBRARIES.items() if library not in libraries]
    packages += [package for package, is_there in others.items() if not is_there()]
    return packages + [package for package, program in programs.items() if shutil.which(program) is None]


def known_libraries() -> set[str]:
    """File names of the shared libraries that the dynamic linker knows."""
    ldconfig = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    if ldconfig is None:  # a system without a linker cache: nothing can be said, so nothing is called missing
        return set(LIBRARIES.values())
    return names_in(subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout.splitlines())


def names_in(lines: Iterable[str]) -> set[str]:
    """The first words of `ldconfig -p`'s lines, such as `libGL.so.1`."""
    return {words[0] for line in lines if "=>" in line and (words := line.split())}
