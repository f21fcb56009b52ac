"""The card that starts, pauses and ends a run and says how far it is. It is told everything and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tlgui.core.events import Failed
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, ProblemLabel, button, label, primary
from tlgui.ui.widgets.failure import FailureBox
from tlgui.ui.widgets.run_bar import RunBar


class RunControl(Card):
    """One of three rows at a time: before, during and after a run."""

    wanted = Signal(str)
    """What the person asks for: start, pause, go_on, keep, discard, try, resume, new."""
    page_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("run_control")
        self.start = primary(self.tr("Start"), "start", "play", clicked=lambda: self.wanted.emit("start"))
        self.pause = self._button(self.tr("Pause"), "pause", "pause")
        self.go_on = self._button(self.tr("Go on"), "go_on", "play")
        self.keep = self._button(self.tr("Stop and keep"), "keep", "keep")
        self.discard = self._button(self.tr("Stop and discard…"), "discard", "discard")
        self.try_it = primary(self.tr("Try it"), "try_it", clicked=lambda: self.wanted.emit("try"))
        self.resume = self._button(self.tr("Go on"), "resume", "play")
        self.new = self._button(self.tr("New run"), "new", "fresh")
        self.sentence = label(wrap=True)
        self.ended_sentence = label(wrap=True)
        self.checked = label(dim=True, wrap=True)
        self.epoch, self.steps, self.left = label("", "heading"), label("", dim=True), label("", "heading")
        for figure in (self.sentence, self.ended_sentence, self.checked, self.epoch, self.steps, self.left):
            figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = RunBar()
        self.failure = FailureBox()
        self.ended_icon = Icon("check", "good")
        self._blockers = QVBoxLayout()
        self._blockers.setSpacing(theme.space(4))
        self._before = _row(self.start, (self.sentence, 1))
        self._during = _row(self.pause, self.go_on, self.keep, self.discard, (self._progress(), 1))
        self._after = _row(
            self.ended_icon, (_column(self.ended_sentence, self.checked), 1), self.resume, self.new, self.try_it
        )
        for part in (self._before, self._during, self.failure, self._after):
            self.body.addWidget(part)
        self.body.addLayout(self._blockers)
        self.body.setContentsMargins(theme.space(12), theme.space(8), theme.space(12), theme.space(8))

    def show_before(self, sentence: str, blockers: Sequence[tuple[str, str]], *, can_start: bool) -> None:
        """Nothing runs: what Start will do, or (page, sentence) for each thing that has to be settled first."""
        self._show_only(self._before)
        self.sentence.setText(sentence)
        self.start.setEnabled(can_start)
        self._show_blockers(blockers)

    def show_during(self, state: str, epoch: str, steps: str, left: str) -> None:
        """A run is going; `state` is preparing, running, pausing, paused or stopping."""
        self._show_only(self._during)
        waiting = state in ("pausing", "paused")
        self._move_focus(self.pause, self.go_on, waiting)
        self.pause.setEnabled(state == "running")
        self.go_on.setEnabled(waiting)
        for stop in (self.keep, self.discard):
            stop.setEnabled(state != "stopping")
        for shown, text in ((self.epoch, epoch), (self.steps, steps), (self.left, left)):
            shown.setText(text)
        self.bar.setAccessibleDescription(", ".join(text for text in (epoch, steps, left) if text))

    def show_after(
        self, sentence: str, failure: Failed | None, *, level: str, can_try: bool, can_resume: bool, checked: str = ""
    ) -> None:
        """A run has ended: what came of it, what was counted afterwards, and what can be done with it."""
        self._show_only(self._after)
        self.failure.show_failure(failure)
        icon, token = {"good": ("check", "good"), "warn": ("warn", "warn")}.get(level, ("info", "accent"))
        self.ended_icon.show_icon(icon, token)
        self.ended_icon.setVisible(failure is None)
        self.ended_sentence.setText(sentence)
        self.checked.setText(checked)
        self.checked.setVisible(bool(checked))
        self.try_it.setVisible(can_try)
        self.resume.setVisible(can_resume)

    def _button(self, text: str, what: str, icon: str) -> QPushButton:
        return button(text, what, icon, clicked=lambda: self.wanted.emit(what))

    def _progress(self) -> QWidget:
        words = QHBoxLayout()
        words.setSpacing(theme.space(8))
        words.addWidget(self.epoch)
        words.addWidget(self.steps, 1)
        words.addWidget(self.left)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(4))
        column.addLayout(words)
        column.addWidget(self.bar)
        return holder

    def _show_only(self, row: QWidget) -> None:
        for part in (self._before, self._during, self._after):
            part.setVisible(part is row)
        if row is not self._after:
            self.failure.show_failure(None)
        if row is not self._before:
            self._show_blockers(())

    @staticmethod
    def _move_focus(first: QWidget, second: QWidget, swapped: bool) -> None:
        """Show one of two buttons in the same place; the keyboard stays on it."""
        shown, hidden = (second, first) if swapped else (first, second)
        had_focus = hidden.hasFocus()
        shown.show()
        if had_focus:
            shown.setFocus()
        hidden.hide()

    def _show_blockers(self, blockers: Sequence[tuple[str, str]]) -> None:
        while (item := self._blockers.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        for page, text in blockers:
            fix = self.tr("Show") if page == "train" else self.tr("Open {page}").format(page=page.capitalize())
            line = ProblemLabel("bad", text, fix, partial(self.page_wanted.emit, page))
            line.setObjectName(f"blocker_{page}")
            self._blockers.addWidget(line)


def _column(*parts: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.space(2))
    for part in parts:
        column.addWidget(part)
    return holder


def _row(*parts: QWidget | tuple[QWidget, int]) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.space(12))
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        row.addWidget(widget, stretch)
    return holder
