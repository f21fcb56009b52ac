"""A table as the Data page and `tlgui check-data` show it."""

from __future__ import annotations

import numpy as np

from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.core.facts import ColumnFacts, DataFacts, DataProblem
from tlgui.core.recipe import Recipe
from tlgui.data.arrange import Arranged, arrange
from tlgui.data.roles import Roles
from tlgui.data.tables import Table

FIRST_ROWS = 50
MOST_ROWS = 500
NEIGHBOURS = 2
LONGEST_CELL = 2000
"""Characters; a longer cell ends in an ellipsis. Enough for a passage that questions are asked about."""


def look(recipe: Recipe, emit: Emit, control: Control) -> DataFacts:
    """Read, check and split the recipe's data, and say what was found; problems in rows do not raise.

    Raises:
        TlguiError: nothing can be read.
        StopRequested: between two blocks.
    """
    found = arrange(recipe, emit, control)
    table, findings = found.source.table, found.findings
    return DataFacts(
        source=recipe.data.source,
        name=found.source.name,
        rows=len(table),
        columns=tuple(ColumnFacts(name, _role(name, found.roles)) for name in table.names),  # type: ignore[arg-type]
        reading=table.reading,
        preview=_preview(table, [*findings.problems, *findings.settled]),
        problems=tuple(findings.problems),
        settled=tuple(findings.settled),
        labels=_labels(found),
        train_rows=0 if found.train is None else len(found.train),
        validation_rows=0 if found.held is None else len(found.held),
        passed=tuple(findings.passed),
    )


def _role(name: str, roles: Roles) -> str:
    return "text" if name in roles.text else "label" if name == roles.label else "ignore"


def _labels(found: Arranged) -> dict[str, int]:
    """Rows of each label on both sides, in the order of the ids."""
    if found.train is None or found.held is None or found.train.truth != "class":
        return {}
    counts = found.train.counts() + found.held.counts()
    return {name: int(number) for name, number in zip(found.train.label_names, counts, strict=True)}


def _preview(table: Table, problems: list[DataProblem]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The first rows, and the rows that problems name with those around them."""
    near = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    named = [np.add.outer(np.array(p.rows, dtype=np.int64), near).ravel() for p in problems]
    numbers = np.unique(np.concatenate([np.arange(1, FIRST_ROWS + 1), *named]))
    numbers = numbers[(numbers >= 1) & (numbers <= len(table))][:MOST_ROWS]
    cells = table.rows(numbers - 1)
    rows = zip(*(cells[name] for name in table.names), strict=True)
    return tuple((int(number), tuple(map(_short, row))) for number, row in zip(numbers, rows, strict=True))


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…"
