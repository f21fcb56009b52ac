"""Answers as tables have them, and where they stand."""

from __future__ import annotations

import pytest

from tlgui.core.answer_cells import NEAR, Answer, Place, place, read_answers, write_answers

PASSAGE = "A red hen, a red barn and a red door."


@pytest.mark.parametrize(
    ("cell", "answers"),
    [
        ("", ()),
        ("[]", ()),
        ('[{"text": "hen", "start": 6}]', (Answer("hen", 6),)),
        ('[{"text": "hen", "answer_start": 6}, {"text": "red hen"}]', (Answer("hen", 6), Answer("red hen"))),
        ('{"text": ["hen"], "answer_start": ["6"]}', (Answer("hen", 6),)),
        ('{"text": [], "answer_start": []}', ()),
        ('{"text": "hen", "start": 6}', (Answer("hen", 6),)),
        ('["hen", "barn"]', (Answer("hen"), Answer("barn"))),
        ('[{"text": " hen ", "start": 5}]', (Answer("hen", 6),)),
        ('[{"text": "  "}]', ()),
        ("hen", (Answer("hen"),)),
        ("[citation needed]", (Answer("[citation needed]"),)),
        ("[6]", (Answer("[6]"),)),
        ('{"hen": 6}', (Answer('{"hen": 6}'),)),
    ],
)
def test_a_cell_is_read_in_every_form(cell: str, answers: tuple[Answer, ...]) -> None:
    assert read_answers(cell) == answers


def test_a_cell_that_was_written_is_read_again() -> None:
    answers = (Answer("“hen”", 6), Answer("barn"))
    assert read_answers(write_answers(answers)) == answers


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer("red", 13), Place(13, 16, "as said")),
        (Answer("red", 14), Place(13, 16, "moved")),
        (Answer("red", 25), Place(28, 31, "moved")),
        (Answer("red", -3), Place(2, 5, "moved")),
        (Answer("red"), Place(2, 5, "first")),
        (Answer("hen"), Place(6, 9, "only")),
        (Answer("goat", 2), None),
        (Answer("hen", 6 + NEAR + 1), None),
    ],
)
def test_an_answer_is_placed_where_it_stands(answer: Answer, found: Place | None) -> None:
    assert place(answer, PASSAGE) == found
