"""Several data sets in one run: their rows one after the other, and how often each of them comes.

Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (JMLR 2020), section
3.5.2: rows in proportion to the sizes with a limit, by temperature, or equally often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

import numpy as np

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.randomness import generator
from tlgui.core.recipe import MixingPart, Recipe
from tlgui.data.names import plain
from tlgui.data.prepare import Part, Prepared, prepare

Cells = TypeVar("Cells", str, tuple[str, ...])
PREFIX = "prefix"
"""Name of a first text column that holds a prefix a row."""
HELD_SHARE = 0.1
"""Of a further data set, for validation, where the first one's validation rows are a source of their own."""


@dataclass(frozen=True)
class Member:
    """The rows of one data set."""

    name: str
    prefix: str
    part: Part


class MixedPart(Part):
    """The rows of several data sets, one set after the other."""

    def __init__(self, members: Sequence[Member]) -> None:
        first = members[0].part
        numbers = np.concatenate([member.part.row_numbers for member in members])
        super().__init__(first._table, first.text_columns, numbers, None, first.label_column)
        self.members = tuple(members)
        self._starts = np.cumsum([0, *(len(member.part) for member in members)])

    def texts(self, indices: np.ndarray) -> list[tuple[str, ...]]:
        """As for one data set; the number of columns may differ from set to set."""
        return self._each(indices, lambda part, rows: part.texts(rows))

    def truths(self, indices: np.ndarray) -> list[str]:
        return self._each(indices, lambda part, rows: part.truths(rows))

    def _each(self, indices: np.ndarray, read: Callable[[Part, np.ndarray], list[Cells]]) -> list[Cells]:
        of = np.searchsorted(self._starts, indices, side="right") - 1
        found: dict[int, Cells] = {}
        for number in np.unique(of):
            places = np.flatnonzero(of == number)
            cells = read(self.members[number].part, indices[places] - self._starts[number])
            found |= dict(zip(places.tolist(), cells, strict=True))
        return [found[place] for place in range(len(indices))]


def has_prefixes(columns: Sequence[str]) -> bool:
    """Whether the first of some text columns holds a prefix a row."""
    return len(columns) > 1 and plain(columns[0]) == PREFIX


def members_of(part: Part, prefix: str) -> tuple[Member, ...]:
    """The data sets of a part; a part of one set has no name and the prefix that is given."""
    return part.members if isinstance(part, MixedPart) else (Member("", prefix, part),)


def prepare_mixture(recipe: Recipe, emit: Emit, control: Control) -> Prepared:
    """Each data set of a recipe as if it were alone, and then together.

    Raises:
        TlguiError: as for one data set; or two sets have the same name.
    """
    named = [(name_of(recipe.data.source, recipe.text.prefix, recipe.text.name), recipe.text.prefix, recipe.data)]
    held = recipe.data.validation if isinstance(recipe.data.validation, float) else HELD_SHARE
    for more in recipe.mixture:
        changed = {"source": more.source, "text": more.text, "label": more.label, "validation": held, "rows": 0}
        named.append(
            (name_of(more.source, more.prefix, more.name), more.prefix, recipe.data.model_copy(update=changed))
        )
    train, validation, notes = [], [], []
    for name, prefix, data in named:
        one = prepare(recipe.model_copy(update={"data": data, "mixture": ()}), emit, control)
        train.append(Member(name, prefix, one.train))
        validation.append(Member(name, prefix, one.validation))
        notes += [f"{name}: {note}" for note in one.notes]
    names = [name for name, _, _ in named]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TlguiError(f"Two data sets of the mixture are called “{twice[0]}”.", "Give each a name of its own.")
    notes += _shared_prefixes(train)
    first = train[0].part
    return Prepared(MixedPart(train), MixedPart(validation), (), first.label_column, tuple(notes))


def of_source(recipe: Recipe, source: str) -> Recipe:
    """The recipe of one data set of a mixture, as if it were alone; the first one's for a source that is in none."""
    for more in recipe.mixture:
        if more.source == source:
            recipe = recipe.edit("data", text=more.text, label=more.label).edit("text", prefix=more.prefix)
    return recipe.model_copy(update={"mixture": ()})


def name_of(source: str, prefix: str, name: str) -> str:
    """What a data set is called: its name, else its prefix, else its file."""
    return name or prefix.strip(" :") or PurePath(source.rpartition(":")[2] or source).stem


def _shared_prefixes(members: Sequence[Member]) -> list[str]:
    """A warning for each prefix that does not tell two data sets apart."""
    by_prefix: dict[str, list[str]] = {}
    for member in members:
        if not has_prefixes(member.part.text_columns):
            by_prefix.setdefault(member.prefix.strip(" :"), []).append(member.name)
    return [
        f"{' and '.join(names)} share {f'the prefix “{prefix}”' if prefix else 'no prefix'}, "
        "so the model cannot tell which of them is asked for."
        for prefix, names in by_prefix.items()
        if len(names) > 1
    ]


def shares_of(sizes: Sequence[int], mixing: MixingPart) -> np.ndarray:
    """Which share of the rows each data set gives, shape (sets,); they sum to 1."""
    rows = np.array(sizes, dtype=np.float64)
    if mixing.limit:
        rows = np.minimum(rows, mixing.limit)
    weights = {"proportional": rows, "temperature": rows ** (1 / mixing.temperature), "equal": np.ones(len(rows))}
    chosen = weights[mixing.rule]
    shares: np.ndarray = chosen / chosen.sum()
    return shares


def counts_of(sizes: Sequence[int], mixing: MixingPart) -> tuple[int, ...]:
    """Rows of each data set in an epoch: as many in all as there are within the limit, cut to whole numbers."""
    total = sum(min(size, mixing.limit) if mixing.limit else size for size in sizes)
    exact = shares_of(sizes, mixing) * total
    counts = np.floor(exact).astype(np.int64)
    for place in np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]:
        counts[place] += 1
    return tuple(counts.tolist())


def drawn(sets: np.ndarray, counts: Sequence[int], seed: int, epoch: int) -> np.ndarray:
    """The rows of an epoch: each set goes through its own rows in random order, over and over, wherever epochs end.

    Args:
        sets: Which data set each row is of, shape (rows,).
        counts: Rows of each set in an epoch.
    Returns:
        Positions, shape (sum of counts,).
    """
    chosen = []
    for number, wanted in enumerate(counts):
        rows = np.flatnonzero(sets == number)
        places = np.arange(epoch * wanted, (epoch + 1) * wanted)
        passes = places // max(1, len(rows))
        for one in np.unique(passes):
            order = generator(seed, "mixture", number, int(one)).permutation(rows)
            chosen.append(order[places[passes == one] % len(rows)])
    return np.concatenate(chosen)
