"""A thinned curve draws as the whole one would, and growing it costs what is new."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.core import thinned
from tlgui.core.events import Started, StepDone
from tlgui.core.history import History
from tlgui.core.thinned import BUCKETS, Thinned, every, stride_of


@settings(max_examples=30)
@given(st.lists(st.integers(1, 3 * BUCKETS), min_size=1, max_size=6), st.integers(0, 9))
def test_a_curve_that_grows_is_thinned_as_one_that_is_there(parts: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=sum(parts))
    growing, length = Thinned(), 0
    for part in parts:
        length += part
        picked = growing.picked(values[:length])
        assert picked.tolist() == Thinned().picked(values[:length]).tolist()
        assert (np.diff(picked) >= 0).all()
        assert {values[:length].argmin(), values[:length].argmax(), length - 1} <= set(picked.tolist())
        assert len(picked) <= 2 * BUCKETS + stride_of(length)
        spans = np.arange(0, length - length % stride_of(length), stride_of(length))
        assert np.isin(spans // stride_of(length), picked // stride_of(length)).all()


def test_only_what_is_new_is_looked_at() -> None:
    values = np.random.default_rng(0).normal(size=100 * BUCKETS)
    growing = Thinned()
    growing.picked(values[:-1000])
    values[: -2 * stride_of(len(values)) - 1000] = np.nan  # would be picked if it were looked at again
    assert not np.isnan(values[growing.picked(values)[-10:]]).any()
    growing.forget()
    assert np.isnan(values[growing.picked(values)]).any()


@given(st.integers(0, 100), st.integers(0, 5 * BUCKETS))
def test_a_smooth_curve_keeps_its_ends(first: int, count: int) -> None:
    places = every(first, first + count)
    assert len(places) <= BUCKETS + 1
    assert (places[[0, -1]] == (first, first + count - 1)).all() if count else not len(places)
    assert (np.diff(places) > 0).all()


def test_a_run_that_goes_on_from_a_checkpoint_draws_its_new_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinned, "BUCKETS", 8)
    history = History.of(StepDone(step, 100, float(step), 1e-5, 0.1) for step in range(1, 61))
    assert history.drawn_losses()[1].max() == 60
    history.add(Started("r", 30, 100, 50, (), "accuracy", from_checkpoint=True))
    for step in range(31, 70):
        history.add(StepDone(step, 100, -float(step), 1e-5, 0.1))
    steps, losses = history.drawn_losses()
    assert losses.max() == 30 and losses.min() == -69
    assert (np.interp(steps, history.steps, history.losses) == losses).all()
    assert history.drawn_smoothed()[1][-1] == history.smoothed[-1]
    assert history.drawn_rates(10, 20)[0].tolist()[-1] == 20 and history.drawn_rates(10, 20)[0].tolist()[0] == 11
