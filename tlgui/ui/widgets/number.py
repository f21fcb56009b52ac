"""A spin box for numbers whose size may be anything, such as learning rates."""

from __future__ import annotations

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox

from tlgui.ui import theme


class NumberSpin(QDoubleSpinBox):
    """Shows a number in as few characters as say it ("5e-5", "0.95") and speaks once editing is done."""

    def __init__(self, name: str, accessible: str, low: float, high: float, suffix: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setDecimals(12)
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(f"8.88e-8{suffix}") + theme.space(32))

    def show_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)

    def textFromValue(self, value: float) -> str:
        return short(value)

    def valueFromText(self, text: str) -> float:
        number = _parsed(text.removesuffix(self.suffix()))
        return self.value() if number is None else number

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        typed = text.removesuffix(self.suffix()).strip()
        number = _parsed(typed)
        if number is not None and self.minimum() <= number <= self.maximum():
            return QValidator.State.Acceptable, text, position
        possible = all(c in "0123456789.,eE-+" for c in typed)
        return QValidator.State.Intermediate if possible else QValidator.State.Invalid, text, position


def short(value: float) -> str:
    """A number in as few characters as say it: "5e-5", "0.95", "1"."""
    digits, e, power = f"{value:.6g}".partition("e")
    if not e and 0 < abs(value) < 0.01:
        digits, e, power = f"{value:e}".partition("e")
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits}e{int(power)}" if e else digits


def _parsed(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
