"""The archive and the Debian package, made from a bundle of a few tiny files."""

from __future__ import annotations

import configparser
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path
from xml.etree import ElementTree

import pytest
from linux import changelog, deb, desktop, search_paths, tarball, tools, unused_libraries
from set_up import SetUpError

from tlgui import __version__

EPOCH = 1_780_000_000
DAY = "2026-05-28"
DEPENDS = ["libc6 (>= 2.36)", "libgl1", "fonts-dejavu-core | fonts-noto-core"]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="packages for Linux are made there")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder as PyInstaller leaves it: a program under two names, a library with a link, private permissions."""
    folder = tmp_path / "dist" / "tlgui"
    inner = folder / "_internal"
    (inner / "resources").mkdir(parents=True)
    for path in (folder / "tlgui", inner / "libx.so.1", inner / "resources" / "grün.txt"):
        path.write_bytes(b"" if path.suffix == ".txt" else b"\x7fELF")
        path.chmod(0o700)
    (folder / "tlgui-window").hardlink_to(folder / "tlgui")
    (inner / "libx.so").symlink_to("libx.so.1")
    return folder


@pytest.fixture
def root(bundle: Path, tmp_path: Path) -> Path:
    """The package's files as they lie on the disk before they are packed."""
    deb.stage(bundle, tmp_path / "root", EPOCH, DEPENDS)
    return tmp_path / "root"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched before all others."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def packed(bundle: Path) -> bytes:
    """The archive before it is compressed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w|") as tar:
        tarball.add_files(tar, bundle, EPOCH)
    return buffer.getvalue()


def control_of(root: Path) -> dict[str, str]:
    return dict(message_from_string((root / "DEBIAN" / "control").read_text(encoding="utf-8")).items())


# --- archive --------------------------------------------------------------------------------------------------------


@ON_LINUX
def test_the_archive_is_one_folder_of_roots_files_in_order(bundle: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(bundle))) as tar:
        entries = tar.getmembers()
    names = [entry.name for entry in entries]
    top = f"tlgui-{__version__}"
    assert names[0] == top
    assert names == sorted(names, key=lambda name: Path(name).parts)
    assert all(name.startswith(f"{top}/") for name in names[1:])
    assert {(entry.uid, entry.gid, entry.uname, entry.mtime) for entry in entries} == {(0, 0, "root", EPOCH)}
    modes = {entry.name.removeprefix(f"{top}/"): entry.mode for entry in entries}
    assert modes["tlgui"] == modes["_internal"] == 0o755
    assert modes["_internal/libx.so.1"] == modes["_internal/resources/grün.txt"] == 0o644
    kinds = {entry.name.removeprefix(f"{top}/"): entry for entry in entries}
    assert kinds["_internal/libx.so"].linkname == "libx.so.1"
    assert kinds["tlgui-window"].islnk(), "the second name of a program takes space"


@ON_LINUX
def test_times_and_permissions_of_the_build_do_not_change_the_archive(bundle: Path) -> None:
    before = packed(bundle)
    for path in bundle.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o777)
    assert packed(bundle) == before


@ON_LINUX
def test_the_archive_goes_through_xz(bundle: Path, programs: Path) -> None:
    write_program(programs / "xz", f'echo "$@" > {programs}/words\nexec cat')
    archive = tarball.build(bundle, bundle.parent, EPOCH)
    assert archive.name == f"tlgui-{__version__}-linux-{os.uname().machine}.tar.xz"
    assert archive.read_bytes() == packed(bundle)
    assert int(re.findall(r"-6 -T(\d+) ", (programs / "words").read_text())[0]) >= 2
    assert sorted(path.name for path in bundle.parent.iterdir()) == sorted([archive.name, "tlgui"])


@ON_LINUX
@pytest.mark.parametrize("script", ["cat > /dev/null", "exec <&-"], ids=["at the end", "at once"])
def test_a_failing_xz_is_told_and_leaves_no_archive(bundle: Path, programs: Path, script: str) -> None:
    write_program(programs / "xz", f"{script}\necho 'xz: No space left on device' >&2\nexit 1")
    (bundle / "large").write_bytes(bytes(2_000_000))
    with pytest.raises(SetUpError, match="No space left on device") as caught:
        tarball.build(bundle, bundle.parent, EPOCH)
    assert caught.value.title.endswith("xz failed with exit code 1.")
    assert [path.name for path in bundle.parent.iterdir()] == ["tlgui"]


# --- package --------------------------------------------------------------------------------------------------------


@ON_LINUX
def test_the_package_brings_bundle_links_and_desktop_files(root: Path) -> None:
    assert (root / "usr/bin/tlgui").readlink() == Path("../lib/tlgui/tlgui")
    assert (root / "usr/bin/tlgui-window").resolve() == (root / "usr/lib/tlgui/tlgui-window").resolve()
    share = {str(path.relative_to(root / "usr/share")) for path in (root / "usr/share").rglob("*") if path.is_file()}
    sizes = {int(name.split("/")[2].split("x")[0]) for name in share if name.endswith(".png")}
    assert sizes >= {16, 24, 32, 48, 64, 128, 256, 512}
    assert share - {name for name in share if name.endswith(".png")} == {
        "applications/io.github.tlgui.TLGUI.desktop",
        "doc/tlgui/changelog.gz",
        "doc/tlgui/copyright",
        "icons/hicolor/scalable/apps/io.github.tlgui.TLGUI.svg",
        "lintian/overrides/tlgui",
        "man/man1/tlgui-window.1.gz",
        "man/man1/tlgui.1.gz",
        "metainfo/io.github.tlgui.TLGUI.metainfo.xml",
        "mime/packages/io.github.tlgui.TLGUI.xml",
    }


@ON_LINUX
def test_the_package_has_no_scripts_and_no_configuration(root: Path) -> None:
    assert sorted(path.name for path in (root / "DEBIAN").iterdir()) == ["control", "md5sums"]


@ON_LINUX
def test_control_says_what_the_package_is_and_needs(root: Path) -> None:
    control = control_of(root)
    assert control["Version"] == __version__
    assert control["Architecture"] == tools.debian_architecture()
    assert control["Depends"] == "libc6 (>= 2.36), libgl1, fonts-dejavu-core | fonts-noto-core"
    assert "$" not in (root / "DEBIAN" / "control").read_text(encoding="utf-8")
    description = control["Description"].splitlines()
    assert len(description[0]) < 80
    assert all(line.startswith(" ") for line in description[1:])


@ON_LINUX
def test_a_file_with_two_names_counts_and_is_packed_once(bundle: Path, tmp_path: Path) -> None:
    (bundle / "tlgui").write_bytes(b"\x7fELF" + bytes(5_000_000))
    deb.stage(bundle, tmp_path / "root", EPOCH, DEPENDS)
    one, other = (tmp_path / "root/usr/lib/tlgui" / name for name in desktop.PROGRAMS)
    assert one.samefile(other)
    assert 4_882 < int(control_of(tmp_path / "root")["Installed-Size"]) < 9_000


@ON_LINUX
def test_every_file_has_a_checksum_that_fits(root: Path) -> None:
    lines = (root / "DEBIAN" / "md5sums").read_text(encoding="utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = [path for path in (root / "usr").rglob("*") if path.is_file() and not path.is_symlink()]
    assert recorded == {
        str(path.relative_to(root)): hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in files
    }


@ON_LINUX
def test_the_packages_files_are_readable_by_all_and_of_one_time(root: Path, bundle: Path) -> None:
    everything = [root, *root.rglob("*")]
    assert {path.lstat().st_mtime for path in everything} == {EPOCH}
    modes = {path: path.stat().st_mode & 0o777 for path in everything}
    assert set(modes.values()) == {0o755, 0o644}
    assert modes[root / "usr/lib/tlgui/tlgui"] == 0o755
    assert modes[root / "usr/lib/tlgui/_internal/libx.so.1"] == 0o644
    assert (bundle / "tlgui").stat().st_mode & 0o777 == 0o700, "the bundle itself was changed"


@ON_LINUX
def test_dpkg_deb_is_told_owner_compression_and_time(bundle: Path, programs: Path) -> None:
    write_program(
        programs / "dpkg-deb", f'echo "$SOURCE_DATE_EPOCH $@" > {programs}/words\nfor last; do :; done\n> "$last"'
    )
    package = deb.build(bundle, bundle.parent, EPOCH, DEPENDS)
    assert package.name == f"tlgui_{__version__}_{tools.debian_architecture()}.deb"
    assert (programs / "words").read_text().startswith(f"{EPOCH} --root-owner-group -Zxz --build ")
    assert sorted(path.name for path in bundle.parent.iterdir()) == sorted([package.name, "tlgui"])


# --- what desktops read ---------------------------------------------------------------------------------------------


def test_the_desktop_entry_opens_recipes_in_the_window() -> None:
    entry = configparser.ConfigParser(interpolation=None, delimiters="=")
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(desktop.DATA / f"{desktop.ID}.desktop", encoding="utf-8")
    words = entry["Desktop Entry"]
    assert words["Exec"] == "tlgui-window %f"
    assert words["Icon"] == desktop.ID
    assert words["Terminal"] == "false"
    assert all(words[key].endswith(";") for key in ("Categories", "Keywords", "MimeType"))


def test_desktop_entry_file_type_and_metainfo_name_the_same_type() -> None:
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    kind = ElementTree.parse(desktop.DATA / "mime.xml").find("m:mime-type", space)
    assert kind is not None
    glob, parent, icon = (kind.find(f"m:{name}", space) for name in ("glob", "sub-class-of", "icon"))
    assert glob is not None
    assert glob.get("pattern") == "*.tlgui.toml"
    assert parent is not None
    assert parent.get("type") == "application/toml"
    assert icon is not None
    assert icon.get("name") == desktop.ID
    metainfo = ElementTree.parse(desktop.DATA / "metainfo.xml")
    assert f"MimeType={kind.get('type')};" in (desktop.DATA / f"{desktop.ID}.desktop").read_text(encoding="utf-8")
    assert metainfo.findtext("provides/mediatype") == kind.get("type")
    assert metainfo.findtext("launchable") == f"{desktop.ID}.desktop"
    assert metainfo.findtext("id") == desktop.ID


def test_the_metainfo_tells_of_every_release() -> None:
    found = [
        changelog.Release("2.0", datetime(2027, 1, 2, tzinfo=UTC), ("A <new> & better thing.",)),
        changelog.Release("1.0", datetime(2026, 1, 2, tzinfo=UTC), ()),
    ]
    tree = ElementTree.fromstring(desktop.metainfo_with(found))
    releases = tree.findall("releases/release")
    assert [(one.get("version"), one.get("date")) for one in releases] == [("2.0", "2027-01-02"), ("1.0", "2026-01-02")]
    assert [li.text for li in releases[0].iter("li")] == ["A <new> & better thing."]


# --- changelog ------------------------------------------------------------------------------------------------------


def test_the_projects_changelog_is_read_and_begins_with_this_version() -> None:
    newest = changelog.releases(EPOCH)[0]
    assert newest.version == __version__
    assert len(newest.changes) > 3
    assert not any("\n" in change or "`" in change for change in newest.changes)


def test_versions_days_and_points_are_read(tmp_path: Path) -> None:
    file = tmp_path / "CHANGELOG.md"
    text = f"# Changelog\n\n## {__version__}, not yet released\n\n### Added\n- One `word`\n  and more.\n- Two.\n"
    file.write_text(f"{text}\n## 0.0.1, 2026-02-03\n", encoding="utf-8")
    newest, first = changelog.releases(EPOCH, file)
    assert newest.changes == ("One word and more.", "Two.")
    assert (f"{newest.day:%Y-%m-%d}", first.version, f"{first.day:%Y-%m-%d}") == (DAY, "0.0.1", "2026-02-03")
    debian = changelog.debian([newest, first], "Some One <one@example.org>")
    assert f"tlgui ({__version__}) unstable; urgency=medium\n\n  * One word and more.\n  * Two.\n" in debian
    assert "\n -- Some One <one@example.org>  Tue, 03 Feb 2026 00:00:00 +0000\n" in debian


@pytest.mark.parametrize("text", ["", "# Changelog\n\n## 99.0.0, 2026-02-03\n- Much.\n"])
def test_a_changelog_without_this_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "CHANGELOG.md").write_text(text, encoding="utf-8")
    with pytest.raises(SetUpError, match="does not begin with version"):
        changelog.releases(EPOCH, tmp_path / "CHANGELOG.md")


@ON_LINUX
def test_the_documents_are_compressed_without_a_date(root: Path) -> None:
    data = (root / "usr/share/doc/tlgui/changelog.gz").read_bytes()
    assert data[4:8] == bytes(4)
    assert gzip.decompress(data).decode().startswith(f"tlgui ({__version__})")


# --- tools and libraries ----------------------------------------------------------------------------------------------


def test_a_missing_tool_is_named_with_its_package() -> None:
    with pytest.raises(SetUpError, match="no-such-tool is missing") as caught:
        tools.found("no-such-tool")
    assert caught.value.hint == "Install it: sudo apt-get install --yes no-such-tool"


def test_a_failing_tool_is_quoted() -> None:
    with pytest.raises(SetUpError, match="so it goes") as caught:
        tools.run([sys.executable, "-c", "import sys; print('so it goes'); sys.exit(3)"])
    assert "failed with exit code 3" in caught.value.title
    assert tools.run([sys.executable, "-c", "import os; print(os.environ['ONE'])"], {"ONE": "1"}).strip() == "1"


def test_other_machines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.platform, "machine", lambda: "s390x")
    with pytest.raises(SetUpError, match="No package is made for s390x"):
        tools.debian_architecture()


@pytest.mark.parametrize(
    ("search_path", "out"),
    [
        ("", False),
        ("$ORIGIN", False),
        ("$ORIGIN/:$ORIGIN/../lib", False),
        ("/root/python/lib", True),
        ("$ORIGIN:/opt", True),
    ],
)
def test_search_paths_that_leave_the_bundle_are_known(search_path: str, out: bool) -> None:
    assert search_paths.leads_out(f"{search_path}\n") is out


@ON_LINUX
def test_only_files_with_such_a_path_are_changed(bundle: Path, programs: Path) -> None:
    script = (
        f'[ "$1" = --print-rpath ] || echo "$@" >> {programs}/words\ncase "$2" in *libx.so.1) echo /build/lib;; esac'
    )
    write_program(programs / "patchelf", script)
    library = bundle / "_internal" / "libx.so.1"
    assert search_paths.forget_build_machine(bundle) == [library]
    assert (programs / "words").read_text() == f"--remove-rpath {library}\n"


@ON_LINUX
def test_libraries_that_nothing_calls_go_and_are_no_longer_named(bundle: Path, programs: Path) -> None:
    folder = bundle / "_internal" / "pyarrow"
    folder.mkdir()
    unused, caller = folder / "libarrow_acero.so.2600", folder / "lib.so"
    for path in (unused, caller):
        path.write_bytes(b"\x7fELF")
    link = bundle / "_internal" / unused.name
    link.symlink_to(unused)
    script = (
        f'[ "$1" = --print-needed ] || echo "$@" >> {programs}/words\n'
        'case "$1" in --print-needed) printf "libarrow.so.2600\\nlibarrow_acero.so.2600\\n";; esac'
    )
    write_program(programs / "patchelf", script)
    assert unused_libraries.leave_out(bundle) == [link, unused]
    assert not link.is_symlink()
    assert not unused.exists()
    assert (programs / "words").read_text() == f"--remove-needed libarrow_acero.so.2600 {caller}\n"
