"""All rows of a source, or a sample of them, without checks and split: for predicting, evaluating and measuring."""

from __future__ import annotations

import numpy as np

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part
from tlgui.data.roles import decide
from tlgui.data.rows import read_rows
from tlgui.data.sources import open_source
from tlgui.data.watch import Watch


def open_part(recipe: Recipe, labels: tuple[str, ...] | None, emit: Emit, control: Control) -> Part:
    """Every row of the recipe's source.

    Args:
        labels: A model's label names by id, to read the label column with; None = no labels are wanted; empty = they
            are read as they stand.
    Raises:
        TlguiError: the source cannot be read, a column is missing, or a row has a label that the model does not know.
    """
    source = open_source(recipe.data.source, recipe.reading, emit, control)
    roles = decide(source, recipe, needs_label=labels is not None)
    if roles.problems:
        raise TlguiError(roles.problems[0].text, "Use a file with the columns that the model was trained on.")
    truth = GOALS[recipe.task].truth if labels is not None else ""
    rows = read_rows(source.table, roles.text, roles.label if truth else "", Watch(emit, control), truth=truth)
    if not labels:
        if unusable := np.flatnonzero(rows.labels < 0).tolist():
            why = rows.why if rows.labels[unusable[0]] == -2 else "the label is empty"
            where = f"{source.name}, row {unusable[0] + 1}, column {roles.label}"
            raise TlguiError(f"{where}: {why}.", "Correct the row, or leave it out.")
        return Part(source.table, roles.text, rows.numbers, None, rows.label_column)
    known = rows.renamed(labels)
    strange = np.flatnonzero(known.labels < 0)
    if len(strange):
        row = int(strange[0])
        name = rows.label_names[rows.labels[row]] if rows.labels[row] >= 0 else ""
        raise TlguiError(
            f"{source.name}, row {row + 1}, column {roles.label}: "
            + (f"the model does not know the label “{name}”." if name else "the label is empty."),
            f"The labels it knows are {', '.join(labels)}.",
        )
    return Part(source.table, roles.text, rows.numbers, known.labels.astype(np.int64), rows.label_column)


def sample_texts(recipe: Recipe, count: int, emit: Emit, control: Control) -> list[tuple[str, ...]]:
    """The texts of at most `count` rows, spread evenly over the source; nothing if no column holds text."""
    source = open_source(recipe.data.source, recipe.reading, emit, control)
    roles = decide(source, recipe, needs_label=bool(recipe.data.label))
    if not roles.text:
        return []
    rows = np.unique(np.linspace(1, len(source.table), min(count, len(source.table))).astype(np.int64))
    return Part(source.table, roles.text, rows, None).texts(np.arange(len(rows)))
