"""The application's icon in the sizes of a desktop."""

from __future__ import annotations

from pathlib import Path

import icons
from PySide6.QtGui import QImage


def test_every_size_is_drawn_alike_each_time(tmp_path: Path) -> None:
    first, second = icons.png_set(tmp_path / "a"), icons.png_set(tmp_path / "b")
    assert tuple(first) == icons.PNG_SIZES
    for size, path in first.items():
        assert path.read_bytes() == second[size].read_bytes()
        image = QImage(str(path))
        assert (image.width(), image.height()) == (size, size)
        assert image.pixelColor(0, 0).alpha() == 0  # round corners
        assert image.pixelColor(size // 2, size // 2).alpha() == 255
        assert len({image.pixel(size // 2, y) for y in range(size)}) >= 5  # the ground, the arrow and three layers
