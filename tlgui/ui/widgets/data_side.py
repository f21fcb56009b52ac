"""The side column of the Data page: labels, lengths, split, check-up."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from tlgui.core import advice
from tlgui.core.facts import DataFacts, DataProblem, LengthFacts
from tlgui.core.plan import count
from tlgui.core.recipe import DataPart, Recipe
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, label
from tlgui.ui.widgets.choice import LinkButton
from tlgui.ui.widgets.data_bars import LabelBars, SplitBar
from tlgui.ui.widgets.histogram import Histogram
from tlgui.ui.widgets.number import NumberSpin

SHORTEST, LONGEST = 8, 100_000
"""Tokens that a text may be cut after; the second where no model is known."""
_LOOKS = {"must": "bad", "should": "warn"}


class DataSide(QWidget):
    """Shows what was found; each signal carries the new value of the recipe's field of that name."""

    max_length_wanted = Signal(int)
    rows_wanted = Signal(int)
    validation_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("data_side")
        self.labels = Card(self.tr("Labels"), " ")
        self.bars = LabelBars()
        self.labels.body.addWidget(self.bars)
        self.checks = Card(self.tr("Check-up"))
        self._checks = QVBoxLayout()
        self._checks.setSpacing(theme.space(6))
        self.checks.body.addLayout(self._checks)
        self.passed = LinkButton("", "passed_checks")
        self.passed.setCheckable(True)
        self.passed.toggled.connect(self._fold_passed)
        self.checks.body.addWidget(self.passed, 0, Qt.AlignmentFlag.AlignLeft)
        self.checks.body.addStretch(1)
        self._checked: tuple[tuple[str, str, bool], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(12))
        column.addWidget(self.labels)
        column.addWidget(self._length_card())
        column.addWidget(self._split_card())
        column.addWidget(self.checks, 1)
        column.addStretch(0)
        for card in (self.labels, self.lengths, self.split):
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _length_card(self) -> Card:
        self.lengths = Card(self.tr("Length in tokens"), " ")
        self.histogram = Histogram()
        self.max_length = QSpinBox()
        self.max_length.setObjectName("max_length")
        self.max_length.setAccessibleName(self.tr("Cut texts after this many tokens"))
        self.max_length.setSuffix(self.tr(" tokens"))
        self.max_length.setSingleStep(8)
        self.max_length.setKeyboardTracking(False)
        self.max_length.valueChanged.connect(self.max_length_wanted)
        self.cut = label("", "caption", dim=True, wrap=True)
        self.lengths.body.addWidget(self.histogram)
        self.lengths.body.addLayout(_field(self.tr("Cut &after"), self.max_length))
        self.lengths.body.addWidget(self.cut)
        return self.lengths

    def _split_card(self) -> Card:
        self.split = Card(self.tr("Split"))
        self.split_bar = SplitBar()
        self.validation = NumberSpin("validation_share", self.tr("Share kept for validation"), 0.1, 90, " %")
        self.validation.valueChanged.connect(lambda share: self.validation_wanted.emit(round(share / 100, 6)))
        self._share = QWidget()
        self._share.setLayout(_field(self.tr("&Keep for validation"), self.validation))
        self.second = label("", wrap=True)
        self.other = LinkButton("", "second_file")
        self.other.setFont(theme.font("caption"))
        self.other.clicked.connect(self._choose_other)
        self.same_share = label(self.tr("Same share of each label on both sides."), "caption", dim=True, wrap=True)
        self.rows = QSpinBox()
        self.rows.setObjectName("rows_to_use")
        self.rows.setAccessibleName(self.tr("Rows to use"))
        self.rows.setRange(0, 100_000_000)
        self.rows.setSingleStep(100)
        self.rows.setGroupSeparatorShown(True)
        self.rows.setSpecialValueText(self.tr("all"))
        self.rows.setKeyboardTracking(False)
        self.rows.valueChanged.connect(self.rows_wanted)
        self.split.body.addWidget(self.split_bar)
        self.split.body.addWidget(self._share)
        for words in (self.second, self.same_share):
            self.split.body.addWidget(words)
        self.split.body.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        self.split.body.addLayout(_field(self.tr("Rows to &use"), self.rows))
        return self.split

    # what is shown

    def show_recipe(self, recipe: Recipe, most_tokens: int) -> None:
        """Take the settings; `most_tokens` is what the model takes, 0 if it is not known."""
        held = recipe.data.validation
        if by_share := isinstance(held, float):
            self.validation.show_value(held * 100)
        else:
            self.second.setText(self.tr("Validation rows come from {file}.").format(file=file_name(held)))
        self._share.setVisible(by_share)
        self.same_share.setVisible(False)
        self.second.setVisible(not by_share)
        self.other.setText(self.tr("Use a second file…") if by_share else self.tr("Use a share instead"))
        self.other.setAccessibleName(self.other.text())
        for spin, low, high, value in (
            (self.max_length, SHORTEST, max(most_tokens or LONGEST, recipe.train.max_length), recipe.train.max_length),
            (self.rows, 0, self.rows.maximum(), recipe.data.rows),
        ):
            spin.blockSignals(True)
            spin.setRange(low, high)
            spin.setValue(value)
            spin.blockSignals(False)

    def show_data(self, facts: DataFacts, by_share: bool) -> None:
        """Take the labels and the split."""
        self.labels.setVisible(bool(facts.labels))
        self.bars.show_labels(facts.labels)
        self.labels.note.setText(advice.balance(facts.labels))
        self.split_bar.show_split(facts.train_rows, facts.validation_rows)
        self.same_share.setVisible(by_share and bool(facts.labels))

    def show_lengths(
        self, facts: LengthFacts | None, max_length: int, most_tokens: int, empty: str, *, windows: bool
    ) -> None:
        """Take the lengths, and whether long texts are read in windows; or a sentence why there are none."""
        self.histogram.show_lengths(facts, max_length, empty, windows=windows)
        self.lengths.note.setText(self.tr("median {tokens}").format(tokens=facts.median) if facts is not None else "")
        said = advice.cut_advice(facts, max_length, most_tokens, windows=windows) if facts is not None else ""
        self.cut.setText(said)
        self.cut.setVisible(facts is not None)

    def show_checks(self, problems: Sequence[DataProblem], passed: Sequence[str], lengths: LengthFacts | None) -> None:
        """List what was found, and ticks for what was looked for and not found."""
        found = [(_LOOKS[problem.severity], problem.text, False) for problem in problems if not problem.rows]
        found += [(level, words, False) for level, words in (advice.vocabulary(lengths) if lengths is not None else ())]
        found += [("good", words, True) for words in passed]
        self.checks.setVisible(bool(found))
        if tuple(found) == self._checked:
            return
        self._checked = tuple(found)
        while self._checks.count():
            item = self._checks.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.hide()  # deletion waits for the event loop
                old.deleteLater()
        for level, words, _ in found:
            self._checks.addWidget(_tick(level, words))
        self.passed.setVisible(bool(passed))
        self._fold_passed()

    def _fold_passed(self) -> None:
        """Show the checks that found nothing, or how many there are."""
        unfolded = self.passed.isChecked()
        folded = [place for place, (_, _, can_fold) in enumerate(self._checked) if can_fold]
        for place in folded:
            item = self._checks.itemAt(place)
            if item is not None and (line := item.widget()) is not None:
                line.setVisible(unfolded)
        count_words = count(len(folded), self.tr("check found nothing"), self.tr("checks found nothing"))
        self.passed.setText(self.tr("Show less") if unfolded else count_words)
        self.passed.setAccessibleName(self.passed.text())
        self.passed.updateGeometry()

    def _choose_other(self) -> None:
        if not self._share.isVisibleTo(self):
            self.validation_wanted.emit(DataPart().validation)
            return
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file of texts for validation"))
        if path:
            self.validation_wanted.emit(path)


def file_name(source: str) -> str:
    """The last part of a path, written either way."""
    return source.replace("\\", "/").rpartition("/")[2]


def _field(words: str, field: QWidget) -> QHBoxLayout:
    """A name at the left and its field at the right."""
    name = label(words, dim=True)
    name.setBuddy(field)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(name)
    row.addStretch(1)
    row.addWidget(field)
    return row


def _tick(level: str, words: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.space(8))
    row.addWidget(Icon("check" if level == "good" else level, level), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(words, wrap=True), 1)
    return line
