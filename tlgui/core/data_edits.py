"""Changes to the data part of a recipe that keep it sensible, whoever makes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Literal

from tlgui.core.facts import ColumnFacts, DataFacts, DataProblem
from tlgui.core.goals import Card
from tlgui.core.recipe import SOURCE_SCHEMES, DataPart, ReadingPart, Recipe

Role = Literal["text", "label", "ignore"]
MOST_TEXT_COLUMNS = 2
DELIMITED = (".csv", ".tsv", ".tab")
TABLE_FIELDS = ("delimiter", "encoding", "header", "quoting")
STRUCTURED = (".json", ".jsonl", ".ndjson", ".parquet")


def with_source(data: DataPart, source: str) -> DataPart:
    """Another table: what belonged to the old one is forgotten, and a share for validation is kept."""
    share = data.validation if isinstance(data.validation, float) else DataPart().validation
    return DataPart(source=source, validation=share, pair=data.reads_pair)


def with_card(recipe: Recipe, card: Card) -> Recipe:
    """The recipe for another card; the columns of text are guessed anew if that reads one more or less."""
    data = recipe.data
    if card != recipe.card and card.pair != data.reads_pair:
        data = data.model_copy(update={"pair": card.pair, "text": ()})
    return recipe.edit("", task=card.goal.key, data=data)


def with_reading(data: DataPart, reading: ReadingPart) -> DataPart:
    """The same table read another way; its columns may be called otherwise then, so their roles are guessed anew."""
    kept = {"reading": reading, "pair": data.reads_pair}
    return data.model_copy(update={**kept, "text": (), "label": "", "leave_out": ()})


def with_role(data: DataPart, columns: Sequence[ColumnFacts], name: str, role: Role, needs_label: bool) -> DataPart:
    """Give one column a role, starting from the roles as they are shown; a third text column replaces the second.

    Raises:
        ValueError: no text, or no label that is needed, would remain; the message is a sentence.
    """
    text = [column.name for column in columns if column.role == "text" and column.name != name]
    label = next((column.name for column in columns if column.role == "label" and column.name != name), "")
    if role == "text":
        text = [*text[: MOST_TEXT_COLUMNS - 1], name]
        text.sort(key=[column.name for column in columns].index)
    elif role == "label":
        label = name
    if not text:
        raise ValueError("At least one column must be the text. Choose Text in another column first.")
    if needs_label and role == "ignore" and ColumnFacts(name, "label") in columns:
        raise ValueError("This goal needs a label. Choose Label in another column first.")
    return data.model_copy(update={"text": tuple(text), "label": label})


def settle(data: DataPart, kinds: Iterable[str]) -> DataPart:
    """Leave the rows of some kinds of problem out."""
    return data.model_copy(update={"leave_out": tuple(dict.fromkeys((*data.leave_out, *kinds)))})


def unsettle(data: DataPart, kind: str) -> DataPart:
    """Take the rows of a kind of problem back in."""
    return data.model_copy(update={"leave_out": tuple(k for k in data.leave_out if k != kind)})


def reading_fields(source: str) -> tuple[str, ...]:
    """Fields of `data.reading` that mean anything for a source."""
    if not source or source.startswith(SOURCE_SCHEMES):
        return ()
    ending = PurePath(source).suffix.lower()
    return TABLE_FIELDS if ending in DELIMITED else () if ending in STRUCTURED else ("encoding",)


def roles(data: DataPart, columns: Sequence[ColumnFacts]) -> tuple[ColumnFacts, ...]:
    """The columns with the roles that the recipe names by now, which may be newer than the facts."""
    text = data.text or tuple(column.name for column in columns if column.role == "text")
    label = data.label or next((column.name for column in columns if column.role == "label"), "")

    def role(name: str) -> Role:
        return "text" if name in text else "label" if name == label else "ignore"

    return tuple(ColumnFacts(column.name, role(column.name)) for column in columns)


def to_settle(data: DataPart, facts: DataFacts) -> tuple[DataProblem, ...]:
    """The problems that the recipe does not leave out by now."""
    return tuple(problem for problem in _all_problems(facts) if problem.kind not in data.leave_out)


def settled(data: DataPart, facts: DataFacts) -> tuple[DataProblem, ...]:
    """The problems that the recipe leaves out by now."""
    return tuple(problem for problem in _all_problems(facts) if problem.kind in data.leave_out)


def _all_problems(facts: DataFacts) -> tuple[DataProblem, ...]:
    return tuple({(p.kind, p.column): p for p in (*facts.settled, *facts.problems)}.values())
