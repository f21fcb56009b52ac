"""What is wrong with a plan, beside the fields it is about, each with a way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlgui.core import presets, transfer_words
from tlgui.core import recipe as recipes
from tlgui.core.board import Board
from tlgui.core.facts import DataFacts
from tlgui.core.outlook import group_words, is_one
from tlgui.core.recipe import Recipe
from tlgui.core.run_words import sentence
from tlgui.core.schedule import plan_problems
from tlgui.ui import theme
from tlgui.ui.widgets.basics import Level, ProblemLabel

Change = Callable[[Board], Recipe]
FIXES: tuple[tuple[str, str, Change], ...] = (
    # fields that begin so, words of the button, what it does
    ("transfer.gradual", str(QT_TRANSLATE_NOOP("PlanProblems", "Spread over the run")), presets.evenly),
    (
        "transfer.frozen",
        str(QT_TRANSLATE_NOOP("PlanProblems", "Let everything learn")),
        lambda board: presets.choose(board, "everything"),
    ),
    (
        "transfer.rates",
        str(QT_TRANSLATE_NOOP("PlanProblems", "Use computed rates")),
        lambda board: board.recipe.edit("transfer", rates={}),
    ),
    (
        "transfer.changes",
        str(QT_TRANSLATE_NOOP("PlanProblems", "Forget them")),
        lambda board: board.recipe.edit("transfer", changes=()),
    ),
    (
        "head",
        str(QT_TRANSLATE_NOOP("PlanProblems", "Take the usual head")),
        lambda board: presets.with_usual_head(board.recipe),
    ),
)
REPLAY, STUCK = "replay", "stuck"


class PlanProblems(QWidget):
    """One line a problem, at most one of each kind; hidden when there is none."""

    recipe_wanted = Signal(object)
    """(Recipe) in which a problem is settled."""

    def __init__(self) -> None:
        super().__init__()
        self._board: Board | None = None
        self.some = False
        """Whether something keeps the plan from running."""
        self.lines: dict[str, ProblemLabel] = {}
        """By the beginning of the field, and two remarks."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(4))
        for field, words, change in FIXES:
            self._add(field, "bad", self.tr(words), change)
        self._add("", "bad")
        self._add(REPLAY, "info", self.tr("Forget them"), lambda board: board.recipe.edit("transfer", changes=()))
        self._add(STUCK, "warn", self.tr("Let it learn"), presets.without_stuck)

    def _add(self, key: str, level: Level, fix: str = "", change: Change | None = None) -> None:
        settle = (lambda: self._settle(change)) if change is not None else None
        line = self.lines[key] = ProblemLabel(level, "", fix, settle)
        line.show_text(level, "")
        layout = self.layout()
        assert layout is not None
        layout.addWidget(line)

    def _settle(self, change: Change) -> None:
        if self._board is not None:
            self.recipe_wanted.emit(change(self._board))

    def show_problems(self, board: Board | None, data: DataFacts | None) -> bool:
        """Say what is wrong with a plan; whether it can be drawn all the same."""
        self._board = board
        said: dict[str, str] = {}
        if board is not None:
            own = [p for p in recipes.problems(board.recipe) if p.field.startswith(("transfer", "head"))]
            found = own + plan_problems(board.recipe, board.keys, board.new, board.steps_per_epoch)
            for problem in found:
                field = next((start for start, *_ in FIXES if problem.field.startswith(start)), "")
                said.setdefault(field, sentence(problem.text))
        self.some = bool(said)
        fits = board is not None and board.fits
        if board is not None and fits:
            said.setdefault("transfer.changes", "")
            said[REPLAY] = "" if said["transfer.changes"] else transfer_words.replay_words(board.recipe)
            said[STUCK] = _stuck_words(board)
        for key, line in self.lines.items():
            line.show_text({REPLAY: "info", STUCK: "warn"}.get(key, "bad"), said.get(key, ""))  # type: ignore[arg-type]
        self.setVisible(any(said.values()))
        return fits


def _stuck_words(board: Board) -> str:
    keys = presets.stuck(board)
    if not keys:
        return ""
    words = group_words(keys, board.lower)
    start = "starts" if is_one(keys) else "start"
    return f"{words[:1].upper()}{words[1:]} {start} at random and would stay so, frozen."
