"""CHANGELOG.md, read for what packages want to know: versions, their days, what changed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from set_up import ROOT, SetUpError

from tlgui import __version__

CHANGELOG = ROOT / "CHANGELOG.md"
HEADING = re.compile(r"## (\d[\w.]*)(?:, (.*))?")


@dataclass(frozen=True)
class Release:
    """One version and what a user notices of it."""

    version: str
    day: datetime
    changes: tuple[str, ...]
    """Sentences without Markdown."""


def releases(epoch: int, file: Path = CHANGELOG) -> list[Release]:
    """What the file tells, newest first; a version that has no day yet gets the one of `epoch`.

    Raises:
        SetUpError: the newest version in the file is not the one that is packed.
    """
    today = datetime.fromtimestamp(epoch, UTC)
    found: list[Release] = []
    for part in re.split(r"^(?=## )", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if heading := HEADING.match(part):
            version, when = heading.groups()
            try:
                day = datetime.fromisoformat(when or "").replace(tzinfo=UTC)
            except ValueError:  # "not yet released"
                day = today
            found.append(Release(version, day, changes(part)))
    if not found or found[0].version != __version__:
        raise SetUpError(f"{file.name} does not begin with version {__version__}.", "Write down what is new in it.")
    return found


def changes(part: str) -> tuple[str, ...]:
    """The points of all lists in a part, each in one line."""
    points = re.findall(r"^- (.*(?:\n  .*)*)", part, flags=re.MULTILINE)
    return tuple(" ".join(point.replace("`", "").split()) for point in points)


def debian(found: Sequence[Release], maintainer: str) -> str:
    """The same in the form of Debian's changelogs."""
    point = textwrap.TextWrapper(78, initial_indent="  * ", subsequent_indent="    ")
    lines = []
    for release in found:
        lines.append(f"tlgui ({release.version}) unstable; urgency=medium\n")
        lines += map(point.fill, release.changes)
        lines.append(f"\n -- {maintainer}  {format_datetime(release.day)}\n")
    return "\n".join(lines)
