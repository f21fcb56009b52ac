"""Before Qt is asked for a window: display, system libraries, and telling somebody who sees no terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tlgui import cli
from tlgui.core.errors import TlguiError
from tlgui.ui import desktop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Only the variables that a test names."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("environ", "title"),
    [
        ({}, "There is no display"),
        ({"DISPLAY": ":987"}, "“:987” does not answer"),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":987"}, "“:987” does not answer"),
    ],
    indirect=["environ"],
)
@pytest.mark.usefixtures("environ")
def test_a_display_that_cannot_be_used_is_a_sentence_and_exit_code_2(
    title: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(desktop, "tell", lambda title, hint: told.append(title))
    assert cli.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert title in line
    assert told == [line[: len(told[0])]]  # no terminal here, so it is also shown on the desktop


@pytest.mark.parametrize(
    "environ",
    [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_QPA_PLATFORM": "xcb;offscreen", "DISPLAY": ":987"}],
    indirect=True,
)
@pytest.mark.usefixtures("environ")
def test_one_usable_platform_is_enough() -> None:
    desktop.check()


@pytest.mark.parametrize("environ", [{"QT_QPA_PLATFORM": "offscreen"}], indirect=True)
@pytest.mark.usefixtures("environ")
def test_a_plugin_whose_library_is_missing_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(desktop.ctypes, "CDLL", fail)
    with pytest.raises(TlguiError, match="apt-get install libxcb-cursor0"):
        desktop.check()


def test_the_first_program_that_can_show_a_message_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = tmp_path / "note"
    for name, code in (("zenity", 5), ("kdialog", 0), ("xmessage", 0)):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" >> "{note}"\nexit {code}\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    desktop.tell("It “broke”.", "Mend it.")
    lines = note.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line in ("zenity", "kdialog", "xmessage")] == ["zenity", "kdialog"]
    assert lines[-3:] == ["It “broke”.", "", "Mend it."]
