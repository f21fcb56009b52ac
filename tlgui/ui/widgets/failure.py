"""Why something could not go on: title, what to do, details folded away, all of it copyable."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from tlgui.core.events import Failed
from tlgui.ui import theme
from tlgui.ui.widgets.basics import ProblemLabel, button


class FailureBox(QWidget):
    """Hidden until something failed."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.sentence = ProblemLabel("bad")
        self.details = button(self.tr("Details"), "failure_details", "right", clicked=self._fold)
        self.details.setCheckable(True)
        self.copy = button(self.tr("Copy"), "failure_copy", clicked=self._copy)
        self.trace = QPlainTextEdit()
        self.trace.setObjectName("failure_trace")
        self.trace.setAccessibleName(self.tr("Technical details"))
        self.trace.setReadOnly(True)
        self.trace.setTabChangesFocus(True)
        self.trace.setMaximumHeight(theme.unit() * 20)
        self.trace.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(self.details)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(8))
        column.addWidget(self.sentence)
        column.addLayout(buttons)
        column.addWidget(self.trace)
        self.hide()

    def show_failure(self, failure: Failed | None) -> None:
        """Say what failed, or nothing."""
        self.setVisible(failure is not None)
        if failure is None:
            return
        self._text = f"{failure.title}\n{failure.hint}\n\n{failure.details}"
        self.sentence.show_text("bad", f"{failure.title} {failure.hint}")
        self.trace.setPlainText(failure.details)
        self.details.setVisible(bool(failure.details))

    def _fold(self) -> None:
        opened = self.details.isChecked()
        self.trace.setVisible(opened)
        icon = "down" if opened else "right"
        self.details.set_icon_name(icon)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
