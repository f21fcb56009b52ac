"""The application's icon in the sizes and formats of the systems."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import icons
import pytest
import set_up
from PySide6.QtGui import QImage, QImageReader

SVG = "{http://www.w3.org/2000/svg}"


def check_picture(image: QImage, size: int) -> None:
    assert (image.width(), image.height()) == (size, size)
    last = size - 1
    assert [image.pixelColor(x, y).alpha() for x in (0, last) for y in (0, last)] == [0] * 4  # round corners
    assert image.pixelColor(size // 2, size // 2).alpha() == 255
    colours = [image.pixelColor(size // 2, y) for y in range(size)]
    assert any(colour.red() > colour.blue() + 80 for colour in colours)  # the layer that learns
    assert any(colour.blue() > colour.red() + 20 and colour.lightness() > 130 for colour in colours)  # a frozen one


def test_the_drawing_has_only_what_qt_draws() -> None:
    tree = ElementTree.parse(icons.DRAWING)
    used = {element.tag.removeprefix(SVG) for element in tree.iter()}
    assert used <= {"svg", "title", "defs", "g", "path", "rect", "ellipse", "linearGradient", "radialGradient", "stop"}
    assert tree.getroot().get("viewBox") == "0 0 256 256"


def test_every_size_is_drawn_alike_each_time(tmp_path: Path) -> None:
    first, second = icons.png_set(tmp_path / "a"), icons.png_set(tmp_path / "b")
    assert tuple(first) == icons.PNG_SIZES
    for size, path in first.items():
        assert path.read_bytes() == second[size].read_bytes()
        check_picture(QImage(str(path)), size)


def test_the_icon_for_windows_is_read_back_in_every_size(tmp_path: Path) -> None:
    icons.windows_icon(tmp_path / "tlgui.ico")
    reader = QImageReader(str(tmp_path / "tlgui.ico"))
    assert reader.imageCount() == len(icons.WINDOWS_SIZES)
    for number, size in enumerate(icons.WINDOWS_SIZES):
        reader.jumpToImage(number)
        check_picture(reader.read(), size)


def test_the_icon_for_macos_holds_every_size(tmp_path: Path) -> None:
    icons.macos_icon(tmp_path / "tlgui.icns")
    data = (tmp_path / "tlgui.icns").read_bytes()
    assert struct.unpack_from(">4sI", data) == (b"icns", len(data))
    place, found = 8, {}
    while place < len(data):
        kind, length = struct.unpack_from(">4sI", data, place)
        picture = QImage.fromData(data[place + 8 : place + length], "PNG")
        found[kind.decode()] = picture.width()
        place += length
    assert found == icons.MACOS_SIZES


def test_an_icon_file_is_the_same_each_time(tmp_path: Path) -> None:
    for write in (icons.windows_icon, icons.macos_icon):
        write(tmp_path / "a" / "icon")
        write(tmp_path / "b" / "icon")
        assert (tmp_path / "a" / "icon").read_bytes() == (tmp_path / "b" / "icon").read_bytes()


@pytest.mark.qt_log_ignore("Cannot read file")
def test_a_damaged_drawing_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tlgui.svg").write_text("", encoding="utf-8")
    monkeypatch.setattr(icons, "DRAWING", tmp_path / "tlgui.svg")
    with pytest.raises(set_up.SetUpError, match="cannot be read"):
        icons.png(16)
