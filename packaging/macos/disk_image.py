"""Signs the application and packs it as a disk image. Not run where the Linux packages are built."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from set_up import SetUpError

from tlgui import __version__

AD_HOC = "-"
"""A signature of nobody's: it starts on the machine it was built on; elsewhere macOS asks for a right click."""


def build(app: Path, out: Path) -> Path:
    """Make the disk image from `TLGUI.app`; gives its file.

    `TLGUI_SIGNING_IDENTITY` names a Developer ID in the keychain. An image for others is then sent to Apple with
    `xcrun notarytool submit --wait` and finished with `xcrun stapler staple`.

    Raises:
        SetUpError: this is no macOS, or a tool failed.
    """
    if sys.platform != "darwin":
        raise SetUpError("A disk image can only be made on macOS.", "Run this command there.")
    image = out / f"TLGUI-{__version__}-macos-arm64.dmg"
    identity = os.environ.get("TLGUI_SIGNING_IDENTITY", AD_HOC)
    run(["codesign", "--force", "--deep", "--options=runtime", f"--sign={identity}", str(app)])
    with tempfile.TemporaryDirectory() as folder:
        run(["ditto", str(app), str(Path(folder, app.name))])
        Path(folder, "Applications").symlink_to("/Applications")
        run(["hdiutil", "create", "-volname", "TLGUI", "-srcfolder", folder, "-format", "ULFO", "-ov", str(image)])
    return image


def run(command: list[str]) -> None:
    """Run a tool of macOS.

    Raises:
        SetUpError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError(f"{done.stderr[-2000:]}\n{command[0]} failed.", "What it wrote is above.")
