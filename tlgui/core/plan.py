"""The one-line plan at the foot of the window, and each page's answer: always true, never empty."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tlgui.core import freeze
from tlgui.core.board import Board, board_of, layer_problems
from tlgui.core.facts import CostFacts, DataFacts, ModelFacts
from tlgui.core.recipe import Recipe, problems
from tlgui.core.schedule import describe_schedule

Page = Literal["goal", "model", "data", "layers", "train", "try", "runs", "race"]
State = Literal["open", "filled", "problem"]


@dataclass(frozen=True)
class Answer:
    """What a page has settled, in at most a few words."""

    page: Page
    state: State
    short: str
    """For the rail, at most 22 characters."""
    long: str
    """For the plan line; empty if it adds nothing."""


def answers(
    recipe: Recipe,
    model: ModelFacts | None,
    data: DataFacts | None,
    cost: CostFacts | None,
    failed: Collection[str] = (),
) -> tuple[Answer, ...]:
    """One answer a page that fills the recipe, in the order of the rail; `failed` names looks that found nothing."""
    goal = recipe.card.goal
    found = (
        Answer("goal", "filled", goal.title, goal.short),
        _model_answer(model),
        _data_answer(data),
        _layers_answer(recipe, model, data),
        _train_answer(recipe, model, data, cost),
    )
    return tuple(
        Answer(answer.page, "problem", "1 problem to settle", "1 problem to settle")
        if answer.page in failed
        else answer
        for answer in found
    )


def ready(recipe: Recipe, model: ModelFacts | None, data: DataFacts | None) -> bool:
    """Whether Start would be accepted."""
    return all(answer.state != "problem" for answer in answers(recipe, model, data, None)) and bool(model and data)


def to_settle(recipe: Recipe, model: ModelFacts | None, data: DataFacts | None) -> int:
    """How many problems keep the run from starting."""
    of_layers = layer_problems(recipe, model, data) if model else ()
    return len(problems(recipe)) + len(of_layers) + sum(p.severity == "must" for p in (data.problems if data else ()))


def duration(seconds: float) -> str:
    """A time people can plan with: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def milliseconds(seconds: float) -> str:
    """The time of a step: "104 ms", "1.3 s"."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def size(count: float) -> str:
    """Bytes as people read them: "91 MB", "1.6 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def millions(count: int) -> str:
    """A number of parameters: "770", "0.15 M", "19.8 M"."""
    return f"{count:,}" if count < 10_000 else f"{count / 1e6:.{2 if count < 10_000_000 else 1}f} M"


def scientific(rate: float) -> str:
    """A learning rate in as few characters as say it: "4.3e-5"."""
    digits, _, power = f"{rate:.1e}".partition("e")
    return f"{digits}e{int(power)}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 problem", "8,530 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _model_answer(model: ModelFacts | None) -> Answer:
    if model is None:
        return Answer("model", "open", "Not set yet", "no model yet")
    return Answer("model", "filled", _fit(model.name), model.name)


def _data_answer(data: DataFacts | None) -> Answer:
    if data is None:
        return Answer("data", "open", "Not set yet", "no data yet")
    must = sum(problem.severity == "must" for problem in data.problems)
    short = count(must, "problem") + " to settle" if must else _fit(data.name)
    used = data.train_rows + data.validation_rows
    rows = f"{used:,} of {count(data.rows, 'row')}" if 0 < used < data.rows else count(data.rows, "row")
    return Answer("data", "problem" if must else "filled", short, f"{data.name}, {rows}")


def _layers_answer(recipe: Recipe, model: ModelFacts | None, data: DataFacts | None) -> Answer:
    if model is None:
        return Answer("layers", "open", "Not set yet", "")
    found = [p for p in problems(recipe) if p.field.startswith(("transfer", "head"))]
    found += layer_problems(recipe, model, data)
    if found:
        return Answer("layers", "problem", f"{count(len(found), 'problem')} to settle", "")
    board = board_of(recipe, model, data)
    words = describe_schedule(recipe, model.keys, model.new)
    if recipe.model.weights == "scratch":
        words = f"from scratch, {words}"
    return Answer("layers", "filled", _fit(_layers_in_short(board)), words)


def _layers_in_short(board: Board) -> str:
    """The plan for the rail: "Gradual, top 2"."""
    layers = sum(key.isdigit() for key in board.ever)
    if board.recipe.model.weights == "scratch":
        return "From scratch"
    match board.transfer.method:
        case "feature-based":
            return "Features, new head"
        case "lora":
            return f"LoRA, rank {board.transfer.lora.rank}"
        case "gradual":
            return f"Gradual, top {layers}"
    words = freeze.describe(board.start)
    return words[0].upper() + words[1:]


def _train_answer(recipe: Recipe, model: ModelFacts | None, data: DataFacts | None, cost: CostFacts | None) -> Answer:
    if model is None or data is None:
        return Answer("train", "open", "Not set yet", "")
    found = to_settle(recipe, model, data)
    if found:
        return Answer(
            "train",
            "problem" if problems(recipe) else "open",
            count(found, "problem"),
            f"{count(found, 'problem')} to settle",
        )
    long = "" if cost is None else f"about {duration(cost.seconds)}, {size(cost.memory_bytes)}"
    return Answer("train", "open", "Ready to start", long)


def _fit(words: str) -> str:
    return words if len(words) <= 22 else words[:21] + "…"
