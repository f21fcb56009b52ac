"""What is found out from a run's events, beyond the curves."""

from __future__ import annotations

import pytest

from tlgui.core.events import ProbeScored, Validated
from tlgui.core.history import History

Scores = dict[int, tuple[float, ...]]


@pytest.mark.parametrize(
    ("scores", "best", "place"),
    [
        ({}, 0, 0),
        ({0: (0.1, 0.3, 0.4), 1: (0.2, 0.7, 0.3)}, 1, 1),
        ({0: (0.1, 0.3, 0.4), 1: (0.2, 0.7, 0.3)}, 2, 0),  # what counts is the kept weights
        ({0: (0.5, 0.4, 0.3), 1: (0.5, 0.45, 0.4)}, 2, 1),
        ({0: (0.5, 0.4, 0.3), 1: (0.5, 0.6, 0.4)}, 0, 0),  # nothing after the start was better
    ],
)
def test_the_probe_that_gained_most(scores: Scores, best: int, place: int) -> None:
    history = History()
    for step in range(3):
        history.add(Validated(step, 1.0, {}, step <= best))
        for probe, found in scores.items():
            history.add(ProbeScored(step, probe, found[step]))
    assert history.most_gained() == place
