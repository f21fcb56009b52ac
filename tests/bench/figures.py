"""What is told of a measurement: numbers of its sides, their ratios repeat by repeat, medians with their range."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Repeat = Mapping[str, Mapping[str, float]]
"""The numbers that each side gave, by the side's name."""

UNITS = (("_us", "µs", 1), ("_ms", "ms", 1), ("_s", "s", 2), ("_mb", "MB", 0))
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
        tops = numbers(repeats, self.of)
        return [a / b for a, b in zip(tops, numbers(repeats, self.over), strict=True)] if self.over else tops

    def told(self, repeats: Sequence[Repeat]) -> dict[str, object]:
        """The figure as plain values, for the file of results."""
        value = spread(self.values(repeats))
        shown = f"{value['median']:.2f} × ({value['low']:.2f} to {value['high']:.2f})" if self.over else ""
        held = (self.at_least is None or value["median"] >= self.at_least) and (
            self.at_most is None or value["median"] <= self.at_most
        )
        signs = (("≥", self.at_least), ("≤", self.at_most))
        asked = " and ".join(f"{sign} {bound:g}" for sign, bound in signs if bound is not None)
        names = [name for name in (self.of, self.over) if name]
        return _plain(self.what, names, repeats, value, shown, asked, held if asked else None)


@dataclass(frozen=True)
class Quality:
    """What both sides reached: as good as the other when the medians are no farther apart than one side's repeats."""

    of: str
    beside: str
    what: str = "quality"

    def told(self, repeats: Sequence[Repeat]) -> dict[str, object]:
        """As for `Figure`; the value is the difference of the medians."""
        one, other = (spread(numbers(repeats, name)) for name in (self.of, self.beside))
        apart = one["median"] - other["median"]
        held = abs(apart) <= max(side["high"] - side["low"] for side in (one, other))
        value = {"median": apart, "low": apart, "high": apart}
        asked = "within the spread of the seeds" if len(repeats) > 1 else ""
        return _plain(
            self.what, [self.of, self.beside], repeats, value, f"{apart:+.3f}", asked, held if asked else None
        )


def _plain(
    what: str,
    names: Sequence[str],
    repeats: Sequence[Repeat],
    value: Mapping[str, float],
    shown: str,
    asked: str,
    held: bool | None,
) -> dict[str, object]:
    sides = {name: spread(numbers(repeats, name)) for name in names}
    return {"what": what, "numbers": sides, **value, "shown": shown, "asked": asked, "held": held}


def numbers(repeats: Sequence[Repeat], name: str) -> list[float]:
    """The number of a side in each repeat, both named as in `TLGUI.first_step_s`."""
    side, _, key = name.rpartition(".")
    return [repeat[side][key] for repeat in repeats]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def with_unit(name: str, value: float) -> str:
    """A number with the unit that its name ends in."""
    for ending, unit, decimals in UNITS:
        if name.endswith(ending):
            return f"{value:,.{decimals}f} {unit}"
    return f"{value:.3f}"


def with_range(name: str, told: Mapping[str, float]) -> str:
    """Median and range, such as `1.23 s (1.20 to 1.31)`; the range is left out where there is none."""
    low, high = (with_unit(name, told[key]).split()[0] for key in ("low", "high"))
    middle = with_unit(name, told["median"])
    return middle if low == high else f"{middle} ({low} to {high})"


HEADER = ("measurement", "what", "numbers, median of the repeats", "ratio, median (range)", "asked")


def rows(result: Mapping[str, object]) -> list[tuple[str, ...]]:
    """The table's rows of one measurement in the form of the file of results."""
    lines = []
    for told in result["figures"]:  # type: ignore[attr-defined]
        labels = _labels(list(told["numbers"]))
        sides = [
            f"{label} {with_range(name, values)}"
            for label, (name, values) in zip(labels, told["numbers"].items(), strict=True)
        ]
        verdict = {True: ": held", False: ": **not held**", None: ""}[told["held"]]
        asked = f"{told['asked']}{verdict}"
        lines.append((str(result["name"]), told["what"], ", ".join(sides), told["shown"], asked))
    return lines


def _labels(names: Sequence[str]) -> list[str]:
    """What tells numbers apart: their sides, or what they are where they are of one side."""
    sides = [name.rpartition(".")[0] for name in names]
    return sides if len(set(sides)) == len(names) else [name.rpartition(".")[2].rpartition("_")[0] for name in names]


def table(results: Sequence[Mapping[str, object]]) -> str:
    """All measurements as a Markdown table that also reads well on a terminal."""
    cells = [HEADER, *(row for result in results for row in rows(result))]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
