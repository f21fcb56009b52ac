"""The shares in which a head mixes the layers of its model, one bar a layer, topmost first."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlgui.core.events import MixLearned
from tlgui.core.freeze import title
from tlgui.core.wording import percent
from tlgui.ui import theme
from tlgui.ui.plots import margins
from tlgui.ui.plots.heat_map import short_title
from tlgui.ui.widgets.basics import paint_bar


class MixBars(QWidget):
    """Bars from zero to the largest share."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mix_bars")
        self.setAccessibleName(self.tr("How the head mixes the layers"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._mix: MixLearned | None = None

    def show_mix(self, mix: MixLearned | None) -> None:
        """Draw the shares, or nothing."""
        if mix == self._mix:
            return
        self._mix = mix
        told = zip(mix.layers, mix.shares, strict=True) if mix else ()
        self.setAccessibleDescription(", ".join(f"{title(key)} {percent(share)}" for key, share in told))
        self.setToolTip(self.tr("Scale {scale:.2f}").format(scale=mix.scale) if mix else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(120), theme.space(72))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._mix is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font, left = theme.font("caption"), margins.left(margins.GROUPS)
        painter.setFont(font)
        line = QFontMetricsF(font).height()
        height = (self.height() - theme.space(6)) / len(self._mix.layers)
        stride = max(1, round(line / max(1.0, height)))
        largest = max(self._mix.shares)
        for place, (key, share) in enumerate(reversed([*zip(self._mix.layers, self._mix.shares, strict=True)])):
            row = QRectF(left, place * height, self.width() - left - margins.right(), height)
            bar = row.adjusted(0, height * 0.15, 0, -height * 0.15)
            paint_bar(painter, bar, share / largest, theme.colour("learnedge"), hollow=False)
            if place % stride:
                continue
            painter.setPen(theme.colour("text"))
            room = row.adjusted(0, -line, 0, line)
            name = QRectF(0, room.top(), left - theme.space(6), room.height())
            painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, short_title(key))
            value = QRectF(row.right() + theme.space(4), room.top(), margins.right(), room.height())
            painter.drawText(value, Qt.AlignmentFlag.AlignVCenter, percent(share))
