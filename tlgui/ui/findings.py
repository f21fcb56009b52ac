"""What the worker has found out about the draft: model, data, lengths, cost. Always of the draft as it is now."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from tlgui.core import paths
from tlgui.core import recipe as recipes
from tlgui.core.board import layer_problems
from tlgui.core.events import Event, Failed, Finished, Progress
from tlgui.core.facts import CostFacts, DataFacts, LengthFacts, Machine, ModelEntry, ModelFacts, RunSummary
from tlgui.core.recipe import Recipe
from tlgui.jobs import work
from tlgui.jobs.worker import Job, Work, Worker
from tlgui.ui.draft import Draft


@dataclass(frozen=True)
class Look:
    """One thing to find out: what it depends on (None = cannot be asked yet), and the work that answers it."""

    name: str
    depends: Callable[[Recipe, Findings], Hashable | None]
    work: Callable[[Recipe, Findings], Work]
    delay_ms: int = 0
    stands: Callable[[Recipe], Hashable] | None = None
    """While this stays the same, an old answer is shown until the new one comes, and answers are remembered."""


class Findings(QObject):
    """Values by name; `changed(name)` when one arrives, fails or is no longer true."""

    changed = Signal(str)
    progressed = Signal(str, object)
    """(name, Progress) while a look is under way."""

    def __init__(self, draft: Draft, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft, self._worker = draft, worker
        self._values: dict[str, Any] = {}
        self._failures: dict[str, Failed] = {}
        self._keys: dict[str, Hashable | None] = {}
        self._known: dict[tuple[str, Hashable], Any] = {}
        """Answers that may be wanted again, by look and what they depend on."""
        self._stands: dict[str, Hashable] = {}
        self._jobs: dict[str, Job] = {}
        self._timers: dict[str, QTimer] = {}
        self._held = True
        for look in LOOKS:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.setInterval(look.delay_ms)
            timer.timeout.connect(lambda look=look: self._submit(look))
            self._timers[look.name] = timer
        draft.changed.connect(self.refresh)

    @property
    def model(self) -> ModelFacts | None:
        return self._values.get("model")

    @property
    def data(self) -> DataFacts | None:
        return self._values.get("data")

    @property
    def lengths(self) -> LengthFacts | None:
        return self._values.get("lengths")

    @property
    def cost(self) -> CostFacts | None:
        return self._values.get("cost")

    @property
    def machine(self) -> Machine | None:
        return self._values.get("machine")

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        return self._values.get("models", ())

    @property
    def runs(self) -> tuple[RunSummary, ...]:
        """Newest first; `again("runs")` after one was added or deleted."""
        return self._values.get("runs", ())

    def recall(self, name: str, recipe: Recipe) -> Any:
        """What was once found out for another recipe; None if it is not known."""
        look = next(look for look in LOOKS if look.name == name)
        return self._known.get((name, look.depends(recipe, self)))

    def failure(self, name: str) -> Failed | None:
        """Why a look found nothing, if it failed."""
        return self._failures.get(name)

    def is_looking(self, name: str) -> bool:
        """Whether an answer is still to come."""
        return name in self._jobs or self._timers[name].isActive()

    def begin(self) -> None:
        """Start looking; called once the window has been painted."""
        self._held = False
        self.refresh()

    def again(self, name: str) -> None:
        """Forget one answer and look again."""
        self._keys.pop(name, None)
        self._stands.pop(name, None)
        self._known = {key: value for key, value in self._known.items() if key[0] != name}
        self.refresh()

    def renew(self, name: str) -> None:
        """Look again; the old answer stands until there is a new one."""
        if self._held:
            return
        if job := self._jobs.pop(name, None):
            job.stop()
        self._submit(next(look for look in LOOKS if look.name == name))
        self.changed.emit(name)

    def cancel(self, name: str) -> None:
        """Stop a look, such as a download; it stays unanswered until what it depends on changes."""
        self._timers[name].stop()
        if job := self._jobs.pop(name, None):
            job.stop()
        self.changed.emit(name)

    def refresh(self) -> None:
        """Drop every answer that is no longer true and ask again."""
        if self._held:
            return
        for look in LOOKS:
            key = look.depends(self._draft.recipe, self)
            if look.name in self._keys and self._keys[look.name] == key:
                continue
            self._keys[look.name] = key
            self._timers[look.name].stop()
            if job := self._jobs.pop(look.name, None):
                job.stop()
            had = self._drop_old(look, key)
            had = self._failures.pop(look.name, None) is not None or had
            if key is not None and (look.name, key) not in self._known:
                self._timers[look.name].start()
            if had or key is not None:
                self.changed.emit(look.name)

    def _drop_old(self, look: Look, key: Hashable | None) -> bool:
        """Take away an answer that is no longer true, unless it may stand in; whether there was one."""
        stands = look.stands(self._draft.recipe) if look.stands is not None else None
        standing = stands is not None and key is not None and self._stands.get(look.name) == stands
        if stands is not None:
            self._stands[look.name] = stands
        if (look.name, key) in self._known:
            self._values[look.name] = self._known[look.name, key]
            return True
        return look.name in self._values if standing else self._values.pop(look.name, None) is not None

    def _submit(self, look: Look) -> None:
        job = self._worker.submit(look.work(self._draft.recipe, self))
        self._jobs[look.name] = job
        job.batch.connect(lambda events: self._show_progress(look.name, job, events))
        job.ended.connect(lambda ending: self._take(look.name, job, ending))

    def _show_progress(self, name: str, job: Job, events: list[Event]) -> None:
        newest = next((e for e in reversed(events) if isinstance(e, Progress)), None)
        if newest is not None and self._jobs.get(name) is job:
            self.progressed.emit(name, newest)

    def _take(self, name: str, job: Job, ending: Event) -> None:
        if self._jobs.get(name) is not job:
            return  # asked anew since
        del self._jobs[name]
        self._values.pop(name, None)
        if isinstance(ending, Finished):
            self._values[name] = ending.value
            key = self._keys.get(name)
            if key is not None and next(look for look in LOOKS if look.name == name).stands is not None:
                self._known[name, key] = ending.value
        elif isinstance(ending, Failed):
            self._failures[name] = ending
        self.changed.emit(name)
        self.refresh()


def _model_key(recipe: Recipe, found: Findings) -> Hashable | None:
    """The head and LoRA decide which groups a model has and how large they are."""
    transfer, head = recipe.transfer, recipe.head
    lora = transfer.lora if transfer.method == "lora" else None
    made_of = (recipe.data, recipe.train.seed) if recipe.model.from_nothing else None
    return (recipe.model, recipe.task, transfer.method, lora, head.features, head.hidden, recipe.pooling, made_of)


def _data_key(recipe: Recipe, found: Findings) -> Hashable | None:
    return (recipe.data, recipe.task, recipe.train.seed) if recipe.data.source else None


def _lengths_key(recipe: Recipe, found: Findings) -> Hashable | None:
    model: ModelFacts | None = found.model
    data: DataFacts | None = found.data
    if model is None or data is None or not any(c.role == "text" for c in data.columns):
        return None
    return (recipe.model, recipe.data, recipe.task)


def _cost_key(recipe: Recipe, found: Findings) -> Hashable | None:
    model: ModelFacts | None = found.model
    data: DataFacts | None = found.data
    if model is None or data is None or found.lengths is None or not data.train_rows:
        return None
    wrong = [problem for problem in recipes.problems(recipe) if problem.field not in ("name", "probes")]
    if wrong or layer_problems(recipe, model, data):
        return None
    return (recipe.model, recipe.task, recipe.data, recipe.transfer, recipe.head, recipe.train, recipe.mask)


def _cost_work(recipe: Recipe, found: Findings) -> Work:
    assert found.lengths is not None
    assert found.data is not None
    return work.measure_cost(recipe, found.lengths, found.data.train_rows, found.data.validation_rows)


LOOKS: tuple[Look, ...] = (
    Look("runs", lambda r, f: "runs", lambda r, f: work.list_runs(paths.runs())),
    Look("machine", lambda r, f: "machine", lambda r, f: work.look_at_machine()),
    Look("models", lambda r, f: "models", lambda r, f: work.list_models()),
    Look("model", _model_key, lambda r, f: work.look_at_model(r), stands=lambda r: (r.model.source, r.task)),
    Look("data", _data_key, lambda r, f: work.look_at_data(r), delay_ms=100),
    Look("lengths", _lengths_key, lambda r, f: work.measure_lengths(r)),
    Look(
        "cost",
        _cost_key,
        _cost_work,
        delay_ms=400,
    ),
)
