"""The Model page: where the learning starts."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from tlgui.core import model_words
from tlgui.core.events import Progress
from tlgui.core.facts import ModelEntry
from tlgui.ui import theme
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.dialogs import Choice, ask
from tlgui.ui.widgets.download_row import DownloadRow
from tlgui.ui.widgets.model_card import ModelCard
from tlgui.ui.widgets.model_picker import ModelPicker
from tlgui.ui.workbench import Workbench

ASKED = (Choice("download", "Download"), Choice("cancel", "Not now", default=True, escape=True))


class ModelPage(Page):
    """Owns `model.source` and `model.weights`."""

    key = "model"
    title = str(QT_TRANSLATE_NOOP("ModelPage", "Model"))
    sentence = str(
        QT_TRANSLATE_NOOP(
            "ModelPage",
            "Where the learning starts: a model that was trained on much text already, or one from nothing.",
        )
    )

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._previous = bench.draft.recipe.model.source
        self._glanced: ModelEntry | None = None
        """A model of the list that is not here, which the side card shows before it is downloaded."""
        self.problem = ProblemLabel("bad")
        self.picker = ModelPicker()
        self.progress = DownloadRow()
        self.download = button(self.tr("Download…"), "download", "get", clicked=self._download_glanced)
        self.counts = label("", "caption", dim=True)
        self.picker.foot.addWidget(self.download)
        self.picker.foot.addWidget(self.progress, 1)
        self.picker.foot.addStretch(1)
        self.picker.foot.addWidget(self.counts)
        self.main.addWidget(self.problem)
        self.main.addWidget(self.picker, 1)
        self.card = ModelCard()
        self.scratch = QCheckBox(self.tr("Start from random weights instead"))
        self.scratch.setObjectName("scratch")
        self.scratch.setAccessibleName(self.scratch.text())
        self.scratch.clicked.connect(self._take_weights)
        self.vocabulary = QSpinBox()
        self.vocabulary.setObjectName("vocabulary")
        self.vocabulary.setAccessibleName(self.tr("Pieces of words in the vocabulary"))
        self.vocabulary.setRange(300, 200_000)
        self.vocabulary.setSingleStep(500)
        self.vocabulary.setGroupSeparatorShown(True)
        self.vocabulary.setKeyboardTracking(False)  # typing 4,000 is one change, not four
        self.vocabulary.valueChanged.connect(lambda pieces: bench.draft.edit("model", vocabulary=pieces))
        self.side.addWidget(self._side_card(), 1)
        self.picker.picked.connect(self._glance)
        self.picker.opened.connect(self._open)
        self.picker.typed.connect(self._take)
        self.progress.cancelled.connect(self._cancel)
        self.card.again.clicked.connect(lambda: bench.findings.again("cost"))
        bench.draft.changed.connect(self._take_draft)
        bench.findings.changed.connect(self._take_finding)
        bench.findings.progressed.connect(self._take_progress)
        self._show()

    # What the user does

    def _glance(self, entry: ModelEntry) -> None:
        """A model that is here is taken at once; another is only shown until it is downloaded."""
        if entry.here:
            self._glanced = None
            self._use(entry.source)
        else:
            self._glanced = entry
        self._show()

    def _open(self, entry: ModelEntry) -> None:
        if not entry.here and self.download.isEnabled():
            self._take(entry.source)

    def _take(self, source: str) -> None:
        """Use a model, after a question if that means a large download."""
        entry = next((e for e in self.bench.findings.models if e.source == source), None)
        here = entry.here if entry else not source.startswith("hub:")
        size = entry.size_bytes if entry else 0
        if not here and model_words.needs_question(size):
            name = entry.name if entry else source.removeprefix("hub:")
            if ask(self, *model_words.download_question(name, size), ASKED) != "download":
                return
        self._glanced = None
        self._use(source)
        if source == self.bench.draft.recipe.model.source and self.bench.findings.failure("model"):
            self.bench.findings.again("model")

    def _use(self, source: str) -> None:
        if source != self.bench.draft.recipe.model.source:
            self._previous = self.bench.draft.recipe.model.source
            self.bench.draft.edit("model", source=source)

    def _download_glanced(self) -> None:
        if self._glanced is not None:
            self._take(self._glanced.source)

    def _cancel(self) -> None:
        """Stop the download and go back to the model before it."""
        self.bench.findings.cancel("model")
        self.bench.draft.edit("model", source=self._previous)

    def _take_weights(self) -> None:
        self.bench.draft.edit("model", weights="scratch" if self.scratch.isChecked() else "pretrained")

    # What is shown

    def _take_draft(self) -> None:
        self._glanced = None
        self._show()

    def _take_finding(self, name: str) -> None:
        if name == "model" and self.bench.findings.model and self.bench.draft.recipe.model.source.startswith("hub:"):
            entry = self._entry(self.bench.draft.recipe.model.source)
            if entry is None or not entry.here:
                self.bench.findings.renew("models")  # it has just come here
        if name in ("model", "models", "machine", "cost"):
            self._show()

    def _take_progress(self, name: str, progress: Progress) -> None:
        if name == "model" and self.bench.draft.recipe.model.source.startswith("hub:"):
            self.progress.show_progress(progress)
            self.download.hide()

    def _entry(self, source: str) -> ModelEntry | None:
        return next((entry for entry in self.bench.findings.models if entry.source == source), None)

    def _show(self) -> None:
        found, recipe = self.bench.findings, self.bench.draft.recipe
        if found.models:
            chosen = self._glanced.source if self._glanced else recipe.model.source
            self.picker.show_entries(found.models, chosen, recipe.task)
        self.counts.setText(model_words.list_words(found.models) if found.models else self.tr("Looking for models"))
        if not found.is_looking("model"):
            self.progress.show_progress(None)
        failure = found.failure("model")
        self.problem.show_text("bad", f"{failure.title} {failure.hint}" if failure else "")
        self.scratch.setChecked(recipe.model.weights == "scratch")
        with QSignalBlocker(self.vocabulary):
            self.vocabulary.setValue(recipe.model.vocabulary)
        self._of_old.setVisible(not recipe.model.from_nothing)
        self._of_new.setVisible(recipe.model.from_nothing)
        self._show_download()
        self._show_card()

    def _show_download(self) -> None:
        machine = self.bench.findings.machine
        online = machine is None or machine.online
        self.picker.download.setEnabled(online)
        self.picker.download.setToolTip("" if online else model_words.OFFLINE)
        self.download.setVisible(self._glanced is not None and not self.progress.isVisible())
        if self._glanced is not None:
            self.download.setText(model_words.download_words(self._glanced))
            self.download.setAccessibleName(self.download.text())
            self.download.setEnabled(online)
            if not online:
                self.counts.setText(model_words.OFFLINE)

    def _show_card(self) -> None:
        found, recipe = self.bench.findings, self.bench.draft.recipe
        if self._glanced is not None:
            self.card.show_model(
                self._glanced.name, self._glanced.note, model_words.entry_facts(self._glanced), checked=False
            )
            self.card.show_cost((), "")
        elif found.model is not None:
            entry = self._entry(recipe.model.source)
            note = entry.note if entry else found.model.folder
            made = recipe.model.from_nothing
            self.card.show_model(found.model.name, note, model_words.facts(found.model), checked=not made)
            rows = model_words.cost(found.cost) if found.cost else ()
            self.card.show_cost(rows, model_words.cost_sentence(found.cost, found.data, found.is_looking("cost")))
        else:
            waiting = self.tr("Looking at the model") if found.is_looking("model") else self.tr("No model")
            self.card.show_model(waiting, "", (), checked=False)
            self.card.show_cost((), "")

    def _side_card(self) -> Card:
        why = label(self.tr("To see what pretraining is worth"), "caption", dim=True)
        why.setIndent(self.scratch.iconSize().width() + 6)
        self._of_old = _together(self.scratch, why)
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        name = label(self.tr("Vocabulary"))
        name.setBuddy(self.vocabulary)
        row.addWidget(name)
        row.addWidget(self.vocabulary, 1)
        least = self.tr("Pieces of words, found in your training texts. Few texts give fewer.")
        self._of_new = _together(row, label(least, "caption", dim=True, wrap=True))
        self.card.body.addStretch(1)
        self.card.body.addWidget(self._of_old)
        self.card.body.addWidget(self._of_new)
        return self.card


def _together(*parts: QWidget | QHBoxLayout) -> QWidget:
    """What is shown or hidden as one."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.space(4))
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return holder
