"""Time left is promised after three steps, and counts the checks."""

from __future__ import annotations

from tlgui.core.events import Paused, Started, StepDone, Validated
from tlgui.core.pace import Pace


def step(number: int, seconds: float = 0.1) -> StepDone:
    return StepDone(number, 100, 0.5, 1e-5, seconds)


def test_nothing_is_promised_before_three_steps():
    pace = Pace(validations=4)
    pace.take([Started("r", 0, 100, 50, (), "loss"), step(1), step(2)], now=1.0)
    assert pace.left is None
    pace.take([step(3)], now=1.1)
    assert round(pace.left, 6) == 9.7


def test_checks_to_come_are_part_of_the_time_left():
    pace = Pace(validations=4)
    pace.take([Started("r", 0, 100, 50, (), "loss")], now=0.0)
    pace.take([Validated(0, 0.7)], now=2.0)
    pace.take([step(i) for i in range(1, 51)], now=7.0)
    assert round(pace.left, 6) == 50 * 0.1 + 2.0 * 4 * 0.5


def test_a_pause_is_no_slow_check():
    pace = Pace(validations=4)
    pace.take([Started("r", 0, 100, 50, (), "loss"), *(step(i) for i in range(1, 11)), Paused(10)], now=1.0)
    pace.take([Validated(10, 0.7)], now=1000.0)
    assert round(pace.left, 6) == 9.0
