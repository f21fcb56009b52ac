"""What the table is: its columns' roles, what is wrong with its rows, how long its texts are, how it is split."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from tlgui.core import data_edits
from tlgui.core.data_edits import Role
from tlgui.core.events import Progress
from tlgui.core.facts import DataFacts
from tlgui.core.goals import GOALS
from tlgui.core.recipe import DataPart
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, Icon, ProblemLabel, label
from tlgui.ui.widgets.data_side import DataSide
from tlgui.ui.widgets.data_table import DataTable
from tlgui.ui.widgets.problem_list import ProblemList
from tlgui.ui.widgets.source_card import SourceCard
from tlgui.ui.workbench import Workbench

ROLES: tuple[tuple[Role, str], ...] = (
    ("text", str(QT_TRANSLATE_NOOP("DataPage", "Text"))),
    ("label", str(QT_TRANSLATE_NOOP("DataPage", "Label"))),
    ("ignore", str(QT_TRANSLATE_NOOP("DataPage", "Ignore"))),
)


class DataPage(Page):
    """Shows what was read and edits the recipe's data section."""

    key = "data"
    title = str(QT_TRANSLATE_NOOP("DataPage", "Data"))
    sentence = str(QT_TRANSLATE_NOOP("DataPage", "Say what each column is. Problems are named where they are."))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._facts: DataFacts | None = None
        """The newest facts of this source, which may be older than the draft while rows are checked again."""
        self._facts_source = ""
        self.setAcceptDrops(True)
        self.source = SourceCard()
        self.refusal = ProblemLabel("warn")
        self.table = DataTable()
        self.problems = ProblemList()
        self.around = DataSide()
        self.failure = ProblemLabel("bad")
        self._lay_out()
        self.source.source_wanted.connect(self._take_source)
        self.source.reading_wanted.connect(lambda reading: self._edit(data_edits.with_reading(self._data, reading)))
        self.table.header.role_wanted.connect(self._take_role)
        self.problems.settle_wanted.connect(lambda kinds: self._edit(data_edits.settle(self._data, kinds)))
        self.problems.undo_wanted.connect(lambda kind: self._edit(data_edits.unsettle(self._data, kind)))
        self.problems.show_wanted.connect(self.table.show_row)
        self.around.rows_wanted.connect(lambda rows: bench.draft.edit("data", rows=rows))
        self.around.validation_wanted.connect(lambda value: bench.draft.edit("data", validation=value))
        self.around.max_length_wanted.connect(lambda tokens: bench.draft.edit("train", max_length=tokens))
        bench.draft.changed.connect(self._show)
        bench.findings.changed.connect(self._take_news)
        bench.findings.progressed.connect(self._show_progress)
        self._show()

    # layout

    def _lay_out(self) -> None:
        sheet = Card()
        sheet.body.setContentsMargins(1, 1, 1, 1)
        sheet.body.addWidget(self.table)
        self.shown = QStackedWidget()
        self.shown.setObjectName("data_shown")
        self._sheet, self._empty, self._busy, self._failed = sheet, self._empty_card(), self._busy_card(), QWidget()
        failed = QVBoxLayout(self._failed)
        failed.setContentsMargins(0, 0, 0, 0)
        failed.addWidget(self.failure)
        failed.addStretch(1)
        for widget in (self._sheet, self._empty, self._busy, self._failed):
            self.shown.addWidget(widget)
        for widget in (self.source, self.refusal):
            self.main.addWidget(widget)
        self.main.addWidget(self.shown, 1)
        self.main.addWidget(self.problems)
        self.side.addWidget(self.around, 1)
        self.refusal.show_text("warn", "")

    def _empty_card(self) -> QWidget:
        card = Card()
        card.body.addStretch(1)
        card.body.addWidget(Icon("folder", "dim", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        kinds = self.tr("CSV, TSV, JSON, Parquet, plain text, or a folder with one file or one folder per class.")
        for line in (label(self.tr("Drop a file of texts here"), "heading"), label(kinds, dim=True, wrap=True)):
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            card.body.addWidget(line)
        card.body.addStretch(1)
        return card

    def _busy_card(self) -> QWidget:
        card = Card()
        self.progress = label("", wrap=True)
        self.progress_bar = QProgressBar()
        self.progress_bar.setObjectName("reading_progress")
        self.progress_bar.setAccessibleName(self.tr("Reading the file"))
        self.progress_bar.setTextVisible(False)
        card.body.addStretch(1)
        card.body.addWidget(self.progress)
        card.body.addWidget(self.progress_bar)
        card.body.addStretch(1)
        return card

    # edits

    @property
    def _data(self) -> DataPart:
        return self.bench.draft.recipe.data

    def _edit(self, data: DataPart) -> None:
        self.refusal.show_text("warn", "")
        self.bench.draft.replace(self.bench.draft.recipe.model_copy(update={"data": data}))

    def _take_source(self, source: str) -> None:
        self._edit(data_edits.with_source(self._data, source))

    def _take_role(self, name: str, role: Role) -> None:
        assert self._facts is not None
        columns = data_edits.roles(self._data, self._facts.columns)
        needs_label = GOALS[self.bench.draft.recipe.task].needs_label
        try:
            self._edit(data_edits.with_role(self._data, columns, name, role, needs_label))
        except ValueError as error:
            self.refusal.show_text("warn", str(error))
        self._show()  # also when nothing changed: the chooser has changed itself

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._mark_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark_drop(False)
        path = next((url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()), "")
        if path:
            event.acceptProposedAction()
            self._take_source(path)

    def _mark_drop(self, over: bool) -> None:
        for card in (self.source, self._empty):
            assert isinstance(card, Card)
            card.set_chosen(over)

    # what is shown

    def _take_news(self, name: str) -> None:
        if name == "data" and self.bench.findings.failure("data") is not None:
            self.source.how.setChecked(True)  # reading it another way may be the cure
        self._show()

    def _show(self) -> None:
        found, recipe, data = self.bench.findings, self.bench.draft.recipe, self._data
        if found.data is not None:
            self._facts, self._facts_source = found.data, data.source
        elif found.failure("data") is not None or self._facts_source != data.source:
            self._facts = None
        facts = self._facts
        self.source.show_source(data.source, facts, data.reading, data_edits.reading_fields(data.source))
        self._show_state()
        most = found.model.max_tokens if found.model is not None else 0
        self.around.setEnabled(bool(data.source))
        self.around.show_recipe(recipe, most)
        windows = GOALS[recipe.task].in_windows
        limit, why = recipe.train.max_length, self._why_no_lengths()
        self.around.show_lengths(found.lengths, limit, most, why, windows=windows)
        self.problems.setVisible(facts is not None)
        open_problems = data_edits.to_settle(data, facts) if facts is not None else ()
        self.around.show_checks(open_problems, facts.passed if facts is not None else (), found.lengths)
        for card in (self.around.labels, self.around.split_bar):
            card.setVisible(facts is not None)
        if facts is not None:
            needs_label = GOALS[recipe.task].needs_label
            offered = [(role, self.tr(words)) for role, words in ROLES if role != "label" or needs_label]
            columns = data_edits.roles(data, facts.columns)
            self.table.show_table(facts, columns, offered, open_problems)
            self.problems.show_problems(open_problems, data_edits.settled(data, facts), self.table.rows.holds)
            self.around.show_data(facts, isinstance(data.validation, float))

    def _show_state(self) -> None:
        failed = self.bench.findings.failure("data")
        self.failure.show_text("bad", f"{failed.title} {failed.hint}" if failed is not None else "")
        if failed is not None:
            self.shown.setCurrentWidget(self._failed)
        elif self._facts is not None:
            self.shown.setCurrentWidget(self._sheet)
        elif not self._data.source:
            self.shown.setCurrentWidget(self._empty)
        else:
            self.progress.setText(self.tr("Reading the file"))
            self.progress_bar.setRange(0, 0)
            self.shown.setCurrentWidget(self._busy)

    def _show_progress(self, name: str, progress: Progress) -> None:
        if name == "data":
            done = f", {progress.done:,} of {progress.total:,}" if progress.total else ""
            self.progress.setText(progress.what + done)
            self.progress_bar.setRange(0, progress.total)
            self.progress_bar.setValue(progress.done)

    def _why_no_lengths(self) -> str:
        found = self.bench.findings
        if (failed := found.failure("lengths")) is not None:
            return f"{failed.title} {failed.hint}"
        if found.is_looking("lengths") or found.is_looking("data"):
            return self.tr("measuring…")
        return self.tr("Appears once there are texts and a model")
