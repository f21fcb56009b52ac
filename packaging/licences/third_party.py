"""THIRD-PARTY.txt: what a bundle holds, and each licence text once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from set_up import SetUpError

from licences import components
from licences.component import Component, Text

RULE = "=" * 100
INTRODUCTION = """\
What is inside TLGUI

TLGUI itself, with its icons and samples, is under the Apache License 2.0: see LICENSE beside this file.
This folder also holds the work of others, listed here with the licence that each of them chose. A line that starts
with “in” stands inside the component it names. All licence texts follow; a text that belongs to several components
is printed once.

Libraries under the LGPL (Qt, PySide6 and others marked so) are separate files below the folder _internal (on macOS
below Contents/Frameworks), which you may replace with changed ones: put a library of the same name and a compatible
version in the place of the old one, sign the program again on macOS, and start it as before. Nothing else checks or
hinders that, and you may study how the program works with them. The source code of each component is at the address
in its line; the source of Qt and PySide6 is also at https://download.qt.io/official_releases/ in the folders qt and
QtForPython.

Rust libraries are compiled into the wheels they are listed under, and named here as those wheels name them. Their
wheels bring no licence texts for them; the texts are at the addresses in their lines.
"""


def write(bundle: Path, modules: Sequence[str], out: Path) -> list[Component]:
    """Write the notice of a bundle; returns what is in it.

    Args:
        modules: Dotted names of the modules in the program's archive.
    Raises:
        SetUpError: something has no owner, no licence or no text, or is not what the lock says.
    """
    found = components.find(bundle, modules)
    out.write_text(notice(found), encoding="utf-8", newline="\n")
    return found


def notice(found: Sequence[Component]) -> str:
    """The whole text.

    Raises:
        SetUpError: a component has no licence or no text.
    """
    for one in found:
        check(one)
    compiled_in = [one for one in found if one.compiled_in]
    parts = [INTRODUCTION, table([one for one in found if not one.compiled_in])]
    if compiled_in:
        parts += ["Rust libraries\n", table(compiled_in)]
    return "\n".join([*parts, *(section(text, names) for text, names in each_once(found))])


def check(one: Component) -> None:
    """See that a component may be shipped.

    Raises:
        SetUpError: its licence or its text is missing.
    """
    if not one.licence:
        raise SetUpError(f"{one.name} has no licence.", "Add it in packaging/licences/tables.py.")
    if not one.compiled_in and not any(text.body for text in one.texts):
        raise SetUpError(f"{one.name} has no licence text.", "Add it in packaging/licences/tables.py.")


def table(found: Iterable[Component]) -> str:
    """Two lines a component: name, version and licence; where its source is."""
    lines = []
    for one in found:
        lines.append(f"{title(one):<44} {one.licence}")
        lines.append(f"    {f'in {one.inside}, ' if one.inside else ''}{one.source}")
    return "\n".join([*lines, ""])


def title(one: Component) -> str:
    return f"{one.name} {one.version}".rstrip()


def each_once(found: Iterable[Component]) -> list[tuple[Text, list[str]]]:
    """Every text, in the order of first use, with the components that it belongs to."""
    users: dict[str, tuple[Text, list[str]]] = {}
    for one in found:
        for text in one.texts:
            _, names = users.setdefault(text.body, (text, []))
            if text.body and title(one) not in names:
                names.append(title(one))
    return [entry for body, entry in users.items() if body]


def section(text: Text, names: Sequence[str]) -> str:
    """One text under a heading."""
    return f"{RULE}\n{', '.join(names)}\n{text.name}\n{RULE}\n\n{text.body}\n"
