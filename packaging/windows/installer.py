"""Runs Inno Setup on a bundle, and tells Windows what the programs are. Not run where the Linux packages are built."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import icons
from set_up import ROOT, SetUpError

from tlgui import __version__

SCRIPT = Path(__file__).with_name("tlgui.iss")


def build(bundle: Path, out: Path) -> Path:
    """Make the installer from a bundle; gives its file.

    Raises:
        SetUpError: Inno Setup is missing or failed.
    """
    version = ".".join(map(str, numbers()))
    with tempfile.TemporaryDirectory() as folder:
        icon = Path(folder, "tlgui.ico")
        icons.windows_icon(icon)
        values = {"Version": __version__, "Numbers": version, "Bundle": bundle, "Out": out, "Root": ROOT, "Icon": icon}
        command = [compiler(), "/Qp", *(f"/D{name}={value}" for name, value in values.items()), str(SCRIPT)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        written = f"{done.stdout}{done.stderr}"[-2000:]
        raise SetUpError(f"{written}\nInno Setup failed.", "What it wrote is above; a full disk is the usual reason.")
    return out / f"TLGUI-{__version__}-windows-setup.exe"


def compiler() -> str:
    """Where Inno Setup's compiler lies: on the PATH, or where it installs itself for all or for one person.

    Raises:
        SetUpError: it is not installed.
    """
    folders = (os.environ.get("PROGRAMFILES(X86)", ""), f"{os.environ.get('LOCALAPPDATA', '')}/Programs")
    usual = (Path(folder, "Inno Setup 6", "ISCC.exe") for folder in folders)
    found = shutil.which("ISCC") or next((str(path) for path in usual if path.exists()), None)
    if found is None:
        raise SetUpError("Inno Setup 6 is missing.", "Install it from jrsoftware.org, or: choco install innosetup")
    return found


def numbers() -> tuple[int, ...]:
    """The version as the four numbers that Windows compares."""
    found = [int(number) for number in re.findall(r"\d+", __version__)[:3]]
    return tuple([*found, 0, 0, 0][:4])


def version_info(path: Path) -> None:
    """Write what Windows shows as a program's details, in the form that PyInstaller reads."""
    texts = {
        "CompanyName": "The TLGUI developers",
        "FileDescription": "TLGUI",  # the name of the program in "Open with" and in the task manager
        "FileVersion": __version__,
        "LegalCopyright": "Apache License 2.0",
        "ProductName": "TLGUI",
        "ProductVersion": __version__,
    }
    rows = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers()}, prodvers={numbers()}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{rows}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])",
        encoding="utf-8",
    )
