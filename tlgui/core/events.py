"""What a running job says: a closed union of small frozen values, never a tensor."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args


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
    from_checkpoint: bool = False
    """Whether what came before `first_step` stands; else all of it comes again."""


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
    best: bool = False
    """Whether this is the best so far, so that these weights are kept."""


@dataclass(frozen=True, slots=True)
class ProbeScored:
    """One kept sentence, scored with the weights as they are after `step`."""

    step: int
    probe: int
    """Position in the recipe's list of probes."""
    score: float
    """Probability, 0..1, of what the goal says a probe shows."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is not a training step; shown, not recorded."""

    what: str
    done: int
    total: int
    """0 when it is not known."""


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
    Started | StepDone | Validated | ProbeScored | Note | Paused | Resumed | Saved | Kept | Finished | Stopped | Failed
)
Event = RunEvent | Progress
ENDINGS = (Finished, Stopped, Failed)  # each job sends exactly one of these, last
Emit = Callable[[Event], None]

RECORDED: dict[str, type] = {kind.__name__: kind for kind in get_args(RunEvent)}


def to_line(event: RunEvent) -> str:
    """One JSON line for `events.jsonl`; results of endings are objects in memory and are not written."""
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    if isinstance(event, (Finished, Stopped)):
        values.pop("value")
    return json.dumps({"event": type(event).__name__, **values}, ensure_ascii=False)


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
