"""One press from nothing to a trained model: a sample's short version is planned, trained and opened on Try."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from tlgui.core import plan
from tlgui.core.recipe import Recipe
from tlgui.core.samples import FIRST
from tlgui.ui.workbench import Workbench


class FirstRun(QObject):
    """Begins the run once model and data are read, and opens Try at its end for someone who has watched it."""

    changed = Signal()
    """Whether it can begin may have changed."""

    def __init__(self, bench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._planned: Recipe | None = None
        """Asked for; its model or data are still being read."""
        self._going: Recipe | None = None
        bench.draft.changed.connect(self._start_when_ready)
        bench.findings.changed.connect(self._start_when_ready)
        bench.training.changed.connect(self._take_run_change)
        bench.racing.changed.connect(self.changed)

    @property
    def hindrance(self) -> str:
        """Why it cannot begin now; empty if it can."""
        if self._bench.training.active:
            return self.tr("A run is active. It ends by itself, or by a button on the Train page.")
        if self._bench.going:
            return self.tr("A race is going. It ends by itself, or by a button on the Race page.")
        if self._planned is not None:
            return self.tr("It begins as soon as the model and the data are read.")
        return ""

    def begin(self) -> None:
        """Replace the draft, in one step of undo, and show the Train page, where the run starts by itself."""
        if self.hindrance:
            return
        bench = self._bench
        bench.training.forget()
        self._planned = FIRST.short_recipe()
        bench.draft.replace(self._planned)
        bench.show_page("train")
        self._start_when_ready()
        self.changed.emit()

    def _start_when_ready(self, *_: object) -> None:
        if self._planned is None:
            return
        found, recipe = self._bench.findings, self._planned
        unwanted = self._bench.draft.recipe != recipe or bool(self._bench.going)
        failed = any(found.failure(name) for name in ("model", "data"))
        if not unwanted and not failed and not plan.ready(recipe, found.model, found.data):
            return
        self._planned = None
        if not unwanted and not failed:
            self._going = recipe
            self._bench.training.start(recipe)
        self.changed.emit()

    def _take_run_change(self) -> None:
        training = self._bench.training
        if self._going is not None and not training.active:
            was_ours, self._going = training.recipe is self._going, None
            if was_ours and training.has_model and training.summary and training.summary.status == "finished":
                QTimer.singleShot(0, self._open_try)  # after all others have taken in the end of the run
        self.changed.emit()

    def _open_try(self) -> None:
        training = self._bench.training
        if self._bench.page != "train" or training.active or training.recipe is None:
            return
        self._bench.show_page("try")
        probes, place = training.recipe.probes, training.history.most_gained()
        if place < len(probes):
            self._bench.sentence_wanted.emit(probes[place])
