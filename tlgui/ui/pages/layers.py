"""Which parts of the model learn: the freeze board, its presets and what the plan costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSpinBox

from tlgui.core import advice, freeze
from tlgui.core.facts import ModelFacts
from tlgui.core.freeze import FreezePlan
from tlgui.core.goals import GOALS
from tlgui.core.plan import duration, millions, scientific
from tlgui.ui import theme
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, ProblemLabel, label
from tlgui.ui.widgets.board import FreezeBoard, named_range
from tlgui.ui.widgets.board_edges import BoardFoot, BoardHead, one_of
from tlgui.ui.widgets.choice import ChoiceButton
from tlgui.ui.widgets.cost_panel import CostPanel, milliseconds
from tlgui.ui.widgets.number import NumberSpin
from tlgui.ui.workbench import Workbench

PRESETS: tuple[tuple[str, str, Callable[[ModelFacts, int], FreezePlan]], ...] = (
    # key of core.freeze.preset, words, plan for a model and a number of top layers
    ("head", str(QT_TRANSLATE_NOOP("LayersPage", "Head only")), lambda m, top: freeze.head_only(m.keys, m.new)),
    ("top", str(QT_TRANSLATE_NOOP("LayersPage", "Top layers")), lambda m, top: freeze.top_layers(m.keys, top)),
    ("everything", str(QT_TRANSLATE_NOOP("LayersPage", "Everything")), lambda m, top: freeze.everything(m.keys)),
)
ORDINARY_TOP = 2
"""Layers that learn when "Top layers" is chosen before a number was."""


class LayersPage(Page):
    """Shows the recipe's freeze plan over the groups of its model, and edits it."""

    key = "layers"
    title = str(QT_TRANSLATE_NOOP("LayersPage", "Layers"))
    sentence = str(
        QT_TRANSLATE_NOOP(
            "LayersPage", "Choose which parts of the model learn. A locked part keeps its pretrained weights exactly."
        )
    )

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._top = ORDINARY_TOP
        self.waiting = label("", dim=True, wrap=True)
        self.failure = ProblemLabel("bad")
        self.misfit = ProblemLabel("bad", "", self.tr("Let everything learn"), self._learn_everything)
        self.refusal = ProblemLabel("warn")
        self.refusal.show_text("warn", "")
        self.board = FreezeBoard()
        self.head, self.foot = BoardHead(self.board), BoardFoot(self.board)
        self.cost = CostPanel()
        self.why = Card(self.tr("Why"))
        self.reason = label("", dim=True, wrap=True)
        self.why.body.addWidget(self.reason)
        self._lay_out()
        self.board.plan_wanted.connect(self._edit_plan)
        self.board.refused.connect(lambda text: self.refusal.show_text("warn", text))
        self.board.range_changed.connect(self._show_range)
        self.cost.again.clicked.connect(lambda: bench.findings.again("cost"))
        bench.draft.changed.connect(self._show)
        bench.findings.changed.connect(lambda name: self._show())
        bench.training.changed.connect(self._show)
        self._show()

    # layout

    def _lay_out(self) -> None:
        self.main.setSpacing(theme.space(8))
        self.main.addLayout(self._preset_row())
        self.main.addLayout(self._rate_row())
        for notice in (self.waiting, self.failure, self.misfit):
            self.main.addWidget(notice)
        self.sheet = Card()
        self.sheet.body.setSpacing(0)
        self.sheet.body.addWidget(self.head)
        self.sheet.body.addWidget(self.board, 1)
        self.sheet.body.addWidget(self.foot)
        self.sheet.body.addStretch(0)
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setForegroundRole(rule.palette().ColorRole.Mid)
        rule.setFrameShadow(QFrame.Shadow.Plain)
        self.sheet.body.addWidget(rule)
        self.sheet.body.addSpacing(theme.space(8))
        self.sheet.body.addWidget(self.refusal)
        self.sheet.body.addSpacing(theme.space(4))
        self.sheet.body.addLayout(self._range_row())
        self.main.addWidget(self.sheet, 1)
        self.main.addStretch(0)
        self.side.addWidget(self.cost, 1)
        self.side.addWidget(self.why)

    def _preset_row(self) -> QHBoxLayout:
        self.presets = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(label(self.tr("Start from"), dim=True))
        row.addSpacing(theme.space(8))
        for key, words, _ in PRESETS:
            choice = ChoiceButton(self.tr(words), f"preset_{key}")
            choice.clicked.connect(lambda _=False, key=key: self._choose_preset(key))
            self.presets.addButton(choice)
            row.addWidget(choice)
        self.own_plan = label(self.tr("Your own plan"), "heading")
        row.addSpacing(theme.space(12))
        row.addWidget(self.own_plan)
        row.addStretch(1)
        return row

    def _rate_row(self) -> QHBoxLayout:
        self.top_layers = QSpinBox()
        self.top_layers.setObjectName("top_layers")
        self.top_layers.setAccessibleName(self.tr("Number of top layers that learn"))
        self.top_layers.setKeyboardTracking(False)
        self.top_layers.valueChanged.connect(self._choose_top)
        self.head_rate = NumberSpin("head_rate", self.tr("Head learning rate"), 1e-9, 1.0)
        self.head_rate.setStepType(NumberSpin.StepType.AdaptiveDecimalStepType)
        self.head_rate.valueChanged.connect(lambda rate: self.bench.draft.edit("train", learning_rate=rate))
        self.layer_decay = NumberSpin("layer_decay", self.tr("Rate of a group as a share of the group above"), 0.01, 1)
        self.layer_decay.setSingleStep(0.05)
        self.layer_decay.valueChanged.connect(lambda decay: self.bench.draft.edit("transfer", layer_decay=decay))
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        fields = (
            (self.tr("&Let learn the top"), self.top_layers),
            (self.tr("Head &rate"), self.head_rate),
            (self.tr("each group &below ×"), self.layer_decay),
        )
        for words, field in fields:
            name = label(words, dim=True)
            name.setBuddy(field)
            row.addWidget(name)
            row.addWidget(field)
            if field is self.top_layers:
                row.addStretch(1)
        return row

    def _range_row(self) -> QHBoxLayout:
        self.range = label("", "heading")
        self.freeze = ChoiceButton(self.tr("Freeze"), "freeze", "lock")
        self.let_learn = ChoiceButton(self.tr("Let learn"), "let_learn", "open")
        self.range_rate = label("", dim=True)
        self.freeze.clicked.connect(lambda: self._set_range(False))
        self.let_learn.clicked.connect(lambda: self._set_range(True))
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        for widget in (self.range, self.freeze, self.let_learn):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.range_rate)
        return row

    # edits

    def _edit_plan(self, plan: FreezePlan) -> None:
        self.bench.draft.edit("transfer", frozen=tuple(plan.spec()))

    def _choose_preset(self, wanted: str) -> None:
        model = self.bench.findings.model
        if model is not None:
            top = min(self._top, len(freeze.layer_keys(model.keys)))
            self._edit_plan(next(make for key, _, make in PRESETS if key == wanted)(model, top))
        self._show()  # also when nothing changed: the pressed button has toggled itself

    def _choose_top(self, count: int) -> None:
        self._top = count
        self._choose_preset("top")

    def _learn_everything(self) -> None:
        self.bench.draft.edit("transfer", frozen=())

    def _set_range(self, learns: bool) -> None:
        self.board.set_learning(self.board.selected, learns)
        self._show_range()

    # what is shown

    def _show(self) -> None:
        found = self.bench.findings
        recipe, model, failed = self.bench.draft.recipe, found.model, found.failure("model")
        self.head_rate.show_value(recipe.train.learning_rate)
        self.layer_decay.show_value(recipe.transfer.layer_decay)
        plan, misfit = None, ""
        if model is not None:
            try:
                plan = FreezePlan.parse(recipe.transfer.frozen, model.keys)
            except ValueError as error:
                misfit = str(error)
        self.failure.show_text("bad", f"{failed.title} {failed.hint}" if failed is not None else "")
        self.misfit.show_text("bad", misfit)
        looking = self.tr("Looking at the model. Its groups appear here.")
        self.waiting.setText("" if model is not None or failed is not None else looking)
        self.waiting.setVisible(bool(self.waiting.text()))
        for widget in (self.sheet, self.why):
            widget.setVisible(plan is not None)
        for choice in self.presets.buttons():
            choice.setEnabled(model is not None)
        self.top_layers.setEnabled(model is not None)
        self._show_preset(plan)
        if plan is not None:
            self._show_board(plan)
        self._show_cost(plan)

    def _show_preset(self, plan: FreezePlan | None) -> None:
        new = self.bench.findings.model.new if self.bench.findings.model is not None else ()
        key, count = freeze.preset(plan, new) if plan is not None else ("", 0)
        self.presets.setExclusive(False)
        for choice in self.presets.buttons():
            choice.setChecked(choice.objectName() == f"preset_{key}")
        self.presets.setExclusive(bool(key))
        self.own_plan.setVisible(plan is not None and not key)
        if plan is None:
            return
        self._top = count if key == "top" else self._top
        layers = len(freeze.layer_keys(plan.keys))
        self.top_layers.blockSignals(True)
        self.top_layers.setRange(1, max(1, layers))
        self.top_layers.setValue(self._top)
        self.top_layers.setSuffix(self.tr(" layer") if self.top_layers.value() == 1 else self.tr(" layers"))
        self.top_layers.blockSignals(False)
        heading, reason = advice.why(plan, new)
        self.why.heading.setText(heading)
        self.reason.setText(reason)

    def _show_board(self, plan: FreezePlan) -> None:
        recipe, model, cost = self.bench.draft.recipe, self.bench.findings.model, self.bench.findings.cost
        assert model is not None
        epochs = recipe.train.epochs
        rates = freeze.group_rates(model.keys, recipe.train.learning_rate, recipe.transfer.layer_decay)
        self.board.show_plan(model.groups, plan, rates, epochs)
        self.head.show_run(epochs, cost.steps if cost is not None else 0, self._output())
        learning = sum(group.parameters for group in model.groups if plan.learns(group.key))
        sums = [(self.tr("Parameters that learn"), millions(learning))]
        if cost is not None:
            sums.append((self.tr("Measured time per step"), milliseconds(cost.seconds_per_step)))
            sums.append((self.tr("One epoch"), duration(cost.seconds / epochs)))
        self.foot.show_sums(self._input(), tuple(sums))
        self.cost.show_parameters(learning, model.parameters)
        self._show_range()

    def _output(self) -> str:
        goal, data = GOALS[self.bench.draft.recipe.task], self.bench.findings.data
        answers = one_of(tuple(data.labels)) if goal.needs_label and data is not None else goal.gives
        return self.tr("Out: {answers}").format(answers=answers) if answers else ""

    def _input(self) -> str:
        data = self.bench.findings.data
        places = [i for i, column in enumerate(data.columns) if column.role == "text"] if data is not None else []
        if data is not None and places and data.preview:
            text = data.preview[0][1][places[0]]
        else:
            text = GOALS[self.bench.draft.recipe.task].example.replace("{", "").replace("}", "")
        return self.tr("In: “{text}”").format(text=" ".join(text[:200].split()))

    def _show_cost(self, plan: FreezePlan | None) -> None:
        found = self.bench.findings
        if plan is None:
            self.cost.show_parameters(0, found.model.parameters if found.model is not None else 0)
        if found.cost is not None:
            self.cost.show_cost(found.cost, found.machine)
        else:
            self.cost.show_waiting(self._why_no_cost())

    def _why_no_cost(self) -> str:
        """Why the cost is not being measured; "" if it is."""
        found = self.bench.findings
        if (failed := found.failure("cost")) is not None:
            return f"{failed.title} {failed.hint}"
        if self.bench.going:
            return self.tr("Measured when the {what} has ended").format(what=self.bench.going)
        if found.data is None and not found.is_looking("data"):
            return self.tr("Measured once there is data: the time depends on its texts")
        return ""

    def _show_range(self) -> None:
        keys, plan = self.board.selected, self.board.plan
        some = bool(keys) and plan is not None
        words = self.tr("{groups} selected").format(groups=named_range(keys)) if some else self.tr("Nothing selected")
        self.range.setText(words)
        learning = [key for key in keys if plan is not None and plan.learns(key)]
        states = ((self.freeze, not learning), (self.let_learn, len(learning) == len(keys)))
        for choice, state in states:
            choice.setEnabled(some)
            choice.setChecked(some and state)
        self.range_rate.setText(self._rate_words(learning) if some else self.tr("Select groups, or click a lock"))
        self.range_rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _rate_words(self, learning: Sequence[str]) -> str:
        if not learning:
            return self.tr("Rate: none while frozen")
        recipe, model = self.bench.draft.recipe, self.bench.findings.model
        assert model is not None
        rates = freeze.group_rates(model.keys, recipe.train.learning_rate, recipe.transfer.layer_decay)
        low, high = (scientific(f(rates[key] for key in learning)) for f in (min, max))
        if low == high:
            return self.tr("Rate: {rate}").format(rate=high)
        return self.tr("Rate: {low} to {high}").format(low=low, high=high)
