"""What may be wrong with the rows: tables of checks, each with its sentence and the words of its remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tlgui.core.facts import DataProblem, Severity
from tlgui.core.goals import Truth
from tlgui.core.plan import count
from tlgui.data.names import is_number
from tlgui.data.rows import Rows
from tlgui.data.truths import KINDS

CLASS: tuple[Truth, ...] = ("class",)
UNUSABLE = "unusable-label"
"""Left out without asking, up to the share that the recipe tolerates."""
NAMED = 100
"""Rows that a problem names at most."""
FEW_ROWS = 50
FEWEST_ROWS = 4


@dataclass(frozen=True)
class RowCheck:
    """A check that finds rows, which the recipe's `leave_out` may leave out."""

    kind: str
    severity: Severity
    find: Callable[[Rows], np.ndarray]
    """One flag a row: is it concerned?"""
    say: Callable[[Rows, Rows], str]
    """The sentence, given the rows concerned and all rows."""
    fix: str
    fix_many: str
    passed: str
    truths: tuple[Truth, ...] | None = None
    """What the label column has to hold for it; None = whatever it holds, also nothing."""
    of_held: bool = True
    """Whether rows from a second source are checked as well."""


@dataclass(frozen=True)
class WholeCheck:
    """A check of all rows together, for which there is no remedy but other data."""

    kind: str
    severity: Severity
    say: Callable[[Rows], str]
    """The sentence; empty if all is well."""
    passed: str
    truths: tuple[Truth, ...] | None = None


@dataclass(frozen=True)
class SplitCheck:
    """A check of validation rows against training rows."""

    kind: str
    severity: Severity
    find: Callable[[Rows, Rows], np.ndarray]
    """Given training and validation rows, one flag a validation row."""
    say: Callable[[Rows], str]
    fix: str
    fix_held: str
    """The same for validation rows from a second source, which cannot move."""
    passed: str
    truths: tuple[Truth, ...] | None = None


def _repeats(rows: Rows) -> np.ndarray:
    """Rows whose text and label an earlier row has too."""
    order = np.lexsort((rows.labels, rows.texts))  # of equal pairs the earlier row comes first
    again = np.zeros(len(rows), dtype=bool)
    again[order[1:]] = _as_before(rows.texts, order) & _as_before(rows.labels, order)
    return again


def _contradictions(rows: Rows) -> np.ndarray:
    """Rows whose text has another label elsewhere."""
    order = np.lexsort((rows.labels, rows.texts))
    starts = np.flatnonzero(np.concatenate([[True], ~_as_before(rows.texts, order)])[: len(order)])
    ends = np.append(starts, len(order))[1:] - 1
    labels = rows.labels[order]  # within a text they rise, so the ends tell whether there are two
    found = np.empty(len(rows), dtype=bool)
    found[order] = np.repeat(labels[starts] != labels[ends], ends - starts + 1)
    return found


