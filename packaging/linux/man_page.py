"""tlgui(1), written from the parser of the command line: a command or option that is added there is in here too."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tlgui import __version__, cli
from tlgui.commands import base
from tlgui.commands.table import COMMANDS

DESCRIPTION = """
TLGUI adapts pretrained language models of the BERT kind to your own texts by transfer learning: some layers keep their
weights, the others learn. Without a command it opens its window. The commands do the same work in a terminal: they
write results to standard output and progress to standard error.

A recipe is a TOML file that says everything that decides a training run. The same recipe with the same seed gives the
same numbers in the window and on the command line. The program needs no network: a small model and sample texts come
with it.

.B tlgui-window
is the program that the desktop starts. Its only argument is a recipe to open.
"""

EXIT_STATUS = {
    base.DONE: "Done.",
    base.OUR_FAULT: "A fault of the program.",
    base.USER_INPUT: "Something in the input has to be changed; nothing was written.",
    base.STOPPED: "Stopped, as by Ctrl-C. What was trained is kept.",
}

ENVIRONMENT = {
    "TLGUI_HOME": "Folder for runs, settings and caches, instead of the places below.",
    "HF_HOME": "Folder of models and data from the Hugging Face Hub, shared with other programs.",
    "HF_HUB_OFFLINE": "With the value 1 the network is never used.",
}

FILES = {
    "~/.local/share/tlgui/runs": "Trained models, one folder a run.",
    "~/.config/tlgui": "Settings of the window.",
    "~/.cache/tlgui": "Tables that were read; they can be made again.",
    "/usr/lib/tlgui/THIRD-PARTY.txt": "The libraries inside the program, and their licences.",
}

EXAMPLES = {
    "Train on a sample that comes with the program:": "tlgui train sample:beekeeping",
    "Go on with a run that was stopped:": "tlgui train reviews.toml --name first --resume",
    "Guess a hidden word:": 'tlgui fill-mask "The queen lays [MASK] in each cell."',
    "See what keeps a file from being used:": "tlgui check-data reviews.csv",
}


def text() -> str:
    """The whole page, in roff."""
    parser = cli.make_parser()
    lines = [
        f'.TH TLGUI 1 "" "TLGUI {escaped(__version__)}" "User Commands"',
        ".SH NAME",
        rf"{escaped('tlgui, tlgui-window')} \- adapt language models to your own texts",
        ".SH SYNOPSIS",
        *synopsis(parser),
        ".SH DESCRIPTION",
        *paragraphs(DESCRIPTION),
        ".SH OPTIONS",
        *options(parser),
        ".SH COMMANDS",
        *commands(parser),
        ".SH EXIT STATUS",
        *terms({str(code): meaning for code, meaning in EXIT_STATUS.items()}),
        ".SH ENVIRONMENT",
        *terms(ENVIRONMENT),
        ".SH FILES",
        *terms(FILES),
        ".SH EXAMPLES",
        *(line for what, words in EXAMPLES.items() for line in (".PP", escaped(what), ".RS", bold(words), ".RE")),
    ]
    return "\n".join(lines) + "\n"


def synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    """How a call looks."""
    yield from (bold("tlgui"), *(f"[{flags(action)}]" for action in shown(parser) if action.option_strings))
    yield from (".br", rf"{bold('tlgui')} \fICOMMAND\fR [\fIARGUMENTS\fR]")
    yield from (".br", rf"{bold('tlgui-window')} [\fIRECIPE\fR]")


def commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A section for each command."""
    subparsers = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for command in COMMANDS:
        one = subparsers.choices[command.name]
        yield f".SS {bold(f'tlgui {command.name}')} {' '.join(map(usage, shown(one)))}"
        yield sentence(command.summary)
        yield from options(one)


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A paragraph for each argument."""
    for action in shown(parser):
        help_text = parser._get_formatter()._expand_help(action) if action.help else ""
        default = "" if action.default in (None, False, "", argparse.SUPPRESS) else f" Default: {action.default}."
        yield from (".TP", flags(action), sentence(help_text) + escaped(default) or r"\&")


def shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments, but for `--help` and the place of the command."""
    hidden = (argparse._HelpAction, argparse._SubParsersAction)
    return [action for action in parser._actions if not isinstance(action, hidden)]


def usage(action: argparse.Action) -> str:
    """An argument as a synopsis shows it."""
    return flags(action) if action.required else f"[{flags(action)}]"


def flags(action: argparse.Action) -> str:
    """An argument's names, and the word for its value."""
    value = rf"\fI{escaped(action.metavar if isinstance(action.metavar, str) else action.dest.upper())}\fR"
    if not action.option_strings:
        return value
    names = ", ".join(map(bold, action.option_strings))
    return names if action.nargs == 0 else f"{names} {value}"


def terms(meanings: dict[str, str]) -> Iterator[str]:
    """A list of words and what they mean."""
    for term, meaning in meanings.items():
        yield from (".TP", bold(term), escaped(meaning))


def paragraphs(words: str) -> Iterator[str]:
    """Text in roff, with an empty line between paragraphs; lines that are requests stay what they are."""
    for part in words.strip().split("\n\n"):
        yield ".PP"
        yield from (line if line.startswith(".B ") else escaped(line) for line in part.splitlines())


def sentence(words: str) -> str:
    """A help text of the command line as a sentence; nothing stays nothing."""
    return escaped(words[0].upper() + words[1:].rstrip(".") + ".") if words else ""


def bold(words: str) -> str:
    return rf"\fB{escaped(words)}\fR"


def escaped(words: str) -> str:
    """Words that roff shows as they are: hyphens that can be copied, no line that looks like a request."""
    plain = words.replace("\\", r"\e").replace("-", r"\-").replace("~", r"\(ti").replace("'", r"\(aq")
    return rf"\&{plain}" if plain.startswith(".") else plain
