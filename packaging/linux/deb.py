"""The Debian package: the bundle in /usr/lib/tlgui, its programs on the PATH, and a place in the desktop's menu.

It has no scripts of its own. The caches of menus, file types and icons are refreshed by the packages that own them,
and nothing else is written anywhere: removing the package removes all of it, and leaves the users' folders alone.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import Template

from linux import changelog, desktop
from linux.tools import debian_architecture, mode_of, run
from tlgui import __version__

PLACE = Path("usr/lib/tlgui")
MAINTAINER = "The TLGUI developers <tlgui@users.noreply.github.com>"


def build(bundle: Path, out: Path, epoch: int, depends: Sequence[str]) -> Path:
    """Make the package; gives its file. The same bundle gives the same bytes.

    Args:
        out: Folder for the package, with room for a copy of the bundle.
        epoch: Time of every file in it, in seconds since 1970.
        depends: Relations such as `libc6 (>= 2.36)`, one for each library that the bundle takes from the system.
    Raises:
        SetUpError: a tool is missing, the disk is full, or CHANGELOG.md does not know the version.
    """
    package = out / f"tlgui_{__version__}_{debian_architecture()}.deb"
    with tempfile.TemporaryDirectory(dir=out, prefix="deb-") as folder:
        root, unfinished = Path(folder, "root"), Path(folder, package.name)
        stage(bundle, root, epoch, depends)
        command: list[str | Path] = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, unfinished]
        run(command, {"SOURCE_DATE_EPOCH": str(epoch)})
        return unfinished.replace(package)


def stage(bundle: Path, root: Path, epoch: int, depends: Sequence[str]) -> None:
    """Lay out the package's files as they will lie on the user's disk, with the control files in `DEBIAN`."""
    releases = changelog.releases(epoch)
    share = root / "usr" / "share"
    (root / PLACE).parent.mkdir(parents=True)
    # A copy rather than links: permissions and times are set below, and the bundle keeps its own.
    run(["cp", "--archive", bundle, root / PLACE])
    link_programs(root)
    desktop.write(share, releases)
    documents = share / "doc" / "tlgui"
    desktop.copy(desktop.DATA / "copyright", documents / "copyright")
    desktop.write_gzip(documents / "changelog.gz", changelog.debian(releases, MAINTAINER))
    desktop.copy(desktop.DATA / "lintian-overrides", share / "lintian" / "overrides" / "tlgui")
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(control_text(root, depends), encoding="utf-8")
    (control / "md5sums").write_text(md5sums(root), encoding="utf-8")
    make_alike(root, epoch)


def link_programs(root: Path) -> None:
    """Put the programs on the PATH."""
    folder = root / "usr" / "bin"
    folder.mkdir()
    for name in desktop.PROGRAMS:
        (folder / name).symlink_to(Path("..", *PLACE.parts[1:], name))


def control_text(root: Path, depends: Sequence[str]) -> str:
    """The package's description of itself."""
    sizes = {entry.st_ino: entry.st_size for path in (root / "usr").rglob("*") if (entry := path.lstat())}
    return Template((desktop.DATA / "control").read_text(encoding="utf-8")).substitute(
        version=__version__,
        architecture=debian_architecture(),
        kibibytes=sum(-(-size // 1024) for size in sizes.values()),
        depends=", ".join(depends),
    )


def md5sums(root: Path) -> str:
    """A line for each file, by which `dpkg --verify tlgui` finds damaged ones."""
    files = sorted(path for path in (root / "usr").rglob("*") if path.is_file() and not path.is_symlink())
    lines = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        lines.append(f"{digest}  {path.relative_to(root).as_posix()}\n")
    return "".join(lines)


def make_alike(root: Path, epoch: int) -> None:
    """Give everything its permissions and time, whenever and by whomever it was built."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(mode_of(path))
        os.utime(path, (epoch, epoch), follow_symlinks=False)
