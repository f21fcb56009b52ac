"""Labels that are no classes: which rows cannot be used, and how many are left out unasked."""

from __future__ import annotations

import dataclasses

import pytest

from tlgui.core import goals
from tlgui.core.control import Control
from tlgui.core.goals import GOALS
from tlgui.data.arrange import Arranged, arrange
from tlgui.data.prepare import prepare


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The goal of classes reads numbers instead."""
    monkeypatch.setitem(goals.GOALS, "classify", dataclasses.replace(GOALS["classify"], truth="number"))


def arranged(recipe) -> Arranged:
    return arrange(recipe, lambda event: None, Control())


ROWS = "".join(f"Text number {i} here,{i / 2}\n" for i in range(99))


@pytest.mark.usefixtures("numbers")
def test_numbers_are_not_counted_as_classes(write, recipe) -> None:
    made = recipe(write("a.csv", f"text,label\n{ROWS}"))
    found = arranged(made)
    assert found.findings.problems == []
    prepared = prepare(made, lambda event: None, Control())
    assert prepared.label_names == () and prepared.train.labels is None
    rows = prepared.train.row_numbers
    assert prepared.train.truths(rows * 0 + range(len(rows))) == [str((row - 1) / 2) for row in rows.tolist()]


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(("tolerance", "severity", "noted"), [(0.0, "must", False), (0.01, "should", True)])
def test_a_label_that_is_no_number_is_named(tolerance: float, severity: str, noted: bool, write, recipe) -> None:
    found = arranged(recipe(write("a.csv", f"text,label\n{ROWS}One more text,many\n"), tolerance=tolerance))
    (problem,) = found.findings.problems
    assert (problem.kind, problem.severity, problem.rows) == ("unusable-label", severity, (100,))
    assert problem.text == "Row 100, column label: the label “many” is no number."
    assert bool(found.findings.notes) == noted
    assert found.train is not None and found.held is not None
    assert len(found.train) + len(found.held) == 99
