"""Colours: measured contrast of every pair that is used, the two schemes, high contrast, and things painted by hand."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tlgui.ui import theme
from tlgui.ui.widgets.basics import Bar, button, primary

# Every pair of ink and ground of the design; borders need 3:1, everything that is read 4.5:1.
PAIRS = [
    "text/window", "text/base", "text/alt", "text/button", "dim/window", "dim/base", "dim/alt", "dim/button",
    "onaccent/accent", "accent/base", "accent/window", "text/sel", "dim/sel", "link/base", "link/window",
    "text/frozen", "frozentext/frozen", "dim/frozen", "frozenedge/base", "text/learn", "learntext/learn",
    "learnedge/base", "dim/learn", "train/base", "val/base", "metric/base", "probe/base", "original/base",
    "sky/base", "good/base", "good/goodbg", "warn/base", "warn/warnbg", "bad/base", "bad/badbg", "text/goodbg",
    "text/warnbg", "text/badbg", "dim/warnbg", "edge/base", "edge/window", "good/window", "warn/window",
    "bad/window", "val/window", "metric/window", "probe/window", "onaccent/primary",
]  # fmt: skip
BORDERS = {"edge", "frozenedge", "learnedge"}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.x."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_rightly() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_can_be_read(pair: str, tokens: dict[str, str]) -> None:
    ink, ground = pair.split("/")
    assert contrast(tokens[ink], tokens[ground]) >= (3 if ink in BORDERS else 4.5)


def test_both_schemes_have_the_same_tokens() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_scheme_reaches_the_palette_and_what_is_painted_by_hand(qtbot: QtBot, scheme: theme.Scheme) -> None:
    theme.apply(scheme)
    tokens = theme.DARK if scheme == "dark" else theme.LIGHT
    assert QApplication.palette().color(QPalette.ColorRole.Base) == QColor(tokens["base"])
    bar = Bar(1.0)
    qtbot.addWidget(bar)
    bar.resize(40, bar.height())
    assert bar.grab().toImage().pixelColor(20, bar.height() // 2) == QColor(tokens["accent"])
    theme.apply("light")


def test_a_filled_button_follows_a_change_of_theme(qtbot: QtBot) -> None:
    theme.apply("light")
    holder = QWidget()
    qtbot.addWidget(holder)
    filled, plain = primary("Go", "go", "play"), button("Wait", "wait", "pause")
    for made in (filled, plain):
        made.setParent(holder)
    holder.show()
    before = plain.icon().cacheKey()
    theme.apply("dark")
    assert filled.palette().color(QPalette.ColorRole.Button) == QColor(theme.DARK["primary"])
    assert plain.icon().cacheKey() != before
    theme.apply("light")
    assert filled.palette().color(QPalette.ColorRole.Button) == QColor(theme.LIGHT["primary"])
    filled.make_primary(False)
    assert filled.palette().color(QPalette.ColorRole.Button) != QColor(theme.LIGHT["primary"])


def test_high_contrast_keeps_the_systems_palette(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "system_wants_contrast", lambda: True)
    theme.apply("light")
    standard = QApplication.style().standardPalette()
    assert QApplication.palette().color(QPalette.ColorRole.Window) == standard.color(QPalette.ColorRole.Window)
    assert theme.colour("learn") == standard.color(QPalette.ColorRole.Highlight)
    assert all(theme.colour(token).isValid() for token in theme.LIGHT)
    monkeypatch.undo()
    theme.apply("light")


def test_small_text_never_gets_unreadable(qtbot: QtBot) -> None:
    assert theme.font("caption").pointSizeF() >= 8
    assert theme.font("title").pointSizeF() > theme.font("body").pointSizeF()


def test_every_icon_can_be_drawn(qtbot: QtBot) -> None:
    names = [path.stem for path in (theme.resources() / "icons").glob("*.svg")]
    assert len(names) >= 26
    for name in names:
        assert not theme.pixmap(name, "text", 16, 2.0).isNull(), name
