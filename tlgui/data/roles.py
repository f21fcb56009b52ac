"""Which column is the text and which the label: what the recipe says, else a guess from names and cells."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tlgui.core.facts import DataProblem
from tlgui.core.recipe import Recipe
from tlgui.data.names import LABEL_NAMES, PAIRS, TEXT_NAMES, is_number, plain
from tlgui.data.sources import Source
from tlgui.data.tables import Table

SAMPLE = 2000
MAX_CLASSES = 100
"""A column with more different values is not guessed to be the label."""


@dataclass(frozen=True)
class Roles:
    """The columns that a run reads."""

    text: tuple[str, ...]
    """One or two; empty if none could be found."""
    label: str = ""
    """Empty for goals without labels, or if none could be found."""
    problems: tuple[DataProblem, ...] = ()


@dataclass(frozen=True)
class _Look:
    """What a sample of a column's cells is like."""

    name: str
    place: int
    distinct: int
    filled: int
    characters: float
    """Mean over the cells that are not empty."""
    words: float
    numbers: bool


def decide(source: Source, recipe: Recipe, needs_label: bool) -> Roles:
    """The columns to read; a column that the recipe names but the table lacks is a problem, and then guessed."""
    table, data = source.table, recipe.data
    wanted = (*data.text, *([data.label] if data.label and needs_label else []))
    problems = [missing(table, name, source.name) for name in wanted if name not in table.names]
    looks = _look(table)
    text = tuple(name for name in data.text if name in table.names)
    label = data.label if needs_label and data.label in table.names else ""
    taken = {*text, label}
    goal = recipe.card.goal
    if needs_label and not label:
        label = _known(source.label, taken) or "".join(_named(table, [(name,) for name in goal.label_names], taken))
    if needs_label and not label:
        label = _guess_label([c for c in looks if c.name not in {*text, *source.text}])
    if not text:
        text = tuple(n for n in source.text if n != label) or _named(table, goal.text_names, {label})
    if not text:
        text = _guess_text([c for c in looks if c.name != label])
    if data.pair and not data.text and len(text) == 1:
        text = _with_another(text[0], [c for c in looks if c.name not in (*text, label)])
        problems += [DataProblem("no-pair", "must", "The file has one column of text; comparing needs two.")] * (
            len(text) < 2
        )
    if not text:
        problems.append(_none("no-text", "text"))
    if needs_label and not label:
        problems.append(_none("no-label", "label"))
    return Roles(text, label, tuple(problems))


def missing(table: Table, name: str, file: str) -> DataProblem:
    """The problem of a column that is not there, with the names that are."""
    near = difflib.get_close_matches(name, table.names, n=1)
    question = f" Did you mean {near[0]}?" if near else ""
    there = ", ".join(table.names[:20])
    text = f"{file} has no column {name}.{question} It has: {there}."
    return DataProblem("missing-column", "must", text, column=name)


def _none(kind: str, role: str) -> DataProblem:
    return DataProblem(kind, "must", f"The file has no {role} column. Pick one in a column header.")


def _known(name: str, taken: set[str]) -> str:
    return "" if name in taken else name


def _named(table: Table, wanted: Sequence[tuple[str, ...]], taken: set[str]) -> tuple[str, ...]:
    """The first of some sets of columns that the table has all of; empty if it has none."""
    there = {plain(name): name for name in table.names if name not in taken}
    return next((tuple(there[name] for name in names) for names in wanted if all(n in there for n in names)), ())


def _look(table: Table) -> list[_Look]:
    """Judge each column by cells spread evenly over the table."""
    rows = np.unique(np.linspace(0, len(table) - 1, min(SAMPLE, len(table))).astype(np.int64))
    looks = []
    for place, (name, cells) in enumerate(table.rows(rows).items()):
        filled = [cell.strip() for cell in cells if cell.strip()]
        count = max(1, len(filled))
        looks.append(
            _Look(
                name,
                place,
                len(set(filled)),
                len(filled),
                sum(map(len, filled)) / count,
                sum(cell.count(" ") + 1 for cell in filled) / count,
                bool(filled) and all(is_number(cell) for cell in filled),
            )
        )
    return looks


def _guess_text(looks: Sequence[_Look]) -> tuple[str, ...]:
    """A pair by its names, else a name people give to texts, else the column with the longest cells."""
    wordy = [look for look in looks if look.filled and not look.numbers]
    by_name = {plain(look.name): look for look in wordy}
    for pair in PAIRS:
        if all(name in by_name for name in pair):
            return tuple(by_name[name].name for name in pair)
    if not wordy:
        return ()
    named = [by_name[name] for name in TEXT_NAMES if name in by_name and by_name[name].words > 1]
    longest = max(wordy, key=lambda look: look.characters)
    # A title is a text by name, but the body beside it is what people mean.
    best = named[0] if named and named[0].characters * 4 > longest.characters else longest
    return (best.name,) if best.words > 1 or best in named or len(looks) == 1 else ()


def _with_another(first: str, looks: Sequence[_Look]) -> tuple[str, ...]:
    """A column of text and the wordiest of the others, in the order of the table; alone if no other holds words."""
    wordy = [look for look in looks if look.filled and not look.numbers and look.words > 1]
    return (first, max(wordy, key=lambda look: look.characters).name) if wordy else (first,)


def _guess_label(looks: Sequence[_Look]) -> str:
    """A name people give to labels, else the column with the fewest different short values; empty if none fits."""
    by_name = {plain(look.name): look for look in looks if look.filled}
    named = [by_name[name] for name in LABEL_NAMES if name in by_name]
    if named:
        return named[0].name
    fits = [
        look
        for look in looks
        if 2 <= look.distinct <= min(MAX_CLASSES, look.filled // 2) and look.characters <= 40 and look.words <= 4
    ]
    return min(fits, key=lambda look: (look.distinct, -look.place)).name if fits else ""
