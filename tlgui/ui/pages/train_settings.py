"""The settings of a run, as a table, and the card that folds them out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtWidgets import QHBoxLayout

from tlgui.core import recipe as recipes
from tlgui.core.goals import GOALS
from tlgui.core.recipe_rules import MOST
from tlgui.core.run_words import sentence
from tlgui.core.transfer_words import rate_search_blocker
from tlgui.core.wording import cut_sentence
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Card, ProblemLabel, button, label
from tlgui.ui.widgets.rate_dialog import RateDialog
from tlgui.ui.widgets.settings_form import Setting, SettingsForm
from tlgui.ui.workbench import Workbench

FIXED = str(QT_TRANSLATE_NOOP("SettingsCard", "Settings are fixed while a run is going."))

# fmt: off
MAIN = (
    Setting("train", "epochs", "Epochs", "whole",
            "How often the model reads each training row; more helps until the validation loss rises.", 1, 1000),
    Setting("train", "batch_size", "Batch size", "whole",
            "Rows per step; a larger batch is steadier and takes more memory.", 1, 4096, suffix=" rows"),
    Setting("train", "learning_rate", "Head rate", "rate",
            "Peak learning rate of the head: how far each step moves the weights.", 1e-9, 1),
    Setting("train", "max_length", "Cut after", "whole",
            "A longer text loses its end; shorter texts make faster steps.", 8, 8192, 8, suffix=" tokens"),
    Setting("train", "seed", "Seed", "whole",
            "Start of all random choices; the same seed gives the same run.", 0, 2**31 - 1),
    Setting("train", "patience", "Stop early after", "whole",
            "End the run after this many checks in a row without a better one.", 0, 1000,
            suffix=" checks", zero="never"),
)
MORE = (
    Setting("", "name", "Name of the run", "text",
            "The run's folder is called by this name and a number."),
    Setting("train", "warmup", "Warm-up", "percent",
            "Share of the steps over which the rate rises to its peak.", 0, 0.99, suffix=" % of the steps"),
    Setting("train", "schedule", "After the peak", "choice",
            "How the learning rate goes on after the warm-up: in a straight line or half a wave to zero; as a slanted "
            "triangle, which also rises from and falls to a thirty-second of the peak; or level.",
            choices=(("linear", "falls evenly to zero"), ("cosine", "falls in a curve"),
                     ("slanted", "slanted triangle"), ("constant", "stays the same"))),
    Setting("train", "weight_decay", "Weight decay", "number",
            "Pulls weights a little towards zero at each step, against learning by heart.", 0, 1, 0.005),
    Setting("train", "clip", "Clip gradients at", "number",
            "A step with a larger gradient than this is shortened.", 0, 1000, 0.1, zero="no limit"),
    Setting("train", "validations", "Checks per epoch", "whole",
            "How often the rows kept aside are scored; the best weights are kept.", 1, 1000),
    Setting("train", "batch_tokens", "Batch by tokens", "whole",
            "Tokens per step, padding included, in place of a number of rows; short texts then make larger batches.",
            0, MOST * 100, 256, suffix=" tokens", zero="off"),
    Setting("train", "parts", "Parts per batch", "whole",
            "A batch is computed in this many parts, one after the other: the same result in less memory.", 0, 1024,
            zero="by size"),
    Setting("train", "threads", "Threads", "whole",
            "Processor threads; measured at the start of a run, and again when the machine gets busy, unless given.",
            0, 1024, zero="measured"),
    Setting("train", "precision", "Precision", "choice",
            "Of the arithmetic; bfloat16 is less exact and, on some machines, faster.",
            choices=(("float32", "float32"), ("bfloat16", "bfloat16"), ("auto", "the faster one"))),
    Setting("cache", "prefix", "Keep frozen output", "choice",
            "What the frozen groups give for each row is computed once and kept on the disk while the run lasts.",
            choices=(("float32", "exact"), ("float16", "half size"), ("off", "off"))),
    Setting("cache", "gigabytes", "Keep at most", "number",
            "Room on the disk for what is kept; what does not fit is computed at each step.",
            0, 100_000, suffix=" GB"),
    Setting("mask", "share", "Hide", "percent",
            "Share of the tokens that are hidden and have to be guessed.", 0.01, 0.99,
            suffix=" % of the tokens", goals=("mask", "mask+nsp", "corrupt")),
    Setting("mask", "span", "Gaps of", "number",
            "Tokens of a gap, on average; one sentinel stands for all of them.", 1, 100, 0.5,
            suffix=" tokens", goals=("corrupt",)),
    Setting("mask", "whole_words", "Whole words", "switch",
            "Hide all pieces of a word together, which makes guessing harder.",
            suffix="all pieces together", goals=("mask", "mask+nsp")),
    Setting("mask", "sets", "Ways to hide", "whole",
            "In how many ways the words of a text are hidden, by turns; with a few, frozen output can be kept.",
            0, 1000, suffix=" by turns", zero="new each epoch", goals=("mask", "mask+nsp", "corrupt")),
    Setting("text", "prefix", "Prefix", "text",
            "In front of each input, so that the model knows the task; a column named prefix goes before.",
            goals=("text-to-text",)),
    Setting("text", "max_output", "Longest output", "whole",
            "A longer output loses its end; the model also writes no more.", 1, 4096, 8,
            suffix=" tokens", goals=("text-to-text",)),
    Setting("mixing", "rule", "Mix tasks", "choice",
            "How often the rows of each prefix come: as often as there are rows, more equally, or equally often.",
            choices=(("proportional", "by size"), ("temperature", "by temperature"), ("equal", "equally")),
            goals=("text-to-text",)),
    Setting("mixing", "limit", "Count at most", "whole",
            "A task counts as no larger than this, so that a large one does not push the others aside.",
            0, 10_000_000, 100, suffix=" rows", zero="no limit", goals=("text-to-text",)),
    Setting("mixing", "temperature", "Temperature", "number",
            "1 mixes by size; the higher, the more equal.", 1, 100, 0.5, goals=("text-to-text",)),
    Setting("answer", "stride", "Windows share", "whole",
            "A long passage is read in windows; so many tokens are in two of them, so that no answer is cut in two.",
            0, 8192, 8, suffix=" tokens", goals=("answer",)),
    Setting("answer", "longest_answer", "Longest answer", "whole",
            "The answer that a model gives has at most so many tokens.", 1, 1000, suffix=" tokens", goals=("answer",)),
    Setting("answer", "no_answer", "No answer", "choice",
            "When the model says that the passage has no answer; the best threshold is found on the rows kept aside.",
            choices=(("auto", "from the best threshold"), ("fixed", "from the threshold given"), ("never", "never")),
            goals=("answer",)),
    Setting("answer", "threshold", "Threshold", "number",
            "How far the score of “no answer” has to be above that of the best answer, if the threshold is given.",
            -1000, 1000, 0.1, goals=("answer",)),
)
# fmt: on


class SettingsCard(Card):
    """The few that matter; "More" shows the rest."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self.setObjectName("settings_card")
        self.fixed = ProblemLabel("info", self.tr(FIXED))
        self.main = SettingsForm(MAIN, columns=6)
        self.more = SettingsForm(MORE, columns=5)
        self.unfold = button(self.tr("More"), "more_settings", "right", clicked=self._fold)
        self.unfold.setFlat(True)
        self.unfold.setCheckable(True)
        self.more.hide()
        for part in (self.fixed, self.main):
            self.body.addWidget(part)
        self.search = button(self.tr("Find a rate…"), "find_rate", "search", clicked=self.find_rate)
        self.why_not = label("", "caption", dim=True)
        row = QHBoxLayout()
        row.setSpacing(theme.space(8))
        row.addWidget(self.unfold)
        row.addWidget(self.search)
        row.addWidget(self.why_not, 1)
        self.body.addLayout(row)
        self.body.addWidget(self.more)
        for form in (self.main, self.more):
            form.edited.connect(self._edit)
        bench.draft.changed.connect(self.show_draft)
        bench.findings.changed.connect(self._show_found)
        bench.training.changed.connect(self._show_state)
        bench.racing.changed.connect(self._show_search)
        self.show_draft()
        self._show_state()

    def show_draft(self) -> None:
        """Show the values of the draft, and what is wrong with them."""
        recipe = self.bench.draft.recipe
        problems = {problem.field: sentence(problem.text) for problem in recipes.problems(recipe)}
        for form in (self.main, self.more):
            form.show_goal(recipe.task)
            form.show_values(self._value)
            form.show_problems(problems)
        if any(setting.key in problems for setting in MORE) and not self.unfold.isChecked():
            self.unfold.click()
        self._show_cut()
        self._show_unused()
        self._show_search()

    def find_rate(self) -> None:
        """Open the search for a learning rate."""
        dialog = RateDialog(self.bench.draft.recipe, self.bench.worker, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.taken.connect(lambda rate: self.bench.draft.edit("train", learning_rate=float(f"{rate:.1e}")))
        dialog.open()

    def show_problem(self) -> None:
        """Put the keyboard on the first field that has a problem."""
        for form in (self.main, self.more):
            for key, field in form.fields.items():
                if form.problem(key).is_problem:
                    field.setFocus()
                    return

    def _value(self, section: str, field: str) -> Any:
        recipe = self.bench.draft.recipe
        return getattr(getattr(recipe, section) if section else recipe, field)

    def _edit(self, section: str, field: str, value: object) -> None:
        self.bench.draft.edit(section, **{field: value})

    def _show_cut(self) -> None:
        lengths = self.bench.findings.lengths
        limit = self.bench.draft.recipe.train.max_length
        goal = GOALS[self.bench.draft.recipe.task]
        said = cut_sentence(lengths.cut_share(limit), windows=goal.in_windows) if lengths else ""
        said = "" if goal.joins_texts else said  # nothing of such texts is lost
        self.main.show_remark("train.max_length", said)

    def _show_unused(self) -> None:
        """Lock what another setting makes meaningless, and say so."""
        recipe = self.bench.draft.recipe
        by_tokens, off = recipe.train.batch_tokens > 0, recipe.cache.prefix == "off"
        self.main.fields["train.batch_size"].setEnabled(not by_tokens)
        self.main.show_remark("train.batch_size", self.tr("Batches go by tokens.") if by_tokens else "")
        self.more.fields["cache.gigabytes"].setEnabled(not off)
        self.more.fields["mixing.temperature"].setEnabled(recipe.mixing.rule == "temperature")
        self.more.fields["answer.threshold"].setEnabled(recipe.answer.no_answer == "fixed")
        self.more.show_remark("cache.gigabytes", self.tr("Nothing is kept.") if off else "")

    def _show_found(self, name: str) -> None:
        if name == "lengths":
            self._show_cut()
        self._show_search()

    def _show_search(self) -> None:
        """Let a rate be searched, or say why it cannot be."""
        bench = self.bench
        blocked = rate_search_blocker(
            bench.draft.recipe, bench.findings.model, bench.findings.data, going=bool(bench.going)
        )
        self.search.setEnabled(not blocked)
        self.search.setAccessibleDescription(blocked)
        self.why_not.setText(blocked)

    def _show_state(self) -> None:
        going = self.bench.training.active
        self._show_search()
        self.fixed.setVisible(going)
        self.main.setEnabled(not going)
        self.more.setEnabled(not going)

    def _fold(self) -> None:
        opened = self.unfold.isChecked()
        self.more.setVisible(opened)
        self.unfold.set_icon_name("down" if opened else "right")
        self.unfold.setText(self.tr("Fewer") if opened else self.tr("More"))
