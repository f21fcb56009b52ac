"""A download under way: what, how far, and the way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from tlgui.core.events import Progress
from tlgui.core.plan import size
from tlgui.ui import theme
from tlgui.ui.widgets.basics import button, label


class DownloadRow(QWidget):
    """Hidden until there is progress to show."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sentence = label("")
        self.bar = QProgressBar()
        self.bar.setObjectName("download_progress")
        self.bar.setAccessibleName(self.tr("Download"))
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.space(9))
        self.cancel = button(self.tr("Cancel"), "cancel_download", clicked=self.cancelled.emit)
        self.cancel.setAccessibleName(self.tr("Cancel the download"))
        words = QVBoxLayout()
        words.setSpacing(theme.space(4))
        words.addWidget(self.sentence)
        words.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(12))
        row.addLayout(words, 1)
        row.addWidget(self.cancel)
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Bytes done of all; nothing once it is over."""
        self.setVisible(progress is not None)
        if progress is None:
            return
        known = progress.total > 0
        how_far = f", {size(progress.done)} of {size(progress.total)}" if known else ""
        self.sentence.setText(progress.what + how_far)
        # In thousandths: bytes of a large model do not fit into the bar's 32 bits.
        self.bar.setRange(0, 1000 if known else 0)
        self.bar.setValue(round(1000 * progress.done / progress.total) if known else 0)
