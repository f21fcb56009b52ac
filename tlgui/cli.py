"""The command line: one row a command; results on stdout, progress on stderr.

Exit codes: 0 done, 1 a fault of ours, 2 the user's input (nothing is written), 130 stopped.
"""

from __future__ import annotations

import argparse
import io
import json
import locale
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tlgui import __version__
from tlgui.commands.base import OUR_FAULT, STOPPED, USER_INPUT, plain, recipe_of
from tlgui.commands.table import COMMANDS
from tlgui.core import installation, launch
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, or the window if none is named; returns the exit code."""
    _prepare_streams()
    args = make_parser().parse_args(argv)
    if args.command is None:
        return _open_window(args)
    command = next(c for c in COMMANDS if c.name == args.command)
    from tlgui.progress import Terminal

    control = Control()
    terminal = Terminal(sys.stderr)
    try:
        installation.check_version()
        if command.name != "train":
            launch.require_alone(f"tlgui {command.name}")
        with stopping_on_signals(control):
            answer = command.run(args, terminal.show, control)
    except TlguiError as error:
        return _tell_failure(args, terminal, USER_INPUT, error.title, error.hint)
    except (StopRequested, KeyboardInterrupt):
        return _tell_failure(args, terminal, STOPPED, "Stopped.", "")
    except Exception as error:  # noqa: BLE001 - the last place that can tell the user
        traceback.print_exc()
        return _tell_failure(args, terminal, OUR_FAULT, f"Unexpected {type(error).__name__}: {error}", "Report this.")
    terminal.close()
    try:
        print(json.dumps(plain(answer.value)) if args.json else "\n".join(answer.lines), flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _tell_failure(args, terminal, OUR_FAULT, f"The output cannot be written ({error.strerror}).", "")
    return answer.code


def window() -> int:
    """Entry point of the program without a console; its one argument is a recipe, as a file manager gives it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Windows gives no streams to a program without a console
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
    words = sys.argv[1:]
    return main(["--open", *words] if words and not words[0].startswith("-") else words)


def _prepare_streams() -> None:
    """Make sure that printing never fails: a terminal that cannot show a letter shows a question mark.

    A frozen build speaks UTF-8 whatever the locale; files and pipes are given that, a terminal what it can show.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = locale.getencoding() if stream.isatty() else stream.encoding
            stream.reconfigure(encoding=encoding, errors="replace")


def make_parser() -> argparse.ArgumentParser:
    """The parser for every command of the table."""
    parser = argparse.ArgumentParser(
        prog="tlgui", description="Transfer learning in NLP. Without a command: the window."
    )
    parser.add_argument("--version", action="version", version=f"tlgui {__version__}")
    parser.add_argument("--smoke-test", metavar="DIR", type=Path, help="click through the window, one PNG a page")
    parser.add_argument("--open", metavar="RECIPE", help="a recipe file or sample:NAME to open in the window")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.summary, description=command.summary)
        one.add_argument("--json", action="store_true", help="print one JSON object")
        command.arguments(one)
    return parser


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[None]:
    """Let Ctrl-C and a polite kill stop the work between two steps; a second one ends the process."""

    def stop(number: int, frame: FrameType | None) -> None:
        control.stop()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_failure(args: argparse.Namespace, terminal: Any, code: int, title: str, hint: str) -> int:
    terminal.close()
    print(f"{title} {hint}".strip(), file=sys.stderr)
    if args.json:
        print(json.dumps({"error": {"title": title, "hint": hint}, "code": code}))
    return code


def _open_window(args: argparse.Namespace) -> int:
    from tlgui.ui import desktop

    try:
        installation.check_version()
        desktop.check()
        if args.smoke_test is not None:
            from tlgui.ui.smoke import run_smoke

            return run_smoke(args.smoke_test)
        from tlgui.ui.app import run_window

        return run_window(recipe_of(args.open) if args.open else None)
    except TlguiError as error:
        print(f"{error.title} {error.hint}", file=sys.stderr)
        if not sys.stderr.isatty():
            desktop.tell(error.title, error.hint)
        return USER_INPUT
