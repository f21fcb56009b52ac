"""The strip above a race: what is compared, how far it is, and the button that starts or ends it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout

from tlgui.core import race_plan, race_words
from tlgui.core.events import Failed
from tlgui.core.race import RaceSpec
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, Icon, ProblemLabel, ThemedButton, button, label
from tlgui.ui.widgets.elided import ElidedLabel
from tlgui.ui.widgets.failure import FailureBox
from tlgui.ui.widgets.run_bar import RunBar
from tlgui.ui.widgets.settings_form import FieldProblem, Setting, SettingsForm
from tlgui.ui.widgets.strategy_picker import StrategyPicker

MOST_SEEDS = 20
ACTS = (
    # key, words, icon
    ("start", "Start", "play"),
    ("go_on", "Go on", "play"),
    ("again", "Run again", "play"),
    ("stop", "Stop", "keep"),
)
# fmt: off
MORE = (
    Setting("race", "score_rows", "Scored on", "whole",
            "A fixed sample of the validation rows scores every run; more rows are steadier and take longer.",
            0, 1_000_000, 500, suffix=" rows", zero="all validation rows"),
    Setting("race", "least_steps", "Each run takes at least", "whole",
            "Few rows are read more often, so that a run with 50 labels has a chance to learn.",
            1, 100_000, 50, suffix=" steps"),
)
# fmt: on


class RaceStrip(Card):
    """Fields at the left, state and button at the right, and under them what is wrong or going on."""

    edited = Signal()
    wanted = Signal(str)
    """What the person asks for: start, go_on, again or stop."""
    page_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("race_strip")
        usual = RaceSpec(Recipe())
        self._more_values = {"score_rows": usual.score_rows, "least_steps": usual.least_steps}
        self.strategies = StrategyPicker()
        self.labels = QLineEdit(race_words.show_labels(usual.labels))
        self.labels.setObjectName("race_labels")
        self.labels.setAccessibleName(self.tr("Numbers of labelled rows to learn from"))
        self.labels.setMinimumWidth(theme.space(110))
        self.labels.setMaximumWidth(theme.space(210))
        self.seeds = QSpinBox()
        self.seeds.setObjectName("race_seeds")
        self.seeds.setAccessibleName(self.tr("Seeds: how often each run is repeated"))
        self.seeds.setRange(1, MOST_SEEDS)
        self.seeds.setValue(usual.seeds)
        self.unfold = button(self.tr("More"), "race_more", "right", clicked=self._fold)
        self.unfold.setFlat(True)
        self.unfold.setCheckable(True)
        self.icon = Icon("check", "good")
        self.state = label("")
        self.buttons: dict[str, ThemedButton] = {
            key: button(self.tr(words), f"race_{key}", icon, clicked=partial(self.wanted.emit, key))
            for key, words, icon in ACTS
        }
        self.buttons["stop"].setToolTip(self.tr("Ends after the current step. The runs that have ended are kept."))
        self.problem = FieldProblem()
        self.more = SettingsForm(MORE, columns=3)
        self.more.show_values(lambda _, field: self._more_values[field])
        self.more.hide()
        self.bar = RunBar()
        self.bar.setObjectName("race_progress")
        self.bar.setAccessibleName(self.tr("Progress of the race"))
        self.now = ElidedLabel("caption", dim=True)
        self.failure = FailureBox()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(theme.space(4))
        self.blockers: tuple[tuple[str, str], ...] = ()
        """(page, sentence) of what has to be settled elsewhere."""
        self._lay_out()
        self.strategies.changed.connect(self.edited)
        self.labels.textChanged.connect(self.edited)
        self.seeds.valueChanged.connect(self.edited)
        self.more.edited.connect(self._take_more)

    def spec(self, recipe: Recipe, keys: Sequence[str] = (), new: Collection[str] = ()) -> RaceSpec | None:
        """What the fields say, over a recipe for a model of these groups; None if the labels cannot be read."""
        try:
            labels = race_words.read_labels(self.labels.text())
        except ValueError:
            return None
        base = race_plan.base_of(recipe, keys, new)
        return RaceSpec(base, self.strategies.keys, labels, self.seeds.value(), **self._more_values)

    @property
    def reading_problem(self) -> str:
        """Why the labels cannot be read."""
        try:
            race_words.read_labels(self.labels.text())
        except ValueError as error:
            return str(error)
        return ""

    def show_fields(self, strategies: Sequence[str], labels: tuple[int, ...], seeds: int) -> None:
        """Show what an earlier race compared, without speaking."""
        self.strategies.show_keys(strategies)
        with QSignalBlocker(self.labels), QSignalBlocker(self.seeds):
            self.labels.setText(race_words.show_labels(labels))
            self.seeds.setValue(seeds)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Say the first thing that is wrong with the fields."""
        self.problem.show_text(next(iter(problems.values()), ""), problem=True)

    def show_blockers(self, blockers: Sequence[tuple[str, str]]) -> None:
        """Say (page, sentence) for each thing that has to be settled elsewhere."""
        if tuple(blockers) == self.blockers:
            return
        self.blockers = tuple(blockers)
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for page, text in blockers:
            fix = self.tr("Open {page}").format(page=page.capitalize())
            line = ProblemLabel("info", text, fix, partial(self.page_wanted.emit, page))
            line.setObjectName(f"race_blocker_{page}")
            self._lines.addWidget(line)

    def show_state(self, words: str, act: str, *, enabled: bool, icon: tuple[str, str] | None = None) -> None:
        """Say how far the race is, and show the one button that fits."""
        self.state.setText(words)
        self.icon.setVisible(icon is not None)
        if icon is not None:
            self.icon.show_icon(*icon)
        had_focus = any(made.hasFocus() for made in self.buttons.values())
        for key, made in self.buttons.items():
            made.setVisible(key == act)
            made.setEnabled(enabled)
            made.make_primary(key == act and key in ("start", "go_on"))
        if had_focus and enabled:
            self.buttons[act].setFocus()

    def show_going(self, now: str, done: int, total: int) -> None:
        """What goes on in this moment; an empty line while nothing does."""
        for widget in (self.bar, self.now):
            widget.setVisible(bool(now))
        self.now.setText(now)
        self.bar.show_steps(done, total or 1, 0, waiting=False)
        for field in (self.strategies, self.labels, self.seeds, self.more):
            field.setEnabled(not now)

    def show_failure(self, failure: Failed | None) -> None:
        self.failure.show_failure(failure)

    # Parts

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        fields = (
            (self.tr("Strategies"), self.strategies),
            (self.tr("&Labels"), self.labels),
            (self.tr("See&ds"), self.seeds),
        )
        for words, field in fields:
            name = label(words, dim=True)
            name.setBuddy(field)
            row.addWidget(name)
            row.addWidget(field, int(field is self.labels))
        row.addWidget(self.unfold)
        row.addStretch(1)
        for widget in (self.icon, self.state, *self.buttons.values()):
            row.addWidget(widget)
        now = QHBoxLayout()
        now.setSpacing(theme.space(12))
        now.addWidget(self.now, 2)
        now.addWidget(self.bar, 3, Qt.AlignmentFlag.AlignVCenter)
        self.body.setContentsMargins(theme.space(12), theme.space(8), theme.space(12), theme.space(8))
        self.body.addLayout(row)
        for part in (self.problem, self.more):
            self.body.addWidget(part)
        self.body.addLayout(now)
        self.body.addWidget(self.failure)
        self.body.addLayout(self._lines)

    def _fold(self) -> None:
        opened = self.unfold.isChecked()
        self.more.setVisible(opened)
        self.unfold.set_icon_name("down" if opened else "right")

    def _take_more(self, section: str, field: str, value: object) -> None:
        assert isinstance(value, int)
        self._more_values[field] = value
        self.edited.emit()
