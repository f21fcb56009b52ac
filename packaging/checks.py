"""The steps of `dev.py test`: one table, each step a program with its own surroundings."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from set_up import ROOT, VENV, SetUpError, base_python, program, python_of

BACKEND_VENV = ROOT / ".venv-backend"
QT_PACKAGES = ("pyside6", "shiboken6", "pyqtgraph", "pytestqt", "pytest_qt")
NOT_TESTS = ("bench",)  # measures; started by hand on a quiet machine
NOTHING_COLLECTED = 5  # pytest's exit code when -k leaves no test of a step
BACKEND = ("core", "data", "models", "tasks", "train", "inspect", "studies", "export")


@dataclass(frozen=True)
class Step:
    """One check; the first that fails does not keep the others from running."""

    name: str
    command: Callable[[], list[str]] | None = None
    """For a check that is no test."""
    folders: tuple[str, ...] = ()
    """Of `tests/`, for pytest."""
    without_qt: bool = False
    display: bool = False
    """Whether it opens real windows."""


STEPS = (
    Step("lint", lambda: [str(program(VENV, "ruff")), "check", "--quiet", "."]),
    Step("types", lambda: [str(program(VENV, "mypy"))]),
    Step("imports", lambda: [str(program(VENV, "lint-imports")), "--no-logo"]),
    Step("backend", folders=BACKEND, without_qt=True),
    Step("gui", folders=("jobs", "ui", "cli", "packaging")),
    Step("end-to-end", folders=("end_to_end",), display=True),
)


def named(names: Sequence[str]) -> list[Step]:
    """The steps of these names, in the table's order; all of them if there is no name.

    Raises:
        SetUpError: a name is no step.
    """
    known = [step.name for step in STEPS]
    for name in names:
        if name not in known:
            raise SetUpError(f"“{name}” is no step of the tests.", f"The steps are {', '.join(known)}.")
    return [step for step in STEPS if not names or step.name in names]


def run_all(steps: Sequence[Step], pytest_words: Sequence[str]) -> int:
    """Run the steps one after the other; returns 0 if every one passed."""
    results = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tlgui-test-") as home:
        for step in steps:
            print(f"\n── {step.name}", flush=True)
            begin = time.monotonic()
            try:
                passed = run_step(step, pytest_words, surroundings(Path(home)))
            except SetUpError as error:  # the other steps may still have what they need
                print(f"{error.title} {error.hint}", flush=True)
                passed = False
            results.append((step.name, passed, time.monotonic() - begin))
    print("\n" + summary(results, time.monotonic() - started), flush=True)
    return 0 if all(passed for _, passed, _ in results) else 1


def run_step(step: Step, pytest_words: Sequence[str], environ: dict[str, str]) -> bool:
    """Whether the step passed; its output goes to the terminal as it comes."""
    if step.command:
        return subprocess.run(step.command(), cwd=ROOT, env=environ, check=False).returncode == 0
    environment = make_backend_environment() if step.without_qt else VENV
    folders = [f"tests/{name}" for name in step.folders if (ROOT / "tests" / name).is_dir()]
    selection = ["-m", "not qt"] if step.without_qt else []
    command = [str(python_of(environment)), "-P", "-m", "pytest", *selection, *folders, *pytest_words]
    with virtual_display() if step.display else nullcontext({"QT_QPA_PLATFORM": "offscreen"}) as display:
        code = subprocess.run(command, cwd=ROOT, env=environ | display, check=False).returncode
    return code == 0 or (code == NOTHING_COLLECTED and bool(pytest_words))


def summary(results: Sequence[tuple[str, bool, float]], seconds: float) -> str:
    """The closing lines: one a step, and what they come to."""
    lines = [f"{name:<12}{'passed' if passed else 'FAILED'}{took:>9.1f} s" for name, passed, took in results]
    failed = [name for name, passed, _ in results if not passed]
    verdict = f"Failed: {', '.join(failed)}." if failed else "All steps passed."
    return "\n".join([*lines, f"{verdict} {seconds / 60:.1f} min."])


def surroundings(home: Path) -> dict[str, str]:
    """The environment of every step: folders of its own, no network, no packages of the user."""
    runtime = home / "runtime"  # without one Qt warns, and a warning fails a test
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        **{key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "WAYLAND_DISPLAY")},
        "TLGUI_HOME": str(home / "tlgui"),
        "HF_HOME": str(home / "huggingface"),
        "XDG_RUNTIME_DIR": str(runtime),
        "HF_HUB_OFFLINE": "1",
        "PYTHONNOUSERSITE": "1",
    }


def make_backend_environment() -> Path:
    """An environment like `.venv` in which no Qt is installed: links to everything else, in under a second."""
    if BACKEND_VENV.exists():
        shutil.rmtree(BACKEND_VENV)
    subprocess.run([base_python(), "-m", "venv", "--without-pip", str(BACKEND_VENV)], check=True)
    target = site_packages(BACKEND_VENV)
    for entry in site_packages(VENV).iterdir():
        if entry.name != "__pycache__" and not is_qt(entry.name):
            link(entry, target / entry.name)
    return BACKEND_VENV


def is_qt(entry: str) -> bool:
    """Whether a name in site-packages belongs to Qt's packages, such as `pyside6_essentials-6.11.3.dist-info`."""
    return entry.lower().replace("-", "_").startswith(QT_PACKAGES)


def site_packages(environment: Path) -> Path:
    """Where an environment of this Python keeps its packages."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return environment / ("Lib" if sys.platform == "win32" else f"lib/{version}") / "site-packages"


def link(source: Path, place: Path) -> None:
    """Make `source` appear at `place` as well."""
    if sys.platform != "win32":
        place.symlink_to(source)
    elif source.is_dir():
        import _winapi  # a symbolic link there needs a privilege, a junction does not

        _winapi.CreateJunction(str(source), str(place))
    else:
        shutil.copy2(source, place)


@contextmanager
def virtual_display() -> Iterator[dict[str, str]]:
    """A screen that nobody sees; gives the variables that lead there. Windows and macOS open real windows instead."""
    if sys.platform != "linux":
        yield {}
        return
    if shutil.which("Xvfb") is None:
        raise SetUpError("The end-to-end tests need Xvfb.", "Install it: sudo apt-get install --yes xvfb")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1200x24", "-noreset", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        yield {"DISPLAY": f":{display_number(reading)}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        os.close(reading)
        server.terminate()
        server.wait()


def display_number(reading: int, timeout_s: float = 30) -> str:
    """The number that Xvfb writes once it takes connections.

    Raises:
        SetUpError: it ended or said nothing.
    """
    ready, _, _ = select.select([reading], [], [], timeout_s)
    number = os.read(reading, 16).decode().strip() if ready else ""
    if not number:
        raise SetUpError("Xvfb did not start.", "Start “Xvfb :99” by hand to see why.")
    return number
