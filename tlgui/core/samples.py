"""The samples that come with the application: each a table and a full recipe for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.core.plan import count
from tlgui.core.recipe import DataPart, Recipe, TrainPart, TransferPart

SCHEME = "sample:"


@dataclass(frozen=True)
class Sample:
    """One row of the Goal page's "Start from a sample"."""

    key: str
    """Stem of its file in resources/samples."""
    title: str
    kind: str
    """Of the data, in a word or two."""
    file: str
    unit: str
    """What a line of the file is called."""
    plan: Recipe
    """Without the probes, which may stand in a file."""
    probes: tuple[str, ...] = ()
    probes_file: str = ""
    short: dict[str, dict[str, object]] | None = None
    """By section, what a version that ends within a minute or two changes; None if there is no such version."""

    @property
    def source(self) -> str:
        return SCHEME + self.key

    def recipe(self) -> Recipe:
        """The recipe that fills every page."""
        return self.plan.edit("", probes=self.probes or tuple(_lines(self.probes_file)))

    def short_recipe(self) -> Recipe:
        """The recipe of its short version, to be watched from beginning to end."""
        made = self.recipe()
        for section, fields in (self.short or {}).items():
            made = made.edit(section, **fields)
        return made

    def words(self) -> str:
        """What it is, in a few words: "With labels · 650 rows"."""
        return f"{self.kind} · {self.size()}"

    def size(self) -> str:
        """How much it holds: "650 rows"."""
        header = self.file.endswith(".csv")
        return count(len(_lines(self.file)) - header, self.unit)


SAMPLES: dict[str, Sample] = {
    sample.key: sample
    for sample in (
        Sample(
            key="reviews",
            title="Short reviews",
            kind="With labels",
            file="reviews.csv",
            unit="row",
            plan=Recipe(
                name="reviews",
                task="classify",
                data=DataPart(source="sample:reviews", text=("text",), label="label", validation=0.2),
                transfer=TransferPart(frozen=("embeddings", "0-1")),
                train=TrainPart(epochs=4, batch_size=8, learning_rate=1e-4, max_length=96),
            ),
            probes=(
                "The lamp arrived late, but it is the best one I have owned.",
                "I wanted to like this café, and I did not.",
                "Not bad at all for the price.",
            ),
        ),
        Sample(
            key="beekeeping",
            title="Beekeeping notes",
            kind="Plain text",
            file="beekeeping.txt",
            unit="passage",
            plan=Recipe(
                name="beekeeping",
                task="mask",
                data=DataPart(source="sample:beekeeping"),
                train=TrainPart(epochs=3, batch_size=8, learning_rate=3e-4, max_length=64),
            ),
            probes_file="beekeeping-probes.txt",
            short={
                "": {"name": "beekeeping-short"},
                "transfer": {"frozen": ("embeddings",)},  # a step takes a quarter less time, and the loss falls still
                "train": {"epochs": 1},
            },
        ),
    )
}
FIRST = SAMPLES["beekeeping"]
"""What a newcomer sees a model learn."""


def find(source: str) -> Sample:
    """The sample of a source such as `sample:reviews`.

    Raises:
        TlguiError: there is none of that name.
    """
    key = source.removeprefix(SCHEME)
    if key not in SAMPLES:
        raise TlguiError(f"There is no sample “{key}”.", f"The samples are: {', '.join(SAMPLES)}.")
    return SAMPLES[key]


@cache
def _lines(file: str) -> tuple[str, ...]:
    """The lines of a sample file that are not empty."""
    path: Path = paths.resources() / "samples" / file
    return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
