"""What a running job says: a closed union of small frozen values, never a tensor."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Why = Literal["planned", "plateau", "worse", "by hand"]
"""Why groups began or ceased to learn: the clock, a stalled validation, a thaw that did no good, the user."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run, or its resumption, is about to take its first step."""

    run: str
    """Path of the run folder."""
    first_step: int
    """Steps already done; 0 unless resumed."""
    total: int
    """Planned steps of the whole run."""
    steps_per_epoch: int
    learns: tuple[str, ...]
    """Keys of the groups that learn, bottom to top."""
    metric: str
    """Key of the metric that decides which weights are best."""
    groups: tuple[str, ...] = ()
    """Keys of all groups of the model, bottom to top."""
    from_checkpoint: bool = False
    """Whether what came before `first_step` stands; else all of it comes again."""
    lower: int = 0
    """Layers that read, where those above them write; 0 = none writes."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimizer update."""

    step: int
    """Updates finished, from 1."""
    total: int
    loss: float
    """Mean over the step's examples, nats."""
    rate: float
    """The head group's learning rate in this step."""
    seconds: float
    """Wall time of the step."""


@dataclass(frozen=True, slots=True)
class Validated:
    """The validation rows were scored with the weights as they are after `step`."""

    step: int
    loss: float
    """Mean over the validation examples, nats."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """By key of the goal's metrics; of tasks that are learned together each has its own as well, as `f1:NAME`."""
    best: bool = False
    """Whether this is the best so far, so that these weights are kept."""
    seconds: float = 0.0
    """Wall time of the scoring."""


@dataclass(frozen=True, slots=True)
class ProbeScored:
    """One kept sentence, scored with the weights as they are after `step`."""

    step: int
    probe: int
    """Position in the recipe's list of probes."""
    score: float
    """Probability, 0..1, of what the goal says a probe shows."""


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """Other groups learn from the step after `step`."""

    step: int
    learns: tuple[str, ...]
    """All that learn now, bottom to top."""
    thawed: tuple[str, ...]
    """Of these, the ones that did not learn before."""
    frozen: tuple[str, ...]
    """The ones that learned before and do not now."""
    why: Why
    back_to: int = -1
    """The step whose weights were put back, if any were."""


@dataclass(frozen=True, slots=True)
class GroupsMeasured:
    """How far each group that has learned is from its first weights, and how hard the last step pulled at it."""

    step: int
    distances: Mapping[str, float]
    """By group: norm of the change over the norm of the weights at the start."""
    gradients: Mapping[str, float]
    """By group: norm of its gradient in this step, before it was limited; only groups that learn."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run did to one group, told by comparing every value before and after it; one event a group at the end."""

    step: int
    group: str
    parameters: int
    """The group's own weights, adapters not counted."""
    learned: int
    """How many of them were ever allowed to change; 0 for a group that stayed frozen."""
    adapters: int
    """Numbers in its LoRA adapters, which learn beside its own weights."""
    before: str
    """CRC-32 of the group's own weights, eight hexadecimal digits."""
    after: str
    changed: int
    """How many of the group's own values differ."""
    mean_change: float
    """Mean absolute difference over all of the group's own values."""
    largest_change: float


@dataclass(frozen=True, slots=True)
class BaselineScored:
    """Logistic regression on the same frozen features, as a yardstick for the head."""

    step: int
    metrics: Mapping[str, float]
    seconds: float
    """To fit it, features not counted."""
    dimensions: int
    """Of a feature vector."""


@dataclass(frozen=True, slots=True)
class MixLearned:
    """The shares in which the kept model mixes its layers: Peters et al., ELMo (NAACL 2018), equation 1."""

    step: int
    layers: tuple[str, ...]
    """Group keys, bottom to top."""
    shares: tuple[float, ...]
    """Softmax weights; they sum to 1."""
    scale: float


@dataclass(frozen=True, slots=True)
class EstimateChecked:
    """What was foretold of a run and what it came to; -1 where nothing was foretold."""

    step: int
    step_seconds: float
    """Median of the run."""
    foretold_step_seconds: float
    memory_bytes: int
    """Highest resident memory of the process."""
    foretold_memory_bytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is not a training step; shown, not recorded."""

    what: str
    done: int
    total: int
    """0 when it is not known."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What a long job has found so far, to be drawn; the ending brings all of it. Shown, not recorded."""

    value: Any


@dataclass(frozen=True, slots=True)
class Note:
    """A decision or finding, as a sentence."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Paused:
    step: int


@dataclass(frozen=True, slots=True)
class Resumed:
    step: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint is on disk; a killed run goes on from here."""

    step: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The weights of `step` were written as the run's model."""

    step: int
    scored: bool
    """Whether a validation was made with them."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The job did all it was asked; `value` is its result, None for a training run read from disk."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user ended the job early; `value` is what was kept, None if nothing."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The job could not go on. `details` is a traceback for a report, never the first thing shown."""

    title: str
    hint: str
    details: str = ""


RunEvent = (
    Started
    | StepDone
    | Validated
    | ProbeScored
    | PlanChanged
    | GroupsMeasured
    | Receipt
    | BaselineScored
    | MixLearned
    | EstimateChecked
    | Note
    | Paused
    | Resumed
    | Saved
    | Kept
    | Finished
    | Stopped
    | Failed
)
Event = RunEvent | Progress | Partial
ENDINGS = (Finished, Stopped, Failed)  # each job sends exactly one of these, last
Emit = Callable[[Event], None]

_ENCODER = json.JSONEncoder(ensure_ascii=False)
RECORDED: dict[str, type] = {kind.__name__: kind for kind in get_args(RunEvent)}


def to_line(event: RunEvent) -> str:
    """One JSON line for `events.jsonl`, with the time at which it is made, seconds since 1970.

    Results of endings are objects in memory and are not written.
    """
    values = {name: getattr(event, name) for name in event.__slots__}
    if isinstance(event, (Finished, Stopped)):
        values.pop("value")
    return _ENCODER.encode({"event": type(event).__name__, **values, "at": round(time.time(), 4)})


def from_line(line: str) -> RunEvent | None:
    """The event of one line; None for a kind this version does not know.

    Raises:
        ValueError: the line is not complete JSON, as the last line of a killed run may be.
    """
    values = json.loads(line)
    kind = RECORDED.get(values.pop("event", ""))
    if kind is None:
        return None
    known = {f.name for f in dataclasses.fields(kind)}
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
    return kind(**values)
