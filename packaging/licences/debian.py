"""Shared libraries that were copied from the Debian or Ubuntu the bundle was built on."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from set_up import SetUpError

from licences.component import Component, Text, read_text
from licences.tables import SYSTEM_LICENCES

DOCUMENTS = Path("/usr/share/doc")
COMMON = Path("/usr/share/common-licenses")
SOURCES = {"debian": "https://snapshot.debian.org/package/", "ubuntu": "https://launchpad.net/ubuntu/+source/"}
REFERENCE = re.compile(r"/usr/share/common-licenses/([A-Za-z]+(?:-\d+(?:\.\d+)*)?)")


def component(library: str) -> Component:
    """The package that a library belongs to, given its file name.

    Raises:
        SetUpError: nobody owns it, or its licence or text is not known.
    """
    licence = SYSTEM_LICENCES.get(stem(library))
    package = owner(library)
    if licence is None:
        raise SetUpError(
            f"The bundle holds {library} of the package {package}, and its licence is not known here.",
            f"Leave it out, or read {DOCUMENTS / package / 'copyright'} and add {stem(library)} to SYSTEM_LICENCES in "
            "packaging/licences/tables.py.",
        )
    fields = "${Version} ${Architecture} ${source:Package} ${source:Version}"
    version, architecture, source, source_version = query(package, fields).split()
    system = platform.freedesktop_os_release()
    purl = f"pkg:deb/{system['ID']}/{quote(package)}@{quote(version)}?arch={architecture}"
    where = SOURCES.get(system["ID"], SOURCES["debian"]) + quote(f"{source}/{source_version}")
    return Component(package, version, licence, tuple(texts(package)), purl, where)


def owner(library: str) -> str:
    """The package that brings a library in a folder of the linker.

    Raises:
        SetUpError: there is none.
    """
    unknown = SetUpError(
        f"The bundle holds {library}, and nobody knows where it comes from.",
        "Leave it out, or tell in packaging/licences/components.py whose it is.",
    )
    if shutil.which("dpkg-query") is None:
        raise unknown
    done = subprocess.run(
        ["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )
    folder = re.compile(r"/(usr/)?lib/([a-z0-9_]+-linux-gnu[a-z0-9]*/)?[^/]+")
    for line in sorted(done.stdout.splitlines()):
        packages, _, path = line.partition(": ")
        if folder.fullmatch(path):
            return packages.split(",")[0].partition(":")[0]
    raise unknown


def query(package: str, fields: str) -> str:
    """Some fields of an installed package."""
    command = ["dpkg-query", "--show", f"--showformat={fields}\\n", package]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def texts(package: str) -> Iterator[Text]:
    """The copyright file of a package, and the licences that it refers to.

    Raises:
        SetUpError: there is none.
    """
    path = DOCUMENTS / package / "copyright"
    if not path.is_file():
        raise SetUpError(f"{path} is missing.", f"Install it again: apt-get install --reinstall {package}")
    copyright_file = read_text(path)
    yield copyright_file
    for name in sorted({match.rstrip(".") for match in REFERENCE.findall(copyright_file.body)}):
        if (COMMON / name).is_file():
            yield read_text(COMMON / name, (COMMON / name).resolve().name)


def stem(library: str) -> str:
    """The name of a library without its version: `libssl` for `libssl.so.3`, `libz` for `libz-1a2b3c.so.1`."""
    return re.sub(r"\.so(\.\d+)*$|\.\d+\.dylib$|\.dylib$", "", PurePosixPath(library).name)
