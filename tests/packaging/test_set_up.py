"""The stamp: when `.venv` is left alone, added to or made anew."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import set_up

MADE = {"python": "3.11", "root": "/here", "lock.txt": "a", "pyproject.toml": "p"}


@pytest.mark.parametrize(
    ("recorded", "changed", "over"),
    [
        (None, set(MADE), True),
        (MADE, set(), False),
        (MADE | {"lock-test.txt": "b"}, set(), False),
        (MADE | {"pyproject.toml": "old"}, {"pyproject.toml"}, False),
        (MADE | {"lock.txt": "old"}, {"lock.txt"}, True),
        (MADE | {"python": "3.12"}, {"python"}, True),
        (MADE | {"root": "/moved"}, {"root"}, True),
        ({k: v for k, v in MADE.items() if k != "lock.txt"}, {"lock.txt"}, False),
    ],
    ids=["none", "same", "more than needed", "project", "lock", "python", "moved", "another lock"],
)
def test_what_has_changed_decides(recorded: dict[str, str] | None, changed: set[str], over: bool) -> None:
    found = set_up.differences(recorded, MADE)
    assert found == changed
    assert set_up.must_start_over(recorded, found) is over


@pytest.mark.parametrize("text", [None, "", "{", '"words"', '{"python": '])
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str | None) -> None:
    stamp = tmp_path / "set-up.json"
    if text is not None:
        stamp.write_text(text)
    assert set_up.read_stamp(stamp) is None


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose set-up writes a file instead of installing."""
    (tmp_path / "packaging").mkdir()
    for name in ("lock.txt", "lock-test.txt", "lock-package.txt"):
        (tmp_path / "packaging" / name).write_text("numpy==1")
    (tmp_path / "pyproject.toml").write_text("[project]")
    environments = {
        command: environment._replace(folder=tmp_path / environment.folder.name)
        for command, environment in set_up.ENVIRONMENTS.items()
    }
    for name, value in {"ROOT": tmp_path, "ENVIRONMENTS": environments, "LOG": tmp_path / "log"}.items():
        monkeypatch.setattr(set_up, name, value)
    monkeypatch.setattr(set_up, "prepare_system", lambda _: None)
    return tmp_path


@pytest.fixture
def commands(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the installers that were started."""
    started: list[str] = []

    def step(what: str, command: Sequence[str]) -> None:
        started.append(what)
        python = set_up.python_of(project / ".venv")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(set_up, "step", step)
    return started


def test_the_second_start_does_nothing(commands: list[str]) -> None:
    set_up.ensure("test")
    assert commands == ["environment", "locked packages", "the project itself"]
    commands.clear()
    set_up.ensure("test")
    set_up.ensure("run")
    assert commands == []


def test_test_after_run_only_adds(commands: list[str]) -> None:
    set_up.ensure("run")
    commands.clear()
    set_up.ensure("test")
    assert commands == ["locked packages", "the project itself"]
    commands.clear()
    set_up.ensure("run")
    assert commands == []


def test_a_changed_project_file_installs_no_packages(commands: list[str], project: Path) -> None:
    set_up.ensure("run")
    commands.clear()
    (project / "pyproject.toml").write_text("[project]\nname = 'other'")
    set_up.ensure("run")
    assert commands == ["the project itself"]


@pytest.mark.parametrize("stops_at", ["environment", "locked packages", "the project itself"])
def test_an_interrupted_set_up_is_done_again(
    commands: list[str], project: Path, monkeypatch: pytest.MonkeyPatch, stops_at: str
) -> None:
    whole = set_up.step

    def interrupted(what: str, command: Sequence[str]) -> None:
        whole(what, command)
        if what == stops_at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(set_up, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_up.ensure("run")
    (project / ".venv" / "half").touch()
    commands.clear()
    set_up.ensure("run")
    assert commands == ["environment", "locked packages", "the project itself"]
    assert not (project / ".venv" / "half").exists()


@pytest.mark.usefixtures("project")
def test_a_failed_installer_shows_its_last_lines_and_what_to_do(project: Path) -> None:
    (project / ".venv").mkdir()
    script = "print('first', *range(20), 'OSError: [Errno 28] No space left', sep='\\n'); raise SystemExit(1)"
    with pytest.raises(set_up.SetUpError) as caught:
        set_up.step("locked packages", [sys.executable, "-c", script])
    assert "19\n" in caught.value.title
    assert "first" not in caught.value.title
    assert caught.value.hint.startswith("The disk is full.")


@pytest.mark.usefixtures("project")
def test_a_missing_installer_is_a_sentence(project: Path) -> None:
    (project / ".venv").mkdir()
    with pytest.raises(set_up.SetUpError, match="no-such-program"):
        set_up.step("environment", ["no-such-program"])


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("NewConnectionError(...)\nERROR: No matching distribution found for numpy==1", "Check the network"),
        ("ERROR: No matching distribution found for torch==2.13.0", "has no build for Python"),
        ("SSLError(SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED)", "PIP_CERT"),
        ("[Errno 13] Permission denied: '/x'", "cannot be written"),
        ("something else", "set-up.log"),
    ],
)
def test_each_known_failure_has_its_own_advice(output: str, hint: str) -> None:
    assert hint in set_up.remedy(output)
