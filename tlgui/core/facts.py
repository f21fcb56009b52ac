"""What was found out about a model, a table or a machine: plain values that cross from the worker to the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class GroupFacts:
    """One unit of a model that can be frozen."""

    key: str
    """`embeddings`, `0` … `n-1`, `pooler` or `head`."""
    parameters: int
    new: bool = False
    """Whether any of it starts at random, as a classification head does; freezing it would keep it random."""
    adapters: int = 0
    """Numbers that LoRA puts beside its matrices, with the recipe's rank and matrices; 0 with another method."""


@dataclass(frozen=True)
class ModelFacts:
    """A model as the recipe's goal would use it; read from its configuration, without loading the weights."""

    source: str
    name: str
    folder: str
    family: str
    """The configuration's model type, such as `bert`."""
    layers: int
    width: int
    size_bytes: int
    """Weights on disk."""
    max_tokens: int
    vocabulary: int
    tokens: str
    """Kind of tokenizer: WordPiece, BPE, Unigram."""
    licence: str
    languages: str
    groups: tuple[GroupFacts, ...]
    """Bottom to top."""
    matrices: tuple[str, ...] = ()
    """What LoRA can be put on in its layers, of `transfer.MATRICES`."""
    lower: int = 0
    """Layers that read, where those above them write; 0 = none writes."""

    @property
    def parameters(self) -> int:
        return sum(group.parameters for group in self.groups)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(group.key for group in self.groups)

    @property
    def new(self) -> tuple[str, ...]:
        """Keys of the groups that start at random."""
        return tuple(group.key for group in self.groups if group.new)


@dataclass(frozen=True)
class ModelEntry:
    """One line of the model list."""

    source: str
    name: str
    note: str
    parameters: int
    size_bytes: int
    languages: str
    licence: str
    here: bool
    """Whether it can be used without the network."""
    goals: tuple[str, ...] = ()
    """Keys of the goals that its family can do; empty = not known."""
    from_nothing: bool = False
    """Whether there is no such model yet: it is made of the texts that it learns from."""

    def fits(self, goal: str) -> bool:
        """Whether it can do a goal, as far as is known."""
        return not self.goals or goal in self.goals


Severity = Literal["must", "should"]


@dataclass(frozen=True)
class DataProblem:
    """Something about the rows, in one sentence that names row and column."""

    kind: str
    """Stable key, such as `empty-text`; goes into the recipe's `leave_out` when settled."""
    severity: Severity
    """`must` be settled before training, or `should`."""
    text: str
    rows: tuple[int, ...] = ()
    """Row numbers, from 1, at most the first 100."""
    count: int = 0
    column: str = ""
    fix: str = ""
    """Words of the button that settles it; empty if there is none."""


@dataclass(frozen=True)
class ColumnFacts:
    name: str
    role: Literal["text", "label", "ignore"]
    """Guessed, or as the recipe says."""


@dataclass(frozen=True)
class DataFacts:
    """A table as it was read, checked and split for a recipe."""

    source: str
    name: str
    """File or folder name, for people."""
    rows: int
    columns: tuple[ColumnFacts, ...]
    reading: str
    """How the file was read: "comma, UTF-8, header in line 1"."""
    preview: tuple[tuple[int, tuple[str, ...]], ...]
    """(row number from 1, cells); the first rows, and every problem row that is named, with its neighbours."""
    problems: tuple[DataProblem, ...]
    settled: tuple[DataProblem, ...]
    """Problems that the recipe already leaves out."""
    labels: Mapping[str, int] = field(default_factory=dict)
    """Rows per label, in the order of the label ids."""
    train_rows: int = 0
    validation_rows: int = 0
    passed: tuple[str, ...] = ()
    """Checks that found nothing, each as a few words."""


