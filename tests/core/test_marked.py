"""Kept questions are written and read again."""

from __future__ import annotations

import pytest

from tlgui.core.errors import TlguiError
from tlgui.core.marked import marked_answer, with_marked_answer


def test_a_kept_question_is_read_again() -> None:
    kept = with_marked_answer(" Who  keeps it? ", "The bees keep it.\nAll year.", 4, 8)
    assert kept == "Who keeps it?\nThe {bees} keep it.\nAll year."
    assert marked_answer(kept) == ("Who keeps it?", "The bees keep it.\nAll year.", "bees", 4)


def test_without_braces_there_is_no_answer() -> None:
    assert marked_answer(with_marked_answer("Who?", "Nobody {here}.", 0, 0)) == ("Who?", "Nobody (here).", "", 0)


def test_spaces_in_braces_are_not_the_answers() -> None:
    assert marked_answer("Who?\nThe { bees } do.") == ("Who?", "The  bees  do.", "bees", 5)


@pytest.mark.parametrize("text", ["", "Who?", "Who?\n  "])
def test_a_question_without_a_passage_is_refused(text: str) -> None:
    with pytest.raises(TlguiError, match="needs its passage"):
        marked_answer(text)
