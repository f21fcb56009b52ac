"""The words for guesses and figures."""

from __future__ import annotations

import pytest

from tlgui.core import wording
from tlgui.core.answers import Guess, HiddenWord
from tlgui.core.goals import GOALS, metric_of

ORIGINAL = (Guess("times", 0.14), Guess("pounds", 0.09), Guess("eggs", 0.08))
ADAPTED = (Guess("eggs", 0.61), Guess("larvae", 0.12), Guess("times", 0.02))


def found(word="eggs", ranks=(3, 1), shares=(0.08, 0.61), adapted=ADAPTED) -> HiddenWord:
    return HiddenWord(word, ORIGINAL, adapted, ranks[0], ranks[1], shares[0], shares[1])


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [
        (found(), "The original model ranks “eggs” third. After your texts it is first, with 61 %."),
        (found("comb", (240, 1), (0.0, 0.38)),
         "“comb” was not among the first hundred guesses. It is now first, with 38 %."),
        (found(ranks=(1, 1), shares=(0.5, 0.52)),
         "The original model ranks “eggs” first, with 50 %. After your texts it is still first, with 52 %."),
        (found(ranks=(3, 180)),
         "The original model ranks “eggs” third. After your texts it is not among the first hundred guesses."),
        (found(ranks=(180, 170)),
         "“eggs” was not among the first hundred guesses, and after your texts it is not either."),
        (found(adapted=()), "The model ranks “eggs” third, with 8 %."),
        (found(ranks=(101, 0), adapted=()), "“eggs” is not among the model’s first hundred guesses."),
        (found(ranks=(12, 11), shares=(0.01, 0.004)),
         "The original model ranks “eggs” 12th. After your texts it is 11th, with under 1 %."),
        (found("", (0, 0)),
         "The original model’s first guess is “times”, with 14 %. After your texts it is “eggs”, with 61 %."),
        (found("", (0, 0), adapted=()), "The model’s first guess is “times”, with 14 %."),
        (found("propolis", (0, 0), adapted=()),
         "“propolis” is not one piece of the model’s vocabulary, so it has no rank. "
         "The model’s first guess is “times”, with 14 %."),
    ],
)  # fmt: skip
def test_what_became_of_a_hidden_word(hidden, sentence):
    assert wording.guess_sentence(hidden) == sentence


@pytest.mark.parametrize(
    ("rank", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd"), (111, "111th")],
)
def test_ranks_in_figures(rank, words):
    assert wording.short_ordinal(rank) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.004, "under 1 %"), (0.61, "61 %"), (0.999, "over 99 %"), (1, "100 %")]
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, words):
    assert wording.percent(share) == words


def test_rank_notes_tell_where_the_original_had_each_guess():
    assert wording.rank_notes(found()) == ("was 3rd", "new", "was 1st")


def test_the_true_word_has_its_rank_even_where_the_list_ends_before_it():
    assert wording.rank_notes(found(ranks=(40, 1)))[0] == "was 3rd"  # it is in the list: the list is right
    far = HiddenWord("larvae", ORIGINAL, ADAPTED, 40, 2, 0.001, 0.12)
    assert wording.rank_notes(far) == ("was 3rd", "was 40th", "was 1st")


@pytest.mark.parametrize(
    ("task", "key", "before", "after", "sentence"),
    [
        ("mask", "hits", 0.24, 0.42, "Better on your texts by 18 points."),
        ("mask", "hits", 0.42, 0.41, "Worse on your texts by 1.0 points."),
        ("mask", "hits", 0.4201, 0.4199, "No change on your texts."),
        ("mask", "loss", 3.2, 2.9, "Better on your texts: 3.20 before, 2.90 after."),
        ("classify", "accuracy", 0.5, 0.784, "Better on your texts by 28 points."),
    ],
)
def test_whether_training_helped(task, key, before, after, sentence):
    assert wording.gain_sentence(metric_of(task, key), before, after) == sentence


@pytest.mark.parametrize(
    ("scores", "best", "words"),
    [
        ([(0, 0.18), (100, 0.3), (200, 0.44), (300, 0.2)], 200, "18 % original, 44 % adapted"),
        ([(0, 0.18)], 0, "18 % original"),
        ([], 0, ""),
    ],
)
def test_a_kept_sentence_before_and_with_the_kept_weights(scores, best, words):
    assert wording.kept_words(scores, best) == words


@pytest.mark.parametrize(
    ("cell", "words"), [("", "no answer"), ("[]", "no answer"), ('[{"text": "hen"}, {"text": "a hen"}]', "hen")]
)
def test_of_answers_the_first_is_shown(cell, words):
    assert wording.truth_words("spans", cell) == words
    assert wording.truth_words("class", cell) == cell


def test_a_long_passage_loses_nothing():
    assert wording.cut_sentence(0.0, windows=True) == "No text takes two windows."
    assert wording.cut_sentence(0.25, windows=True) == "25.0 % of the texts take several windows."


def test_every_goal_has_a_curve_of_its_own():
    curves = {key: goal.curve for key, goal in GOALS.items()}
    assert all(curve in GOALS[key].metrics for key, curve in curves.items())
    assert [curves[key].key for key in ("classify", "mask", "answer")] == ["accuracy", "hits", "f1"]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "No text loses its end."),
        (0.021, "2.1 % of the texts lose their end."),
        (0.0004, "Under 0.1 % of the texts lose their end."),
    ],
)
def test_what_cutting_costs(share, words):
    assert wording.cut_sentence(share) == words


def test_tags_are_told_by_their_kinds():
    assert wording.truth_words("tags", "O B-place I-place B-person B-place") == "place, person"
    assert wording.truth_words("tags", '["NOUN", "VERB"]') == "NOUN, VERB"
    assert wording.truth_words("tags", "O O") == "no name"
