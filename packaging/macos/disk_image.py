"""Completes and signs the application and packs it as a disk image. Not run where the Linux packages are built."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from set_up import SetUpError

from macos.app import ENTITLEMENTS
from tlgui import __version__
from tlgui.core import installation

AD_HOC = "-"
"""A signature of nobody's: where the image was downloaded, the person has to allow the program in the settings once."""
TEXTS = ("LICENSE", "THIRD-PARTY.txt", "sbom.cdx.json")
ATTEMPTS = 5
PAUSE_S = 10.0


def build(app: Path, out: Path) -> Path:
    """Make the disk image from `TLGUI.app` and the finished bundle `tlgui` beside it; gives its file.

    `TLGUI_SIGNING_IDENTITY` names a Developer ID in the keychain. An image for others is then sent to Apple with
    `xcrun notarytool submit --wait` and finished with `xcrun stapler staple`.

    Raises:
        SetUpError: this is no macOS, or a tool failed.
    """
    if sys.platform != "darwin":
        raise SetUpError("A disk image can only be made on macOS.", "Run this command there.")
    image = out / f"TLGUI-{__version__}-macos-arm64.dmg"
    identity = os.environ.get("TLGUI_SIGNING_IDENTITY", AD_HOC)
    for name in TEXTS:
        shutil.copyfile(app.with_name("tlgui") / name, app / "Contents" / "Resources" / name)
    sign(app, identity, "--deep")
    write_manifest(app)
    sign(app, identity)
    with tempfile.TemporaryDirectory() as folder:
        run(["ditto", str(app), str(Path(folder, app.name))])
        Path(folder, "Applications").symlink_to("/Applications")
        pack(Path(folder), image)
    return image


def write_manifest(app: Path) -> None:
    """Note the application's files in it, as in any bundle.

    It lists sizes, and signing changes those of libraries: it is written after they are signed, and the application is
    sealed once more. macOS takes what is no code for damage in `Frameworks`, so the files lie in `Resources`.
    """
    parts, texts = app / "Contents" / "Frameworks", app / "Contents" / "Resources"
    installation.write_manifest(parts)
    for name in (installation.VERSION_FILE, installation.MANIFEST):
        (parts / name).replace(texts / name)
        (parts / name).symlink_to(Path("..", "Resources", name))


def sign(app: Path, identity: str, *words: str) -> None:
    """Sign the application, with `--deep` the libraries in it as well.

    Raises:
        SetUpError: it cannot be signed.
    """
    command = ["codesign", "--force", f"--sign={identity}", *words]
    with tempfile.TemporaryDirectory() as folder:
        if identity != AD_HOC:  # the hardened runtime loads no library that nobody signed
            allowed = Path(folder, "entitlements.plist")
            allowed.write_bytes(plistlib.dumps(ENTITLEMENTS))
            command += ["--options=runtime", "--timestamp", f"--entitlements={allowed}"]
        run([*command, str(app)])


def pack(folder: Path, image: Path) -> None:
    """Make a compressed image of a folder.

    Raises:
        SetUpError: it cannot be made.
    """
    command = [
        "hdiutil",
        "create",
        "-volname",
        "TLGUI",
        "-srcfolder",
        str(folder),
        "-format",
        "ULFO",
        "-ov",
        str(image),
    ]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            run(command)
        except SetUpError as error:  # the virus scanner of macOS now and then holds the new image for a while
            if "Resource busy" not in error.title or attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def run(command: list[str]) -> None:
    """Run a tool of macOS.

    Raises:
        SetUpError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError(f"{done.stderr[-2000:]}\n{command[0]} failed.", "What it wrote is above.")
