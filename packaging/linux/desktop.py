"""What makes the program known to a desktop: menu entry, icons, file type, software centre, manual."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from xml.etree import ElementTree

import icons

from linux import man_page
from linux.changelog import Release

DATA = Path(__file__).parent / "data"
ID = "io.github.tlgui.TLGUI"
PROGRAMS = ("tlgui", "tlgui-window")


def write(share: Path, releases: list[Release]) -> None:
    """Fill a folder such as `/usr/share`."""
    copy(DATA / f"{ID}.desktop", share / "applications" / f"{ID}.desktop")
    copy(DATA / "mime.xml", share / "mime" / "packages" / f"{ID}.xml")
    write_icons(share / "icons" / "hicolor")
    metainfo = share / "metainfo" / f"{ID}.metainfo.xml"
    metainfo.parent.mkdir(parents=True)
    metainfo.write_bytes(metainfo_with(releases))
    manual = share / "man" / "man1"
    manual.mkdir(parents=True)
    write_gzip(manual / f"{PROGRAMS[0]}.1.gz", man_page.text())
    for other in PROGRAMS[1:]:
        (manual / f"{other}.1.gz").symlink_to(f"{PROGRAMS[0]}.1.gz")


def write_icons(theme: Path) -> None:
    """The icon in every size, and as a drawing."""
    folder = theme / "drawn"
    for size, picture in icons.png_set(folder).items():
        copy(picture, theme / f"{size}x{size}" / "apps" / f"{ID}.png")
    shutil.rmtree(folder)
    copy(icons.DRAWING, theme / "scalable" / "apps" / f"{ID}.svg")


def metainfo_with(releases: list[Release]) -> bytes:
    """The description for software centres, completed by what changed in each version."""
    tree = ElementTree.parse(DATA / "metainfo.xml")
    target = tree.find("releases")
    assert target is not None
    for release in releases:
        entry = ElementTree.SubElement(target, "release", version=release.version, date=f"{release.day:%Y-%m-%d}")
        if release.changes:
            points = ElementTree.SubElement(ElementTree.SubElement(entry, "description"), "ul")
            for change in release.changes:
                ElementTree.SubElement(points, "li").text = change
    ElementTree.indent(tree)
    return ElementTree.tostring(tree.getroot(), encoding="UTF-8", xml_declaration=True) + b"\n"


def copy(source: Path, place: Path) -> None:
    """Copy a file into a folder that may not be there yet."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)


def write_gzip(place: Path, text: str) -> None:
    """A compressed text without a date in it."""
    place.write_bytes(gzip.compress(text.encode(), mtime=0))
