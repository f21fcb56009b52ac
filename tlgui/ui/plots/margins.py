"""Margins that the plots of a column share, so that a step is at the same place in all of them."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF

from tlgui.ui import theme

FIGURES, GROUPS = "00.00", "Layer 00"
"""The widest words at the left of a plot: of a value, of a group."""


def left(words: str) -> int:
    """Room for an axis whose widest label is `words`, pixels."""
    return round(QFontMetricsF(theme.font("caption")).horizontalAdvance(words) + theme.space(9))


def top() -> float:
    """Half a label stands over the highest tick."""
    return QFontMetricsF(theme.font("caption")).height() * 0.6


def right() -> float:
    """Half a step number hangs over the last tick, and the values at the ends stand there."""
    bold = theme.font("caption")
    bold.setBold(True)
    return QFontMetricsF(bold).horizontalAdvance("0.000") + theme.space(12)
