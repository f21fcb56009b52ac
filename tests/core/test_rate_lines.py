"""Which lines a plot of learning rates has."""

from __future__ import annotations

from tlgui.core.history import History
from tlgui.core.outlook import outlook
from tlgui.core.rate_lines import MOST, rate_lines, to_come
from tlgui.core.recipe import Recipe

KEYS = ("embeddings", *map(str, range(12)), "pooler", "head")
GRADUAL = Recipe().edit("transfer", method="gradual", frozen=["embeddings", "0-9"], layer_decay=0.9)


def lines(recipe: Recipe, planned: int = 300) -> list[tuple[str, float]]:
    return [(line.name, line.peak) for line in rate_lines(recipe, outlook(History(), recipe, KEYS, (), planned))]


def test_one_rate_for_all_is_one_line() -> None:
    assert lines(Recipe()) == [("head", 5e-5)]
    assert lines(GRADUAL.edit("transfer", layer_decay=1.0)) == [("head", 5e-5)]


def test_each_thawed_group_has_its_line() -> None:
    found = rate_lines(GRADUAL, outlook(History(), GRADUAL, KEYS, (), 300))
    assert [line.name for line in found] == ["head", "pooler", "layer 11", "layer 10"]
    assert found[2].planned == ((100, 300),)
    assert found[2].peak == 5e-5 * 0.9**2


def test_of_many_the_ends_and_some_between_are_drawn() -> None:
    found = lines(Recipe().edit("transfer", layer_decay=0.9))
    assert len(found) == MOST
    assert (found[0][0], found[-1][0]) == ("head", "embeddings")


def test_a_planned_line_has_its_corner_and_its_ends() -> None:
    recipe = Recipe().edit("train", warmup=0.1)
    points = dict(to_come(recipe, (0, 1000), 1000))
    assert points[100] == points[101] == 1.0
    assert {1, 1000} <= set(points)
    assert len(points) < 200
    assert dict(to_come(recipe, (999, 1000), 1000)) == {1000: 1 / 900}
    assert to_come(recipe, (1000, 1000), 1000) == ()
