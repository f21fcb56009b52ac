"""What a freeze plan costs: four figures, each with a bar whose full width is named."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlgui.core.facts import CostFacts, Machine, MemoryFacts
from tlgui.core.plan import duration, millions, milliseconds, size
from tlgui.core.transfer_words import kept_words
from tlgui.core.wording import percent
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Bar, Card, Icon, Level, label, rule
from tlgui.ui.widgets.choice import LinkButton


class Figure(QWidget):
    """A caption, one large number, what its bar's full width means, and the bar."""

    def __init__(self, caption: str, token: str = "accent") -> None:
        super().__init__()
        self._caption = label(caption, dim=True)
        self._number, self._of = label("", "number"), label("", "caption", dim=True)
        self._bar = Bar(token=token)
        self._caption_line, self._number_line = QHBoxLayout(), QHBoxLayout()
        self._caption_line.addWidget(self._caption, 1)
        self._number_line.addWidget(self._number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addLayout(self._caption_line)
        column.addLayout(self._number_line)
        column.addWidget(self._bar)
        self._place()

    def show_caption(self, caption: str) -> None:
        """Say what the number is; the number follows."""
        self._caption.setText(caption)

    def show_figure(self, number: str, full: str = "", share: float = 0.0) -> None:
        """Show a number; `full` says what a full bar stands for, `share` is 0..1 of it."""
        self._number.setFont(theme.font("number"))
        self._write(number, full, share)

    def show_waiting(self, text: str) -> None:
        """Show a few words instead of a number that is not known."""
        self._number.setFont(theme.font("body"))
        self._write(text, "", 0.0)

    def _write(self, number: str, full: str, share: float) -> None:
        self._number.setText(number)
        self._of.setText(full)
        self._bar.show_share(share)
        self._place()
        self.setAccessibleName(f"{self._caption.text()}: {number} {full}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Put what the bar means beside the number, or above it where the number is too wide."""
        needed = self._number.sizeHint().width() + theme.space(8) + self._of.sizeHint().width()
        line, other = self._number_line, self._caption_line
        if needed > self.width():
            line, other = other, line
        if line.indexOf(self._of) < 0:
            other.removeWidget(self._of)
            line.addWidget(self._of, 0, Qt.AlignmentFlag.AlignBottom)

    @property
    def text(self) -> str:
        return f"{self._number.text()} {self._of.text()}".strip()


class MemoryParts(QWidget):
    """What the memory is needed for; folded until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.unfold = LinkButton(self.tr("Parts"), "memory_parts")
        self.unfold.setAccessibleName(self.tr("What the memory is needed for"))
        self.unfold.setFont(theme.font("caption"))
        self.unfold.clicked.connect(self._fold)
        self.table = QWidget()
        self._grid = QGridLayout(self.table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._values: list[QLabel] = []
        for row, (words, tip) in enumerate(self._words()):
            title, value = label(words, "caption", dim=True), label("", "caption")
            title.setToolTip(tip)
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
            self._values.append(value)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.table)
        self.table.hide()

    def _words(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("Program"), self.tr("The program itself, before any model")),
            (self.tr("Weights"), self.tr("The model, and a copy of what learns that its movement is measured against")),
            (self.tr("Gradients"), self.tr("One number for each that learns")),
            (self.tr("Optimizer"), self.tr("Two running means for each number that learns")),
            (self.tr("Activations"), self.tr("What the layers put out, kept until the step is done")),
        )

    def show_memory(self, memory: MemoryFacts) -> None:
        """Take the estimated parts."""
        parts = (memory.program, memory.weights, memory.gradients, memory.optimizer, memory.activations)
        for value, part in zip(self._values, parts, strict=True):
            value.setText(size(part) if part else "0")
        self.show()

    def _fold(self) -> None:
        self.table.setVisible(self.table.isHidden())
        self.unfold.setText(self.tr("Parts") if self.table.isHidden() else self.tr("Fewer"))


class CostPanel(Card):
    """Parameters, memory, time per step and time of the run, as far as they are known."""

    def __init__(self) -> None:
        super().__init__(self.tr("What this plan costs"))
        self.setObjectName("cost_panel")
        self.parameters = Figure(self.tr("Parameters that learn"), "learnedge")
        self.memory = Figure(self.tr("Memory at its highest"))
        self.step = Figure(self.tr("Time per step"))
        self.run = Figure(self.tr("Whole run"))
        self.kept = label("", "caption", dim=True, wrap=True)
        self.parts = MemoryParts()
        self.again = LinkButton(self.tr("Again"), "measure_again")
        self.again.setAccessibleName(self.tr("Measure the time per step again"))
        self.again.setFont(theme.font("caption"))
        self._tick = Icon("check", "good", 13)
        self.state = label("", "caption", dim=True, wrap=True)
        self._measured = QWidget()
        measured = QHBoxLayout(self._measured)
        measured.setContentsMargins(0, 0, 0, 0)
        measured.setSpacing(theme.space(4))
        measured.addWidget(self._tick)
        measured.addWidget(self.state, 1)
        measured.addWidget(self.again)
        self.receipt_icon = Icon("info", "accent")
        self.receipt, self.checked = label("", wrap=True), label("", "caption", dim=True, wrap=True)
        self.body.setSpacing(theme.space(10))
        memory, step = QVBoxLayout(), QVBoxLayout()
        for column, figure, below in ((memory, self.memory, self.parts), (step, self.step, self._measured)):
            column.setSpacing(theme.space(2))
            column.addWidget(figure)
            column.addWidget(below)
        self.body.addWidget(self.parameters)
        self.body.addLayout(memory)
        self.body.addLayout(step)
        run = QVBoxLayout()
        run.setSpacing(theme.space(2))
        run.addWidget(self.run)
        run.addWidget(self.kept)
        self.body.addLayout(run)
        self.body.addSpacing(theme.space(2))
        self.body.addWidget(rule())
        self.body.addWidget(label(self.tr("Receipt"), "heading"))
        receipt = QHBoxLayout()
        receipt.setSpacing(theme.space(8))
        receipt.addWidget(self.receipt_icon, 0, Qt.AlignmentFlag.AlignTop)
        receipt.addWidget(self.receipt, 1)
        self.body.addLayout(receipt)
        self.body.addWidget(self.checked)
        self.body.addStretch(1)

    def show_parameters(self, learning: int, total: int) -> None:
        """Take how many values of the model learn, of how many."""
        if not total:
            self.parameters.show_waiting("–")
            return
        share = learning / total
        full = self.tr("of {total}, {share}").format(total=millions(total), share=percent(share))
        self.parameters.show_figure(millions(learning), full, share)

    def show_receipt(self, level: Level, text: str, checked: str) -> None:
        """Take what the last run's receipts say of the frozen values, and how that is known."""
        icons: dict[Level, str] = {"good": "check", "bad": "bad", "warn": "warn", "info": "info"}
        self.receipt_icon.show_icon(icons[level], "accent" if level == "info" else level)
        self.receipt.setText(text)
        self.checked.setText(checked)
        self.checked.setVisible(bool(checked))

    def show_waiting(self, why: str = "") -> None:
        """Say that the cost is being measured, or why it cannot be."""
        self._tick.hide()
        self.again.hide()
        self.state.setText(why)
        self._measured.setVisible(bool(why))
        self.parts.hide()
        self.kept.hide()
        self.step.show_caption(self.tr("Time per step"))
        for figure in (self.memory, self.step, self.run):
            figure.show_waiting("–" if why else self.tr("measuring…"))

    def show_cost(self, cost: CostFacts, machine: Machine | None) -> None:
        """Take what was measured."""
        self._measured.show()
        self._tick.show()
        self.again.show()
        self.state.setText(self.tr("Measured here"))
        free = machine.memory_free_bytes if machine is not None else 0
        full = self.tr("of {free} free").format(free=size(free)) if free else ""
        self.memory.show_figure(size(cost.memory_bytes), full, cost.memory_bytes / free if free else 0.0)
        self.parts.show_memory(cost.memory)
        # A plan that thaws costs most at its end.
        last = cost.stages[-1][0] if cost.stages else cost.seconds_per_step
        self.step.show_caption(self.tr("Time per step, all thawed") if cost.stages else self.tr("Time per step"))
        everything = cost.seconds_everything * cost.steps + cost.validation_seconds
        times = self.tr("everything: {time}")
        self.step.show_figure(
            milliseconds(last),
            times.format(time=milliseconds(cost.seconds_everything)),
            _share(last, cost.seconds_everything),
        )
        self.kept.setText(kept_words(cost))
        self.kept.setVisible(bool(cost.first_passes))
        about = self.tr("about {time}").format(time=duration(cost.seconds))
        self.run.show_figure(about, times.format(time=duration(everything)), _share(cost.seconds, everything))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
