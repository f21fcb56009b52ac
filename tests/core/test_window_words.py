"""What the frame around the pages, the Model page and the list of runs say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlgui.core import model_words, runs_words, window_words
from tlgui.core.events import Failed, Finished, Started, StepDone, Stopped, Validated
from tlgui.core.facts import CostFacts, GroupFacts, Machine, MemoryFacts, ModelEntry, ModelFacts, RunSummary
from tlgui.core.history import History
from tlgui.core.recipe import Recipe

RUN = RunSummary(
    "reviews-03", "/runs/reviews-03", "stopped", "classify", "starter", "/data/reviews.csv", "frozen: 0-3",
    612, 1440, "accuracy", 0.784, 600, 125.0, "2026-11-23T08:40:11", True, True,
)  # fmt: skip
MEMORY = MemoryFacts(450_000_000, 180_000_000, 40_000_000, 80_000_000, 150_000_000)
MACHINE = Machine("CPU", 2, 6_200_000_000, 16_000_000_000, online=False)
ENTRY = ModelEntry("hub:a/b", "BERT base", "", 109_500_000, 440_000_000, "English", "MIT", here=False)
MODEL = ModelFacts("starter", "Starter BERT", "/s", "bert", 6, 384, 39_500_000, 512, 22_746, "WordPiece", "Apache-2.0",
                   "English", (GroupFacts("head", 770),))  # fmt: skip


def history(steps: int, *, validated: bool = True) -> History:
    made = History.of([Started("/runs/x", 0, 1440, 480, ("head",), "accuracy")])
    for step in range(1, steps + 1):
        made.add(StepDone(step, 1440, 0.5, 1e-4, 0.1))
    if validated:
        made.add(Validated(steps, 0.5, {"accuracy": 0.784}, best=True))
    return made


@pytest.mark.parametrize(
    ("state", "steps", "ending", "said"),
    [
        ("preparing", 0, None, "Getting ready"),
        ("running", 605, None, "Running, 42 %"),
        ("paused", 605, None, "Paused, 42 %"),
        ("stopping", 605, None, "Stopping, 42 %"),
        ("ended", 1440, Finished(replace(RUN, status="finished")), "Finished, 2 min"),
        ("ended", 612, Stopped(RUN), "Stopped, step 612"),
        ("ended", 612, Failed("The disk is full.", "Free some."), "Failed"),
    ],
)
def test_the_rail_says_where_a_run_is(state: str, steps: int, ending: object, said: str) -> None:
    answer = window_words.run_answer(state, history(steps), ending)  # type: ignore[arg-type]
    assert answer is not None
    assert answer.short == said
    assert len(said) <= 22


@pytest.mark.parametrize("ending", [None, Stopped(None)])
def test_no_run_and_a_discarded_one_say_nothing(ending: object) -> None:
    assert window_words.run_answer("none", History(), ending) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("online", "source", "said"),
    [
        (False, "starter", "Offline: everything needed is here"),
        (True, "starter", "Everything needed is here"),
        (True, "hub:a/b", "Needs the network once"),
        (False, "hub:a/b", "Offline: what is not here cannot be downloaded"),
    ],
)
def test_the_foot_of_the_rail_says_whether_the_network_is_needed(online: bool, source: str, said: str) -> None:
    recipe = Recipe().edit("model", source=source)
    words = window_words.machine_words(replace(MACHINE, online=online), recipe, None)
    assert words == f"CPU, 2 cores\n6.2 GB free\n{said}"


def test_a_hub_model_that_is_here_needs_no_network() -> None:
    recipe = Recipe().edit("model", source="hub:a/b")
    assert window_words.machine_words(MACHINE, recipe, MODEL).endswith("everything needed is here")


def test_closing_says_what_is_kept_and_what_would_be_lost() -> None:
    title, text = window_words.close_question(Recipe(), "reviews-03", history(612))
    assert title == "Close while reviews-03 is training?"
    assert text == (
        "612 of 1,440 steps are done. Kept, the run can go on from step 612 later. "
        "Discarding deletes 612 steps and the weights at step 612 (78.4 %)."
    )
    assert "deletes 5 steps." in window_words.close_question(Recipe(), "x", history(5, validated=False))[1]
    assert "nothing to keep" in window_words.close_question(Recipe(), "x", History())[1]


def test_discarding_a_run_names_its_numbers() -> None:
    title, text = window_words.discard_run_question(RUN)
    assert title == "Discard the run reviews-03?"
    assert "612 steps and the weights at step 600 (78.4 %)" in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("starter", "starter"),
        ("/data/a b.csv", "a b.csv"),
        ("sample:bees", "bees"),
        ("hub:a/b", "a/b"),
        ("glue:/d/SST-2", "SST-2"),
    ],
)
def test_a_source_is_named_for_people(source: str, said: str) -> None:
    assert window_words.source_words(source) == said


def test_a_run_in_the_list() -> None:
    assert runs_words.what(RUN) == "reviews.csv, starter model, frozen: 0-3"
    assert runs_words.steps(RUN) == "612 of 1,440"
    assert runs_words.steps(replace(RUN, step=1440)) == "1,440"
    assert runs_words.best(RUN) == "78.4 %"
    assert runs_words.best(replace(RUN, best=None)) == "–"
    assert runs_words.started(RUN) == "2026-11-23 08:40"


def test_downloads_are_asked_about_when_they_are_large_or_unknown() -> None:
    assert model_words.needs_question(440_000_000)
    assert model_words.needs_question(0)
    assert not model_words.needs_question(54_000_000)
    assert model_words.download_words(ENTRY) == "Download BERT base, 440 MB…"
    assert model_words.download_words(replace(ENTRY, size_bytes=54_000_000)) == "Download BERT base, 54 MB"


def test_figures_of_a_model_are_for_a_thousand_rows() -> None:
    rows = dict(model_words.cost(CostFacts(0.1, 0.3, 100, MEMORY, rows_per_step=10.0)))
    assert rows == {"Train on 1,000 rows": "10 s", "When every layer learns": "30 s", "Memory at its highest": "900 MB"}


def test_the_list_is_counted() -> None:
    here = replace(ENTRY, here=True)
    assert model_words.list_words((here, here)) == "2 ready"
    assert model_words.list_words((here, ENTRY)) == "1 ready, 1 needs a download"
