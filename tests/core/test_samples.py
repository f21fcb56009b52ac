"""The samples as full recipes, with sizes counted from their files."""

from __future__ import annotations

import csv
import json

import pytest

from tlgui.core import paths, recipe
from tlgui.core.errors import TlguiError
from tlgui.core.goals import GOALS
from tlgui.core.samples import FIRST, SAMPLES, Sample, find


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_a_sample_is_a_recipe_that_can_run(sample: Sample) -> None:
    made = sample.recipe()
    assert recipe.problems(made) == []
    assert sample.source == made.data.source == f"sample:{sample.file.partition('.')[0]}"
    assert made.task in GOALS
    assert made.probes
    assert recipe.from_values({**made.model_dump(exclude={"schema_"}), "schema": 1}) == made


def test_the_reviews_are_counted_with_a_csv_reader_too() -> None:
    with (paths.resources() / "samples" / "reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = len(list(csv.DictReader(file)))
    assert SAMPLES["reviews"].words() == f"With labels · {rows} rows"


def test_the_beekeeping_probes_hide_one_word_each() -> None:
    probes = SAMPLES["beekeeping"].recipe().probes
    assert len(probes) == 12
    assert all(probe.count("{") == probe.count("}") == 1 for probe in probes)


def test_a_sample_is_found_by_its_source_and_another_is_refused() -> None:
    assert find("sample:reviews") is SAMPLES["reviews"]
    with pytest.raises(TlguiError, match=r"no sample “films”.*reviews, .*beekeeping"):
        find("sample:films")


@pytest.mark.parametrize("sample", [s for s in SAMPLES.values() if s.short], ids=lambda s: s.key)
def test_a_short_version_is_the_sample_with_less_to_do(sample: Sample) -> None:
    made, whole = sample.short_recipe(), sample.recipe()
    assert recipe.problems(made) == []
    assert made.name != whole.name
    assert made.train.epochs < whole.train.epochs
    assert (made.task, made.data, made.model, made.probes) == (whole.task, whole.data, whole.model, whole.probes)


def test_questions_are_counted_not_lines() -> None:
    text = (paths.resources() / "samples" / "allotment.json").read_text(encoding="utf-8")
    paragraphs = [p for article in json.loads(text)["data"] for p in article["paragraphs"]]
    assert SAMPLES["allotment"].size() == f"{sum(len(p['qas']) for p in paragraphs)} questions"


def test_the_first_sample_has_a_short_version() -> None:
    assert FIRST.short
    assert FIRST.size() == "252 passages"
