"""Which parts of the model learn, and when: presets, the freeze board, and what the plan costs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout

from tlgui.core import advice, presets
from tlgui.core.board import Board, board_of, epoch_costs, learning_parameters
from tlgui.core.facts import ModelFacts
from tlgui.core.goals import GOALS
from tlgui.core.plan import duration, millions, milliseconds, to_settle
from tlgui.core.presets import Preset
from tlgui.core.rates import with_usual_rate
from tlgui.core.recipe import Recipe
from tlgui.ui import theme
from tlgui.ui.pages.layers_options import Chooser, FeatureOptions, GradualOptions, LoraOptions, Options, TopOptions
from tlgui.ui.pages.layers_problems import PlanProblems
from tlgui.ui.pages.page import Page
from tlgui.ui.widgets.basics import Card, ProblemLabel, label, rule
from tlgui.ui.widgets.board import FreezeBoard
from tlgui.ui.widgets.board_edges import BoardFoot, BoardHead, Sums, one_of
from tlgui.ui.widgets.board_tools import BoardTools
from tlgui.ui.widgets.choice import ChoiceButton, LinkButton
from tlgui.ui.widgets.cost_panel import CostPanel
from tlgui.ui.widgets.number import NumberSpin
from tlgui.ui.workbench import Workbench

WORDS: dict[Preset, str] = {
    "features": str(QT_TRANSLATE_NOOP("LayersPage", "Feature-based")),
    "head": str(QT_TRANSLATE_NOOP("LayersPage", "Head only")),
    "top": str(QT_TRANSLATE_NOOP("LayersPage", "Top layers")),
    "gradual": str(QT_TRANSLATE_NOOP("LayersPage", "Gradual")),
    "everything": str(QT_TRANSLATE_NOOP("LayersPage", "Everything")),
    "lora": str(QT_TRANSLATE_NOOP("LayersPage", "LoRA")),
}


class LayersPage(Page):
    """Shows the recipe's plan over the groups of its model, and edits it."""

    key = "layers"
    title = str(QT_TRANSLATE_NOOP("LayersPage", "Layers"))
    sentence = str(
        QT_TRANSLATE_NOOP(
            "LayersPage", "Choose which parts of the model learn. A locked part keeps its pretrained weights exactly."
        )
    )

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._top = presets.ORDINARY_TOP
        self.waiting = label("", dim=True, wrap=True)
        self.failure = ProblemLabel("bad")
        self.refusal = ProblemLabel("warn")
        self.refusal.show_text("warn", "")
        self.problems = PlanProblems()
        self.board = FreezeBoard()
        self.head, self.foot = BoardHead(self.board), BoardFoot(self.board)
        self.tools = BoardTools(self.board)
        self.cost = CostPanel()
        self.why = Card(self.tr("Why"))
        self.reason = label("", dim=True, wrap=True)
        self.measure = LinkButton(self.tr("Measure it on your data in Race"), "to_race")
        self.why.body.addWidget(self.reason)
        self.why.body.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignLeft)
        self.top, self.gradual, self.lora, self.features = (
            TopOptions(),
            GradualOptions(),
            LoraOptions(),
            FeatureOptions(),
        )
        self._lay_out()
        wanted = (self.board.recipe_wanted, self.problems.recipe_wanted, *(o.recipe_wanted for o in self._options))
        for signal in wanted:
            signal.connect(self._take)
        self.board.refused.connect(lambda text: self.refusal.show_text("warn", text))
        self.measure.clicked.connect(lambda: bench.show_page("race"))
        self.cost.again.clicked.connect(lambda: bench.findings.again("cost"))
        bench.draft.changed.connect(self._show)
        bench.findings.changed.connect(lambda name: self._show())
        bench.training.changed.connect(self._show)
        self._show()

    # layout

    def _lay_out(self) -> None:
        self.main.setSpacing(theme.space(8))
        self.main.addLayout(self._preset_row())
        self._options: tuple[Options, ...] = (self.top, self.gradual, self.lora, self.features)
        for options in self._options:
            self.main.addWidget(options)
        self.main.addLayout(self._rate_row())
        for notice in (self.waiting, self.failure, self.problems):
            self.main.addWidget(notice)
        self.sheet = Card()
        self.sheet.body.setSpacing(0)
        for part in (self.head, self.board, self.foot):
            self.sheet.body.addWidget(part, 1 if part is self.board else 0)
        self.sheet.body.addSpacing(theme.space(4))
        self.sheet.body.addStretch(0)
        self.sheet.body.addWidget(rule())
        self.sheet.body.addSpacing(theme.space(8))
        self.sheet.body.addWidget(self.refusal)
        self.sheet.body.addSpacing(theme.space(4))
        self.sheet.body.addWidget(self.tools)
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
        for key in presets.PRESETS:
            choice = ChoiceButton(self.tr(WORDS[key]), f"preset_{key}")
            choice.clicked.connect(lambda _=False, key=key: self._choose(key))
            self.presets.addButton(choice)
            row.addWidget(choice)
        self.own_plan = label(self.tr("Your own plan"), "heading")
        row.addSpacing(theme.space(12))
        row.addWidget(self.own_plan)
        row.addStretch(1)
        return row

    def _rate_row(self) -> QHBoxLayout:
        kinds = (("pretrained", self.tr("pretrained")), ("scratch", self.tr("random (from scratch)")))
        self.weights = Chooser("weights", self.tr("Weights the model starts with"), kinds)
        self.weights.on_choice(lambda kind: self._replace(lambda recipe: presets.with_weights(recipe, kind)))
        self.head_rate = NumberSpin("head_rate", self.tr("Head learning rate"), 1e-9, 1.0)
        self.head_rate.setStepType(NumberSpin.StepType.AdaptiveDecimalStepType)
        self.head_rate.valueChanged.connect(lambda rate: self.bench.draft.edit("train", learning_rate=rate))
        self.layer_decay = NumberSpin("layer_decay", self.tr("Rate of a group as a share of the group above"), 0.01, 1)
        self.layer_decay.setSingleStep(0.05)
        self.layer_decay.valueChanged.connect(lambda decay: self.bench.draft.edit("transfer", layer_decay=decay))
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        fields = (
            (self.tr("&Weights"), self.weights),
            (self.tr("Head &rate"), self.head_rate),
            (self.tr("each group &below ×"), self.layer_decay),
        )
        for words, field in fields:
            name = label(words, dim=True)
            name.setBuddy(field)
            row.addWidget(name)
            row.addWidget(field)
            if field is self.weights:
                row.addStretch(1)
        return row

    # edits

    def _replace(self, change: Callable[[Recipe], Recipe]) -> None:
        self._take(change(self.bench.draft.recipe))

    def _take(self, wanted: Recipe) -> None:
        """Another plan: the head's rate goes with it, as a lone head bears and needs a higher one."""
        board = self._board()
        if board is not None:
            wanted = with_usual_rate(board.recipe, wanted, board.keys, board.new)
        self.bench.draft.replace(wanted)

    def _choose(self, preset: Preset) -> None:
        board = self._board()
        if board is not None:
            self._take(presets.choose(self._known_board(board, preset), preset, self._top))
        self._show()  # also when nothing changed: the pressed button has toggled itself

    def _known_board(self, board: Board, preset: Preset) -> Board:
        """The board with the groups that the model will have under a preset, if they are known."""
        model = self.bench.findings.recall("model", presets.choose(board, preset, self._top))
        return board if model is None else board_of(board.recipe, model, self.bench.findings.data)

    def _board(self) -> Board | None:
        """The plan of the draft; it may not fit the model."""
        found = self.bench.findings
        return None if found.model is None else board_of(self.bench.draft.recipe, found.model, found.data)

    # what is shown

    def _show(self) -> None:
        found, recipe, board = self.bench.findings, self.bench.draft.recipe, self._board()
        model, failed = found.model, found.failure("model")
        self.head_rate.show_value(recipe.train.learning_rate)
        self.layer_decay.show_value(recipe.transfer.layer_decay)
        self.weights.show_value(recipe.model.weights)
        self.failure.show_text("bad", f"{failed.title} {failed.hint}" if failed is not None else "")
        looking = self.tr("Looking at the model. Its groups appear here.")
        self.waiting.setText("" if model is not None or failed is not None else looking)
        self.waiting.setVisible(bool(self.waiting.text()))
        fits = self.problems.show_problems(board, found.data)
        for widget in (self.sheet, self.why):
            widget.setVisible(fits)
        self._show_presets(board if fits else None)
        self._show_options(board if fits else None, model)
        if fits and board is not None and model is not None:
            self._show_board(board, model)
        self._show_cost(board if fits else None)

    def _show_presets(self, board: Board | None) -> None:
        model = self.bench.findings.model
        key, count = presets.preset_of(board) if board is not None else ("", 0)
        self._top = count if key == "top" else self._top
        self.presets.setExclusive(False)
        why_not = {}
        if model is not None and not presets.has_choice_of_head(self.bench.draft.recipe):
            why_not["preset_features"] = self.tr("This goal has no new head that features could feed")
        if model is not None and not model.matrices:
            why_not["preset_lora"] = self.tr("This model has no matrices that LoRA adapts")
        for choice in self.presets.buttons():
            name = choice.objectName()
            choice.setChecked(name == f"preset_{key}")
            choice.setEnabled(model is not None and name not in why_not)
            choice.setToolTip(why_not.get(name, ""))
        self.presets.setExclusive(bool(key))
        self.own_plan.setVisible(board is not None and not key)

    def _show_options(self, board: Board | None, model: ModelFacts | None) -> None:
        """The line that belongs to the method; the head's also where another method has an unusual one."""
        key = presets.preset_of(board)[0] if board is not None else ""
        method = board.transfer.method if board is not None else ""
        unusual = board is not None and presets.has_unusual_head(board.recipe)
        shown = {
            self.top: key == "top",
            self.gradual: method == "gradual",
            self.lora: method == "lora",
            self.features: method == "feature-based" or unusual,
        }
        for options, wanted in shown.items():
            if wanted and board is not None and model is not None:
                options.show_board(board, model)
            options.setVisible(wanted)

    def _show_board(self, board: Board, model: ModelFacts) -> None:
        self.board.show_board(model.groups, board)
        self.head.show_run(board.recipe.train.epochs, board.steps_per_epoch, self._output())
        self.foot.show_sums(self._input(), self._sums(board, model))
        self.tools.show_range()
        heading, reason = advice.why(board)
        self.why.heading.setText(heading)
        self.reason.setText(reason)

    def _sums(self, board: Board, model: ModelFacts) -> tuple[Sums, ...]:
        """For each cell of the board: what learns at its end, time per step, time of its epochs."""
        cells, groups = self.board.columns().spans, model.groups
        learning = [millions(learning_parameters(board, groups, board.learning_at(last))) for _, last in cells]
        if board.transfer.gradual.rule == "plateau" and board.thawing:
            most = millions(learning_parameters(board, groups, board.ever))
            learning = [self.tr("{first} to {last}").format(first=words, last=most) for words in learning]
        sums = [Sums(self.tr("Parameters that learn"), tuple(learning))]
        cost = self.bench.findings.cost
        if cost is not None:
            each = epoch_costs(cost, board.recipe.train.epochs)
            spans = [each[first - 1 : last] for first, last in cells]
            steps = tuple(milliseconds(sum(step for step, _ in span) / len(span)) for span in spans)
            whole = tuple(duration(sum(seconds for _, seconds in span)) for span in spans)
            stored = self.tr("This epoch, with reading features") if cost.features_seconds else ""
            sums.append(Sums(self.tr("Measured time per step"), steps, strong=True))
            sums.append(Sums(stored or self.tr("This epoch, with its checks"), whole))
        return tuple(sums)

    def _output(self) -> str:
        goal, data = GOALS[self.bench.draft.recipe.task], self.bench.findings.data
        answers = one_of(tuple(data.labels)) if goal.truth == "class" and data is not None else goal.gives
        return self.tr("Out: {answers}").format(answers=answers) if answers else ""

    def _input(self) -> str:
        data = self.bench.findings.data
        places = [i for i, column in enumerate(data.columns) if column.role == "text"] if data is not None else []
        if data is not None and places and data.preview:
            text = " + ".join(data.preview[0][1][place] for place in places)
        else:
            text = GOALS[self.bench.draft.recipe.task].example.replace("{", "").replace("}", "")
        return self.tr("In: “{text}”").format(text=" ".join(text[:200].split()))

    def _show_cost(self, board: Board | None) -> None:
        found = self.bench.findings
        groups = found.model.groups if found.model is not None else ()
        learning = learning_parameters(board, groups, board.ever) if board is not None else 0
        self.cost.show_parameters(learning, found.model.parameters if found.model is not None else 0)
        self.cost.show_receipt(*advice.receipt(found.runs))
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
        if to_settle(self.bench.draft.recipe, found.model, found.data):
            return self.tr("Measured once all problems are settled")
        return ""
