"""Pictures of a race: round ticks, everything inside the frame, words that cannot break the page."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from planted_races import FOUND, results

from tlgui.core.race import STRATEGIES
from tlgui.studies.charts import HEIGHT, WIDTH, look_of, nice_ticks
from tlgui.studies.report import as_html
from tlgui.studies.standings import report

SIZES = st.floats(-1e4, 1e4).filter(lambda x: x == 0 or abs(x) > 1e-4)


@given(SIZES, SIZES)
def test_ticks_are_few_and_near(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    assert 1 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))
    if len(ticks) > 1:
        assert low - 1e-6 * abs(low) <= ticks[0] <= ticks[-1] <= high + 1e-6 * abs(high)


def test_strategies_look_different() -> None:
    looks = [look_of(key) for key in (*STRATEGIES, "top-2")]
    assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == len(looks)


def pictures(planted: dict[tuple[str, int], tuple[float, float]], **how: object) -> list[ElementTree.Element]:
    race = results(planted, **how)  # type: ignore[arg-type]
    page = as_html(report(race, Path("r")), race.spec, FOUND)
    return [ElementTree.fromstring(svg) for svg in re.findall("<svg.*?</svg>", page, flags=re.DOTALL)]


def test_a_race_is_drawn_inside_its_frames() -> None:
    planted = {
        (key, rows): (0.5 + 0.05 * i, 1.0 + 20 * i)
        for i, key in enumerate((*STRATEGIES, "top-2"))
        for rows in (25, 100, 8530)
    }
    by_labels, by_minutes, by_seed = pictures(planted)
    for picture, points in ((by_labels, 21), (by_minutes, 7), (by_seed, 7)):
        markers = [e for e in picture.iter("path") if "transform" in e.attrib]
        assert len(markers) == points
        for marker in markers:
            x, y = map(float, re.findall(r"[\d.]+", marker.attrib["transform"]))
            assert 0 < x < WIDTH
            assert 0 < y < HEIGHT
    assert {"25", "100", "8,530"} <= {e.text for e in by_labels.iter("text")}
    assert len(list(by_seed.iter("circle"))) == 21


def test_one_point_and_no_point_are_drawn_too() -> None:
    assert len(pictures({("head", 50): (0.7, 1.0)}, seeds=1)) == 3
    assert pictures({("head", 50): (0.7, 1.0)}, done=0) == []
