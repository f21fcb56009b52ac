"""What is told of a measurement: numbers of its sides, their ratios repeat by repeat, medians with their range."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Repeat = Mapping[str, Mapping[str, float]]
"""The numbers that each side gave, by the side's name."""

UNITS = (("_ms", "ms", 1), ("_s", "s", 2), ("_mb", "MB", 0))
"""Endings of a number's name, unit, decimals."""


@dataclass(frozen=True)
class Figure:
    """A number of one side, beside another side's or alone, and what it is to be."""

    what: str
    of: str
    """Side and number, such as `TLGUI.first_step_s`."""
    over: str = ""
    """The number that `of` is divided by in the same repeat; empty for a number alone."""
    at_least: float | None = None
    at_most: float | None = None

    def values(self, repeats: Sequence[Repeat]) -> list[float]:
        """One value a repeat."""
        tops = [number(repeat, self.of) for repeat in repeats]
        if not self.over:
            return tops
        return [top / number(repeat, self.over) for top, repeat in zip(tops, repeats, strict=True)]

    def held(self, value: float) -> bool | None:
        """Whether a value is as it is to be; None where nothing is asked."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def asked(self) -> str:
        """What it is to be, in signs."""
        low = f"≥ {self.at_least:g}" if self.at_least is not None else ""
        high = f"≤ {self.at_most:g}" if self.at_most is not None else ""
        return " and ".join(sign for sign in (low, high) if sign)


def number(repeat: Repeat, name: str) -> float:
    """The number of a side, both named as in `TLGUI.first_step_s`."""
    side, _, key = name.rpartition(".")
    return repeat[side][key]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def reported(figure: Figure, repeats: Sequence[Repeat]) -> dict[str, object]:
    """A figure as plain values, for the file of results."""
    names = [name for name in (figure.of, figure.over) if name]
    told = spread(figure.values(repeats))
    return {
        "what": figure.what,
        "numbers": {name: spread([number(repeat, name) for repeat in repeats]) for name in names},
        "ratio": bool(figure.over),
        **told,
        "asked": figure.asked,
        "held": figure.held(told["median"]),
    }


def shown(name: str, value: float) -> str:
    """A number with the unit that its name ends in."""
    for ending, unit, decimals in UNITS:
        if name.endswith(ending):
            return f"{value:,.{decimals}f} {unit}"
    return f"{value:.3f}"


def with_range(name: str, told: Mapping[str, float]) -> str:
    """Median and range, such as `1.23 s (1.20 to 1.31)`; the range is left out where there is none."""
    low, high = (shown(name, told[key]).split()[0] for key in ("low", "high"))
    middle = shown(name, told["median"])
    return middle if low == high else f"{middle} ({low} to {high})"


HEADER = ("measurement", "what", "numbers, median of the repeats", "ratio, median (range)", "asked")


def rows(result: Mapping[str, object]) -> list[tuple[str, ...]]:
    """The table's rows of one measurement in the form of the file of results."""
    lines = []
    for told in result["figures"]:  # type: ignore[attr-defined]
        numbers = [f"{name.rpartition('.')[0]} {with_range(name, values)}" for name, values in told["numbers"].items()]
        ratio = f"{told['median']:.2f} × ({told['low']:.2f} to {told['high']:.2f})" if told["ratio"] else ""
        verdict = {True: ": held", False: ": **not held**", None: ""}[told["held"]]
        lines.append((str(result["name"]), told["what"], ", ".join(numbers), ratio, f"{told['asked']}{verdict}"))
    return lines


def table(results: Sequence[Mapping[str, object]]) -> str:
    """All measurements as a Markdown table that also reads well on a terminal."""
    cells = [HEADER, *(row for result in results for row in rows(result))]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
