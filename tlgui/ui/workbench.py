"""What every page is given: the draft, what is known of it, the run, and the way to other pages."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from tlgui.core.recipe import Recipe
from tlgui.jobs.worker import Worker
from tlgui.ui.draft import Draft
from tlgui.ui.findings import Findings
from tlgui.ui.racing import Racing
from tlgui.ui.settings import settings
from tlgui.ui.training import Training


class Workbench(QObject):
    """Owns the worker and the state; has no widgets."""

    page_wanted = Signal(str)
    """Key of a page that something asks to be shown."""
    sentence_wanted = Signal(str)
    """A sentence that the Try page is asked to take up; braces hide a word."""

    def __init__(self, recipe: Recipe | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = Worker(self)
        self.draft = Draft(recipe or Recipe(), self)
        self.findings = Findings(self.draft, self.worker, self)
        self.training = Training(self.worker, self)
        self.racing = Racing(self.worker, self)
        self.settings = settings()
        self.page = ""
        """Key of the page in front; the window keeps it true."""

    @property
    def going(self) -> str:
        """What holds the worker for long, as a noun: "run" or "race"; empty if nothing does."""
        return "run" if self.training.active else "race" if self.racing.active else ""

    def show_page(self, key: str) -> None:
        self.page_wanted.emit(key)

    def close(self) -> None:
        """End the worker thread; jobs under way are stopped and keep their work."""
        self.worker.close()
