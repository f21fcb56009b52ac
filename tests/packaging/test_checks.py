"""The steps of `dev.py test`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import checks
import pytest
import set_up

TESTS = Path(__file__).parents[1]


def test_every_folder_of_tests_belongs_to_exactly_one_step() -> None:
    files = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")]
    assert [str(path) for path in files if len(path.parts) == 1] == [], "no step runs a test that is in no folder"
    used = Counter(folder for step in checks.STEPS for folder in step.folders)
    assert {folder: count for folder, count in used.items() if count > 1} == {}
    assert {path.parts[0] for path in files} - set(checks.NOT_TESTS) <= used.keys()


def test_file_names_differ_across_folders() -> None:
    names = Counter(path.name for path in TESTS.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_steps_are_picked_by_name_in_the_tables_order() -> None:
    assert checks.named([]) == list(checks.STEPS)
    assert [step.name for step in checks.named(["backend", "lint"])] == ["lint", "backend"]
    with pytest.raises(set_up.SetUpError, match="lint, types, imports, backend, gui, end-to-end"):
        checks.named(["lint", "lnt"])


@pytest.mark.parametrize(
    ("entry", "qt"),
    [
        ("PySide6", True),
        ("pyside6_essentials-6.11.3.dist-info", True),
        ("shiboken6", True),
        ("pyqtgraph-0.14.0.dist-info", True),
        ("pytestqt", True),
        ("pytest_qt-4.5.0.dist-info", True),
        ("pytest", False),
        ("pytest_timeout.py", False),
        ("numpy.libs", False),
    ],
)
def test_qt_is_known_by_its_names(entry: str, qt: bool) -> None:
    assert checks.is_qt(entry) is qt


def test_the_backend_environment_has_everything_but_qt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "BACKEND_VENV", tmp_path / "venv")
    monkeypatch.setattr(checks, "VENV", Path(sys.prefix))
    environment = checks.make_backend_environment()
    script = (
        "import importlib.metadata as m, importlib.util as u, numpy, tlgui;"
        "print([n for n in ('PySide6', 'shiboken6', 'pyqtgraph', 'pytestqt', 'torch', 'pytest') if u.find_spec(n)]);"
        "print(sorted({d.name.lower() for d in m.distributions()} & {'pyside6_essentials', 'pytest-qt', 'torch'}))"
    )
    command = [str(set_up.python_of(environment)), "-P", "-c", script]
    assert subprocess.check_output(command, text=True).splitlines() == ["['torch', 'pytest']", "['torch']"]


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("Xvfb"), reason="needs Xvfb")
def test_the_virtual_display_lives_as_long_as_its_block() -> None:
    with checks.virtual_display() as first, checks.virtual_display() as second:
        assert first["DISPLAY"] != second["DISPLAY"]
        socket = Path(f"/tmp/.X11-unix/X{first['DISPLAY'][1:]}")
        assert socket.exists()
    assert not socket.exists()


@pytest.mark.parametrize(("code", "passed"), [(0, True), (3, False)])
def test_a_step_passes_if_its_program_says_so(code: int, passed: bool) -> None:
    step = checks.Step("any", lambda: [sys.executable, "-c", f"raise SystemExit({code})"])
    assert checks.run_step(step, [], dict(os.environ)) is passed


def test_a_failing_step_does_not_keep_the_next_from_running(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        checks.Step(name, lambda code=code: [sys.executable, "-c", f"raise SystemExit({code})"])
        for name, code in (("first", 1), ("second", 0))
    ]
    assert checks.run_all(steps, []) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[-3:-1]] == [["first", "FAILED"], ["second", "passed"]]
    assert lines[-1].startswith("Failed: first.")
    assert checks.run_all(steps[1:], []) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere real windows are opened")
def test_without_xvfb_only_its_step_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)
    steps = [
        checks.Step("windows", folders=("end_to_end",), display=True),
        checks.Step("after", lambda: [sys.executable, "-c", ""]),
    ]
    assert checks.run_all(steps, []) == 1
    text = capsys.readouterr().out
    assert "sudo apt-get install --yes xvfb" in text
    assert "Failed: windows." in text


def test_steps_see_no_network_and_none_of_the_users_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    environ = checks.surroundings(tmp_path)
    assert "PYTHONPATH" not in environ
    assert environ["HF_HUB_OFFLINE"] == "1"
    assert {Path(environ[name]).parent for name in ("TLGUI_HOME", "HF_HOME", "XDG_RUNTIME_DIR")} == {tmp_path}
