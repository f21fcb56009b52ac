"""Colours, type and icons: the one place where design tokens meet Qt's palette."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from tlgui.core.paths import resources

# fmt: off
LIGHT = {
    "window": "#F1F2F4", "base": "#FFFFFF", "alt": "#F6F7F9", "button": "#FAFAFB", "text": "#1B1E22",
    "dim": "#565E68", "line": "#D3D7DC", "edge": "#7B838D", "accent": "#0067A3", "onaccent": "#FFFFFF",
    "sel": "#DCECF7", "link": "#00609A", "frozen": "#E3EAF1", "frozenedge": "#7089A3", "frozentext": "#2F4A66",
    "learn": "#FFE7B8", "learnedge": "#A86400", "learntext": "#6B3F00",
    "train": "#0072B2", "val": "#B94700", "metric": "#007A5A", "probe": "#A8437F", "sky": "#1B76AB",
    "original": "#6B7480",
    "good": "#00694D", "warn": "#8A5300", "bad": "#B3261E",
    "goodbg": "#E2F3EC", "warnbg": "#FFF2D9", "badbg": "#FCE8E6", "grid": "#E6E8EB", "primary": "#004A75",
}
DARK = {
    "window": "#202327", "base": "#17191C", "alt": "#1C1F23", "button": "#2B2F35", "text": "#E7E9EC",
    "dim": "#A9B1BB", "line": "#383E45", "edge": "#727C88", "accent": "#5AB4E6", "onaccent": "#0B1B26",
    "sel": "#1D3A4E", "link": "#7CC4EE", "frozen": "#263341", "frozenedge": "#7D97B2", "frozentext": "#B9CDE2",
    "learn": "#46340F", "learnedge": "#E0A83A", "learntext": "#FFD88A",
    "train": "#56B4E9", "val": "#FF8A4C", "metric": "#3CC9A0", "probe": "#E29AC4", "sky": "#8CCBF0",
    "original": "#97A1AD",
    "good": "#57D3AC", "warn": "#F0BC5E", "bad": "#FF8F86",
    "goodbg": "#15342B", "warnbg": "#3A2D12", "badbg": "#43201E", "grid": "#2A2F35", "primary": "#5AB4E6",
}
# fmt: on

_R = QPalette.ColorRole
_ROLES = (
    (_R.Window, "window"), (_R.WindowText, "text"), (_R.Base, "base"), (_R.AlternateBase, "alt"), (_R.Text, "text"),
    (_R.Button, "button"), (_R.ButtonText, "text"), (_R.BrightText, "base"), (_R.Highlight, "accent"),
    (_R.HighlightedText, "onaccent"), (_R.Accent, "accent"), (_R.PlaceholderText, "dim"), (_R.Link, "link"),
    (_R.LinkVisited, "link"), (_R.Mid, "line"), (_R.Dark, "edge"), (_R.ToolTipBase, "base"), (_R.ToolTipText, "text"),
)  # fmt: skip

# Where the system asks for high contrast its own palette stays, and tokens become roles of it; icons and words say
# the rest.
_CONTRAST_ROLES = {token: role for role, token in reversed(_ROLES)} | {
    "learn": _R.Highlight, "learntext": _R.HighlightedText, "learnedge": _R.Highlight, "frozen": _R.Mid,
    "primary": _R.Highlight, "sel": _R.AlternateBase, "grid": _R.Mid, "edge": _R.WindowText, "line": _R.WindowText,
    "dim": _R.WindowText, "goodbg": _R.Base, "warnbg": _R.Base, "badbg": _R.Base,
}  # fmt: skip

OUTLINED = ("QAbstractSpinBox", "QLineEdit", "QPlainTextEdit", "QComboBox", "QPushButton", "QCheckBox")
FUSION_DARKENS = 140
"""Per cent by which Fusion darkens Window for the outline of a control."""

Scheme = Literal["system", "light", "dark"]
FontRole = Literal["title", "number", "heading", "body", "caption", "sentence"]
_SIZES: dict[str, tuple[float, bool]] = {  # size relative to the application's font, demibold
    "title": (1.46, True), "number": (1.54, True), "heading": (1.0, True),
    "body": (1.0, False), "caption": (0.85, False), "sentence": (1.3, False),
}  # fmt: skip


def apply(scheme: Scheme) -> None:
    """Use Fusion with the tokens of a colour scheme; "system" follows the desktop, also when it changes."""
    hints = QGuiApplication.styleHints()
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}[scheme]
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    hints.setColorScheme(wanted)
    global _dark, _contrast  # noqa: PLW0603 - one scheme per process, like the palette itself
    _contrast = system_wants_contrast()
    # A platform that cannot switch (offscreen) reports Unknown: the user's choice counts there.
    _dark = scheme == "dark" or (scheme == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
    app.setPalette(palette())
    for kind in OUTLINED:
        app.setPalette(control_palette(), kind)  # type: ignore[arg-type] # takes text, whatever its stub says


_dark = _contrast = False


def system_wants_contrast() -> bool:
    """Whether the desktop asks for high contrast; Qt tells since 6.10."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def is_dark() -> bool:
    return _dark


