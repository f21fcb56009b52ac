"""From finished runs to a report: means and spreads by strategy and label count, and the time that is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean

import numpy as np

from tlgui.core.goals import GOALS
from tlgui.core.race import RaceReport, RaceSpec, Runner, Standing, recipe_of, resolved, steps_of, strategy
from tlgui.studies.race_files import Found, Record, settings_of
from tlgui.studies.statistics import deviation
from tlgui.studies.verdicts import judge

Key = tuple[str, int, int]
"""Strategy, labels in rows, seed."""


@dataclass(frozen=True)
class Results:
    """A race as far as it has come."""

    spec: RaceSpec
    found: Found
    records: Mapping[Key, Record]
    """All that the folder holds; those that this race does not ask for do not count."""

    @cached_property
    def queue(self) -> tuple[Key, ...]:
        """Every run in the order in which they run: all strategies at one seed and label count come first."""
        labels = resolved(self.spec.labels, self.found.rows)
        order = [(seed, rows) for seed in range(self.spec.seeds) for rows in labels]
        return tuple((key, rows, seed) for seed, rows in order for key in self.spec.strategies)

    @cached_property
    def done(self) -> Mapping[Key, Record]:
        """Finished runs of this race that ran with the settings they would have now."""
        return {key: record for key in self.queue if (record := self.records.get(key)) and self._holds(record)}

    def _holds(self, record: Record) -> bool:
        key, rows, seed = record.key
        made = recipe_of(self.spec, key, rows, seed, self.found.keys, self.found.new)
        return record.settings == settings_of(made) and len(record.right) == self.found.score_rows

    def of(self, key: str, rows: int) -> dict[int, Record]:
        """Finished runs of one strategy with so many labels, by seed."""
        seeds = range(self.spec.seeds)
        return {seed: self.done[key, rows, seed] for seed in seeds if (key, rows, seed) in self.done}


def report(results: Results, folder: Path, running: str = "") -> RaceReport:
    """All that is known so far."""
    spec, found = results.spec, results.found
    labels = resolved(spec.labels, found.rows)
    runners = tuple(_runner(results, key, labels) for key in spec.strategies)
    verdicts, advice, choice = judge(spec, labels, results.of)
    baselines = {rows: _baseline(results, rows) for rows in labels}
    spent = [record.elapsed + record.shared for record in results.done.values()]
    return RaceReport(
        folder=str(folder),
        metric=GOALS[spec.recipe.task].metric.key,
        task=spec.recipe.task,
        labels=labels,
        runners=runners,
        verdicts=verdicts,
        advice=advice,
        choice=choice,
        done=len(results.done),
        total=len(results.queue),
        seconds_left=seconds_left(results),
        seconds_spent=sum(spent),
        score_rows=found.score_rows,
        seeds=spec.seeds,
        running=running,
        baseline={rows: score for rows, score in baselines.items() if score is not None} or None,
    )


def _runner(results: Results, key: str, labels: Sequence[int]) -> Runner:
    standings, parameters = [], 0
    for rows in labels:
        if cells := [record.cell for record in results.of(key, rows).values()]:
            scores = tuple(cell.score for cell in cells)
            minutes = fmean(cell.seconds for cell in cells) / 60
            standings.append(Standing(rows, scores, fmean(scores), deviation(np.array(scores)), minutes))
            parameters = cells[0].parameters
    return Runner(key, strategy(key).title, parameters, tuple(standings))


def _baseline(results: Results, rows: int) -> float | None:
    scores = [
        record.baseline
        for key in results.spec.strategies
        for record in results.of(key, rows).values()
        if record.baseline is not None
    ]
    return fmean(scores) if scores else None


def seconds_left(results: Results) -> float:
    """Estimate for the runs to come; -1 until each strategy has run once.

    A run takes what its strategy took for each step, and beside that a part that does not depend on its length: the
    model is opened and the scoring rows are scored.
    """
    left = [key for key in results.queue if key not in results.done]
    total = 0.0
    for key, rows, _ in left:
        ran = [record for (other, _, _), record in results.done.items() if other == key]
        if not ran:
            return -1.0
        epochs, each = steps_of(results.spec, rows)
        each_step = fmean(record.training / record.steps for record in ran)
        total += fmean(map(_beside, ran)) + epochs * each * each_step
    return total


def _beside(record: Record) -> float:
    return max(0.0, record.elapsed - record.training)
