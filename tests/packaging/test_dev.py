"""dev.py's command line."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import dev
import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "dev.py"


@pytest.mark.parametrize(
    ("environ", "platform", "window"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "linux", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_window_needs_a_display(environ: dict[str, str], platform: str, window: bool) -> None:
    assert dev.has_display(environ, platform) is window


@pytest.mark.parametrize(("display", "words"), [(":7", ["--open", dev.SAMPLE]), ("", ["train", dev.SAMPLE])])
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_run_opens_the_sample_or_trains_it(monkeypatch: pytest.MonkeyPatch, display: str, words: list[str]) -> None:
    became: list[list[str]] = []
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(dev.set_up, "ensure", lambda command: None)
    monkeypatch.setattr(dev, "replace_process", became.append)
    dev.run(dev.parse(["run"]))
    assert [command[-2:] for command in became] == [words]


def test_words_after_two_dashes_go_to_pytest() -> None:
    arguments = dev.parse(["test", "backend", "gui", "--", "-k", "foo", "-x"])
    assert arguments.steps == ["backend", "gui"]
    assert arguments.pytest == ["-k", "foo", "-x"]
    assert dev.parse(["test"]).steps == []


@pytest.mark.parametrize("words", [[], ["tset"], ["run", "fast"]])
def test_a_wrong_command_line_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        dev.parse(words)
    assert caught.value.code == 2


def test_every_command_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dev.parse(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {name} " in text for name in dev.COMMANDS)


def test_an_older_python_gets_a_sentence() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))
    pretend = "import runpy, sys; sys.version_info = (3, 10, 4, 'final', 0); runpy.run_path(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", pretend, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "TLGUI needs Python 3.11 or newer and this is 3.10. Start dev.py with another.\n"


def test_a_wrong_step_is_told_before_anything_is_set_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.set_up, "ensure", lambda command: pytest.fail("it set up"))
    monkeypatch.setattr(sys, "argv", ["dev.py", "test", "lnt"])
    assert dev.main() == 1
    assert "“lnt” is no step" in capsys.readouterr().err
