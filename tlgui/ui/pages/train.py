"""The Train page: settings, start and stop, live curves, and what happened in words."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QMessageBox

from tlgui.core import plan, race_words, run_words, transfer_words
from tlgui.core.events import Event, Failed, Finished, Stopped
from tlgui.core.outlook import Outlook, outlook
from tlgui.core.pace import Pace
from tlgui.core.runs import RunFolder
from tlgui.ui import theme
from tlgui.ui.pages.page import Page
from tlgui.ui.pages.train_settings import SettingsCard
from tlgui.ui.widgets.basics import ProblemLabel, button
from tlgui.ui.widgets.log_card import LogCard
from tlgui.ui.widgets.receipts_window import ReceiptsWindow
from tlgui.ui.widgets.run_control import RunControl
from tlgui.ui.widgets.thaw_dialog import ThawDialog
from tlgui.ui.workbench import Workbench

if TYPE_CHECKING:
    from tlgui.ui.plots.run_plots import RunPlots

CLOCK_MS = 100
_LEVELS = {"finished": "good", "stopped": "good", "interrupted": "warn", "failed": "warn"}


class TrainPage(Page):
    """Start, watch, pause and end a run."""

    key = "train"
    title = str(QT_TRANSLATE_NOOP("TrainPage", "Train"))
    sentence = str(QT_TRANSLATE_NOOP("TrainPage", "Watch the model learn. Pause or stop at any step."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.without_side()
        self.plots: RunPlots | None = None
        self.question: QMessageBox | None = None
        self._pace = Pace(0)
        self._began = 0.0
        self.settings = SettingsCard(bench)
        self.settings.hide()
        self.control = RunControl()
        self.log_card = LogCard()
        self.log = self.log_card.log
        self.log_card.change_wanted.connect(self._open_changes)
        self.replays = ProblemLabel("info", "", self.tr("Drop them"), self._drop_changes)
        self.replays.setObjectName("replays")
        self.replays.hide()
        self.unfold = button("", "settings", "right", clicked=self._fold_settings)
        self.unfold.setCheckable(True)
        self.numbers = button(self.tr("Show numbers"), "show_numbers", clicked=self._show_numbers)
        self.receipts = button(self.tr("Receipts"), "show_receipts", "check", clicked=self._show_receipts)
        self.receipts.hide()
        self.header_buttons.addWidget(self.receipts)
        self.header_buttons.addWidget(self.numbers)
        self.header_buttons.addWidget(self.unfold)
        self._plot_place = QHBoxLayout()
        self._plot_place.setSpacing(theme.space(12))
        self._plot_place.addWidget(self.log_card, 268)
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self._show_preparing)
        self._acts = {
            "start": self.start,
            "pause": bench.training.pause,
            "go_on": bench.training.go_on,
            "keep": bench.training.stop,
            "discard": self.ask_to_discard,
            "try": lambda: bench.show_page("try"),
            "resume": self.resume,
            "new": bench.training.forget,
        }
        self.control.wanted.connect(lambda what: self._acts[what]())
        self.control.page_wanted.connect(self._open)
        bench.draft.changed.connect(self._show_draft)
        bench.findings.changed.connect(self._show_found)
        bench.training.changed.connect(self._show_state)
        bench.racing.changed.connect(self._show_state)
        bench.training.advanced.connect(self._advance)
        self._show_draft()
        self._show_state()

    @property
    def has_primary(self) -> bool:
        return True

    def entered(self) -> None:
        if self.plots is None:
            from tlgui.ui.plots.run_plots import RunPlots  # pyqtgraph takes half a second to import

            self.plots = RunPlots()
            self._plot_place.insertWidget(0, self.plots, 776)
        self._show_run()

    def start(self) -> None:
        """Begin a run of the draft, if nothing keeps it from starting."""
        bench = self.bench
        ready = plan.ready(bench.draft.recipe, bench.findings.model, bench.findings.data)
        if ready and not bench.going:
            bench.training.start(bench.draft.recipe, bench.findings.cost)

    def resume(self) -> None:
        """Go on with the run that is shown."""
        folder = self.bench.training.folder
        if folder is not None and not self.bench.going:
            self.bench.training.resume(folder)

    def ask_to_discard(self) -> None:
        """Ask before a run is deleted; training goes on meanwhile."""
        training = self.bench.training
        if training.recipe is None:
            return
        name = training.folder.name if training.folder else training.recipe.name
        title, text = run_words.discard_question(training.recipe, name, training.history)
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self)
        box.setObjectName("discard_question")
        box.setInformativeText(text)
        discard = box.addButton(self.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Stop and keep"), QMessageBox.ButtonRole.AcceptRole)
        go_on = box.addButton(self.tr("Go on training"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(go_on)
        box.setEscapeButton(go_on)
        answers = {discard: lambda: training.stop(discard=True), keep: training.stop}
        box.buttonClicked.connect(lambda chosen: answers.get(chosen, lambda: None)())
        self.question = box
        box.open()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    # Parts

    def _lay_out(self) -> None:
        for card in (self.settings, self.replays, self.control):
            self.main.addWidget(card)
        self.main.addLayout(self._plot_place, 1)

    # What is shown

    def _fold_settings(self) -> None:
        self.settings.setVisible(self.unfold.isChecked())
        self.unfold.set_icon_name("down" if self.unfold.isChecked() else "right")

    def _open(self, page: str) -> None:
        """Go where a blocker is settled; a setting of this page is folded out."""
        if page != self.key:
            self.bench.show_page(page)
            return
        self.unfold.setChecked(True)
        self._fold_settings()
        self.settings.show_problem()

    def _show_draft(self) -> None:
        words = run_words.settings_words(self.bench.draft.recipe)
        self.unfold.setText(self.tr("Settings: {words}").format(words=words))
        self.unfold.setAccessibleName(self.unfold.text())
        if self.bench.training.state == "none":
            self._show_before()
            self._show_run()

    def _show_found(self, name: str) -> None:
        if name in ("model", "data", "cost") and self.bench.training.state == "none":
            self._show_before()
            self._show_run()

    def _show_state(self) -> None:
        training = self.bench.training
        self._clock.stop()
        if training.state == "preparing":
            train = (training.recipe or self.bench.draft.recipe).train
            self._pace, self._began = Pace(train.epochs * train.validations), monotonic()
            self._clock.start()
        if training.state == "none":
            self._show_before()
        elif training.state == "ended":
            self._show_after()
        else:
            self._show_during()
        self.receipts.setVisible(training.state == "ended" and bool(training.history.receipts))
        if training.state != "none":
            self.replays.hide()
        self.subtitle.setText(self._subtitle())
        self._show_run()

    def _subtitle(self) -> str:
        training = self.bench.training
        if training.folder is None or training.state == "none":
            return self.tr(self.sentence)
        words = {
            "running": self.tr("{name} is running. Closing the window pauses it; nothing is lost."),
            "paused": self.tr("{name} is paused. Closing the window is safe; nothing is lost."),
            "ended": self.tr("{name} has ended."),
        }
        return words.get(training.state, "{name}").format(name=training.folder.name)

    def _advance(self, batch: list[Event]) -> None:
        self._pace.take(batch, monotonic())
        if self.bench.training.active:
            self._show_during()
        self._show_run()

    def _show_run(self) -> None:
        training = self.bench.training
        view, recipe = self._view(), training.recipe or self.bench.draft.recipe
        self.log.notes.show_notes(training.history.notes)
        going = training.state in ("running", "pausing", "paused")
        blocked = transfer_words.change_blocker(recipe)
        words = transfer_words.next_words(training.history, recipe, view) if going else ""
        self.log_card.show_next(words, going=going, blocked=blocked)
        if self.plots is None or not self.isVisible():
            return
        self.plots.show_run(training.history, recipe, view)

    def _view(self) -> Outlook:
        """The plan over the steps, of the run or of what would run."""
        training, found = self.bench.training, self.bench.findings
        if training.recipe is not None and training.state != "none":
            return outlook(training.history, training.recipe)
        keys, new, lower = (found.model.keys, found.model.new, found.model.lower) if found.model else ((), (), 0)
        planned = found.cost.steps if found.cost else 0
        return outlook(training.history, self.bench.draft.recipe, keys, new, planned, lower)

    def _show_before(self) -> None:
        bench = self.bench
        recipe, found = bench.draft.recipe, bench.findings
        model_failure, data_failure = found.failure("model"), found.failure("data")
        blockers = run_words.blockers(recipe, found.model, found.data, model_failure, data_failure)
        blockers += race_words.waits_for(bench.going)
        if blockers:
            sentence = self.tr("Settle this first:") if len(blockers) == 1 else self.tr("Settle these first:")
        elif found.model is None or found.data is None:
            sentence = self.tr("The model and the data are still being read.")
        else:
            sentence = run_words.plan_sentence(recipe, found.data, found.cost)
        ready = not blockers and plan.ready(recipe, found.model, found.data)
        self.replays.show_text("info", transfer_words.replay_words(recipe))
        self.control.show_before(sentence, [(b.page, b.text) for b in blockers], can_start=ready)

    def _show_during(self) -> None:
        training, history = self.bench.training, self.bench.training.history
        if training.state == "preparing" or training.recipe is None or not history.total:
            self._show_preparing()
            return
        epoch = run_words.epoch_words(history, training.recipe.train.epochs)
        steps = run_words.step_words(history, self._pace.step_seconds)
        left = run_words.left_words(self._pace.left) if self._pace.left is not None else ""
        waiting = training.state in ("pausing", "paused")
        words = {
            "pausing": (self.tr("Pausing"), self.tr("after this step"), ""),
            "paused": (self.tr("Paused"), run_words.paused_words(history), ""),
            "stopping": (self.tr("Stopping"), self.tr("after this step; what was learned is being saved"), ""),
        }.get(training.state, (epoch, steps, left))
        self.control.show_during(training.state, *words)
        self.control.bar.show_steps(history.step, history.total, history.steps_per_epoch, waiting=waiting)

    def _show_preparing(self) -> None:
        progress = self.bench.training.progress
        seconds = monotonic() - self._began
        what = progress.what if progress else self.tr("Getting ready")
        if progress and progress.total:
            self.control.show_during(self.bench.training.state, what, f"{progress.done:,} of {progress.total:,}", "")
            self.control.bar.show_steps(progress.done, progress.total, 0, waiting=False)
        else:
            self.control.show_during(self.bench.training.state, what, "", plan.duration(seconds))
            self.control.bar.show_unknown(seconds)

    def _show_after(self) -> None:
        training = self.bench.training
        ending, summary = training.ending, training.summary
        failure = ending if isinstance(ending, Failed) else None
        can_go_on = summary.can_resume if summary else bool(training.folder and RunFolder(training.folder).can_go_on())
        assert isinstance(ending, (Finished, Stopped, Failed))
        self.control.show_after(
            run_words.outcome(ending, summary),
            failure,
            level=_LEVELS.get(summary.status if summary else "", "info"),
            can_try=training.has_model,
            can_resume=can_go_on and not self.bench.going,
            checked=" ".join(transfer_words.checked_sentences(training.history)),
        )

    def _show_numbers(self) -> None:
        from tlgui.ui.plots.numbers import NumbersWindow

        recipe = self.bench.training.recipe or self.bench.draft.recipe
        NumbersWindow(self.bench.training.history, recipe, self).open()

    def _show_receipts(self) -> None:
        recipe = self.bench.training.recipe or self.bench.draft.recipe
        ReceiptsWindow(self.bench.training.history, recipe, self).open()

    def _open_changes(self) -> None:
        ThawDialog(self.bench.training, self).show()  # not modal: one watches the run meanwhile

    def _drop_changes(self) -> None:
        self.bench.draft.edit("transfer", changes=())
