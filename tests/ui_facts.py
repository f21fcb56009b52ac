"""Facts made by hand, for tests of pages that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlgui.core.facts import (
    ColumnFacts,
    CostFacts,
    DataFacts,
    DataProblem,
    GroupFacts,
    LengthFacts,
    Machine,
    MemoryFacts,
    ModelFacts,
)
from tlgui.core.samples import SAMPLES
from tlgui.core.transfer import MATRICES

if TYPE_CHECKING:  # tests without Qt read the facts too
    from tlgui.ui.workbench import Workbench

MACHINE = Machine("CPU", 2, 6_200_000_000, 16_000_000_000, False)
MEMORY = MemoryFacts(450_000_000, 180_000_000, 40_000_000, 80_000_000, 150_000_000)
COST = CostFacts(0.104, 0.310, 1440, MEMORY, 12.0)
LENGTHS = LengthFacts((5, 20, 24, 30, 70), 1.2, 0.0)
EMPTY_TEXT = DataProblem("empty-text", "must", "Row 212: the text is empty.", (212,), 1, "text", "Leave the row out")
TWO_LABELS = DataProblem("two-labels", "should", "Row 300 has two labels.", (300,), 1, "label", "Leave both out")
ODD_SPLIT = DataProblem("overlap", "should", "37 texts are on both sides of the split.", (), 37, "", "Move to training")


def model(layers: int = 6, *, pooler: bool = True, new_head: bool = True) -> ModelFacts:
    """A BERT of some layers."""
    groups = [GroupFacts("embeddings", 11_900_000), *_layers(layers)]
    groups += [GroupFacts("pooler", 147_840)] if pooler else []
    groups.append(GroupFacts("head", 770, new_head))
    return ModelFacts(
        source="starter",
        name="Starter BERT",
        folder="/models/starter",
        family="bert",
        layers=layers,
        width=384,
        size_bytes=45_000_000,
        max_tokens=512,
        vocabulary=30_522,
        tokens="WordPiece",
        licence="Apache-2.0",
        languages="English",
        groups=tuple(groups),
        matrices=MATRICES,
    )


def _layers(count: int) -> list[GroupFacts]:
    return [GroupFacts(str(i), 1_774_080, adapters=12_288) for i in range(count)]


def table(*problems: DataProblem, settled: tuple[DataProblem, ...] = ()) -> DataFacts:
    """400 rows, columns text, label and source; the first 20 and some near 212 and 300 can be shown."""
    numbers = [*range(1, 21), *range(209, 216), *range(297, 304)]
    preview = tuple((n, ("" if n == 212 else f"Text number {n}.", "good" if n % 2 else "bad", "blog")) for n in numbers)
    return DataFacts(
        source="/data/reviews.csv",
        name="reviews.csv",
        rows=400,
        columns=(ColumnFacts("text", "text"), ColumnFacts("label", "label"), ColumnFacts("source", "ignore")),
        reading="comma, UTF-8, header in line 1",
        preview=preview,
        problems=problems,
        settled=settled,
        labels={"good": 200, "bad": 200},
        train_rows=360,
        validation_rows=40,
        passed=("No text is repeated",),
    )


def tell(bench: Workbench, **values: Any) -> None:
    """Let the workbench have found some facts; None takes one away."""
    for name, value in values.items():
        bench.findings._values[name] = value
        bench.findings.changed.emit(name)


def know_everything(bench: Workbench) -> None:
    """Let the workbench have a sample's recipe, and have found all there is to find about it."""
    bench.draft.replace(SAMPLES["reviews"].recipe())
    tell(bench, model=model(), data=table(), lengths=LENGTHS, cost=COST, machine=MACHINE)
