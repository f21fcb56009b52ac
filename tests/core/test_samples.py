"""The samples: as many as promised, balanced, and written rather than generated."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from tlgui.core import hidden
from tlgui.core.paths import resources
from tlgui.core.recipe import problems
from tlgui.core.samples import SAMPLES

FOLDER = resources() / "samples"


def reviews() -> list[dict[str, str]]:
    with (FOLDER / "reviews.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def passages() -> list[str]:
    return (FOLDER / "beekeeping.txt").read_text(encoding="utf-8").splitlines()


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def repeated_share(texts: list[str], size: int) -> float:
    """Share of the runs of `size` words that occur in more than one text."""
    places: dict[tuple[str, ...], set[int]] = {}
    for number, text in enumerate(texts):
        tokens = words(text)
        for run in zip(*(tokens[i:] for i in range(size)), strict=False):
            places.setdefault(run, set()).add(number)
    return sum(len(found) > 1 for found in places.values()) / len(places)


def test_reviews_are_many_balanced_and_of_many_kinds() -> None:
    rows = reviews()
    assert len(rows) >= 600
    assert len({row["text"] for row in rows}) == len(rows)
    kinds = Counter(row["about"] for row in rows)
    assert len(kinds) >= 8
    for kind in kinds:
        counts = Counter(row["label"] for row in rows if row["about"] == kind)
        assert abs(counts["positive"] - counts["negative"]) <= 1
    lengths = sorted(len(words(row["text"])) for row in rows)
    assert lengths[0] <= 4
    assert lengths[-1] >= 55
    assert lengths[len(lengths) // 4] < 0.7 * lengths[3 * len(lengths) // 4]
    assert sum(bool(re.search(r"\b(not|never|no|nobody|nothing|n't)\b|n't", row["text"].lower())) for row in rows) > 150


def test_four_words_in_a_row_are_rarely_repeated() -> None:
    assert repeated_share([row["text"] for row in reviews()], 4) < 0.005
    assert repeated_share(passages(), 4) < 0.005


def test_the_field_text_is_long_and_its_probes_are_new() -> None:
    assert sum(len(words(passage)) for passage in passages()) >= 15_000
    probes = SAMPLES["beekeeping"].recipe().probes
    assert len(probes) == 12
    known = {run for passage in passages() for run in zip(*(words(passage)[i:] for i in range(5)), strict=False)}
    text = Counter(word for passage in passages() for word in words(passage))
    for probe in probes:
        (word,) = (part.word for part in hidden.split(probe) if part.hidden)
        assert text[word] >= 8
        assert not known & set(zip(*(words(probe)[i:] for i in range(5)), strict=False))


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_is_a_recipe_that_can_run(key: str) -> None:
    assert problems(SAMPLES[key].recipe()) == []
    assert SAMPLES[key].recipe().data.source == f"sample:{key}"
