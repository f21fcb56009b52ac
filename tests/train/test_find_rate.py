"""The learning-rate search: what it finds on rows that can be learned, and that it leaves no trace."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_runs import tiny_recipe

from tlgui.core.control import Control, StopRequested
from tlgui.core.events import Event, Partial
from tlgui.core.facts import RateSearch
from tlgui.train import find_rate
from tlgui.train import optimizer as optimizer_module
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import Setup, set_up


def quiet(event: Event) -> None:
    pass


def bytes_of(setup: Setup, optimizer: torch.optim.Optimizer) -> list[object]:
    """All that a search could change, compared by value."""
    moments = [(str(k), v.tolist()) for s in optimizer.state.values() for k, v in s.items()]
    rates = [(group["lr"], group["peak"]) for group in optimizer.param_groups]
    modes = [module.training for module in setup.model.modules()]
    learns = [p.requires_grad for p in setup.model.parameters()]
    return [setup.checksums(), moments, rates, modes, learns, torch.random.get_rng_state().tolist()]


def curve(losses: list[float]) -> RateSearch:
    """A search with these losses, smoothed as they are."""
    rates = tuple(1e-7 * 10 ** (7 * i / 99) for i in range(len(losses)))
    return RateSearch(rates, tuple(losses), tuple(losses))


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_a_search_rises_from_the_lowest_rate_and_tells_as_it_goes(task: str, tmp_path: Path) -> None:
    seen: list[Event] = []
    found = find_rate.search(tiny_recipe(tmp_path, task), seen.append, Control())
    parts = [event.value for event in seen if isinstance(event, Partial)]
    assert [len(part.rates) for part in parts] == list(range(1, len(found.rates) + 1))
    assert (parts[-1].rates, parts[-1].losses, parts[-1].suggestion) == (found.rates, found.losses, 0.0)
    assert found.rates[0] == pytest.approx(1e-7)
    assert all(b / a == pytest.approx(10 ** (7 / 99)) for a, b in zip(found.rates, found.rates[1:], strict=False))
    assert len(found.rates) == len(found.losses) == len(found.smoothed) > find_rate.STILL
    assert all(math.isfinite(loss) for loss in found.smoothed)
    assert found.smoothed[0] == pytest.approx(found.losses[0])
    assert found.why.endswith(".")


def test_what_is_suggested_lowers_the_loss_and_what_is_far_above_does_not(tmp_path: Path) -> None:
    found = find_rate.search(tiny_recipe(tmp_path, batch_size=16), quiet, Control())
    assert 1e-5 < found.suggestion < 0.1
    lowest = found.rates[found.smoothed.index(min(found.smoothed))]
    assert found.suggestion == pytest.approx(lowest / 10, rel=0.06)
    assert found.smoothed[-1] > min(found.smoothed)


def test_the_same_seed_finds_the_same_numbers_and_another_does_not(tmp_path: Path) -> None:
    one, two, other = (find_rate.search(tiny_recipe(tmp_path, seed=s), quiet, Control()) for s in (0, 0, 1))
    assert one == two
    assert one.losses != other.losses


def test_each_group_keeps_its_share_of_the_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[list[float]] = []
    set_rates = optimizer_module.set_rates

    def watch(optimizer: torch.optim.Optimizer, factor: float) -> float:
        rate = set_rates(optimizer, factor)
        used.append([group["lr"] for group in optimizer.param_groups])
        return rate

    monkeypatch.setattr(optimizer_module, "set_rates", watch)
    recipe = tiny_recipe(tmp_path).edit("transfer", layer_decay=0.5)
    found = find_rate.search(recipe, quiet, Control())
    assert [rates[-1] for rates in used] == pytest.approx(found.rates)
    assert all(min(rates) < max(rates) for rates in used)
    assert all(a / b == pytest.approx(used[0][0] / used[0][-1]) for a, *_, b in used)


@pytest.mark.parametrize("ending", ["the end", "a stop", "an error"])
def test_weights_and_optimizer_are_as_before_whatever_happens(ending: str, tmp_path: Path) -> None:
    setup = set_up(tiny_recipe(tmp_path), quiet, Control())
    optimizer, control = make_optimizer(setup.model, setup.groups, setup.recipe), Control()
    find_rate._step(setup, optimizer, setup.train.lengths.argsort()[:8], 1, 1e-3)  # so that there are moments to keep
    before, changed, steps = bytes_of(setup, optimizer), [], []

    def in_the_middle(event: Event) -> None:
        if isinstance(event, Partial):
            steps.append(event)
            if len(steps) == 60:
                changed.append(bytes_of(setup, optimizer))
                act[ending]()

    def fail() -> None:
        raise RuntimeError("in the middle")

    act: dict[str, Callable[[], object]] = {"the end": lambda: None, "a stop": control.stop, "an error": fail}
    expected = {"a stop": StopRequested, "an error": RuntimeError}

    def go() -> None:
        with find_rate.untouched(setup.model, optimizer):
            find_rate._grow(setup, optimizer, in_the_middle, control)

    if ending in expected:
        with pytest.raises(expected[ending]):
            go()
    else:
        go()
    assert all(a != b for a, b in zip(before[:3], changed[0][:3], strict=True))  # it was no idle search
    assert bytes_of(setup, optimizer) == before
    assert all(p.grad is None for p in setup.model.parameters())


def test_a_search_can_be_stopped(tmp_path: Path) -> None:
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, Partial) and len(event.value.rates) == 5:
            control.stop()

    with pytest.raises(StopRequested):
        find_rate.search(tiny_recipe(tmp_path), stop, control)


def test_a_search_ends_when_the_loss_runs_away_or_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = set_up(tiny_recipe(tmp_path), quiet, Control())
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    for bad, length in ((1000.0, 41), (math.nan, 40), (math.inf, 40)):
        losses = iter([0.7] * 40 + [bad] * 60)
        monkeypatch.setattr(find_rate, "_step", lambda *args, losses=losses: next(losses))
        found = find_rate._grow(setup, optimizer, quiet, Control())
        assert len(found.losses) == length
        assert find_rate.suggest(found)[0] == 0.0


def test_no_rate_is_suggested_where_nothing_was_learned() -> None:
    noise = [0.7 + 0.02 * math.sin(11 * i) for i in range(100)]
    assert find_rate.suggest(curve(noise)) == (
        0.0,
        "The loss did not clearly fall at any rate, so none can be suggested.",
    )
    rising = [0.7 + 0.01 * math.sin(11 * i) + max(0, i - 50) for i in range(100)]
    assert find_rate.suggest(curve(rising))[0] == 0.0
    assert find_rate.suggest(curve([0.7, 9.0])) == (
        0.0, "The loss ran away at the lowest rates, so no rate can be suggested."
    )  # fmt: skip


def test_a_tenth_of_the_rate_with_the_lowest_loss_is_suggested() -> None:
    falling = [0.7] * 50 + [0.7 - 0.02 * i for i in range(20)] + [0.4 + 0.1 * i for i in range(10)]
    rate, why = find_rate.suggest(curve(falling))
    assert rate == pytest.approx(curve(falling).rates[69] / 10, rel=0.05)
    assert why == f"The loss was lowest at a rate of {curve(falling).rates[69]:.1e}. A tenth of that is a safe peak."
    still_falling = [0.7] * 50 + [0.7 - 0.01 * i for i in range(50)]
    assert find_rate.suggest(curve(still_falling))[0] == pytest.approx(0.1)
