"""The few Debian packages that Qt, the test display and `venv` need: found missing by what they bring, not by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from set_up import SetUpError, step

# Debian's name: the library that must be there.
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
    "libx11-xcb1": "libX11-xcb.so.1",
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
# Debian's name: whether what it brings is there. Without a font all text is empty boxes.
OTHERS: dict[str, Callable[[], bool]] = {
    "fontconfig-config": Path("/etc/fonts/fonts.conf").exists,
    "fonts-dejavu-core": lambda: any(Path("/usr/share/fonts").rglob("*.[to]tf")),
    "ca-certificates": Path("/etc/ssl/certs/ca-certificates.crt").exists,
}
FOR_TESTS: dict[str, Callable[[], bool]] = {"xvfb": lambda: shutil.which("Xvfb") is not None}


def ensure(command: str, *, ensurepip_missing: bool) -> None:
    """Install what a command lacks as root on Debian or Ubuntu; elsewhere name it and go on.

    Raises:
        SetUpError: without the missing piece no environment can be made.
    """
    if sys.platform != "linux":
        return
    missing = lacking(known_libraries(), OTHERS | (FOR_TESTS if command == "test" else {}))
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


def lacking(libraries: set[str], others: dict[str, Callable[[], bool]]) -> list[str]:
    """Debian names of what is missing, given the names of the shared libraries that the linker finds."""
    packages = [package for package, library in LIBRARIES.items() if library not in libraries]
    return packages + [package for package, is_there in others.items() if not is_there()]


def known_libraries() -> set[str]:
    """File names of the shared libraries that the dynamic linker knows."""
    ldconfig = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    if ldconfig is None:  # a system without a linker cache: nothing can be said, so nothing is called missing
        return set(LIBRARIES.values())
    return names_in(subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout.splitlines())


def names_in(lines: Iterable[str]) -> set[str]:
    """The first words of `ldconfig -p`'s lines, such as `libGL.so.1`."""
    return {words[0] for line in lines if "=>" in line and (words := line.split())}
