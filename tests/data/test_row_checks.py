"""What the checks find, what they say, and what settling a problem does."""

from __future__ import annotations

import pytest

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.facts import DataProblem
from tlgui.data import checks
from tlgui.data.arrange import Arranged, arrange

GOOD = "".join(f"Text number {i} is a fine one,pos\nText number {i} is a poor one,neg\n" for i in range(30))


def arranged(recipe) -> Arranged:
    return arrange(recipe, lambda event: None, Control())


def numbers(found: Arranged) -> list[int]:
    assert found.train is not None and found.held is not None
    return sorted([*found.train.numbers.tolist(), *found.held.numbers.tolist()])


# kind: rows after 60 good ones, (severity, sentence, named rows, fix), rows that go when it is settled
ROW_CASES = {
    "empty-text": (
        "  ,pos\n",
        DataProblem(
            "empty-text", "must", "Row 61, column text: the text is empty.", (61,), 1, "text", "Leave the row out",
        ),
        [61],
    ),
    "empty-label": (
        "One more,\nAnother,\n",
        DataProblem(
            "empty-label", "must", "2 rows have no label in column label, the first is row 61.",
            (61, 62), 2, "label", "Leave the rows out",
        ),
        [61, 62],
    ),
    "conflicting-label": (
        "Text number 0 is a fine one ,neg\n",
        DataProblem(
            "conflicting-label", "should", "Rows 1 and 61 have the same text and different labels.",
            (1, 61), 2, "text", "Leave them all out",
        ),
        [1, 61],
    ),
    "duplicate": (
        " Text number 3 is a poor one,neg\n",
        DataProblem("duplicate", "should", "Row 61 repeats an earlier row.", (61,), 1, "text", "Leave the row out"),
        [61],
    ),
    "rare-class": (
        "Neither here nor there,mixed\n",
        DataProblem(
            "rare-class", "should",
            "Row 61 is the only one of class mixed. It cannot be both learned and checked.",
            (61,), 1, "label", "Leave the row out",
        ),
        [61],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROW_CASES)
def test_a_row_check_finds_says_and_settles(write, recipe, kind: str) -> None:
    rows, problem, gone = ROW_CASES[kind]
    path = write("a.csv", f"text,label\n{GOOD}{rows}")
    found = arranged(recipe(path)).findings
    assert problem in found.problems
    settled = arranged(recipe(path, leave_out=(kind,)))
    assert settled.findings.settled == [problem]
    assert kind not in {p.kind for p in settled.findings.problems}
    everything = range(1, 61 + len(rows.splitlines()))
    assert numbers(settled) == [row for row in everything if row not in gone]
    assert settled.findings.notes == [f"{problem.text} Left out."]


def test_every_row_check_has_a_case() -> None:
    assert set(ROW_CASES) == {check.kind for check in checks.ROW_CHECKS if check.kind != checks.UNUSABLE}


def test_clean_rows_pass_everything(write, recipe) -> None:
    found = arranged(recipe(write("a.csv", f"text,label\n{GOOD}"))).findings
    tables = (*checks.ROW_CHECKS, *checks.WHOLE_CHECKS, *checks.SPLIT_CHECKS)
    said = [check.passed for check in tables if check.passed and (check.truths is None or "class" in check.truths)]
    assert found.problems == [] and found.passed == said


def test_many_pairs_are_counted(write, recipe) -> None:
    again = "".join(f"Text number {i} is a fine one,neg\n" for i in (4, 2))
    (problem,) = [
        p
        for p in arranged(recipe(write("a.csv", f"text,label\n{GOOD}{again}"))).findings.problems
        if p.kind == "conflicting-label"
    ]
    assert problem.text == "2 pairs have the same text and different labels, first rows 5 and 62."


def test_a_pair_is_empty_if_one_of_its_texts_is(write, recipe) -> None:
    path = write(
        "a.csv", "sentence1,sentence2,label\n" + "".join(f"A {i},B {i},{i % 2}\n" for i in range(60)) + "A,,1\n"
    )
    (problem,) = arranged(recipe(path)).findings.problems
    assert (problem.text, problem.column) == ("Row 61, column sentence2: the text is empty.", "sentence2")


WHOLE_CASES = {
    "too-few": ("One,pos\nTwo,neg\n", "must", "Only 2 rows can be used. At least 4 are needed."),
    "all-duplicates": (
        "Same,pos\n" * 60,
        "must",
        "All 60 rows have the same text. There is nothing to learn from them.",
    ),
    "one-class": (
        "".join(f"Text {i},pos\n" for i in range(60)),
        "must",
        "All rows have the label pos. A model needs at least two classes.",
    ),
    "few-rows": (
        "One,pos\nTwo,neg\nThree,pos\nFour,neg\n",
        "should",
        "Only 4 rows can be used. The score will say little.",
    ),
    "number-label": (
        "".join(f"Text {i},{i % 15 / 4}\n" for i in range(60)),
        "should",
        "Column label holds 15 different numbers, such as 0.25, not classes.",
    ),
}


@pytest.mark.parametrize("kind", WHOLE_CASES)
def test_a_check_of_all_rows_says_what_is_wrong(write, recipe, kind: str) -> None:
    rows, severity, text = WHOLE_CASES[kind]
    found = arranged(recipe(write("a.csv", f"text,label\n{rows}"))).findings
    (problem,) = [p for p in found.problems if p.kind == kind]
    assert (problem.severity, problem.text, problem.fix) == (severity, text, "")


def test_every_whole_check_has_a_case() -> None:
    assert set(WHOLE_CASES) == {check.kind for check in checks.WHOLE_CHECKS}


def test_overlap_moves_to_training(write, recipe) -> None:
    path = write("a.csv", "text,label\n" + GOOD * 2)
    before = arranged(recipe(path, validation=0.5))
    (problem,) = [p for p in before.findings.problems if p.kind == "overlap"]
    assert problem.text.endswith("texts are on both sides of the split. The score would look too good.")
    assert problem.fix == "Move to training" and before.held is not None and before.train is not None
    after = arranged(recipe(path, validation=0.5, leave_out=("overlap",)))
    assert after.held is not None and after.train is not None
    assert numbers(after) == list(range(1, 121))
    assert len(after.held) == len(before.held) - problem.count
    assert not set(after.held.texts.tolist()) & set(after.train.texts.tolist())
    assert "overlap" not in {p.kind for p in after.findings.problems}


def test_overlap_with_a_second_source_is_left_out(write, recipe) -> None:
    path, held = (
        write("a.csv", f"text,label\n{GOOD}"),
        write("b.csv", "text,label\nText number 0 is a fine one,pos\nNew,neg\n"),
    )
    (problem,) = arranged(recipe(path, validation=str(held))).findings.problems
    assert problem.text == "b.csv: 1 text is on both sides of the split. The score would look too good."
    assert (problem.rows, problem.fix) == ((), "Leave out of validation")
    after = arranged(recipe(path, validation=str(held), leave_out=("overlap",)))
    assert after.held is not None and after.held.numbers.tolist() == [2]


def test_labels_only_in_the_validation_rows(write, recipe) -> None:
    path, held = write("a.csv", f"text,label\n{GOOD}"), write("b.csv", "text,label\nNew,neg\nOdd,mixed\n")
    found = arranged(recipe(path, validation=str(held)))
    (problem,) = found.findings.problems
    assert (problem.kind, problem.severity, problem.count) == ("validation-label", "must", 1)
    assert problem.text == "b.csv: the label mixed occurs only in the validation rows, so no model can learn it."
    after = arranged(recipe(path, validation=str(held), leave_out=("validation-label",)))
    assert after.held is not None and after.held.numbers.tolist() == [1] and after.held.label_names == ("neg", "pos")


def test_nothing_left_for_validation_must_be_settled(write, recipe) -> None:
    path = write("a.csv", f"text,label\n{GOOD}")
    found = arranged(recipe(path, validation=str(path), leave_out=("overlap",))).findings
    assert [p.kind for p in found.problems] == ["no-validation"]


def test_an_unknown_kind_is_refused(write, recipe) -> None:
    path = write("a.csv", f"text,label\n{GOOD}")
    with pytest.raises(TlguiError, match=r"“empty-texts” in data\.leave_out is no kind of problem.*empty-text"):
        arranged(recipe(path, leave_out=("empty-texts",)))
