"""Where ticks go and how they are written."""

from __future__ import annotations

import math


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that cuts a span into at most `most` parts."""
    rough = span / most
    power = 10 ** math.floor(math.log10(rough))
    return next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough * (1 - 1e-9))


def y_ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """At most `most` round values that enclose low..high; a span of nothing gets some room."""
    if high - low < 1e-9 * max(1.0, abs(high)):
        room = max(abs(high) * 0.1, 0.05)
        low, high = low - room, high + room
    step = nice_step(high - low, most - 1)
    while math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9) >= most:
        step = nice_step(step * 1.01, 1)  # rounding outwards added a tick too many
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def step_ticks(total: int, most: int, epoch: int = 0) -> tuple[int, ...]:
    """0, some regular steps and the last one; a regular step that would touch the last is left out.

    Args:
        total: The last step.
        most: Parts that the width has room for.
        epoch: Steps per epoch; ticks stand on its ends, or on halves and quarters of it, where that gives three
            parts or more. 0 = round numbers.
    """
    if total <= 0:
        return (0,)
    if total == 1 or most < 2:
        return (0, total)
    stride = max(1, math.ceil(nice_step(total, most)))
    if epoch:
        wanted = (epoch / 4, epoch / 2, *(epoch * k * 10**n for n in range(6) for k in (1, 2, 5)))
        stride = next((round(s) for s in wanted if s >= 1 and s == int(s) and 3 <= total / s <= most), stride)
    return (0, *(i for i in range(stride, total, stride) if total - i > stride * 0.6), total)


def tick_text(value: float, ticks: tuple[float, ...]) -> str:
    """A value with as many decimals as tell neighbouring ticks apart."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    decimals = next((n for n in range(6) if abs(step * 10**n - round(step * 10**n)) < 1e-6), 6)
    return f"{value:,.{decimals}f}"


def exponent(peak: float) -> int:
    """The power of ten that is taken out of an axis: -5 for a peak of 5e-5, 0 for nothing."""
    return math.floor(math.log10(peak)) if peak > 0 else 0


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions apart until none are nearer than `gap`, inside low..high as far as they fit; order is kept."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(wanted[i], placed[-1] + gap if placed else low))
    limit = high
    for k in reversed(range(len(placed))):
        placed[k] = min(placed[k], limit)
        limit = placed[k] - gap
    found = list(wanted)
    for i, place in zip(order, placed, strict=True):
        found[i] = place
    return found
