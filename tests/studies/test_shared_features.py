"""Features that runs share are those that each would have computed for itself."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_runs import tiny_recipe, tiny_rows

from tlgui.core.control import Control
from tlgui.core.events import Event, Progress
from tlgui.core.race import ALL, RaceSpec
from tlgui.studies.track import Track, lay
from tlgui.train.features import Featured, store


def quiet(event: Event) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Track:
    folder = tmp_path_factory.mktemp("shared")
    recipe = tiny_recipe(folder)
    tiny_rows(folder / "rows.csv", rows=400)
    return lay(RaceSpec(recipe, ("feature-based",), (8, 100, ALL)), quiet, Control())


@pytest.mark.parametrize("count", [8, 100, 320])
def test_each_row_has_its_own_features(track: Track, count: int) -> None:
    setup = track.set_up(("feature-based", count, 1), quiet, Control())
    told: list[Event] = []
    shared, own, spent = track._features.give(setup, count, 1, told.append, Control())
    assert isinstance(shared.train, Featured)
    assert (shared.train.labels == setup.train.labels).all()
    assert (shared.train.fields["input_ids"] == setup.train.fields["input_ids"]).all()
    every = np.arange(count)
    alone = store(setup, setup.train, Control(), lambda done: None)
    assert shared.train.features(every) == pytest.approx(alone.features(every), abs=1e-6)
    assert own > 0
    assert any(isinstance(event, Progress) for event in told)
    again, _, at_once = track._features.give(setup, count, 1, quiet, Control())
    assert isinstance(again.train, Featured)
    assert (again.train.features(every) == shared.train.features(every)).all()
    assert at_once < spent
