"""The environments of a checkout: made once from the lock files, found ready by a stamp ever after."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PACKAGE_VENV = ROOT / ".venv-package"
LOG = ROOT / ".venv-set-up.log"
PROJECT = "pyproject.toml"


class Environment(NamedTuple):
    """Where a command runs, and the lock files that say what is there."""

    folder: Path
    locks: tuple[str, ...]


# What is shipped is built where nothing lies but what is shipped and what builds it.
ENVIRONMENTS = {
    "run": Environment(VENV, ("lock.txt",)),
    "test": Environment(VENV, ("lock.txt", "lock-test.txt")),
    "package": Environment(PACKAGE_VENV, ("lock.txt", "lock-package.txt")),
}

# What pip or apt wrote, and what a person can do about it; the first that fits is shown.
REMEDIES = (
    (("No space left on device", "Errno 28"), "The disk is full. Free 3 GB and start this command again."),
    (("CERTIFICATE_VERIFY_FAILED",), "A certificate was refused. Behind a company proxy, set PIP_CERT to its file."),
    (
        ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "Read timed out", "ProxyError",
         "Temporary failure", "Network is unreachable", "Connection refused", "ConnectionResetError"),
        "The package index cannot be reached. Check the network, then start this command again.",
    ),
    (
        ("No matching distribution found", "Could not find a version"),
        f"A locked package has no build for Python {sys.version_info[0]}.{sys.version_info[1]} on this machine. "
        "The lock was made with Python 3.11 on 64-bit Linux; try that Python.",
    ),
    (("Permission denied", "Errno 13"), f"The folder {ROOT} cannot be written. Use a checkout that belongs to you."),
)  # fmt: skip


class SetUpError(Exception):
    """The set-up cannot go on: `title` says what happened, `hint` what to do."""

    def __init__(self, title: str, hint: str) -> None:
        super().__init__(f"{title} {hint}")
        self.title, self.hint = title, hint


def ensure(command: str) -> None:
    """Make the environment of a command ready; a few milliseconds when it is.

    Raises:
        SetUpError: something cannot be installed.
    """
    folder, locks = ENVIRONMENTS[command]
    stamp = folder / "set-up.json"
    made_of = wanted(locks)
    recorded = read_stamp(stamp) if python_of(folder).exists() else None
    changed = differences(recorded, made_of)
    if not changed:
        return
    started = time.monotonic()
    if must_start_over(recorded, changed):
        recorded, changed = {}, set(made_of)
        print(f"Setting up TLGUI in {folder.name}; the first time takes a few minutes.", flush=True)
        clear(folder)
        prepare_system(command)
        step("environment", [base_python(), "-m", "venv", str(folder)])
    else:
        print(f"Bringing {folder.name} up to date.", flush=True)
        stamp.unlink()  # an interrupted set-up leaves no stamp, so the next one starts over
        prepare_system(command)
    install(folder, [name for name in locks if name in changed])
    stamp.write_text(json.dumps({**(recorded or {}), **made_of}, indent=1), encoding="utf-8")
    print(f"Set up in {time.monotonic() - started:.0f} s.\n", flush=True)


def prepare_system(command: str) -> None:
    """What lies outside the checkout."""
    import system_packages

    system_packages.ensure(command, ensurepip_missing=importlib.util.find_spec("ensurepip") is None)


def install(folder: Path, locks: Sequence[str]) -> None:
    """The packages of some lock files, then the project itself, editable."""
    quietly = ("--no-input", "--disable-pip-version-check", "--progress-bar=off")
    pip = [str(python_of(folder)), "-m", "pip", "install", *quietly]
    if locks:
        files = [word for name in locks for word in ("-r", str(ROOT / "packaging" / name))]
        # Compiling all modules would take longer than the few that are used take at their first import.
        step("locked packages", [*pip, "--no-compile", *files])
    step("the project itself", [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])


def step(what: str, command: list[str], environ: Mapping[str, str] | None = None) -> None:
    """Run one installer with its output in the log.

    Raises:
        SetUpError: it failed; the end of its output is in the title.
    """
    import subprocess  # takes as long to import as all the rest, and the second start does without

    print(f"  {what} …", end="", flush=True)
    started = time.monotonic()
    settings = {**os.environ, "PIP_USER": "0", "PYTHONNOUSERSITE": "1", **(environ or {})}
    try:
        with LOG.open("ab") as log:
            start = log.tell()
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=settings, check=False)
        output = LOG.read_bytes()[start:].decode("utf-8", "replace")
    except OSError as error:
        print(flush=True)
        raise SetUpError(f"{what}: {error}.", remedy(str(error))) from error
    print(f" {time.monotonic() - started:.0f} s" if done.returncode == 0 else " failed", flush=True)
    if done.returncode:
        tail = "\n".join(f"    {line[:200]}" for line in output.rstrip().splitlines()[-8:])
        raise SetUpError(f"{tail}\n\nThe step “{what}” failed.", remedy(output))


def remedy(output: str) -> str:
    """What to do about a failed installer."""
    fallback = f"All it wrote is in {LOG}. Start this command again to try once more."
    return next((hint for signs, hint in REMEDIES if any(sign in output for sign in signs)), fallback)


def clear(folder: Path) -> None:
    """An empty folder, and an empty log.

    Raises:
        SetUpError: the old one cannot be removed.
    """
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        LOG.unlink(missing_ok=True)
    except OSError as error:
        raise SetUpError(f"{folder} cannot be made anew: {error}.", "Close what runs from it, or remove it.") from error


def wanted(locks: tuple[str, ...]) -> dict[str, str]:
    """What a finished set-up depends on; any difference means work."""
    files = {name: ROOT / "packaging" / name for name in locks} | {PROJECT: ROOT / PROJECT}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    return {"python": f"{sys.version_info[0]}.{sys.version_info[1]}", "root": str(ROOT), **digests}


def read_stamp(path: Path) -> dict[str, str] | None:
    """What the last finished set-up was made of; None if there is none."""
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recorded if isinstance(recorded, dict) else None


def differences(recorded: Mapping[str, str] | None, made_of: Mapping[str, str]) -> set[str]:
    """What is new or has changed since the recorded set-up; everything if none is recorded."""
    return {key for key, value in made_of.items() if (recorded or {}).get(key) != value}


def must_start_over(recorded: Mapping[str, str] | None, changed: set[str]) -> bool:
    """Whether an environment is made anew rather than added to.

    A changed lock starts over, so that the environment never holds a package that the lock does not.
    """
    return recorded is None or bool(changed & recorded.keys() - {PROJECT})


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return program(environment, "python")


def program(environment: Path, name: str) -> Path:
    """A program that an environment holds."""
    return environment / "Scripts" / f"{name}.exe" if sys.platform == "win32" else environment / "bin" / name


def base_python() -> str:
    """The interpreter outside any environment: the one in `.venv` cannot make `.venv` anew."""
    return getattr(sys, "_base_executable", sys.executable)
