"""Tries the .deb in a bare Debian of its own: installing, using, interrupted upgrades, removing.

It needs root and Debian's package mirror. Everything happens in a temporary root. What is mounted there is mounted in a
namespace of the process that needs it, so that nothing stays mounted however that ends.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import smoke
from checks import virtual_display
from set_up import SetUpError

from linux.deb import PLACE
from linux.tools import run as run_program

SOMEBODY = 65534
"""Number of the user and of the group that use the program."""
HOME = "home/somebody"
ENTER = """\
root=$1 user=$2
shift 2
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
[ ! -d /tmp/.X11-unix ] || mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
exec chroot --userspec="$user:$user" "$root" "$@"
"""
"""Shell commands that go on as another program in the root."""
DESKTOP = ("desktop-file-utils", "shared-mime-info", "hicolor-icon-theme")
"""Debian's packages that keep caches of menus, file types and icons."""
CACHES = {"usr/share/applications/mimeinfo.cache": "application/vnd.tlgui", "usr/share/mime/globs2": "*.tlgui.toml"}
"""Files of theirs, and what stands in them while the program is installed."""
CHANGING = ("dev", "proc", "sys", "tmp", "var/cache/apt", "var/lib/apt", "var/lib/dpkg", "var/log", HOME)
"""Where apt, dpkg, the kernel and the user write."""


def run(package: Path, pictures: Path) -> None:
    """Try a package; pictures of every page of the window are kept.

    Raises:
        SetUpError: something does not do its part, or a file stays when the package is removed.
    """
    with bare_root() as root:
        apt(root, "update")
        apt(root, "satisfy", run_program(["dpkg-deb", "--field", package, "Depends"]).strip())
        before = files(root)
        install(root, package)
        with virtual_display() as display:
            start = entering(root, SOMEBODY, "--net")
            smoke.try_all(smoke.Machine(root / PLACE, root / HOME, start, display), pictures)
        of_the_user = files(root / HOME)
        try_interrupted_upgrades(root, package)
        remove(root)
        expect_same(before, files(root))
        expect_same(of_the_user, files(root / HOME))
        print("   removed: only the user's files are left", flush=True)
        try_beside_a_desktop(root, package)


def try_interrupted_upgrades(root: Path, package: Path) -> None:
    """Kill dpkg while it unpacks and while it replaces files; installing once more must put everything right.

    Raises:
        SetUpError: it does not.
    """
    newer = with_higher_version(package, root / "tmp")
    installed = root / PLACE
    first = installed / "LICENSE"  # the first that the archive holds
    old = first.stat().st_ino
    moments: dict[str, Callable[[], bool]] = {
        "unpacked": lambda: any(installed.rglob("*.dpkg-new")),
        "replaced": lambda: first.stat().st_ino != old,
    }
    for moment, reached in moments.items():
        interrupt(root, newer, reached)
        run_program([*entering(root), "dpkg", "--configure", "--pending"])
        install(root, newer)
        expect_whole(root)
        print(f"   upgrade killed while files were being {moment}: whole after installing again", flush=True)
        install(root, package)
        old = first.stat().st_ino


