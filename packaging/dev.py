"""Run, test, package or measure TLGUI from a checkout: `python3 packaging/dev.py run` (or `test`, `package`, `bench`).

Each command sets up what it needs and is missing: the environment `.venv` with the locked packages and, as root on
Debian or Ubuntu, a few system libraries. Standard library only; this file is also read by Pythons older than 3.11.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the lower bound in pyproject.toml does not stop a script
    sys.exit("TLGUI needs Python 3.11 or newer and this is {}.{}. Start dev.py with another.".format(*sys.version_info))

import argparse
import importlib
import os
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple, NoReturn

import set_up

SAMPLE = "sample:beekeeping"


def has_display(environ: dict[str, str], platform: str) -> bool:
    """Whether a window can be opened."""
    return platform in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def run(_: argparse.Namespace) -> NoReturn:
    """open the window on the starter model and a sample; with no display, train the same recipe in the terminal"""
    set_up.ensure("run")
    command = ["--open", SAMPLE] if has_display(dict(os.environ), sys.platform) else ["train", SAMPLE]
    replace_process([str(set_up.python_of(set_up.VENV)), "-P", "-m", "tlgui", *command])


def test(arguments: argparse.Namespace) -> int:
    """check style, types and imports, and run all tests"""
    import checks

    steps = checks.named(arguments.steps)
    set_up.ensure("test")
    return checks.run_all(steps, arguments.pytest)


def package(arguments: argparse.Namespace) -> int:
    """build the executable, try it, and pack it for this system"""
    import subprocess

    set_up.ensure("package")
    words = ["--bare-root"] if arguments.bare_root else []
    command = [str(set_up.python_of(set_up.PACKAGE_VENV)), "-m", "bundle.build", *words]
    return subprocess.call(command, cwd=set_up.ROOT, env={**os.environ, "PYTHONPATH": str(set_up.ROOT / "packaging")})


def bench(arguments: argparse.Namespace) -> int:
    """measure TLGUI beside the usual way of doing the same, and print the table"""
    code: int = bench_command().run(arguments, set_up.python_of(set_up.VENV), lambda: set_up.ensure("run"))
    return code


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    bench_command().add_arguments(parser)


def bench_command() -> ModuleType:
    """The measurements lie with the tests."""
    sys.path.append(str(set_up.ROOT / "tests"))
    return importlib.import_module("bench.command")


def add_package_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bare-root", action="store_true", help="as root: install the .deb in a bare Debian, try it")


def add_test_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these steps; a wrong name lists them")
    parser.epilog = "What follows -- goes to pytest: dev.py test backend -- -k resume"


class Command(NamedTuple):
    do: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None


COMMANDS = {
    "run": Command(run),
    "test": Command(test, add_test_arguments),
    "package": Command(package, add_package_arguments),
    "bench": Command(bench, add_bench_arguments),
}


def replace_process(command: list[str]) -> NoReturn:
    """Go on as another program, with its exit code."""
    if sys.platform == "win32":  # execv there returns to the shell at once, with the child still going
        import subprocess

        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    os.execv(command[0], command)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line; words after `--` are kept for pytest."""
    parser = argparse.ArgumentParser(prog="dev.py", description="Run, test, package or measure TLGUI.")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add_arguments(subparsers.add_parser(name, help=command.do.__doc__, description=command.do.__doc__))
    cut = words.index("--") if "--" in words else len(words)
    arguments = parser.parse_args(words[:cut])
    arguments.pytest = words[cut + 1 :]
    return arguments


def main() -> int:
    arguments = parse(sys.argv[1:])
    try:
        return COMMANDS[arguments.command].do(arguments)
    except set_up.SetUpError as error:
        print(f"\n{error.title}\n{error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
