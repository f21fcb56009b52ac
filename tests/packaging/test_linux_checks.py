"""What is asked of a finished package, and what is compared when it is removed again."""

from __future__ import annotations

import io
import os
import sys
import tarfile
from pathlib import Path

import pytest
from linux import checks, desktop, try_in_bare_root
from set_up import SetUpError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packages for Linux are checked there")
SHARED = [checks.DESKTOP_FILE, checks.METAINFO, checks.MANUAL]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with programs in the place of the real ones, which note their words and are content."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("desktop-file-validate", "appstreamcli", "man", "lintian", "dpkg-deb"):
        write_program(folder, name, f'echo {name} "$@" >> {folder}/words')
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def write_program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def package(tmp_path: Path, programs: Path) -> Path:
    """A package that holds the files of `/usr/share` and one of the bundle."""
    archive = tmp_path / "content.tar"
    with tarfile.open(archive, "w") as tar:
        for name in (*SHARED, "usr/lib/tlgui/tlgui"):
            tar.addfile(tarfile.TarInfo(f"./{name}"), io.BytesIO())
    write_program(programs, "dpkg-deb", f'[ "$1" = --fsys-tarfile ] && exec cat {archive}')
    return tmp_path / "tlgui.deb"


def test_each_tool_sees_its_file(package: Path, programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks.validate(package)
    words = [line.split() for line in (programs / "words").read_text().splitlines()]
    assert [line[0] for line in words] == ["desktop-file-validate", "appstreamcli", "man", "lintian"]
    assert all(line[-1].endswith(file) for line, file in zip(words, SHARED, strict=False))
    assert words[-1][-1] == str(package)
    assert capsys.readouterr().out.count("nothing to say") == 4


@pytest.mark.parametrize("name", ["desktop-file-validate", "appstreamcli", "man", "lintian"])
def test_a_tool_that_finds_an_error_is_quoted(package: Path, programs: Path, name: str) -> None:
    write_program(programs, name, "echo this is wrong >&2\nexit 1")
    with pytest.raises(SetUpError, match="this is wrong") as caught:
        checks.validate(package)
    assert f"{name} failed" in caught.value.title


def test_a_warning_of_man_is_an_error(package: Path, programs: Path) -> None:
    write_program(programs, "man", "echo 'warning: macro not defined' >&2")
    with pytest.raises(SetUpError, match="macro not defined"):
        checks.validate(package)


def test_only_the_shared_files_are_unpacked(package: Path, tmp_path: Path) -> None:
    checks.extract_share(package, tmp_path / "unpacked")
    files = [path for path in (tmp_path / "unpacked").rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(tmp_path / "unpacked")) for path in files) == sorted(SHARED)


def test_what_is_no_package_is_refused(tmp_path: Path, programs: Path) -> None:
    write_program(programs, "dpkg-deb", "exit 2")
    with pytest.raises(SetUpError, match="is no Debian package"):
        checks.extract_share(tmp_path / "notes.txt", tmp_path)


def test_every_override_has_a_reason_above_it() -> None:
    blocks = (desktop.DATA / "lintian-overrides").read_text(encoding="utf-8").strip().split("\n\n")
    assert all(block.startswith("# ") for block in blocks)
    lines = [line for block in blocks for line in block.splitlines() if not line.startswith("#")]
    assert lines
    assert all(line.startswith("tlgui: ") and "[usr/lib/tlgui/" in line for line in lines)


# --- the bare root --------------------------------------------------------------------------------------------------


def test_places_where_others_write_are_not_compared(tmp_path: Path) -> None:
    for name in ("usr/lib/tlgui/tlgui", "var/log/dpkg.log", "var/lib/dpkg/status", "home/somebody/run", "usr/tmp/kept"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = try_in_bare_root.files(tmp_path)
    assert {"usr/lib/tlgui/tlgui", "usr/tmp/kept", "home/somebody"} <= found
    assert not found & {"var/log/dpkg.log", "var/lib/dpkg/status", "home/somebody/run"}


def test_a_file_that_stays_or_goes_is_named() -> None:
    try_in_bare_root.expect_same({"usr/a"}, {"usr/a"})
    with pytest.raises(SetUpError, match="stay behind") as stayed:
        try_in_bare_root.expect_same({"usr/a"}, {"usr/a", "usr/lib/tlgui/x"})
    assert stayed.value.hint == "usr/lib/tlgui/x"
    with pytest.raises(SetUpError, match="are gone"):
        try_in_bare_root.expect_same({"usr/a", "usr/b"}, {"usr/a"})


def test_only_root_makes_a_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_in_bare_root.os, "geteuid", lambda: 1000)
    with pytest.raises(SetUpError, match="Only root"), try_in_bare_root.bare_root():
        pass


def test_programs_in_the_root_run_in_namespaces_of_their_own() -> None:
    words = try_in_bare_root.entering(Path("/root-folder"), 65534, "--net")
    assert words[0] == "unshare"
    assert {"--mount", "--pid", "--net", "--kill-child"} <= set(words)
    assert words[-2:] == ["/root-folder", "65534"]
    assert try_in_bare_root.inside(Path("/a/root"), Path("/a/root/tmp/x.deb")) == Path("/tmp/x.deb")
