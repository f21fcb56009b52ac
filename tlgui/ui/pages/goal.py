"""The Goal page: what the model shall do with the texts, and full recipes to start from."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from tlgui.core.data_edits import with_card
from tlgui.core.goals import CARDS
from tlgui.core.samples import SAMPLES, Sample
from tlgui.ui import files, theme
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, Icon, button, label, rule
from tlgui.ui.widgets.card_grid import CardGrid
from tlgui.ui.widgets.cards import NARROWEST, GoalCard
from tlgui.ui.widgets.resume_strip import ResumeStrip
from tlgui.ui.widgets.try_now import TryNowCard, is_new_here
from tlgui.ui.workbench import Workbench

MOST_CARDS_IN_A_ROW = 3
FORMATS = "CSV, TSV, JSON, JSONL, Parquet, CoNLL, plain text, or a folder with one folder or file per class."


class GoalPage(Page):
    """Owns `task` and whether texts are read in pairs; a sample fills the whole recipe."""

    key = "goal"
    title = str(QT_TRANSLATE_NOOP("GoalPage", "Goal"))
    sentence = str(QT_TRANSLATE_NOOP("GoalPage", "What should the model do with your texts?"))

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.cards = {key: GoalCard(card) for key, card in CARDS.items()}
        self._group = QButtonGroup(self)
        grid = CardGrid(theme.space(NARROWEST), MOST_CARDS_IN_A_ROW, theme.space(12))
        for key, card in self.cards.items():
            self._group.addButton(card)
            card.clicked.connect(lambda *_, key=key: bench.draft.replace(with_card(bench.draft.recipe, CARDS[key])))
            grid.addWidget(card)
        self.main.addWidget(ResumeStrip(bench))
        self.main.addWidget(TryNowCard(bench))
        self.main.addLayout(grid)
        self.main.addWidget(self._own_texts())
        self.main.addStretch(1)
        self.side.addWidget(self._samples())
        self.side.addWidget(self._openings())
        self.side.addStretch(1)
        bench.draft.changed.connect(self._show)
        self._show()

    @property
    def has_primary(self) -> bool:
        return is_new_here(self.bench)

    def _show(self) -> None:
        self.cards[self.bench.draft.recipe.card.key].setChecked(True)

    def _own_texts(self) -> Card:
        card = Card(self.tr("Your own texts"))
        row = QHBoxLayout()
        row.setSpacing(theme.space(12))
        row.addWidget(Icon("folder", "dim"))
        words = QVBoxLayout()
        words.setSpacing(theme.space(2))
        words.addWidget(label(self.tr("Drop a file anywhere in this window, or choose one."), wrap=True))
        words.addWidget(label(self.tr(FORMATS), "caption", dim=True, wrap=True))
        row.addLayout(words, 1)
        row.addWidget(button(self.tr("Choose…"), "choose_data", clicked=lambda: files.open_table(self, self.bench)))
        card.body.addLayout(row)
        return card

    def _samples(self) -> Card:
        card = Card(self.tr("Start from a sample"))
        card.body.addWidget(label(self.tr("Fills every page. You can train at once."), dim=True, wrap=True))
        for sample in SAMPLES.values():
            card.body.addWidget(rule())
            card.body.addWidget(self._sample_row(sample))
        return card

    def _sample_row(self, sample: Sample) -> QWidget:
        use = button(self.tr("Use"), f"use_{sample.key}", clicked=lambda: self.bench.draft.replace(sample.recipe()))
        use.setAccessibleName(self.tr("Use {title}").format(title=sample.title))
        use.setFixedWidth(use.fontMetrics().horizontalAdvance(use.text()) + theme.space(28))
        words = QVBoxLayout()
        words.setSpacing(theme.space(2))
        words.addWidget(label(sample.title, wrap=True))
        words.addWidget(label(sample.words(), "caption", dim=True, wrap=True))
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(words, 1)
        row.addWidget(use)
        return holder

    def _openings(self) -> Card:
        card = Card(self.tr("Open"))
        recipe = lambda: files.open_recipe(self, self.bench)  # noqa: E731 - two buttons, two short acts
        card.body.addWidget(button(self.tr("Recipe file…"), "open_recipe", "folder", clicked=recipe))
        runs = button(self.tr("An earlier run…"), "open_run", "disk", clicked=lambda: self.bench.show_page("runs"))
        card.body.addWidget(runs)
        return card
