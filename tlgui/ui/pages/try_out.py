"""The Try page: the model in one's own hands, and what training changed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QStackedWidget

from tlgui.core.events import Failed
from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.wording import kept_words, truth_words
from tlgui.jobs import work
from tlgui.ui.latest import Latest
from tlgui.ui.pages.page import Page
from tlgui.ui.pages.try_answer import AnswerPanel
from tlgui.ui.pages.try_classify import ClassifyPanel
from tlgui.ui.pages.try_continue import ContinuePanel
from tlgui.ui.pages.try_documents import DocumentsPanel
from tlgui.ui.pages.try_generate import GeneratePanel
from tlgui.ui.pages.try_panel import TryPanel
from tlgui.ui.pages.try_regress import RegressPanel
from tlgui.ui.pages.try_tag import TagPanel
from tlgui.ui.widgets.basics import Card, ProblemLabel, button
from tlgui.ui.widgets.help_card import HelpCard
from tlgui.ui.widgets.kept_list import Kept, KeptList
from tlgui.ui.workbench import Workbench

SENTENCES = {
    "mask": QT_TRANSLATE_NOOP("TryPage", "Click a word to hide it, click again to show it. Both models guess."),
    "next-word": QT_TRANSLATE_NOOP("TryPage", "Begin a text. Both models say what comes next, and go on with it."),
    "classify": QT_TRANSLATE_NOOP("TryPage", "Type a text of your own. The trained model says which class it is."),
    "regress": QT_TRANSLATE_NOOP("TryPage", "Type a text of your own. The trained model gives it a number."),
    "mask+nsp": QT_TRANSLATE_NOOP("TryPage", "Click a word to hide it. Below, ask whether one text follows another."),
    "answer": QT_TRANSLATE_NOOP("TryPage", "Ask about a passage. The trained model marks the answer in it."),
    "tag": QT_TRANSLATE_NOOP("TryPage", "Type a text of your own. The trained model marks the names in it."),
    "text-to-text": QT_TRANSLATE_NOOP("TryPage", "Type an input of your own. Both models write what they make of it."),
    "corrupt": QT_TRANSLATE_NOOP("TryPage", "Put braces around words to hide them. Both models fill the gaps."),
}


class TryPage(Page):
    """One panel a goal, and beside it what training changed."""

    key = "try"
    title = str(QT_TRANSLATE_NOOP("TryPage", "Try"))
    sentence = ""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.documents = DocumentsPanel(bench)
        self.words = self.documents.words
        self.classes, self.numbers, self.questions = ClassifyPanel(bench), RegressPanel(bench), AnswerPanel(bench)
        self.continued, self.tagged = ContinuePanel(bench), TagPanel(bench)
        self.writers = {task: GeneratePanel(bench, task) for task, goal in GOALS.items() if goal.writes}
        self.panels: dict[str, TryPanel] = {
            "mask": self.documents,
            "classify": self.classes,
            "regress": self.numbers,
            "mask+nsp": self.documents,
            "answer": self.questions,
            "next-word": self.continued,
            "tag": self.tagged,
            **self.writers,
        }
        self.stack = QStackedWidget()
        for panel in dict.fromkeys(self.panels.values()):
            self.stack.addWidget(panel)
            panel.kept.connect(self.keep)
        self.export = button(self.tr("Export…"), "export", "export", clicked=self.ask_where)
        self.header_buttons.addWidget(self.export)
        self.exported = ProblemLabel("good", "", self.tr("Open folder"), self._open_exported)
        self.exported.hide()
        self._exported_to: Path | None = None
        self.exporting = Latest(bench.worker, parent=self)
        self.exporting.answered.connect(self._show_exported)
        self.exporting.failed.connect(self._show_export_failed)
        self.exporting.changed.connect(self._show_run)
        self.help = HelpCard(self.tr("Did adapting help?"))
        self.help.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        empty = self.tr("A kept sentence is scored at each check while a model learns.")
        self.kept = KeptList("kept", self.tr("Kept sentences"), empty)
        self.kept.chosen.connect(self._take_up)
        self.kept.unwanted.connect(self.let_go)
        self.remove = button(self.tr("Remove"), "remove_kept", clicked=self._remove_current)
        self.examples = KeptList("examples", self.tr("Examples"), self.tr("Examples appear when the data are read."))
        self.examples.chosen.connect(self._take_up)
        self.main.addWidget(self.exported)
        self.main.addWidget(self.stack, 1)
        self._fill_side()
        bench.training.changed.connect(self._show_run)
        bench.sentence_wanted.connect(self._take_up)
        bench.draft.changed.connect(self._show_run)
        bench.findings.changed.connect(lambda name: self._show_run() if name in ("data", "model") else None)
        self._show_run()

    @property
    def recipe(self) -> Recipe:
        """Of the model that is tried: the run's, or the draft's before there is one."""
        training = self.bench.training
        return training.recipe if training.has_model and training.recipe else self.bench.draft.recipe

    def entered(self) -> None:
        self._show_run()

    def keep(self, probes: tuple[str, ...]) -> None:
        """Add sentences to the draft's probes, each once."""
        old = self.bench.draft.recipe.probes
        self.bench.draft.edit("", probes=tuple(dict.fromkeys((*old, *probes))))

    def let_go(self, place: int) -> None:
        """Take a sentence out of the draft's probes."""
        text = self.kept.kept.rows[place].text
        self.bench.draft.edit("", probes=tuple(probe for probe in self.bench.draft.recipe.probes if probe != text))

    def ask_where(self) -> None:
        """Ask for a folder and export into a new one inside it."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Export into which folder?"))
        if chosen:
            self.export_into(Path(chosen))

    def export_into(self, folder: Path) -> None:
        """Copy the run's model to a folder of its name inside `folder`."""
        summary = self.bench.training.summary
        if summary is not None:
            self.exporting.ask(work.export(summary.folder, folder / summary.name))

    # What is shown

    def _show_run(self) -> None:
        recipe, training = self.recipe, self.bench.training
        summary = training.summary if training.has_model else None
        self.subtitle.setText(self.tr(str(SENTENCES[recipe.task])))
        self.stack.setCurrentWidget(self.panels[recipe.task])
        self.export.setEnabled(summary is not None and not self.exporting.is_asking)
        self.export.setToolTip("" if summary else self.tr("Train a model first; then it can be exported."))
        self._show_models(recipe, summary)
        self._show_help(recipe)
        self._show_lists(recipe)

    def _show_models(self, recipe: Recipe, summary: RunSummary | None) -> None:
        run, name = (summary.folder, summary.name) if summary else ("", "")
        self.panels[recipe.task].show_run(recipe, run, name)

    def _show_help(self, recipe: Recipe) -> None:
        history, metric = self.bench.training.history, GOALS[recipe.task].curve
        first = next((v for v in history.validations if v.step == 0 and metric.key in v.metrics), None)
        best = history.best
        if first is None or best is None or best.step == 0 or metric.key not in best.metrics:
            self.help.show_nothing(self.tr("Training answers this, on rows that the model never learns from."))
            return
        what = self.tr("{metric}, on rows kept aside").format(metric=metric.title)
        self.help.show_figures(what, metric, first.metrics[metric.key], best.metrics[metric.key])

    def _show_lists(self, recipe: Recipe) -> None:
        training = self.bench.training
        ran = training.recipe.probes if training.recipe else ()
        scores = {text: training.history.probes.get(i, []) for i, text in enumerate(ran)}
        best = training.history.best
        probes = self.bench.draft.recipe.probes
        self.kept.kept.show_rows([Kept(p, kept_words(scores.get(p, []), best.step if best else 0)) for p in probes])
        self.remove.setEnabled(bool(probes))
        wants_examples = self.panels[recipe.task].wants_examples
        self._examples_card.setVisible(wants_examples)
        data = self.bench.findings.data
        if data is not None and wants_examples:
            texts = [i for i, column in enumerate(data.columns) if column.role == "text"]
            labels = [i for i, column in enumerate(data.columns) if column.role == "label"]
            rows = [cells for _, cells in data.preview if texts and len(cells) > max(texts)]
            truth = GOALS[recipe.task].truth
            notes = [truth_words(truth, row[labels[0]]) if labels else "" for row in rows]
            joined = ["\n".join(row[place] for place in texts) for row in rows]
            titles = [row[texts[0]] if GOALS[recipe.task].in_windows else "" for row in rows]  # a passage is long
            self.examples.kept.show_rows(list(map(Kept, joined, notes, titles)))

    def _fill_side(self) -> None:
        kept = Card(self.tr("Kept sentences"))
        kept.head.addWidget(self.remove)
        kept.body.addWidget(self.kept, 1)
        self._examples_card = Card(self.tr("Examples from your data"))
        self._examples_card.body.addWidget(self.examples, 1)
        self.side.addWidget(self.help)
        self.side.addWidget(self._examples_card, 1)
        self.side.addWidget(kept, 1)

    def _take_up(self, text: str) -> None:
        self.panels[self.recipe.task].take_up(text)

    def _remove_current(self) -> None:
        index = self.kept.currentIndex()
        self.let_go(index.row() if index.isValid() else len(self.kept.kept.rows) - 1)

    def _show_exported(self, folder: Path) -> None:
        self._exported_to = folder
        self.exported.show_text("good", self.tr("Exported to {folder}.").format(folder=folder))

    def _show_export_failed(self, failure: Failed) -> None:
        self._exported_to = None
        self.exported.show_text("bad", f"{failure.title} {failure.hint}")

    def _open_exported(self) -> None:
        if self._exported_to is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._exported_to)))