def interrupt(root: Path, package: Path, reached: Callable[[], bool]) -> None:
    """Start to install a package and kill everything that does so when a moment is reached.

    Raises:
        SetUpError: dpkg ended before that.
    """
    command = [*entering(root), "dpkg", "--install", str(inside(root, package))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as dpkg:
        while dpkg.poll() is None and not reached():
            pass
        if dpkg.returncode is not None:
            raise SetUpError("dpkg ended before it could be interrupted.", "Try again when the machine is less busy.")
        # The first process of a namespace takes all others with it, and is not gone before they are.
        first = Path(f"/proc/{dpkg.pid}/task/{dpkg.pid}/children").read_text(encoding="ascii").split()[0]
        os.kill(int(first), signal.SIGKILL)


def expect_whole(root: Path) -> None:
    """See that the package is installed with every file as it was packed, and starts.

    Raises:
        SetUpError: it is not.
    """
    left = [str(path) for path in (root / PLACE).rglob("*.dpkg-*")]
    damaged = run_program([*entering(root), "dpkg", "--verify", "tlgui"]).split("\n")
    smoke.expect(not any(damaged) and not left, "The installation is damaged", "\n".join([*damaged, *left]))
    run_program([*entering(root, SOMEBODY), "tlgui", "--version"])


def try_beside_a_desktop(root: Path, package: Path) -> None:
    """Install and remove beside the packages that keep caches: they must learn of the program, and forget it.

    Raises:
        SetUpError: they do not.
    """
    apt(root, "install", *DESKTOP)
    before = files(root)
    install(root, package)
    for cache, words in CACHES.items():
        smoke.expect(words in (root / cache).read_text(encoding="utf-8"), f"{cache} does not know of {words}")
    remove(root)
    for cache, words in CACHES.items():
        smoke.expect(words not in (root / cache).read_text(encoding="utf-8"), f"{cache} still knows of {words}")
    expect_same(before, files(root))
    print("   menus and file types know of it while it is installed", flush=True)


def expect_same(before: set[str], after: set[str]) -> None:
    """Go on if two lists of files are the same.

    Raises:
        SetUpError: they are not.
    """
    smoke.expect(not after - before, "These files stay behind", "\n".join(sorted(after - before)))
    smoke.expect(not before - after, "These files are gone", "\n".join(sorted(before - after)))


# --- the root -------------------------------------------------------------------------------------------------------


@contextmanager
def bare_root() -> Iterator[Path]:
    """A minimal Debian of this system's version, with an empty home; it is deleted at the end.

    Raises:
        SetUpError: the user is not root, mmdebstrap is missing, or the mirror cannot be reached.
    """
    if os.geteuid() != 0:
        raise SetUpError("Only root can make a bare Debian.", "Start this command with sudo, or without --bare-root.")
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    folder = Path(tempfile.mkdtemp(prefix="tlgui-root-", dir="/var/tmp"))
    try:
        folder.chmod(0o755)  # apt downloads as another user
        root = folder / "root"
        # Processes are killed here, but no power fails: dpkg need not wait for the disk.
        run_program(["mmdebstrap", "--mode=root", "--variant=apt", "--dpkgopt=force-unsafe-io", release, root])
        (root / "tmp" / ".X11-unix").mkdir()
        home = root / HOME
        home.mkdir(parents=True)
        os.chown(home, SOMEBODY, SOMEBODY)
        # The same path leads to a file from outside and from inside.
        (root / folder.relative_to("/")).mkdir(parents=True)
        (root / root.relative_to("/")).symlink_to("/")
        yield root
    finally:
        shutil.rmtree(folder)


def entering(root: Path, user: int = 0, *namespaces: str) -> list[str]:
    """A command that starts the program named after it in the root."""
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *namespaces, "sh", "-ec", ENTER, "sh"]
    return [*words, str(root), str(user)]


def inside(root: Path, file: Path) -> Path:
    """Where a file of the root lies for those who live in it."""
    return Path("/", file.relative_to(root))


def apt(root: Path, action: str, *words: str) -> None:
    """Let the root's apt do something, without recommended packages."""
    options = ["--yes", "--no-install-recommends", "--option=Dpkg::Use-Pty=false"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    run_program([*entering(root), "apt-get", action, *options, *words], quiet)


def install(root: Path, package: Path) -> None:
    """Install a package as a user would, whatever version is there."""
    place = root / "tmp" / package.name
    if place != package:
        shutil.copyfile(package, place)
    apt(root, "install", "--allow-downgrades", "--reinstall", str(inside(root, place)))


def remove(root: Path) -> None:
    """Remove the package and what dpkg remembers of it."""
    run_program([*entering(root), "dpkg", "--remove", "tlgui"])
    run_program([*entering(root), "dpkg", "--purge", "tlgui"])


def with_higher_version(package: Path, folder: Path) -> Path:
    """The same package, but for a version that dpkg takes for a later one; not compressed, to be quick."""
    newer = folder / "newer.deb"
    with tempfile.TemporaryDirectory(dir=folder) as place:
        content = Path(place, "content")
        run_program(["dpkg-deb", "--raw-extract", package, content])
        control = content / "DEBIAN" / "control"
        lines = control.read_text(encoding="utf-8").splitlines()
        changed = [f"{line}+later" if line.startswith("Version: ") else line for line in lines]
        control.write_text("\n".join(changed) + "\n", encoding="utf-8")
        run_program(["dpkg-deb", "--root-owner-group", "-Znone", "--build", content, newer])
    return newer


def files(folder: Path) -> set[str]:
    """Paths of everything below a folder, without where others write all the time."""
    found: set[str] = set()
    for where, folders, names in os.walk(folder):
        here = Path(where).relative_to(folder)
        found.update((here / name).as_posix() for name in (*folders, *names))
        folders[:] = [name for name in folders if (here / name).as_posix() not in CHANGING]
    return found
