"""Whether this process is one of several that train together, started by `accelerate launch` or torchrun."""

from __future__ import annotations

import os

from tlgui.core.errors import TlguiError


class SpokenFor(SystemExit):
    """Ends a process without a word: what came of the work is told, and written, by the first one."""


def count() -> int:
    """How many processes there are, on all machines together; 1 if this one was started alone."""
    return _number("WORLD_SIZE", 1) if {"RANK", "WORLD_SIZE", "MASTER_ADDR"} <= set(os.environ) else 1


def index() -> int:
    """The number of this process, from 0; the first one speaks and writes for all."""
    return _number("RANK", 0) if count() > 1 else 0


def count_here() -> int:
    """How many of them share this machine's processors."""
    return _number("LOCAL_WORLD_SIZE", 1) if count() > 1 else 1


def require_alone(what: str) -> None:
    """Refuse to do several times what one process does.

    Args:
        what: The subject of a sentence.
    Raises:
        TlguiError: in the first of several processes.
        SpokenFor: in the others.
    """
    if index():
        raise SpokenFor
    if count() > 1:
        raise TlguiError(f"{what} takes one process.", "Start it without accelerate launch and without torchrun.")


def _number(name: str, otherwise: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() and value.isascii() else otherwise
