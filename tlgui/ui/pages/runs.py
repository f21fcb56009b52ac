"""The Runs page: every run there is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from tlgui.core import runs_words
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Failed
from tlgui.core.facts import RunSummary
from tlgui.core.runs import RunFolder
from tlgui.core.window_words import discard_run_question
from tlgui.jobs import work
from tlgui.ui import theme
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.dialogs import Choice, ask, show_error
from tlgui.ui.widgets.resume_strip import ResumeStrip
from tlgui.ui.widgets.rows import Column, RowsTable
from tlgui.ui.workbench import Workbench

COLUMNS = (
    Column("Run", lambda r: r.name, runs_words.what, sort=lambda r: r.name.lower()),
    Column("Goal", runs_words.goal, optional=True),
    Column("Best", runs_words.best, right=True, sort=lambda r: -1.0 if r.best is None else r.best),
    Column("Steps", runs_words.steps, right=True, sort=lambda r: r.step),
    Column("Time", runs_words.time, right=True, sort=lambda r: r.seconds, optional=True),
    Column("Frozen values", runs_words.receipt, right=True, sort=lambda r: r.frozen_changed, optional=True),
    Column("State", runs_words.state, mark=lambda r: runs_words.MARKS[r.status]),
    Column("Started", runs_words.started, sort=lambda r: r.started),
)
DISCARD = (Choice("discard", "Discard"), Choice("keep", "Keep it", default=True, escape=True))


@dataclass(frozen=True)
class RunAct:
    """A button under the list, and for which runs it works; `alone` = not while another run is going."""

    key: str
    text: str
    icon: str
    works: Callable[[RunSummary], bool]
    alone: bool = False


ACTS = (
    RunAct("open", "Show curves", "open", lambda run: True, alone=True),
    RunAct("resume", "Go on", "play", lambda run: run.can_resume, alone=True),
    RunAct("try", "Try", "text", lambda run: run.has_model, alone=True),
    RunAct("recipe", "Use its recipe", "fresh", lambda run: True),
    RunAct("folder", "Show folder", "folder", lambda run: True),
    RunAct("discard", "Discard…", "discard", lambda run: run.status != "running"),
)


class RunsPage(Page):
    """Runs from every start of the window and of the command line."""

    key = "runs"
    title = str(QT_TRANSLATE_NOOP("RunsPage", "Runs"))
    sentence = str(QT_TRANSLATE_NOOP("RunsPage", "What was trained here. A stopped run goes on exactly where it was."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.without_side()
        self.going = ProblemLabel(
            "info", "", self.tr("Show it"), lambda: bench.show_page("race" if bench.racing.active else "train")
        )
        self.table = RowsTable(COLUMNS, "runs", self.tr("Runs"))
        self.table.sort_by(len(COLUMNS) - 1, Qt.SortOrder.DescendingOrder)
        self.table.picked.connect(lambda run: self._show_acts())
        self.table.opened.connect(self._open_default)
        nothing = self.tr("No run yet. The Train page starts one; it is listed here as soon as it has ended.")
        self.empty = label(nothing, dim=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons: dict[str, QPushButton] = {}
        self._acts: dict[str, Callable[[RunSummary], None]] = {
            "open": self._open,
            "resume": self._resume,
            "try": self._try,
            "recipe": self._use_recipe,
            "folder": lambda run: _show_folder(Path(run.folder)),
            "discard": self._discard,
        }
        self.main.addWidget(ResumeStrip(bench))
        self.main.addWidget(self.going)
        self.main.addWidget(self._card(), 1)
        bench.findings.changed.connect(lambda name: self._show() if name == "runs" else None)
        bench.training.changed.connect(self._show)
        bench.racing.changed.connect(self._show)
        self._show()

    def entered(self) -> None:
        if not self.bench.going:
            self.bench.findings.renew("runs")  # the command line may have added some

    def _card(self) -> Card:
        card = Card()
        card.body.addWidget(self.table, 1)
        card.body.addWidget(self.empty, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        for act in ACTS:
            if act.key == "discard":
                row.addStretch(1)
            made = button(act.text, f"run_{act.key}", act.icon, clicked=lambda key=act.key: self._do(key))  # type: ignore[misc]
            self.buttons[act.key] = made
            row.addWidget(made)
        card.body.addLayout(row)
        return card

    # What is shown

    def _show(self) -> None:
        found, training = self.bench.findings, self.bench.training
        going = training.active and training.folder is not None
        busy = self.tr("A race is going. Runs are opened and gone on with when it has ended.")
        name = training.folder.name if going and training.folder else ""
        self.going.show_text("info", busy if self.bench.racing.active else runs_words.going(name) if name else "")
        if found.runs != self.table.rows.rows:
            names = [run.name for run in found.runs]
            before = self.table.chosen.name if self.table.chosen else ""
            name = before if before in names else (*names, "")[0]
            self.table.show_rows(found.runs, lambda run: run.name == name)
        self.table.setVisible(bool(self.table.rows.rows))
        self.empty.setVisible(not self.table.rows.rows)
        self._show_acts()

    def _show_acts(self) -> None:
        run, training = self.table.chosen, self.bench.training
        for act in ACTS:
            can = run is not None and act.works(run) and not (act.alone and self.bench.going)
            shown_now = run is not None and training.active and training.folder == Path(run.folder)
            self.buttons[act.key].setEnabled(can and not (shown_now and act.key == "discard"))
            self.buttons[act.key].setVisible(bool(self.table.rows.rows))

    # What the user does

    def _do(self, key: str) -> None:
        if self.table.chosen is not None:
            self._acts[key](self.table.chosen)

    def _open_default(self, run: RunSummary) -> None:
        if self.buttons["open"].isEnabled():
            self._open(run)

    def _open(self, run: RunSummary, page: str = "train") -> None:
        try:
            self.bench.training.open(Path(run.folder))
        except TlguiError as error:
            show_error(self, error.title, error.hint)
            return
        self.bench.show_page(page)

    def _try(self, run: RunSummary) -> None:
        self._open(run, "try")

    def _resume(self, run: RunSummary) -> None:
        self.bench.show_page("train")
        self.bench.training.resume(Path(run.folder))

    def _use_recipe(self, run: RunSummary) -> None:
        try:
            self.bench.draft.replace(RunFolder(Path(run.folder)).recipe())
        except TlguiError as error:
            show_error(self, error.title, error.hint)
            return
        self.bench.show_page("layers")

    def _discard(self, run: RunSummary) -> None:
        if ask(self, *discard_run_question(run), DISCARD) != "discard":
            return
        if self.bench.training.folder == Path(run.folder):
            self.bench.training.forget()
        job = self.bench.worker.submit(work.discard_run(Path(run.folder)))
        job.ended.connect(self._take_discarded)

    def _take_discarded(self, ending: Event) -> None:
        if isinstance(ending, Failed):
            show_error(self, ending.title, ending.hint, ending.details)
        self.bench.findings.renew("runs")


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