def _as_before(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Whether each value but the first is, in this order, that of its predecessor."""
    ordered = values[order]
    equal: np.ndarray = ordered[1:] == ordered[:-1]
    return equal


def _lonely(rows: Rows) -> np.ndarray:
    """Rows that are the only one of their class."""
    return rows.counts()[rows.labels] < 2


def _in_training(train: Rows, held: Rows) -> np.ndarray:
    return np.isin(held.texts, train.texts)


def _new_label(train: Rows, held: Rows) -> np.ndarray:
    known = {name for name, rows in zip(train.label_names, train.counts(), strict=True) if rows}
    return np.array([name not in known for name in held.label_names] + [False])[held.labels]


def _say_empty_text(found: Rows, rows: Rows) -> str:
    column = found.text_columns[found.empty[0]]
    if len(found) == 1:
        return f"{_row(found)}, column {column}: the text is empty."
    return f"{count(len(found), 'row')} have an empty text, the first is row {found.numbers[0]:,}, column {column}."


def _say_empty_label(found: Rows, rows: Rows) -> str:
    if len(found) == 1:
        return f"{_row(found)}, column {found.label_column}: the label is empty."
    where = f"in column {found.label_column}, the first is row {found.numbers[0]:,}"
    return f"{count(len(found), 'row')} have no label {where}."


def _say_unusable(found: Rows, rows: Rows) -> str:
    first = f"row {found.numbers[0]:,}, column {found.label_column}: {rows.why}"
    if len(found) == 1:
        return f"{first[0].upper()}{first[1:]}."
    return f"{count(len(found), 'row')} have a label that cannot be used, the first is {first}."


def _say_contradiction(found: Rows, rows: Rows) -> str:
    first, second = found.numbers[found.texts == found.texts[0]][:2]
    texts = len(np.unique(found.texts))
    if texts == 1:
        return f"Rows {first:,} and {second:,} have the same text and different labels."
    what = "pairs have" if texts * 2 == len(found) else "texts occur with different labels"
    ending = " the same text and different labels" if what == "pairs have" else ""
    return f"{texts:,} {what}{ending}, first rows {first:,} and {second:,}."


def _say_repeat(found: Rows, rows: Rows) -> str:
    if len(found) == 1:
        return f"{_row(found)} repeats an earlier row."
    return f"{count(len(found), 'row')} repeat an earlier row, the first is row {found.numbers[0]:,}."


def _say_lonely(found: Rows, rows: Rows) -> str:
    names = [found.label_names[label] for label in found.labels]
    if len(names) == 1:
        return f"Row {found.numbers[0]:,} is the only one of class {names[0]}. It cannot be both learned and checked."
    return f"{len(names):,} classes have only one row each: {_list(names)}. They cannot be both learned and checked."


def _row(found: Rows) -> str:
    return f"Row {found.numbers[0]:,}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _say_one_class(rows: Rows) -> str:
    there = [name for name, number in zip(rows.label_names, rows.counts(), strict=True) if number]
    return f"All rows have the label {there[0]}. A model needs at least two classes." if len(there) == 1 else ""


def _say_all_alike(rows: Rows) -> str:
    alike = len(rows) > 1 and (rows.texts == rows.texts[0]).all()
    return f"All {len(rows):,} rows have the same text. There is nothing to learn from them." if alike else ""


def _say_too_few(rows: Rows) -> str:
    if len(rows) >= FEWEST_ROWS:
        return ""
    return f"Only {count(len(rows), 'row')} can be used. At least {FEWEST_ROWS} are needed."


def _say_few(rows: Rows) -> str:
    few = FEWEST_ROWS <= len(rows) < FEW_ROWS
    return f"Only {count(len(rows), 'row')} can be used. The score will say little." if few else ""


def _say_scores(rows: Rows) -> str:
    """Labels such as 3.8 and 4.25 are a scale, not classes."""
    names = rows.label_names
    scale = len(names) > 10 and all(is_number(n) for n in names) and any(float(n) % 1 for n in names)
    if not scale:
        return ""
    return f"Column {rows.label_column} holds {len(names):,} different numbers, such as {names[1]}, not classes."


def _say_new_labels(found: Rows) -> str:
    names = sorted({found.label_names[label] for label in found.labels})
    what = f"The label {names[0]} occurs" if len(names) == 1 else f"The labels {_list(names)} occur"
    return f"{what} only in the validation rows, so no model can learn it."


def _say_overlap(found: Rows) -> str:
    texts = len(np.unique(found.texts))
    what = "1 text is" if texts == 1 else f"{texts:,} texts are"
    return f"{what} on both sides of the split. The score would look too good."


# In this order: what an earlier check leaves out, a later one does not see.
ROW_CHECKS = (
    RowCheck(
        "empty-text", "must", lambda rows: rows.empty >= 0, _say_empty_text,
        "Leave the row out", "Leave the rows out", "No text is empty",
    ),
    RowCheck(
        "empty-label", "must", lambda rows: rows.labels == -1, _say_empty_label,
        "Leave the row out", "Leave the rows out", "Every row has a label", truths=(*CLASS, *KINDS),
    ),
    RowCheck(
        UNUSABLE, "must", lambda rows: rows.labels == -2, _say_unusable,
        "Leave the row out", "Leave the rows out", "Every label can be used", truths=tuple(KINDS),
    ),
    RowCheck(
        "conflicting-label", "should", _contradictions, _say_contradiction,
        "Leave both out", "Leave them all out", "No text has two labels", truths=CLASS, of_held=False,
    ),
    RowCheck(
        "duplicate", "should", _repeats, _say_repeat,
        "Leave the row out", "Keep one of each", "No row occurs twice", of_held=False,
    ),
    RowCheck(
        "rare-class", "should", _lonely, _say_lonely,
        "Leave the row out", "Leave the rows out", "Every class has two rows or more", truths=CLASS, of_held=False,
    ),
)  # fmt: skip

WHOLE_CHECKS = (
    WholeCheck("too-few", "must", _say_too_few, ""),
    WholeCheck("all-duplicates", "must", _say_all_alike, ""),
    WholeCheck("one-class", "must", _say_one_class, "At least two classes", truths=CLASS),
    WholeCheck("number-label", "should", _say_scores, "", truths=CLASS),
    WholeCheck("few-rows", "should", _say_few, ""),
)

SPLIT_CHECKS = (
    SplitCheck(
        "validation-label", "must", _new_label, _say_new_labels,
        "Leave the rows out", "Leave the rows out", "Every label can be learned", truths=CLASS,
    ),
    SplitCheck(
        "overlap", "should", _in_training, _say_overlap,
        "Move to training", "Leave out of validation", "No text is on both sides of the split",
    ),
)  # fmt: skip


def concerns(check: RowCheck | WholeCheck | SplitCheck, rows: Rows) -> bool:
    """Whether a check is about rows with such labels, or about any rows."""
    return check.truths is None or rows.truth in check.truths


SETTLEABLE = tuple(check.kind for check in (*ROW_CHECKS, *SPLIT_CHECKS))


def problem(check: RowCheck | SplitCheck, found: Rows, text: str, fix: str) -> DataProblem:
    """The problem of some rows; rows of a second file are named in the sentence alone."""
    about_label = check.kind in ("empty-label", UNUSABLE, "rare-class", "validation-label")
    column = found.label_column if about_label else found.text_columns[max(0, int(found.empty[0]))]
    rows = () if found.file else tuple(int(row) for row in found.numbers[:NAMED])
    sentence = in_file(found.file, text) if found.file else text
    return DataProblem(check.kind, check.severity, sentence, rows, len(found), column, fix)


def in_file(name: str, sentence: str) -> str:
    """The sentence with the file it is about: "dev.tsv: row 3, column …"."""
    return f"{name}: {sentence[0].lower()}{sentence[1:]}"
