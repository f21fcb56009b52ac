"""Runs Inno Setup on a bundle, and tells Windows what the programs are. Not run where the Linux packages are built."""

from __future__ import annotations

import os
import shutil
import subprocess
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
    icons.windows_icon(out / "tlgui.ico")
    values = {"Version": __version__, "Bundle": bundle, "Output": out, "Root": ROOT}
    done = subprocess.run(
        [compiler(), *(f"/D{name}={value}" for name, value in values.items()), str(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetUpError(f"{done.stdout[-2000:]}\nInno Setup failed.", done.stderr)
    return out / f"TLGUI-{__version__}-windows-setup.exe"


def compiler() -> str:
    """Where Inno Setup's compiler lies.

    Raises:
        SetUpError: it is not installed.
    """
    usual = Path(os.environ.get("PROGRAMFILES(X86)", "C:/Program Files (x86)"), "Inno Setup 6", "ISCC.exe")
    found = shutil.which("ISCC") or (str(usual) if usual.exists() else None)
    if found is None:
        raise SetUpError("Inno Setup 6 is missing.", "Install it from jrsoftware.org, or: choco install innosetup")
    return found


def version_info(path: Path) -> None:
    """Write what Windows shows as a program's details, in the form that PyInstaller reads."""
    numbers = tuple([*(int(part) for part in __version__.split(".")[:3]), 0, 0, 0][:4])
    texts = {
        "CompanyName": "The TLGUI developers",
        "FileDescription": "TLGUI: transfer learning in NLP",
        "FileVersion": __version__,
        "LegalCopyright": "Apache License 2.0",
        "ProductName": "TLGUI",
        "ProductVersion": __version__,
    }
    rows = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{rows}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])",
        encoding="utf-8",
    )
