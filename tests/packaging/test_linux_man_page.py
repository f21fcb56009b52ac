"""The manual is written from the command line's own table."""

from __future__ import annotations

import argparse
import re

import pytest
from linux import man_page

from tlgui import __version__
from tlgui.commands.base import Command
from tlgui.commands.table import COMMANDS

PAGE = man_page.text()


def section(title: str) -> str:
    return PAGE.split(f"\n.SH {title}\n", 1)[1].split("\n.SH ", 1)[0]


def test_the_sections_come_in_the_usual_order() -> None:
    titles = re.findall(r"^\.SH (.+)$", PAGE, flags=re.MULTILINE)
    wanted = "NAME, SYNOPSIS, DESCRIPTION, OPTIONS, COMMANDS, EXIT STATUS, ENVIRONMENT, FILES, EXAMPLES"
    assert titles == wanted.split(", ")
    assert PAGE.startswith(f'.TH TLGUI 1 "" "TLGUI {__version__}"')


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_arguments(command: Command) -> None:
    name = man_page.bold(f"tlgui {command.name}")
    part = section("COMMANDS").split(f".SS {name} ", 1)[1].split("\n.SS ", 1)[0]
    assert man_page.sentence(command.summary) in part
    parser = argparse.ArgumentParser(add_help=False)
    command.arguments(parser)
    for action in parser._actions:
        assert f".TP\n{man_page.flags(action)}\n" in part


def test_every_exit_code_is_explained() -> None:
    assert re.findall(r"^\\fB(\d+)\\fR$", section("EXIT STATUS"), flags=re.MULTILINE) == ["0", "1", "2", "130"]


def test_words_cannot_be_taken_for_requests_or_ligatures() -> None:
    assert man_page.escaped(".B --json isn't ~\\") == r"\&.B \-\-json isn\(aqt \(ti\e"
    assert not re.search(r"^'", PAGE, flags=re.MULTILINE)
    requests = {line.split()[0] for line in PAGE.splitlines() if line.startswith(".")}
    assert requests == {".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".br", ".B"}


def test_defaults_are_told() -> None:
    assert r"Default: starter." in section("COMMANDS")
