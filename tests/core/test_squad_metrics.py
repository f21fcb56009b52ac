"""The rules of SQuAD, with examples worked out by hand; and the threshold against trying every one."""

from __future__ import annotations

import numpy as np
import pytest

from tlgui.core.squad_metrics import agreement, best_threshold, normalised


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The  Vicar of\tAshcombe Weir.", "vicar of ashcombe weir"),
        ("a U.S. an-other", "us another"),  # marks go before articles do
        ("Theatre", "theatre"),
        ("“six”", "“six”"),  # only the marks of ASCII
        ("the", ""),
    ],
)
def test_what_counts_of_an_answer(text: str, words: str) -> None:
    assert normalised(text) == words


@pytest.mark.parametrize(
    ("guess", "right", "exact", "f1"),
    [
        ("the Damson hedge", ["damson hedge"], 1, 1),
        ("damson", ["damson hedge"], 0, 2 / 3),
        ("damson hedge", ["a hedge of hawthorn", "damson"], 0, 2 / 3),
        ("red red", ["red"], 0, 2 / 3),  # each word as often as it is there
        ("pigs", ["hens"], 0, 0),
        ("", [], 1, 1),
        ("pigs", [], 0, 0),
        ("", ["pigs"], 0, 0),
        ("", ["the"], 1, 1),  # nothing of the answer counts
    ],
)
def test_agreement_with_the_best_of_the_right_answers(guess: str, right: list[str], exact: float, f1: float) -> None:
    assert agreement(guess, right) == (exact, pytest.approx(f1))


def test_the_threshold_is_the_best_there_is() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        count = int(random.integers(1, 12))
        lead = random.integers(-4, 5, count).astype(float)  # with equal ones among them
        silent = random.integers(0, 2, count).astype(float)
        answering = np.where(silent == 1, 0.0, random.random(count))

        def total(threshold: float) -> float:
            return float(np.where(lead > threshold, silent, answering).sum())  # noqa: B023 - used at once

        found = best_threshold(lead, answering, silent)
        assert total(found) == pytest.approx(max(total(t) for t in np.arange(-6, 7, 0.5)))


def test_of_two_equal_thresholds_the_one_that_answers_more_is_taken() -> None:
    lead = np.array([-1.0, 1.0])
    assert best_threshold(lead, np.array([0.0, 0.0]), np.array([0.0, 0.0])) > 1