def colour(token: str) -> QColor:
    """The colour of a design token in the current scheme."""
    if _contrast:
        return QApplication.style().standardPalette().color(_CONTRAST_ROLES.get(token, _R.WindowText))
    return QColor((DARK if _dark else LIGHT)[token])


def palette() -> QPalette:
    """The application palette of the current scheme."""
    if _contrast:
        return QApplication.style().standardPalette()
    made = QPalette()
    for role, token in _ROLES:
        made.setColor(role, colour(token))
    for role in (_R.WindowText, _R.Text, _R.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, colour("edge"))
    made.setColor(QPalette.ColorGroup.Disabled, _R.Highlight, colour("edge"))
    return made


def control_palette() -> QPalette:
    """For widgets with a border: Fusion draws it as a darker Window, which here comes out as the edge colour."""
    made = palette()
    made.setColor(_R.Window, colour("edge").lighter(FUSION_DARKENS))
    return made


def primary_palette() -> QPalette:
    """For the one filled button of a page; Fusion lightens the colour before it paints.

    Only the two roles are set: a palette with every role would hide later changes of theme from the button.
    """
    made = QPalette()
    made.setColor(QPalette.ColorGroup.Active, _R.Button, colour("primary"))
    made.setColor(QPalette.ColorGroup.Inactive, _R.Button, colour("primary"))
    made.setColor(QPalette.ColorGroup.Active, _R.ButtonText, colour("onaccent"))
    made.setColor(QPalette.ColorGroup.Inactive, _R.ButtonText, colour("onaccent"))
    return made


def font(role: FontRole) -> QFont:
    """The application's font in the size and weight of a role, figures all equally wide."""
    scale, bold = _SIZES[role]
    made = QFont(QApplication.font())
    size = QApplication.font().pointSizeF() * scale
    made.setPointSizeF(max(size, 8.0) if scale < 1 else size)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def unit() -> int:
    """Half the height of the font: the step of all spacing (8 at 13 pixels)."""
    return max(4, round(QFontMetricsF(QApplication.font()).height() / 2))


def space(eighths: int) -> int:
    """A distance of the design, where 8 is one unit: 4, 8, 12, 16 or 20."""
    return round(unit() * eighths / 8)


def icon(name: str, token: str = "text") -> QIcon:
    """An icon of resources/icons in a token's colour; disabled icons are drawn in the edge colour."""
    made = QIcon()
    for size in (16, 32, 64):
        made.addPixmap(_drawn(name, colour(token).name(), size))
        made.addPixmap(_drawn(name, colour("edge").name(), size), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
    """One icon as a picture of `size` logical pixels."""
    made = QPixmap(_drawn(name, colour(token).name(), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    return made


def hatch(token: str, ratio: float) -> QPixmap:
    """A 6 × 6 tile of thin diagonal lines: what is frozen."""
    return _hatch(colour(token).name(), ratio)


@cache
def _hatch(hex_colour: str, ratio: float) -> QPixmap:
    side = 6
    tile = QPixmap(round(side * ratio), round(side * ratio))
    tile.setDevicePixelRatio(ratio)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(hex_colour)
    ink.setAlphaF(0.28)
    painter.setPen(ink)
    for k in (-side, 0, side):
        painter.drawLine(k, side, k + side, 0)
    painter.end()
    return tile


@cache
def _drawn(name: str, hex_colour: str, size: int) -> QPixmap:
    svg = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", hex_colour)
    made = QPixmap()
    made.loadFromData(
        QByteArray(svg.replace('width="16" height="16"', f'width="{size}" height="{size}"', 1).encode()), "SVG"
    )
    return made.scaled(
        QSize(size, size), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
