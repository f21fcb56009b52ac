"""Find a learning rate: the loss while the rate grows, live, and a button that takes the suggestion."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core.events import Event, Failed, Finished, Partial, Progress, Stopped
from tlgui.core.facts import RateSearch
from tlgui.core.plan import scientific
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.jobs.worker import Job, Worker
from tlgui.ui import theme
from tlgui.ui.plots.rate_search import RateSearchPlot
from tlgui.ui.widgets.basics import button, label, primary
from tlgui.ui.widgets.failure import FailureBox


class RateDialog(QDialog):
    """Searches as soon as it opens; nothing is written, and closing it ends the search."""

    taken = Signal(float)
    """The rate that the person wants to use."""

    def __init__(self, recipe: Recipe, worker: Worker, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("rate_dialog")
        self.setWindowTitle(self.tr("Find a learning rate"))
        self.plot = RateSearchPlot()
        self.sentence = label(wrap=True)
        self.failure = FailureBox()
        self.stop = button(self.tr("Stop"), "stop_search", "keep", clicked=self._stop)
        self.use = primary("", "use_rate", clicked=self._use)
        self._lay_out()
        self._show_waiting(self.tr("Waiting until the worker is free."))
        self._job: Job | None = worker.submit(work.find_rate(recipe))
        self._job.batch.connect(self._take)
        self._job.ended.connect(self._end)
        self.finished.connect(lambda _: self._stop())
        self._show_buttons()

    @property
    def is_searching(self) -> bool:
        return self._job is not None

    def _lay_out(self) -> None:
        why = self.tr(
            "The rate grows from step to step, and the loss first falls and then rises. A good rate lies where it "
            "falls well. The weights of this search are thrown away."
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(8))
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        buttons.addWidget(button(self.tr("Close"), "close_search", clicked=self.close))
        buttons.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(8))
        column.addWidget(label(why, dim=True, wrap=True))
        column.addWidget(self.plot, 1)
        column.addWidget(self.sentence)
        column.addWidget(self.failure)
        column.addLayout(buttons)
        self.resize(theme.unit() * 80, theme.unit() * 60)

    def _show_waiting(self, text: str) -> None:
        self.sentence.setText(text)
        self.plot.show_empty_sentence(self.tr("The first steps appear here in a few seconds."))

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.sentence.setText(self.tr("Stopping after this step."))
            self.stop.setEnabled(False)

    def _use(self) -> None:
        self.taken.emit(self.plot.found.suggestion)
        self.accept()

    def _take(self, batch: list[Event]) -> None:
        for event in batch:
            match event:
                case Partial(value=RateSearch() as found):
                    self.plot.show_search(found)
                    where = self.tr("Step {step:,}, rate {rate}, loss {loss:.3f}.")
                    rate, loss = scientific(found.rates[-1]), found.losses[-1]
                    self.sentence.setText(where.format(step=len(found.rates), rate=rate, loss=loss))
                case Progress() if not self.plot.found.rates:
                    of = f", {event.done:,} of {event.total:,}" if event.total else ""
                    self.sentence.setText(f"{event.what}{of}.")
                case _:
                    pass

    def _end(self, ending: Event) -> None:
        self._job = None
        match ending:
            case Finished(value=RateSearch() as found):
                self.plot.show_search(found)
                self.sentence.setText(found.why)
            case Failed():
                self.sentence.setText("")
                self.failure.show_failure(ending)
            case Stopped():
                self.sentence.setText(self.tr("Stopped. A suggestion needs the whole search."))
            case _:
                pass
        self._show_buttons()

    def _show_buttons(self) -> None:
        found = self.plot.found.suggestion
        self.stop.setVisible(self.is_searching)
        self.use.setVisible(found > 0)
        self.use.setText(self.tr("Use {rate}").format(rate=scientific(found) if found else ""))
        self.use.setAccessibleName(self.use.text())
