"""The window: menus, the rail, the pages, and the plan at the foot."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from tlgui.core import plan, race_words, recipe, window_words
from tlgui.core.plan import Answer
from tlgui.ui import actions, commands, files, theme
from tlgui.ui.pages.page import Page
from tlgui.ui.pages.table import PAGES, WIZARD, row_of
from tlgui.ui.settings import GEOMETRY, RECIPE
from tlgui.ui.widgets.basics import button, label, primary
from tlgui.ui.widgets.dialogs import Choice, ask
from tlgui.ui.widgets.plan_line import PlanLine
from tlgui.ui.widgets.rail import Rail, RailRow
from tlgui.ui.workbench import Workbench

MINIMUM, USUAL = QSize(1024, 680), QSize(1280, 800)


class Window(QMainWindow):
    """Shows one page at a time and is closed without losing work."""

    painted = Signal()
    """Once, after the first paint."""
    bench: Workbench

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._pages: dict[str, Page] = {}
        self._key = ""
        self._last_step = WIZARD[0]
        """Page of the wizard that was in front last."""
        self._was_painted = self._closing = False
        self.setObjectName("window")
        self.setMinimumSize(MINIMUM)
        self.resize(USUAL)
        self.setAcceptDrops(True)
        self.rail = Rail()
        self.rail.setFixedWidth(theme.space(184))
        self.machine = label("", "caption", dim=True, wrap=True)
        self.machine.setObjectName("machine")
        self.stack = QStackedWidget()
        self.plan = PlanLine()
        self.back = button(self.tr("Back"), "back", clicked=lambda: self.step(-1))
        self.back_to = button("", "back_to", clicked=lambda: self.show_page(self._last_step))
        self.next = primary(self.tr("Next"), "next", clicked=lambda: self.step(1))
        self.new_run = primary(self.tr("New run"), "new_run", clicked=lambda: commands.new_run(self))
        self._lay_out()
        self.menu_actions = actions.make_menus(self)
        self.rail.wanted.connect(self.show_page)
        self.plan.wanted.connect(self.show_page)
        bench.page_wanted.connect(self.show_page)
        bench.draft.changed.connect(self.show_all)
        bench.findings.changed.connect(self.show_all)
        bench.training.changed.connect(self._take_run_change)
        bench.training.advanced.connect(self.show_rail)
        bench.racing.changed.connect(self._take_race_change)
        bench.racing.advanced.connect(self.show_rail)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._take_scheme)
        self._restore()
        self.show_page("goal")

    # Pages

    def page(self, key: str) -> Page:
        """The page, made when it is first asked for."""
        if key not in self._pages:
            made = row_of(key).load()(self.bench)
            self._pages[key] = made
            self.stack.addWidget(made)
        return self._pages[key]

    def show_page(self, key: str) -> None:
        """Bring a page to the front."""
        page = self.page(key)
        self._key = self.bench.page = key
        self._last_step = key if key in WIZARD else self._last_step
        self.stack.setCurrentWidget(page)
        page.entered()
        self.show_all()
        self.rail.show_current(key)

    @property
    def current(self) -> str:
        """Key of the page in front."""
        return self._key

    def step(self, by: int) -> None:
        """Next or back in the wizard."""
        if self.can_step(by):
            self.show_page(WIZARD[WIZARD.index(self._key) + by])

    def can_step(self, by: int) -> bool:
        """Whether there is a page that way, and this one is settled before one goes on."""
        if self._key not in WIZARD or not 0 <= WIZARD.index(self._key) + by < len(WIZARD):
            return False
        if by < 0:
            return True
        if self._key == "train":
            return self.bench.training.has_model
        answer = next(answer for answer in self._answers() if answer.page == self._key)
        looked_up = self._key in ("model", "data")
        return answer.state == "filled" or (looked_up and self.bench.findings.is_looking(self._key))

    # What is shown around them

    def show_all(self, *_: object) -> None:
        """Rail, plan, foot and menus, as the draft, the findings and the run are now."""
        self.show_rail()
        in_wizard, last = self._key in WIZARD, self._key == WIZARD[-1]
        self.back.setVisible(in_wizard)
        self.back_to.setVisible(not in_wizard)
        self.back_to.setText(self.tr("Back to {page}").format(page=row_of(self._last_step).title))
        self.back_to.setAccessibleName(self.back_to.text())
        self.next.setVisible(in_wizard and not last)
        self.new_run.setVisible(last)
        self.new_run.setEnabled(not self.bench.training.active)
        self.back.setEnabled(self.can_step(-1))
        self.next.setEnabled(self.can_step(1))
        self.next.make_primary(not self.page(self._key).has_primary)
        self.machine.setText(
            window_words.machine_words(self.bench.findings.machine, self.bench.draft.recipe, self.bench.findings.model)
        )
        self.setWindowTitle(f"{self.bench.draft.recipe.name} – TLGUI")
        self.show_actions()

    def show_rail(self, *_: object) -> None:
        """The rail and the plan line."""
        found = self._answers()
        self.rail.show_rows(self._rail_rows(found))
        self.plan.show_parts([(a.page, row_of(a.page).title, a.long) for a in found if a.long])

    def show_actions(self) -> None:
        actions.show_state(self)

    def _answers(self) -> tuple[Answer, ...]:
        bench = self.bench
        found, training = bench.findings, bench.training
        failed = [name for name in ("model", "data") if found.failure(name)]
        answers = plan.answers(bench.draft.recipe, found.model, found.data, found.cost, failed)
        run = window_words.run_answer(training.state, training.history, training.ending)
        if run is None or (not training.active and training.recipe != bench.draft.recipe):
            return answers  # no run, or one of another recipe than the plan
        return (*answers[:-1], Answer("train", run.state, run.short, run.long or answers[-1].long))

    def _rail_rows(self, found: tuple[Answer, ...]) -> tuple[RailRow, ...]:
        words = {answer.page: answer for answer in (*found, window_words.try_answer(self.bench.training.has_model))}
        steps = [
            RailRow(key, row_of(key).title, words[key].short, words[key].state, number)  # type: ignore[index]
            for number, key in enumerate(WIZARD, start=1)
        ]
        return (*steps, *self._other_rows())

    def _other_rows(self) -> tuple[RailRow, ...]:
        """The pages outside the wizard; the first of a section carries its caption."""
        racing = self.bench.racing
        summaries = {
            "runs": window_words.runs_words(self.bench.findings.runs),
            "race": race_words.rail_words(racing.report, active=racing.active),
        }
        others = [row for row in PAGES if not row.in_wizard]
        return tuple(
            RailRow(
                row.key,
                row.title,
                summaries.get(row.key, ""),
                icon=row.icon,
                caption=row.section if before is None or before.section != row.section else "",
            )
            for before, row in zip((None, *others), others, strict=False)
        )

    def _take_run_change(self) -> None:
        if self.bench.training.state == "ended":
            self.bench.findings.renew("runs")
            self.bench.findings.renew("models")  # a finished run is a model one can start from
        self.show_all()
        self._close_when_idle()

    def _take_race_change(self) -> None:
        self.show_all()
        self._close_when_idle()

    def _close_when_idle(self) -> None:
        """Finish closing once nothing is going any more."""
        if self._closing and not self.bench.going:
            QTimer.singleShot(0, self.close)  # not inside the batch of events that told of the end

    def _take_scheme(self, *_: object) -> None:
        """The desktop has changed between light and dark."""
        if commands.saved_theme(self.bench) == "system":
            theme.apply("system")

    # Building

    def _lay_out(self) -> None:
        side = QWidget()
        side.setFixedWidth(self.rail.width())
        column = QVBoxLayout(side)
        column.setContentsMargins(0, theme.space(10), 0, theme.space(12))
        column.addWidget(self.rail, 1)
        facts = QHBoxLayout()
        facts.setContentsMargins(theme.space(14), 0, theme.space(6), 0)
        facts.addWidget(self.machine)
        column.addLayout(facts)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(side)
        upper.addWidget(_line(QFrame.Shape.VLine))
        upper.addWidget(self.stack, 1)
        self._whole = QWidget()
        rows = QVBoxLayout(self._whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(upper, 1)
        rows.addWidget(_line(QFrame.Shape.HLine))
        rows.addWidget(self._foot())
        self.setCentralWidget(self._whole)

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setFixedHeight(theme.space(46))
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.space(11), 0, theme.space(12), 0)
        row.setSpacing(theme.space(8))
        row.addWidget(self.plan, 1)
        for made in (self.back, self.back_to, self.next, self.new_run):
            row.addWidget(made)
        return foot

    def _restore(self) -> None:
        geometry = self.bench.settings.value(GEOMETRY)
        if geometry is not None:
            self.restoreGeometry(geometry)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            files.take_dropped(self, self.bench, path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.bench.training.active:
            event.ignore()
            self._leave_run()
            return
        if self.bench.racing.active:  # the runs that have ended are kept, so there is nothing to ask
            event.ignore()
            self.bench.racing.stop()
            self._wait_to_close()
            return
        self.bench.settings.setValue(GEOMETRY, self.saveGeometry())
        self.bench.settings.setValue(RECIPE, recipe.dump(self.bench.draft.recipe))
        self.hide()
        self.bench.close()
        event.accept()

    def _leave_run(self) -> None:
        """Ask what becomes of the run that is going; the window closes by itself when it has ended."""
        training = self.bench.training
        if self._closing:
            return
        if training.state != "stopping":
            assert training.recipe is not None
            name = training.folder.name if training.folder else training.recipe.name
            title, text = window_words.close_question(training.recipe, name, training.history)
            answer = ask(self, title, text, CLOSING)
            if answer == "go_on":
                return
            training.stop(discard=answer == "discard")
        self._wait_to_close()
        if not training.active:  # it ended while the question was shown
            self.close()

    def _wait_to_close(self) -> None:
        self._closing = True
        self._whole.setEnabled(False)
        self.setWindowTitle(self.tr("Closing after this step – TLGUI"))


CLOSING = (
    Choice("discard", "Discard"),
    Choice("go_on", "Go on training", escape=True),
    Choice("keep", "Keep and close", default=True),
)


def _dropped(event: QDropEvent) -> Path | None:
    """The one file or folder that is being dropped, if it is one and on this computer."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _line(shape: QFrame.Shape) -> QLabel:
    """A one-pixel line between parts of the window."""
    line = QLabel()
    line.setFrameShape(shape)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(line.palette().ColorRole.Mid)
    if shape == QFrame.Shape.HLine:
        line.setFixedHeight(1)
    else:
        line.setFixedWidth(1)
    return line
