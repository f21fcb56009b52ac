"""What a race's numbers say of the claims made for transfer learning, and no more than they say.

A claim is made only where the 95 % interval of the paired bootstrap leaves out 0. Which strategies are compared is
fixed before the scores are seen, so that a lucky one is not picked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from tlgui.core.goals import GOALS, Metric
from tlgui.core.plan import count
from tlgui.core.race import Level, RaceSpec, Verdict, strategy
from tlgui.core.wording import listed
from tlgui.studies.race_files import Record
from tlgui.studies.statistics import Difference, deviation, difference

Of = Callable[[str, int], Mapping[int, Record]]
"""Finished runs of a strategy with so many labels, by seed."""
CHIPS: Mapping[Level, str] = {"yes": "Yes", "price": "Yes, at a price", "no": "No", "unclear": "Cannot tell"}
TIME, SCORE, LABELS, GRADUAL = "Less training time", "Better predictions", "Fewer labels", "Gradual thawing"
CLOSE = 0.01
"""A quicker strategy is advised if it scores at most this much less than the best one."""
_FREEZING = ("top", "gradual", "lora", "head", "feature-based")
"""Kinds of strategies that spare work, the one that is compared first standing first."""
_PRETRAINED = ("everything", "lora", "gradual", "top", "head", "feature-based")
"""The likeliest rival of training from scratch first: everything learns in both, and only the start differs."""


@dataclass(frozen=True)
class Side:
    """One strategy with so many labels, over the seeds that are compared."""

    key: str
    rows: int
    records: tuple[Record, ...]

    @property
    def title(self) -> str:
        return strategy(self.key).title

    @property
    def scores(self) -> np.ndarray:
        return np.array([record.cell.score for record in self.records])

    @property
    def seconds(self) -> float:
        return fmean(record.cell.seconds for record in self.records)


@dataclass(frozen=True)
class Pair:
    """Two strategies, seed by seed and row by row; differences are the first minus the second."""

    one: Side
    other: Side
    score: Difference
    time: Difference

    @property
    def seeds(self) -> int:
        return len(self.one.records)


def judge(spec: RaceSpec, labels: Sequence[int], of: Of) -> tuple[tuple[Verdict, ...], str, str]:
    """The verdicts, the advice and the strategy that it names; the last two are empty until there is enough to say."""
    judged = Judge(spec, tuple(labels), of)
    found = [judged.time(), judged.score(), judged.fewer_labels()]
    if any(key.startswith("gradual") for key in spec.strategies):
        found.append(judged.gradual())
    return tuple(found), *judged.advice()


class Judge:
    """Compares the strategies of one race."""

    def __init__(self, spec: RaceSpec, labels: tuple[int, ...], of: Of) -> None:
        self._spec, self._labels, self._of = spec, labels, of
        self._metric = GOALS[spec.recipe.task].metric

    def time(self) -> Verdict:
        """Does freezing spare time, and what does it cost?"""
        reference = next((key for key in ("everything", "scratch") if key in self._spec.strategies), "")
        frozen = [key for key in self._first(_FREEZING) if key != reference]
        frozen = [*frozen[:1], *(key for key in frozen[1:] if key == "feature-based")]
        if not reference or not frozen:
            return _verdict(TIME, "unclear", "This needs a strategy that freezes layers, and one in which all learn.")
        pairs = [pair for key in frozen if (pair := self._most_labels(key, reference))]
        if not pairs:
            return _verdict(TIME, "unclear", _waiting(strategy(frozen[0]).title, strategy(reference).title))
        levels, texts = zip(*(self._time_of(pair) for pair in pairs), strict=True)
        level = min(levels, key=list(CHIPS).index)
        return _verdict(TIME, level, " ".join(texts))

    def score(self) -> Verdict:
        """Does a pretrained start beat a random one?"""
        return self._scores(SCORE, next(iter(self._first(_PRETRAINED)), ""), "scratch")

    def gradual(self) -> Verdict:
        """Is it better to thaw layers one at a time than all at once?"""
        key = next(key for key in self._spec.strategies if key.startswith("gradual"))
        at_once = key.replace("gradual", "top") if "-" in key else "everything"
        return self._scores(GRADUAL, key, at_once)

    def _scores(self, claim: str, key: str, other: str) -> Verdict:
        if not {key, other} <= set(self._spec.strategies):
            missing = [strategy(one).title for one in (key, other) if one and one not in self._spec.strategies]
            lacks = " and ".join(missing) or "a pretrained strategy"
            return _verdict(claim, "unclear", f"This needs {lacks} in the race.")
        pair = self._most_labels(key, other)
        if pair is None:
            return _verdict(claim, "unclear", _waiting(strategy(key).title, strategy(other).title))
        level: Level = "yes" if pair.score.more else "no" if pair.score.less else "unclear"
        return _verdict(claim, level, self._score_words(pair))

    def fewer_labels(self) -> Verdict:
        """Does a pretrained start with few labels beat a random one with many?

        Label counts are tried from many to few until one fails, so that no correction for several tries is needed.
        """
        key = next(iter(self._first(_PRETRAINED)), "")
        if not key or "scratch" not in self._spec.strategies:
            return _verdict(LABELS, "unclear", "This needs From scratch and a pretrained strategy in the race.")
        if len(self._labels) < 2:
            return _verdict(LABELS, "unclear", "This needs at least two numbers of labels.")
        most, start = self._labels[-1], self._labels[0]
        few = self._pair(key, start, "scratch", start)
        if few is None:
            return _verdict(LABELS, "unclear", _waiting(strategy(key).title, "From scratch"))
        told = f"{self._score_words(few)} "
        shown: Pair | None = None
        for rows in reversed(self._labels[:-1]):
            pair = self._pair(key, rows, "scratch", most)
            if pair is None:
                break
            failed = not pair.score.more
            shown = shown if failed and shown else pair
            if failed:
                break
        if shown is None:
            return _verdict(LABELS, "unclear", f"{told}The runs with more labels are still to come.")
        level: Level = "yes" if shown.score.more else "no" if shown.score.less else "unclear"
        return _verdict(LABELS, level, told + self._labels_words(shown))

    def advice(self) -> tuple[str, str]:
        """What to take with the most labels, and with the fewest if that is another."""
        ready = [rows for rows in self._labels if all(len(self._of(key, rows)) > 1 for key in self._spec.strategies)]
        if not ready or len(self._spec.strategies) < 2:
            return "", ""
        sentence, choice = self._advised(ready[-1])
        fewer, other = self._advised(ready[0])
        return (sentence if other == choice else f"{sentence} {fewer}"), choice

    def _advised(self, rows: int) -> tuple[str, str]:
        pairs = [
            pair for key in self._spec.strategies if (pair := self._pair(key, rows, self._spec.strategies[0], rows))
        ]
        sides = [pair.one for pair in pairs]
        best = max(sides, key=lambda side: side.scores.mean())
        taken = min((s for s in sides if best.scores.mean() - s.scores.mean() <= CLOSE), key=lambda side: side.seconds)
        said = f"With {count(rows, 'label')}, take {taken.title}: {self._shown(taken)} in {_time(taken.seconds)} a run."
        close = [side for side in sides if side is not best and not self._shown_worse(side, best)]
        if taken is not best:
            less = _points(float(best.scores.mean() - taken.scores.mean()))
            sure = ", within the spread of seeds and rows," if taken in close else ""
            return f"{said} {best.title} scores {less} more{sure} and takes {_time(best.seconds)}.", taken.key
        if not close:
            return f"{said} The others are shown to score less.", taken.key
        names = listed([_inside(side.title) for side in close])
        return f"{said} It scores highest, but {names} cannot be told from it.", taken.key

    def _shown_worse(self, side: Side, best: Side) -> bool:
        pair = self._pair(side.key, side.rows, best.key, best.rows)
        return pair is not None and pair.score.less

    def _first(self, kinds: Sequence[str]) -> list[str]:
        """The strategies of some kinds, in the order of the kinds."""
        return [key for kind in kinds for key in self._spec.strategies if key == kind or key.startswith(f"{kind}-")]

    def _pair(self, key: str, rows: int, other: str, other_rows: int) -> Pair | None:
        """Two strategies over the seeds that both have finished; None if there is no such seed."""
        one, two = self._of(key, rows), self._of(other, other_rows)
        common = [seed for seed in range(self._spec.seeds) if seed in one and seed in two]
        if not common:
            return None
        sides = Side(key, rows, tuple(map(one.get, common))), Side(other, other_rows, tuple(map(two.get, common)))  # type: ignore[arg-type]
        right = [np.stack([record.right for record in side.records]) for side in sides]
        times = [np.array([[record.cell.seconds] for record in side.records]) for side in sides]
        return Pair(*sides, difference(*right), difference(*times))

    def _most_labels(self, key: str, other: str) -> Pair | None:
        """The two with the most labels for which more than one seed has finished, else for which one has."""
        pairs = [pair for rows in reversed(self._labels) if (pair := self._pair(key, rows, other, rows))]
        return next((pair for pair in pairs if pair.seeds > 1), next(iter(pairs), None))

    def _time_of(self, pair: Pair) -> tuple[Level, str]:
        one, other = pair.one.seconds, pair.other.seconds
        told = f"With {count(pair.one.rows, 'label')}, {_action(pair.one.key)} takes {_time(one)} a run"
        if not (pair.time.less or pair.time.more):
            why = _ONE_SEED if pair.seeds < 2 else "The difference is within the spread of the seeds."
            return "unclear", f"{told}, {pair.other.title} {_time(other)}. {why}"
        told += f" instead of {_time(other)} ({one / other:.0%} of {pair.other.title})".replace("%", " %")
        joined = "but" if pair.time.less and pair.score.less else "and"
        verb = "costs" if pair.score.mean < 0 else "gains"
        told += f" {joined} {verb} {_points(pair.score.mean)} ({self._sure(pair.score)})."
        if pair.time.more:
            return "no", told
        return ("price" if pair.score.less else "yes"), told

    def _score_words(self, pair: Pair) -> str:
        one, other = pair.one, pair.other
        told = f"With {count(one.rows, 'label')}, {one.title} scores {self._shown(one)}, "
        told += f"{_inside(other.title)} {self._shown(other)}"
        if pair.seeds < 2:
            return f"{told}. {_ONE_SEED}"
        if not (pair.score.more or pair.score.less):
            return f"{told}. The difference of {_points(pair.score.mean)} is {self._sure(pair.score)}."
        word = "more" if pair.score.more else "less"
        return f"{told}: {_points(pair.score.mean)} {word} ({self._sure(pair.score)})."

    def _labels_words(self, pair: Pair) -> str:
        one, other = pair.one, pair.other
        if pair.seeds < 2:
            return f"{other.title} with {count(other.rows, 'label')} scores {self._shown(other)}. {_ONE_SEED}"
        sure = self._sure(pair.score)
        many = f"{other.title} with {count(other.rows, 'label')} scores {self._shown(other)}"
        if pair.score.more or pair.score.less:
            word = "more" if pair.score.more else "less"
            return f"{many}; {one.title} with {one.rows:,} scores {_points(pair.score.mean)} {word} ({sure})."
        return f"{many}; {one.title} with {one.rows:,} scores {self._shown(one)}, and the difference is {sure}."

    def _shown(self, side: Side) -> str:
        """A score with its spread: "84.1 % ± 0.4"."""
        said = self._metric.show(float(side.scores.mean()))
        return said if len(side.records) < 2 else f"{said} ± {_figure(self._metric, deviation(side.scores))}"

    def _sure(self, found: Difference) -> str:
        if found.more or found.less:
            ends = sorted(abs(end) * 100 for end in (found.low, found.high))
            return f"95 % interval {ends[0]:.1f} to {ends[1]:.1f}"
        return "within the spread of seeds and rows"


_ONE_SEED = "One seed has run, so the spread is not known."
_ACTIONS: Mapping[str, str] = {
    "feature-based": "feature-based transfer",
    "head": "training the head alone",
    "gradual": "gradual thawing",
    "lora": "LoRA",
}


def _verdict(claim: str, level: Level, text: str) -> Verdict:
    return Verdict(claim, level, CHIPS[level], text)


def _waiting(one: str, other: str) -> str:
    return f"{one} and {_inside(other)} have not both run yet."


def _inside(title: str) -> str:
    """A title within a sentence; the one that is no name there is "from scratch"."""
    return "from scratch" if title == "From scratch" else title


def _action(key: str) -> str:
    if key.startswith("top-"):
        layers = strategy(key).top
        return f"freezing all but {'the top layer' if layers == 1 else f'{layers} layers'}"
    return _ACTIONS[key] if key in _ACTIONS else f"thawing the top {strategy(key).top} layers gradually"


def _points(apart: float) -> str:
    return f"{abs(apart) * 100:.1f} points"


def _figure(metric: Metric, value: float) -> str:
    return f"{value * 100:.1f}" if metric.percent else f"{value:.2f}"


def _time(seconds: float) -> str:
    """Fine enough to compare: "4.2 s", "31 s", "3.1 min"."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min"
