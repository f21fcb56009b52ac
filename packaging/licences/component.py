"""One thing that a bundle holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Text:
    """A licence, notice or list of authors."""

    name: str
    body: str


@dataclass(frozen=True)
class Component:
    """A library, program or model, and what its licence asks to go with it."""

    name: str
    version: str
    """Empty where nothing tells it."""
    licence: str
    """An SPDX expression."""
    texts: tuple[Text, ...]
    purl: str
    """Its package URL, without what a URL cannot hold as it is."""
    source: str
    """Where its source code is."""
    inside: str = ""
    """Name of the component that brings it; empty if it stands on its own."""
    compiled_in: bool = False
    """Whether it is part of another's file, known only from what the other says; such a one may lack its text."""


def read_text(path: Path, name: str = "") -> Text:
    """A text file with its line ends and blank ends evened out, so that equal texts are found equal."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # a few old files of authors
        text = data.decode("latin-1")
    lines = [line.rstrip() for line in text.replace("\f", "\n").splitlines()]
    return Text(name or path.name, "\n".join(lines).strip("\n"))
