"""Sentences about a race: each claim is made where its numbers carry it, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from planted_races import results

from tlgui.core.race import RaceReport, Verdict
from tlgui.studies.standings import report

CLEAR = {
    ("scratch", 50): (0.52, 30.0),
    ("everything", 50): (0.66, 30.0),
    ("top-2", 50): (0.66, 15.0),
    ("scratch", 200): (0.54, 60.0),
    ("everything", 200): (0.80, 60.0),
    ("top-2", 200): (0.70, 31.0),
}


def told(planted: dict[tuple[str, int], tuple[float, float]], **how: object) -> dict[str, Verdict]:
    found: RaceReport = report(results(planted, **how), Path("races/reviews"))  # type: ignore[arg-type]
    for verdict in found.verdicts:
        assert verdict.text.endswith(".")
        assert re.match("[A-Z0-9]", verdict.text)
    return {verdict.claim: verdict for verdict in found.verdicts}


def test_clear_differences_are_claimed_with_their_numbers() -> None:
    verdicts = told(CLEAR)
    assert list(verdicts) == ["Less training time", "Better predictions", "Fewer labels"]
    time, score, labels = verdicts.values()
    assert (time.level, time.chip) == ("price", "Yes, at a price")
    assert re.fullmatch(
        r"With 200 labels, freezing all but 2 layers takes 3\d s a run instead of 6\d s \(5\d % of Everything\) "
        r"but costs (9|10|11)\.\d points \(95 % interval \d+\.\d to \d+\.\d\)\.",
        time.text,
    )
    assert (score.level, score.chip) == ("yes", "Yes")
    assert re.fullmatch(
        r"With 200 labels, Everything scores (79|80|81)\.\d % ± \d\.\d, from scratch 5\d\.\d % ± \d\.\d: "
        r"2\d\.\d points more \(95 % interval \d+\.\d to \d+\.\d\)\.",
        score.text,
    )
    assert labels.level == "yes"
    assert labels.text.startswith("With 50 labels, Everything scores 6")
    assert "From scratch with 200 labels scores 5" in labels.text
    assert "Everything with 50 scores 1" in labels.text


@pytest.mark.parametrize("spread", [0.0, 0.03])
def test_planted_ties_cannot_be_told(spread: float) -> None:
    tie = {(key, rows): (0.7, 20.0) for rows in (50, 200) for key in ("scratch", "top-2", "everything", "gradual")}
    verdicts = told(tie, spread=spread)
    assert {verdict.level for verdict in verdicts.values()} == {"unclear"}
    assert {verdict.chip for verdict in verdicts.values()} == {"Cannot tell"}
    assert "within the spread of seeds and rows" in verdicts["Better predictions"].text
    assert "within the spread of the seeds" in verdicts["Less training time"].text


def test_a_quicker_strategy_that_costs_nothing_to_speak_of_is_a_yes() -> None:
    planted = {("everything", 200): (0.80, 60.0), ("top-2", 200): (0.797, 30.0)}
    verdict = told(planted)["Less training time"]
    assert verdict.level == "yes"
    assert verdict.text.endswith("points (within the spread of seeds and rows).")


def test_a_frozen_strategy_that_takes_longer_is_a_no() -> None:
    planted = {("everything", 200): (0.80, 60.0), ("lora", 200): (0.80, 80.0)}
    verdict = told(planted)["Less training time"]
    assert (verdict.level, verdict.chip) == ("no", "No")
    assert "LoRA takes 8" in verdict.text


def test_pretraining_that_does_harm_is_a_no() -> None:
    verdict = told({("everything", 200): (0.60, 60.0), ("scratch", 200): (0.80, 60.0)})["Better predictions"]
    assert verdict.level == "no"
    assert re.search(r": (19|20|21)\.\d points less", verdict.text)


def test_few_labels_claim_no_more_than_the_counts_that_beat_the_most() -> None:
    planted = dict(CLEAR)
    planted["scratch", 200] = (0.66, 60.0)
    verdict = told(planted)["Fewer labels"]
    assert verdict.level == "unclear"
    assert "within the spread of seeds and rows" in verdict.text
    three = {**planted, ("everything", 100): (0.78, 40.0), ("scratch", 100): (0.6, 40.0), ("top-2", 100): (0.7, 20.0)}
    verdict = told(three)["Fewer labels"]
    assert verdict.level == "yes"
    assert "Everything with 100 scores 1" in verdict.text


def test_one_seed_tells_nothing_and_says_why() -> None:
    verdicts = told(CLEAR, seeds=1)
    assert {verdict.level for verdict in verdicts.values()} == {"unclear"}
    assert all("One seed has run, so the spread is not known." in verdict.text for verdict in verdicts.values())
    assert "±" not in "".join(verdict.text for verdict in verdicts.values())


def test_gradual_thawing_is_compared_with_thawing_at_once() -> None:
    planted = {("gradual-2", 200): (0.78, 30.0), ("top-2", 200): (0.66, 30.0), ("everything", 200): (0.8, 60.0)}
    verdict = told(planted)["Gradual thawing"]
    assert verdict.level == "yes"
    assert "Gradual, top 2 scores 7" in verdict.text
    assert "Top 2 layers 6" in verdict.text
    alone = told({("gradual", 200): (0.76, 30.0), ("top-2", 200): (0.70, 30.0)})["Gradual thawing"]
    assert (alone.level, alone.text) == ("unclear", "This needs Everything in the race.")


def test_what_has_not_run_is_not_judged() -> None:
    none = told(CLEAR, done=0)
    assert none["Better predictions"].text == "Everything and from scratch have not both run yet."
    assert {verdict.level for verdict in none.values()} == {"unclear"}
    assert told({("top-2", 50): (0.7, 1.0)})["Better predictions"].text == "This needs From scratch in the race."
    part = report(results(CLEAR, done=7), Path("races/reviews"))
    assert (part.done, part.total) == (7, 18)
    assert part.advice == part.choice == ""


def test_advice_names_the_quickest_within_a_point() -> None:
    far = report(results(CLEAR), Path("r"))
    assert far.choice == "everything"
    assert far.advice.startswith("With 200 labels, take Everything: ")
    near = report(results({("everything", 200): (0.80, 60.0), ("top-2", 200): (0.798, 30.0)}, spread=0), Path("r"))
    assert near.choice == "top-2"
    assert re.search(
        r"a run. Everything scores 0.\d points more, within the spread of seeds and rows, and", near.advice
    )


def test_the_report_counts_and_foretells() -> None:
    part = report(results(CLEAR, done=4), Path("r"))
    assert part.seconds_left > 0
    (scratch, everything, _) = part.runners
    assert [standing.labels for standing in scratch.standings] == [50, 200]
    assert [standing.labels for standing in everything.standings] == [50]
    assert scratch.standings[0].deviation == 0
    assert report(results(CLEAR, done=2), Path("r")).seconds_left == -1
    whole = report(results(CLEAR), Path("r"))
    assert (whole.done, whole.total, whole.seconds_left) == (18, 18, 0)
    assert whole.runners[0].standings[0].deviation > 0
