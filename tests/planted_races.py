"""Made-up finished runs with the differences that a test plants in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tlgui.core.race import Cell, RaceSpec, recipe_of
from tlgui.core.recipe import Recipe
from tlgui.studies.race_files import Found, Record, settings_of
from tlgui.studies.standings import Key, Results

ROWS = 1000
FOUND = Found(rows=8530, score_rows=ROWS, fingerprint="0", keys=("embeddings", "0", "1", "2", "head"), new=("head",))
RECIPE = Recipe(name="reviews").edit("data", source="sample:reviews")


def record(spec: RaceSpec, key: Key, score: float, seconds: float, random: np.random.Generator) -> Record:
    """A run that answers a row rightly with a probability."""
    name, rows, seed = key
    right = random.random(ROWS) < score
    made = recipe_of(spec, name, rows, seed, FOUND.keys, FOUND.new)
    cell = Cell(name, rows, seed, float(right.mean()), 0.5, seconds, 1000)
    baseline = score - 0.02 if name == "feature-based" else None
    return Record(cell, right, 100, seconds + 3, seconds, 0.0, baseline, settings_of(made))


def results(
    planted: Mapping[tuple[str, int], tuple[float, float]], seeds: int = 3, spread: float = 0.004, done: int = 9999
) -> Results:
    """A race in which each strategy and label count has an expected score and seconds a run.

    Args:
        spread: Of the expected scores over the seeds, one standard deviation.
        done: Runs that have finished, in the order of the queue.
    """
    random = np.random.default_rng(4)
    strategies = tuple(dict.fromkeys(key for key, _ in planted))
    labels = tuple(sorted({rows for _, rows in planted}))
    spec = RaceSpec(RECIPE, strategies, labels, seeds)
    queue = Results(spec, FOUND, {}).queue
    records = {}
    for key in queue[:done]:
        score, seconds = planted[key[:2]]
        jitter = random.normal(0, [spread, seconds * 0.02])
        records[key] = record(spec, key, score + jitter[0], seconds + jitter[1], random)
    return Results(spec, FOUND, records)
