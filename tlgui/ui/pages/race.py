"""Labs → Race: the same rows for every strategy, and what the data say of the three claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core import race_plan, race_words
from tlgui.core.events import Failed
from tlgui.core.freeze import layer_keys
from tlgui.core.race import ALL, RaceReport, RaceSpec, strategy
from tlgui.ui import theme
from tlgui.ui.files import save_copy
from tlgui.ui.pages.page import Page
from tlgui.ui.settings import FOLDER
from tlgui.ui.widgets.basics import Card, button, label
from tlgui.ui.widgets.race_strip import RaceStrip
from tlgui.ui.widgets.race_table import RaceTable
from tlgui.ui.widgets.verdicts import VerdictList
from tlgui.ui.workbench import Workbench

if TYPE_CHECKING:
    from tlgui.ui.plots.race_charts import RacePlots

HTML, CSV = "Report (*.html)", "Numbers (*.csv)"
REPORTS = {HTML: "report.html", CSV: "results.csv"}
"""Kinds of file that a race can be saved as, and their names in its folder."""


class RacePage(Page):
    """Compare strategies; every number comes from the report of the race."""

    key = "race"
    title = str(QT_TRANSLATE_NOOP("RacePage", "Race"))
    sentence = str(
        QT_TRANSLATE_NOOP(
            "RacePage", "The same rows, split and seeds for every strategy: what does pretraining buy on your data?"
        )
    )

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.plots: RacePlots | None = None
        self.strip = RaceStrip()
        self.table = RaceTable()
        self.verdicts = VerdictList()
        self.save = button(self.tr("Save report…"), "race_save", "export", clicked=self._save)
        self.open_folder = button(self.tr("Open folder"), "race_folder", "folder", clicked=self._open_folder)
        for made in (self.open_folder, self.save):
            self.header_buttons.addWidget(made)
        self._lay_out()
        self.strip.edited.connect(self._take_edit)
        self.strip.wanted.connect(self._act)
        self.strip.page_wanted.connect(bench.show_page)
        bench.draft.changed.connect(self._take_edit)
        bench.findings.changed.connect(self._take_found)
        bench.training.changed.connect(self._show)
        bench.racing.changed.connect(self._show)
        bench.racing.advanced.connect(self._show)
        bench.racing.opened.connect(self._take_opened)
        self._show()

    @property
    def has_primary(self) -> bool:
        return True

    def entered(self) -> None:
        if self.plots is None:
            from tlgui.ui.plots.race_charts import RacePlots  # pyqtgraph takes half a second to import

            self.plots = RacePlots()
            self._plot_place.addWidget(self.plots)
        self._take_edit()

    @property
    def spec(self) -> RaceSpec | None:
        """What would run; None while the labels cannot be read."""
        model = self.bench.findings.model
        return self.strip.spec(self.bench.draft.recipe, *((model.keys, model.new) if model is not None else ()))

    # What the user does

    def _act(self, key: str) -> None:
        if key == "stop":
            self.bench.racing.stop()
        elif self.spec is not None and self._can_start(self.spec):
            self.bench.racing.start(self.spec, again=key == "again")

    def _take_edit(self) -> None:
        found, spec = self.bench.findings, self.spec
        known = found.data is not None or found.failure("data") is not None  # else “all” is not known in a report
        if self.bench.page == self.key and spec is not None and known:
            self.bench.racing.look(spec)  # another recipe has another race
        self._show()

    def _take_found(self, name: str) -> None:
        if name == "data":
            self._take_edit()
        elif name in ("model", "cost"):
            self._show()

    def _take_opened(self, report: RaceReport) -> None:
        """Show in the fields what an earlier race compared."""
        rows = tuple(ALL if rows == self._train_rows else rows for rows in report.labels)
        self.strip.show_fields([runner.strategy for runner in report.runners], rows, report.seeds)

    def _use_choice(self) -> None:
        report, model = self.bench.racing.report, self.bench.findings.model
        if report is None or model is None or not report.choice:
            return
        recipe = race_plan.with_strategy(self.bench.draft.recipe, report.choice, model, self._train_rows)
        self.bench.draft.replace(recipe)
        self.bench.show_page("layers")

    def _save(self) -> None:
        folder = self.bench.racing.folder
        if folder is None:
            return
        start = Path(str(self.bench.settings.value(FOLDER, str(Path.home()), type=str)))
        proposed = str(start / f"{folder.name}.html")
        name, kind = QFileDialog.getSaveFileName(self, self.tr("Save the report"), proposed, ";;".join(REPORTS))
        if name:
            source = folder / REPORTS.get(kind, REPORTS[HTML])
            target = Path(name) if Path(name).suffix else Path(name).with_suffix(source.suffix)
            save_copy(self, self.bench, source, target)

    def _open_folder(self) -> None:
        if self.bench.racing.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.bench.racing.folder)))

    # What is shown

    @property
    def _train_rows(self) -> int:
        data = self.bench.findings.data
        return data.train_rows if data is not None else 0

    def _can_start(self, spec: RaceSpec) -> bool:
        found = self.bench.findings
        known = found.model is not None and found.data is not None
        return known and not self.bench.going and not self._blockers() and not self._problems(spec)

    def _blockers(self) -> list[tuple[str, str]]:
        found = self.bench.findings
        failures = {name: found.failure(name) for name in ("model", "data")}
        blockers = race_words.blockers(self.bench.draft.recipe, found.model, found.data, failures, self.bench.going)
        return [(blocker.page, blocker.text) for blocker in blockers]

    def _problems(self, spec: RaceSpec | None) -> dict[str, str]:
        if spec is None:
            return {"labels": self.strip.reading_problem}
        return race_words.field_problems(spec, self.bench.findings.model, self.bench.findings.data)

    def _show(self) -> None:
        model = self.bench.findings.model
        self.strip.strategies.show_layers(len(layer_keys(model.keys)) if model is not None else 0)
        self._show_strip()
        self._show_report()

    def _show_strip(self) -> None:
        racing, spec = self.bench.racing, self.spec
        report = racing.report
        self.strip.show_problems({} if racing.active else self._problems(spec))
        self.strip.show_blockers([] if racing.active else self._blockers())
        self.strip.show_failure(racing.ending if isinstance(racing.ending, Failed) else None)
        if racing.active:
            stopping = racing.state == "stopping"
            words = race_words.going_words(report) if report is not None else self.tr("Getting ready")
            self.strip.show_state(
                self.tr("Stopping after this step") if stopping else words, "stop", enabled=not stopping
            )
            now = race_words.running_words(report, racing.progress)
            self.strip.show_going(now, report.done if report else 0, report.total if report else 0)
            return
        self.strip.show_going("", 0, 0)
        if spec is None:
            self.strip.show_state("", "start", enabled=False)
            return
        self._show_ready(spec, report)

    def _show_ready(self, spec: RaceSpec, report: RaceReport | None) -> None:
        """No race is going: what one would take, or what the last one took."""
        total, left = race_plan.runs_of(spec), race_plan.left_of(spec, report, self._train_rows)
        can = self._can_start(spec)
        if report is not None and not left:
            self.strip.show_state(race_words.ended_words(report), "again", enabled=can, icon=("check", "good"))
            return
        seconds = self._seconds(spec)
        if report is not None and left < total:
            words = race_words.left_words(total - left, total, seconds * left / total)
            self.strip.show_state(words, "go_on", enabled=can)
        else:
            self.strip.show_state(race_words.plan_words(total, seconds), "start", enabled=can)

    def _seconds(self, spec: RaceSpec) -> float:
        """What a race takes; below 0 if that cannot be told yet."""
        found = self.bench.findings
        if found.cost is None or found.model is None or found.data is None or self._problems(spec):
            return -1.0
        return race_plan.estimate(spec, found.cost, found.model, found.data)

    def _show_report(self) -> None:
        report, spec, rows = self.bench.racing.report, self.spec, self._train_rows
        if report is None and spec is not None:
            self._show_figures(race_plan.blank(spec, rows))
        elif report is not None:
            self._show_figures(report)
        racing = self.bench.racing
        written = racing.folder is not None and (racing.folder / REPORTS[HTML]).is_file()
        self.save.setEnabled(written and not racing.active and report is not None and report.done > 0)
        self.open_folder.setEnabled(racing.folder is not None and racing.folder.is_dir())
        self._show_verdicts(report)

    def _show_figures(self, report: RaceReport) -> None:
        rows = self._train_rows
        if self.plots is not None and self.isVisible():
            self.plots.show_report(report, race_words.metric_of_report(report), rows)
        counts = [race_words.count_words(labels, rows) for labels in report.labels]
        if counts:
            counts[-1] = race_words.last_column(report.labels[-1], rows, report.seeds)
        self.table.show_rows(race_words.table_rows(report), counts)

    def _show_verdicts(self, report: RaceReport | None) -> None:
        verdicts = report.verdicts if report is not None else ()
        self.verdicts.show_verdicts(verdicts)
        self.verdicts.setVisible(bool(verdicts))
        self.nothing.setVisible(not verdicts)
        has_advice = report is not None and bool(report.advice)
        for widget in (self.choose, self.advice):
            widget.setVisible(has_advice)
        self.advice.setText(race_words.bound(report.advice) if report is not None else "")
        choice = strategy(report.choice).title if report is not None and report.choice else ""
        self.use.setVisible(bool(choice))
        self.use.setEnabled(self.bench.findings.model is not None)
        self.use.setText(self.tr("Use “{choice}” on Layers").format(choice=choice))
        self.use.setAccessibleName(self.use.text())
        self.foot.setText(race_words.foot_note(report) if report is not None and report.done else "")

    # Parts

    def _lay_out(self) -> None:
        whole = self.layout()
        assert isinstance(whole, QVBoxLayout)
        whole.insertWidget(1, self.strip)
        self._plot_place = QHBoxLayout()
        card = Card()
        card.body.setContentsMargins(1, 1, 1, theme.space(6))
        card.body.setSpacing(0)
        card.body.addWidget(self.table, 1)
        self.main.addLayout(self._plot_place, 1)
        self.main.addWidget(card)
        self.side.addWidget(self._verdict_card(), 1)

    def _verdict_card(self) -> QWidget:
        card = Card(self.tr("What your data say"))
        card.setObjectName("race_verdicts")
        self.nothing = label(
            self.tr(
                "Sentences with numbers appear here, as far as the runs carry them. What they do not carry is not said."
            ),
            dim=True,
            wrap=True,
        )
        self.choose = label(self.tr("If you had to choose"), "heading")
        self.advice = label("", wrap=True)
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use = button("", "race_use", clicked=self._use_choice)
        self.foot = label("", "caption", dim=True, wrap=True)
        for widget in (self.nothing, self.verdicts, self.choose, self.advice):
            card.body.addWidget(widget)
        card.body.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        card.body.addWidget(self.foot)
        card.body.addStretch(1)
        return card
