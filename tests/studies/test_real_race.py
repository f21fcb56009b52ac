"""A race on real reviews with the starter model: what pretraining is promised to buy. Takes some minutes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tlgui.core.control import Control
from tlgui.core.events import Finished
from tlgui.core.race import RaceReport, RaceSpec
from tlgui.core.recipe import Recipe
from tlgui.studies import race

pytestmark = pytest.mark.long


def test_two_hundred_labels_of_rt_polarity(shared_data: Path, tmp_path: Path) -> None:
    recipe = (
        Recipe(name="rt")
        .edit("data", source=str(shared_data / "rt-polarity"), validation=0.9)
        .edit("train", epochs=5, learning_rate=1e-4, max_length=64, threads=os.cpu_count() or 1)
    )
    spec = RaceSpec(recipe, ("scratch", "everything"), labels=(200,), seeds=3, least_steps=60, score_rows=1000)
    ending = race.run(spec, tmp_path / "race", lambda event: None, Control())
    assert isinstance(ending, Finished)
    report: RaceReport = ending.value
    means = {runner.strategy: runner.standings[0].mean for runner in report.runners}
    assert means["everything"] >= means["scratch"] + 0.12, report.runners
    (verdict,) = (verdict for verdict in report.verdicts if verdict.claim == "Better predictions")
    assert verdict.level == "yes"
    figures = r"With 200 labels, Everything scores \d\d\.\d % ± \d+\.\d, from scratch \d\d\.\d % ± \d+\.\d: "
    assert re.match(figures + r"\d\d\.\d points more \(95 % interval ", verdict.text)
    assert verdict.text in (tmp_path / "race" / "report.html").read_text(encoding="utf-8")
