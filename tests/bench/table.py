"""The measurements: one entry each, with its sides and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Figure, Quality
from bench.sides import Side, open_layers, run, script, tlgui, trainer
from bench.work import STARTER, Turn, Work


@dataclass(frozen=True)
class Measurement:
    """One entry."""

    name: str
    what: str
    minutes: float
    """About, with three repeats on 2 cores; told before it begins."""
    sides: dict[str, Side]
    """By the name that figures call them; every repeat takes them in turn, in the other order each time."""
    figures: tuple[Figure | Quality, ...]
    prepare: Callable[[Turn], object] = lambda turn: None
    """Makes what the sides share."""
    warm_up: bool = False
    """Whether each side first runs once uncounted, so that no side reads its files for the first time."""


def beside_trainer(
    name: str, what: str, minutes: float, work: Work, *figures: Figure, bound: bool = False
) -> Measurement:
    """TLGUI beside the Trainer set up well; with `bound`, beside the open layers alone too."""
    sides = {"TLGUI": tlgui(work), "Trainer": trainer(work)}
    if bound:
        sides["open layers"] = open_layers(work)
    told = "loss" if work.task == "mask" else "accuracy"
    return Measurement(name, what, minutes, sides, (*figures, Quality(f"TLGUI.{told}", f"Trainer.{told}", told)))


def ahead(number: str, what: str, at_least: float | None = None, peer: str = "Trainer") -> Figure:
    """How many times as long the peer takes."""
    return Figure(what, f"{peer}.{number}", f"TLGUI.{number}", at_least=at_least)


EPOCH, LATER, WHOLE = "an epoch", "epochs from the second on", "whole process"
EVERYTHING = Work()
FOUR = Work(frozen=("embeddings", "0-3"), epochs=2)
FIVE = replace(FOUR, frozen=("embeddings", "0-4"))
FEATURES = Work(feature_based=True, epochs=10, learning_rate=1e-3)
WORDS = Work(task="mask")
FULL = Work(task="mask", batch_size=32, full_steps=6)
FIRST = Work(own_split=True)
BASE = Work(frozen=("embeddings", "0-9"), epochs=2, one_in=10, model="base")


def make_base(turn: Turn) -> None:
    run(
        [turn.settings.python, "-P", Path(__file__).with_name("base_shape.py"), turn.shared / BASE.model, STARTER], turn
    )


def rows_read(rows: int) -> Side:
    """Reading, checking and encoding so many made-up rows."""
    return lambda turn: script("scale.py", str(turn.folder), str(rows))(turn)


MEASUREMENTS = (
    beside_trainer(
        "everything", "classify, everything learns, 1 epoch", 6, EVERYTHING, ahead("first_epoch_s", EPOCH, 1.0)
    ),
    beside_trainer(
        "frozen-4",
        "classify, embeddings and 4 of 6 layers frozen, 2 epochs",
        8,
        FOUR,
        ahead("later_epochs_s", LATER, 1.6),
        ahead("later_epochs_s", "beside the open layers alone, later epochs", 0.85, "open layers"),
        ahead("whole_s", WHOLE),
        bound=True,
    ),
    beside_trainer(
        "frozen-5",
        "classify, embeddings and 5 of 6 layers frozen, 2 epochs",
        5,
        FIVE,
        ahead("later_epochs_s", LATER, 2.5),
        ahead("whole_s", WHOLE),
    ),
    beside_trainer(
        "features",
        "classify, feature-based with a new head, 10 epochs",
        10,
        FEATURES,
        ahead("later_epochs_s", LATER, 40),
        ahead("whole_s", WHOLE, 7),
    ),
    beside_trainer("words", "masked words, everything learns, 1 epoch", 9, WORDS, ahead("first_epoch_s", EPOCH, 1.6)),
    beside_trainer(
        "memory",
        "masked words, 6 steps of 32 × 128 tokens",
        3,
        FULL,
        Figure("highest resident memory", "TLGUI.peak_mb", "Trainer.peak_mb", at_most=0.6),
    ),
    Measurement(
        "first-step",
        "classify, from the start of the program to the first step done",
        1,
        {"TLGUI": tlgui(FIRST, to_first_step=True), "Trainer": trainer(FIRST, to_first_step=True)},
        (Figure("time to the first step", "TLGUI.first_step_s", "Trainer.first_step_s", at_most=1.0),),
        warm_up=True,
    ),
    Measurement(  # random weights reach nothing that could be compared
        "base-shape",
        "classify, BERT-base shape with 10 of 12 layers frozen, 2 epochs of a tenth of the rows",
        4,
        {"TLGUI": tlgui(BASE), "Trainer": trainer(BASE)},
        (ahead("later_epochs_s", LATER, 2.3),),
        prepare=make_base,
    ),
    Measurement(
        "everything-padded",
        "as the library's example scripts set it up: padded to 128 tokens, everything learns, a tenth of the rows",
        3,
        {
            "TLGUI": tlgui(replace(EVERYTHING, one_in=10)),
            "example": trainer(replace(EVERYTHING, one_in=10), padded=True),
        },
        (ahead("first_epoch_s", EPOCH, None, "example"),),
    ),
    Measurement(
        "answer",
        "masked-word answer beside the bare forward pass",
        1,
        {"TLGUI": lambda turn: script("word_answer.py", "starter", str(turn.settings.threads))(turn)},
        (Figure("one answer", "TLGUI.answer_ms", "TLGUI.forward_ms", at_most=1.15),),
    ),
    Measurement(
        "event-loop",
        "how late the window's event loop is while 200 steps are trained",
        1,
        {"TLGUI": script("event_loop_lag.py", "200")},
        (Figure("lag, 99th percentile", "TLGUI.p99_ms", at_most=16), Figure("lag, worst", "TLGUI.worst_ms")),
    ),
    Measurement(
        "first-paint",
        "start to first painted window beside `import torch, transformers`",
        1,
        {"TLGUI": script("first_paint.py", "window"), "import": script("first_paint.py", "libraries")},
        (Figure("first paint", "TLGUI.start_s", "import.start_s", at_most=0.3),),
        warm_up=True,
    ),
    Measurement(
        "plots",
        "one update of all plots of a run of 1,000,000 steps",
        2,
        {"TLGUI": script("plots.py", "1000000")},
        (Figure("update, median", "TLGUI.update_ms", at_most=50), Figure("update, worst", "TLGUI.worst_ms")),
    ),
    Measurement(
        "scale",
        "processor time a row to read, check and encode a CSV and to make an epoch's batches",
        8,
        {"1,000 rows": rows_read(1_000), "100,000 rows": rows_read(100_000), "1,000,000 rows": rows_read(1_000_000)},
        (
            Figure("a row of 100,000", "100,000 rows.row_us", "1,000 rows.row_us", at_most=1.15),
            Figure("a row of 1,000,000", "1,000,000 rows.row_us", "1,000 rows.row_us", at_most=1.15),
        ),
    ),
)
