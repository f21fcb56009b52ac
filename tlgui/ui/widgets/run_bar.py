"""How far a run has come: a thin bar with a mark at each epoch, dashed grey while it waits."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from tlgui.ui import theme

DASH = 5


class RunBar(QProgressBar):
    """A progress bar whose value a screen reader tells; `maximum` 0 means that the end is not known."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("run_progress")
        self.setAccessibleName(self.tr("Progress of the run"))
        self.setTextVisible(False)
        self.setFixedHeight(theme.space(9))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._epoch, self._waiting, self._phase = 0, False, 0.0

    def show_steps(self, done: int, total: int, epoch: int, *, waiting: bool) -> None:
        """`epoch` is the number of steps between two marks; 0 for no marks."""
        self._epoch, self._waiting = epoch, waiting
        self.setRange(0, total)
        self.setValue(done)
        self.update()

    def show_unknown(self, seconds: float) -> None:
        """Work without a known end: a piece that moves with the elapsed time."""
        self._epoch, self._waiting, self._phase = 0, False, (seconds % 4) / 4
        self.setRange(0, 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(whole, 2, 2)
        painter.setClipPath(shape)
        painter.fillRect(whole, theme.colour("grid"))
        if self.maximum() == 0:
            piece = whole.width() * 0.25
            left = (whole.width() - piece) * self._phase
            painter.fillRect(QRectF(left, 0, piece, whole.height()), theme.colour("accent"))
            return
        done = QRectF(0, 0, whole.width() * self.value() / self.maximum(), whole.height())
        if self._waiting:
            painter.setClipRect(done, Qt.ClipOperation.IntersectClip)
            for x in range(0, round(done.width()) + DASH, 2 * DASH):
                painter.fillRect(QRectF(x, 0, DASH, whole.height()), theme.colour("original"))
            return
        painter.fillRect(done, theme.colour("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for step in range(self._epoch, self.maximum(), self._epoch) if self._epoch else ():
            x = round(whole.width() * step / self.maximum())
            painter.setPen(QPen(theme.colour("base" if step <= self.value() else "edge"), 1))
            painter.drawLine(x, 0, x, self.height())
