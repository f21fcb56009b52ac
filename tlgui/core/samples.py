"""The samples that come with the application: each a table and a full recipe for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.core.plan import count
from tlgui.core.recipe import DataPart, ModelPart, Recipe, TextPart, TrainPart, TransferPart

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
    """What a line of the file is called, or what each line with `mark` begins."""
    plan: Recipe
    """Without the probes, which may stand in a file."""
    probes: tuple[str, ...] = ()
    probes_file: str = ""
    mark: str = ""
    """What the lines have that are counted; empty = every line."""
    short: dict[str, dict[str, object]] | None = None
    """By section, what a version that ends within a minute or two changes; None if there is no such version."""

    @property
    def source(self) -> str:
        """Of its rows; several samples may be of the same."""
        return self.plan.data.source

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
        if self.file.endswith(".conll"):
            return count(_sentences(self.file), self.unit)
        header = self.file.endswith(".csv")
        return count(sum(self.mark in line for line in _lines(self.file)) - header, self.unit)


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
            key="claims",
            title="Claims",
            kind="Pairs with labels",
            file="claims.csv",
            unit="row",
            plan=Recipe(
                name="claims",
                task="classify",
                data=DataPart(source="sample:claims", text=("premise", "hypothesis"), label="label", validation=0.2),
                train=TrainPart(epochs=6, batch_size=8, learning_rate=1e-4, max_length=64),
            ),
            probes=(
                "Two boys are kicking a ball against the garage.\nThe boys are playing.",
                "The shop closes at six on Saturdays.\nThe shop is open all night.",
            ),
        ),
        Sample(
            key="effort",
            title="Hours of work",
            kind="With numbers",
            file="effort.csv",
            unit="row",
            plan=Recipe(
                name="effort",
                task="regress",
                data=DataPart(source="sample:effort", text=("sentence",), label="hours", validation=0.2),
                train=TrainPart(epochs=6, batch_size=8, learning_rate=1e-4, max_length=48),
            ),
            probes=("Change the battery of a clock.", "Lay new tiles in the whole bathroom."),
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
        Sample(
            key="allotment",
            title="Allotment handbook",
            kind="Questions",
            file="allotment.json",
            unit="question",
            mark='"question":',
            plan=Recipe(
                name="allotment",
                task="answer",
                data=DataPart(source="sample:allotment", text=("question", "passage"), label="answers", validation=0.2),
                train=TrainPart(epochs=8, batch_size=8, learning_rate=2e-4, max_length=192, validations=1),
            ),
            probes=(
                "When is the rent of a plot due?\n"
                "The rent falls due {on the first of October}, and a reminder goes out two weeks before.",
                "Who has a second key to the shed?\n"
                "The shed is locked at dusk. The secretary keeps one key and {the beekeeper} the other.",
                "How deep is the well?\nThe well was dug in 1923 and closed forty years later.",
            ),
        ),
        Sample(
            key="travel",
            title="Travel diary",
            kind="Tagged words",
            file="travel.conll",
            unit="sentence",
            plan=Recipe(
                name="travel",
                task="tag",
                data=DataPart(source="sample:travel", text=("tokens",), label="tags", validation=0.2),
                train=TrainPart(epochs=8, batch_size=8, learning_rate=5e-4, max_length=96),
            ),
            probes=(
                "Ines Duarte spent two nights in Ghent and left on 9 June.",
                "The museum in Lyon sent Tomas a letter from the Harbour Office.",
                "It rained, so nobody went anywhere.",
            ),
        ),
        Sample(
            key="kitchen",
            title="Kitchen texts",
            kind="Inputs and outputs",
            file="kitchen.csv",
            unit="row",
            plan=Recipe(
                name="kitchen",
                task="text-to-text",
                model=ModelPart(source="new:t5-mini", vocabulary=2000),
                data=DataPart(source="sample:kitchen", text=("prefix", "input"), label="output", validation=0.15),
                text=TextPart(max_output=32),
                train=TrainPart(epochs=8, batch_size=8, learning_rate=1e-3, max_length=64, validations=1),
            ),
            probes=(
                "recipe step to command: You'll want to leave the rice to soak for half an hour. "
                "=> Soak the rice for half an hour.",
                "shorten: After two long years of building work, the bakery on the corner opened again on Monday. "
                "=> The corner bakery reopened on Monday.",
            ),
        ),
        Sample(
            key="beekeeping-next",
            title="Continue beekeeping notes",
            kind="Plain text, a model from nothing",
            file="beekeeping.txt",
            unit="passage",
            plan=Recipe(
                name="beekeeping-next",
                task="next-word",
                model=ModelPart(source="new:gpt-mini", vocabulary=2000),
                data=DataPart(source="sample:beekeeping"),
                train=TrainPart(epochs=12, batch_size=8, learning_rate=1e-3, max_length=64, validations=1),
            ),
            probes=(
                "By midsummer the queen had filled nine frames with eggs.",
                "At noon the swarm left its tree and flew over our hive.",
                "In September we filled the feeder with thick syrup.",
            ),
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
def _sentences(file: str) -> int:
    """Groups of lines of a sample file with an empty line between them."""
    path: Path = paths.resources() / "samples" / file
    return sum(bool(group.strip()) for group in path.read_text(encoding="utf-8").split("\n\n"))


@cache
def _lines(file: str) -> tuple[str, ...]:
    """The lines of a sample file that are not empty."""
    path: Path = paths.resources() / "samples" / file
    return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
