"""The application's icon in the formats of the systems, drawn from `resources/icons/tlgui.svg`.

The same drawing gives the same bytes. No display and no application object of Qt is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QBuffer, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from set_up import ROOT, SetUpError

DRAWING = ROOT / "resources" / "icons" / "tlgui.svg"
PNG_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Pixels: what desktops on Linux look for."""
WINDOWS_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
"""Pixels: the title bar, the task bar and the desktop at 100 to 200 %."""
MACOS_SIZES = {"ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024}
"""Type of each entry of an .icns file, and its pixels; some sizes count twice, as large and as a sharp half."""


def png_set(folder: Path) -> dict[int, Path]:
    """Write a PNG of each size of `PNG_SIZES` into a folder, which is made if needed; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {size: folder / f"tlgui-{size}.png" for size in PNG_SIZES}
    for size, path in paths.items():
        path.write_bytes(png(size))
    return paths


def windows_icon(path: Path) -> None:
    """Write the .ico file: a table of pictures, then the pictures."""
    pictures = [(size, png(size)) for size in WINDOWS_SIZES]
    place = 6 + 16 * len(pictures)
    table = [struct.pack("<HHH", 0, 1, len(pictures))]
    for size, picture in pictures:
        side = size % 256  # one byte, in which 0 stands for 256
        table.append(struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), place))
        place += len(picture)
    write(path, [*table, *(picture for _, picture in pictures)])


def macos_icon(path: Path) -> None:
    """Write the .icns file: entries of a type, a length and a picture."""
    drawn = {size: png(size) for size in set(MACOS_SIZES.values())}
    entries = [
        struct.pack(">4sI", kind.encode(), 8 + len(drawn[size])) + drawn[size] for kind, size in MACOS_SIZES.items()
    ]
    write(path, [struct.pack(">4sI", b"icns", 8 + sum(map(len, entries))), *entries])


def png(size: int) -> bytes:
    """The drawing as a PNG, `size` pixels wide and high.

    Raises:
        SetUpError: the drawing is missing or damaged.
    """
    drawing = QSvgRenderer(str(DRAWING))
    if not drawing.isValid():
        raise SetUpError(f"The icon {DRAWING} cannot be read.", "Restore it: git checkout resources/icons")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    drawing.render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file in a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))
