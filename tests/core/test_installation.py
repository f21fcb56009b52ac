"""What a frozen build looks after: children's libraries, one version, every file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tlgui import __version__
from tlgui.core import installation
from tlgui.core.errors import TlguiError


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The parts of a frozen build, whole."""
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "größe.so").write_bytes(b"12345")
    installation.write_manifest(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/own"}, {"LD_LIBRARY_PATH": "/own"}),
        ({"LD_LIBRARY_PATH": "/bundle"}, {}),
        ({"DYLD_LIBRARY_PATH": "/bundle", "HOME": "/h"}, {"HOME": "/h"}),
        ({}, {}),
    ],
)
def test_children_get_the_users_own_libraries(before: dict[str, str], after: dict[str, str]) -> None:
    installation.give_children_their_own_libraries(before)
    assert before == after


def test_outside_a_frozen_build_the_path_stays() -> None:
    environ = {"LD_LIBRARY_PATH": "/own"}
    installation.give_children_their_own_libraries(environ)
    assert environ == {"LD_LIBRARY_PATH": "/own"}
    installation.check_version()


def test_a_whole_installation_is_fine(frozen: Path) -> None:
    installation.check_version()
    assert installation.damaged(frozen) == []


@pytest.mark.parametrize("text", ["0.0.1\n", "", None])
def test_parts_of_another_version_are_a_sentence(frozen: Path, text: str | None) -> None:
    (frozen / "version.txt").unlink()
    if text is not None:
        (frozen / "version.txt").write_text(text, encoding="ascii")
    with pytest.raises(TlguiError, match=f"mixes TLGUI {__version__} with parts of"):
        installation.check_version()


def test_missing_and_cut_files_are_named(frozen: Path) -> None:
    (frozen / "lib" / "größe.so").write_bytes(b"1")
    (frozen / "version.txt").unlink()
    assert sorted(installation.damaged(frozen)) == ["lib/größe.so", "version.txt"]
