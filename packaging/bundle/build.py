"""The steps of `dev.py package`: freeze, say what is inside, try it, pack it. Runs in the environment for packaging."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

import smoke
from licences import sbom, third_party
from set_up import ROOT, SetUpError

from bundle import contents, sizes
from tlgui.core import installation

DIST = ROOT / "dist"
WORK = ROOT / "build" / "bundle"
BUNDLE = DIST / "tlgui"
PICTURES = DIST / "pictures"


def main() -> int:
    """Build everything that this system can build; 0, or 1 with a sentence on stderr."""
    steps: list[Callable[[], None]] = [freeze, finish, weigh, try_it, PACKERS[sys.platform]]
    if "--bare-root" in sys.argv:
        steps.append(try_in_bare_root)
    for step in steps:
        print(f"\n── {step.__doc__}", flush=True)
        began = time.monotonic()
        try:
            step()
        except SetUpError as error:
            print(f"\n{error.title}\n{error.hint}", file=sys.stderr)
            return 1
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    return 0


def freeze() -> None:
    """freeze the application"""
    shutil.rmtree(BUNDLE, ignore_errors=True)
    settings = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(epoch())}  # the same inputs give the same bytes
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    command += [f"--distpath={DIST}", f"--workpath={WORK}", str(ROOT / "packaging" / "bundle" / "tlgui.spec")]
    done = subprocess.run(command, env=os.environ | settings, stderr=subprocess.PIPE, text=True, check=False)
    (WORK / "freeze.log").write_text(done.stderr, encoding="utf-8")
    if done.returncode or "libqxcb" in done.stderr:  # PyInstaller only warns of a library that the window needs
        raise SetUpError(done.stderr[-2000:], f"All it wrote is in {WORK / 'freeze.log'}.")


def finish() -> None:
    """add licences, parts list and manifest"""
    if sys.platform != "win32":  # where a console makes no difference, the second program is the first by another name
        first, *others = contents.PROGRAMS
        for other in others:
            (BUNDLE / other).unlink()
            (BUNDLE / other).symlink_to(first)
    if sys.platform == "linux":
        from linux import search_paths, unused_libraries

        unused_libraries.leave_out(BUNDLE)
        search_paths.forget_build_machine(BUNDLE)
    shutil.copyfile(ROOT / "LICENSE", BUNDLE / "LICENSE")
    modules = json.loads((WORK / "tlgui" / "modules.json").read_text(encoding="utf-8"))
    parts = third_party.write(BUNDLE, modules, BUNDLE / "THIRD-PARTY.txt")
    sbom.write(parts, BUNDLE / "sbom.cdx.json", epoch())
    installation.write_manifest(BUNDLE / "_internal")


def weigh() -> None:
    """weigh it"""
    print(sizes.report(BUNDLE))


def try_it() -> None:
    """try the frozen programs"""
    smoke.run(BUNDLE, PICTURES)


def pack_for_linux() -> None:
    """pack it as .tar.xz and .deb"""
    from linux import checks, deb, system_needs, tarball

    archive = tarball.build(BUNDLE, DIST, epoch())
    print(f"{archive.name}: {archive.stat().st_size / 1e6:.1f} MB")
    sizes.check(archive.name, archive.stat().st_size, sizes.ARCHIVE_LIMIT_BYTES)
    package = deb.build(BUNDLE, DIST, epoch(), system_needs.packages(BUNDLE))
    print(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB")
    checks.validate(package)


def pack_for_windows() -> None:
    """pack it as an installer"""
    from windows import installer

    print(installer.build(BUNDLE, DIST).name)


def pack_for_macos() -> None:
    """pack it as a disk image"""
    from macos import disk_image

    print(disk_image.build(DIST / "TLGUI.app", DIST).name)


def try_in_bare_root() -> None:
    """install and try the .deb in a bare Debian"""
    from linux import try_in_bare_root

    try_in_bare_root.run(next(DIST.glob("*.deb")), PICTURES / "bare-root")


def epoch() -> int:
    """Seconds since 1970 of the last commit: the date of everything that is built from it."""
    asked = os.environ.get("SOURCE_DATE_EPOCH")
    if asked:
        return int(asked)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError("This folder is no git checkout.", "Set SOURCE_DATE_EPOCH to the date of the sources.")
    return int(done.stdout)


PACKERS = {"linux": pack_for_linux, "win32": pack_for_windows, "darwin": pack_for_macos}

if __name__ == "__main__":
    sys.exit(main())