@dataclass(frozen=True)
class LengthFacts:
    """How long the texts are in the model's own tokens."""

    lengths: tuple[int, ...]
    """Of a sample of the rows, special tokens counted."""
    pieces_per_word: float
    unknown_share: float
    """Share of tokens that the model has no piece for, 0..1."""

    @property
    def median(self) -> int:
        return sorted(self.lengths)[len(self.lengths) // 2] if self.lengths else 0

    def cut_share(self, max_length: int) -> float:
        """Share of the texts that lose their end, 0..1."""
        return sum(n > max_length for n in self.lengths) / max(1, len(self.lengths))


@dataclass(frozen=True)
class MemoryFacts:
    """Estimated parts of the memory that training needs at its highest, bytes."""

    program: int
    """Of the process with torch loaded, before any model."""
    weights: int
    """Of the model, and the copy of what learns that movement is measured against."""
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        return self.program + self.weights + self.gradients + self.optimizer + self.activations


@dataclass(frozen=True)
class CostFacts:
    """What a step of this recipe costs here; timed on this machine with this data's lengths."""

    seconds_per_step: float
    seconds_everything: float
    """The same when every group learns."""
    steps: int
    """Of the whole run."""
    memory: MemoryFacts
    validation_seconds: float = 0.0
    """Of all validations of the run."""
    stages: tuple[tuple[float, int], ...] = ()
    """Of a plan that thaws: seconds per step and number of steps of each stage; empty if there is only one."""
    features_seconds: float = 0.0
    """To store the features of all rows before the first step; 0 if they are not stored."""
    rows_per_step: float = 16.0
    """On average; a budget of tokens takes more rows of short texts."""
    first_passes: tuple[tuple[int, float], ...] = ()
    """Where frozen groups run once for each text and what they give is kept: steps done before that begins, and the
    seconds that it adds to the epoch that follows."""
    kept_bytes: int = 0
    """What is kept of them at once on the disk, were there room."""
    kept_limit_bytes: int = 0
    """At most this much is."""

    @property
    def memory_bytes(self) -> int:
        return self.memory.total

    @property
    def seconds(self) -> float:
        """Of the whole run."""
        stages = self.stages or ((self.seconds_per_step, self.steps),)
        once = self.features_seconds + sum(seconds for _, seconds in self.first_passes)
        return once + sum(each * steps for each, steps in stages) + self.validation_seconds

    def seconds_of(self, step: int, per_epoch: float) -> float:
        """What the step after `step` ones takes.

        Args:
            per_epoch: Steps of an epoch.
        """
        done, seconds = 0, self.seconds_per_step
        for seconds, steps in self.stages:  # noqa: B007 - past the last stage its time holds
            done += steps
            if step < done:
                break
        return seconds + sum(s / per_epoch for begin, s in self.first_passes if begin <= step < begin + per_epoch)


@dataclass(frozen=True)
class Machine:
    """What this computer has."""

    device: str
    """"CPU", or the name of the accelerator."""
    cores: int
    memory_free_bytes: int
    memory_total_bytes: int
    online: bool
    """Whether the Hub may be asked; False if switched off by HF_HUB_OFFLINE."""


@dataclass(frozen=True)
class RunSummary:
    """What a run came to; the result of a training job and a line of the Runs page."""

    name: str
    folder: str
    status: Literal["running", "finished", "stopped", "interrupted", "failed"]
    task: str
    model: str
    data: str
    plan: str
    """Which groups learn, in words."""
    step: int
    total: int
    metric: str
    """Key of the goal's first metric."""
    best: float | None
    best_step: int
    seconds: float
    """Time spent training, over all resumptions."""
    started: str
    """ISO date and time, local."""
    can_resume: bool
    has_model: bool
    kept_step: int = -1
    """Step of the weights in the run's model; -1 if it has none."""
    kept_scored: bool = False
    """Whether a validation was made with them; then it is the best."""
    frozen_values: int = 0
    """Values in groups that stayed frozen, as the receipts counted them."""
    frozen_changed: int = -1
    """How many of those differ after the run; -1 if it has no receipts."""


@dataclass(frozen=True)
class RateSearch:
    """The loss of single steps while the learning rate grows: Smith (2017), Cyclical Learning Rates, section 3.3."""

    rates: tuple[float, ...]
    """Of the head, rising; each group has its usual share of it."""
    losses: tuple[float, ...]
    """Training loss at each rate, nats."""
    smoothed: tuple[float, ...]
    suggestion: float = 0.0
    """0 while the search goes on, or if the loss never fell."""
    why: str = ""
    """One sentence: why this rate, or why none."""
