"""What Debian's and freedesktop's own tools say about a finished package."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from set_up import SetUpError

from linux.desktop import ID
from linux.tools import failure, found, run

DESKTOP_FILE = f"usr/share/applications/{ID}.desktop"
METAINFO = f"usr/share/metainfo/{ID}.metainfo.xml"
MANUAL = "usr/share/man/man1/tlgui.1.gz"


def validate(package: Path) -> None:
    """Check a package's desktop files and manual, then all of it with lintian; prints what the tools say.

    Raises:
        SetUpError: a tool is missing, or found an error.
    """
    with tempfile.TemporaryDirectory(prefix="tlgui-validate-") as folder:
        share = Path(folder)
        extract_share(package, share)
        show("desktop-file-validate", run(["desktop-file-validate", share / DESKTOP_FILE]))
        show("appstreamcli", run(["appstreamcli", "validate", "--no-net", "--pedantic", share / METAINFO]))
        show("man", check_manual(share / MANUAL))
    show("lintian", run(["lintian", "--fail-on", "error", "--allow-root", "--tag-display-limit", "0", package]))


def check_manual(page: Path) -> str:
    """Set the manual page as for a terminal; gives the warnings, of which there must be none.

    Raises:
        SetUpError: man is missing or warned.
    """
    command = [found("man"), "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode or done.stderr:
        raise failure("man", done.returncode, done.stderr)
    return done.stderr


def show(program: str, output: str) -> None:
    """Print what a tool said about a package that it let pass."""
    print(f"{program}: {output.strip() or 'nothing to say'}", flush=True)


def extract_share(package: Path, folder: Path) -> None:
    """Unpack the files in `/usr/share`, without the bundle.

    Raises:
        SetUpError: dpkg-deb is missing, or the file is no package.
    """
    command = [found("dpkg-deb"), "--fsys-tarfile", str(package)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:
        try:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as tar:
                for entry in tar:
                    if entry.isreg() and entry.name.startswith("./usr/share/"):
                        tar.extract(entry, folder)
        except tarfile.TarError as error:
            raise SetUpError(f"{package} is no Debian package.", "Build it again.") from error
