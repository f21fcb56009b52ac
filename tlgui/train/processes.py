"""Several processes that train one model together, each computing its share of every batch.

They are started by `accelerate launch` or torchrun. All hold the same weights, optimizer and position and take the same
decisions; the first one speaks and writes for all. Nothing of `accelerate` is imported where there is one process.

Whatever processes exchange is preceded by a meeting: a few numbers in which any of them says that it has failed, is
done, or was asked to stop. So none waits for one that will not come.
"""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import IntEnum
from typing import Any, TypeVar

import torch
from torch import distributed, nn

from tlgui.core import launch
from tlgui.core.control import Control, StopRequested, Wish
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event
from tlgui.core.launch import SpokenFor

Made = TypeVar("Made")

PATIENCE = timedelta(days=30)
"""How long a process waits for the others; the first one may be reading a large file, or be paused."""
POLL_SECONDS = 0.2
"""Between two looks at whether a pause is over."""
QUESTIONS = 4
"""Of a meeting: whether to stop, to discard, to pause, and whether groups are to change."""
BACKENDS = {"cuda": "cpu:gloo,cuda:nccl", "xpu": "cpu:gloo,xpu:xccl"}
"""By kind of accelerator; the processors exchange what is decided, so that an accelerator is not waited for."""


class Alone:
    """One process: it does all the work, and has nobody to agree with."""

    count = 1
    index = 0
    """The first one speaks and writes for all."""

    def heard(self, emit: Emit) -> Emit:
        """Where this process's events go."""
        return emit

    def control(self, own: Control) -> Control:
        """What any process was asked for. Each must call its methods at the same places, as often as the others."""
        return own

    def share(self, total: int) -> list[tuple[int, float]]:
        """Numbers of the pieces of work that are this process's, and how much each counts.

        Every process has as many pieces, so where they do not come out even, some are done again and count nothing.
        """
        return [(number, 1.0) for number in range(total)]

    def add_up(self, parameters: Iterable[nn.Parameter], loss: torch.Tensor) -> torch.Tensor:
        """Give every process the sum of the gradients, and return the sum of the losses."""
        return loss

    def all_pieces(self, pieces: dict[int, Made]) -> list[Made]:
        """What was made of each piece of work, by any process, in order."""
        return [pieces[number] for number in sorted(pieces)]

    def from_first(self, work: Callable[[], Made]) -> Made:
        """Do something in the first process alone; all get what it returns."""
        return work()

    def follow_first(self, tensors: Iterable[torch.Tensor]) -> None:
        """Give some tensors the values that they have in the first process."""

    def follow_moments(self, learned: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
        """Give parameters, and what the optimizer keeps of them, the values that they have in the first process."""


ALONE = Alone()


@contextmanager
def joined() -> Iterator[Alone]:
    """All processes of this launch; when the block ends in one of them, in whatever way, it ends in all.

    Raises:
        TlguiError, StopRequested, ElsewhereError: what another process has met.
        SpokenFor: at the end, in every process but the first; what came of the work is told there.
    """
    if launch.count() == 1:
        yield ALONE
        return
    together = Together()
    try:
        yield together
        together.leave(None)
    except Exception as error:
        with suppress(TlguiError):  # if the others cannot be told any more: this error came first
            together.leave(error)
        if together.index == 0 or together.lost:
            raise
    finally:
        together.end()
    if together.index:
        raise SpokenFor


class ElsewhereError(RuntimeError):
    """A fault of this program in another process, whose report is the message."""


class Place(IntEnum):
    """Where processes meet."""

    LEAVING = 0
    CHECK = 1
    STEP = 2
    PIECES = 3
    FIRST = 4


class Together(Alone):
    """One of several processes; `Alone` says what each method does."""

    def __init__(self) -> None:
        from accelerate import PartialState
        from accelerate.utils import parse_flag_from_env

        with _connecting(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of threads, which the recipe sets
            found = torch.accelerator.current_accelerator(check_available=True)
            backend = BACKENDS.get(found.type) if found and not parse_flag_from_env("ACCELERATE_USE_CPU") else None
            settings = {"backend": backend} if backend else {}
            self._state = PartialState(cpu=backend is None, timeout=PATIENCE, **settings)
        self.count, self.index = self._state.num_processes, self._state.process_index
        self.lost = False
        """Whether the others cannot be reached any more."""
        self._over = False
        """Whether a process is known to have left."""

    def heard(self, emit: Emit) -> Emit:
        return emit if self.index == 0 else _nothing

    def control(self, own: Control) -> Control:
        return _AgreedControl(own, self)

    def share(self, total: int) -> list[tuple[int, float]]:
        numbers = range(self.index, -(-total // self.count) * self.count, self.count)
        return [(min(number, total - 1), float(number < total)) for number in numbers]

    def add_up(self, parameters: Iterable[nn.Parameter], loss: torch.Tensor) -> torch.Tensor:
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        self.meet(Place.STEP)
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), loss.flatten()])
        with self._reaching():
            distributed.all_reduce(flat)
        *sums, total = flat.split([*(gradient.numel() for gradient in gradients), 1])
        for gradient, values in zip(gradients, sums, strict=True):
            gradient.copy_(values.view_as(gradient))
        return total[0].clone()

    def all_pieces(self, pieces: dict[int, Made]) -> list[Made]:
        self.meet(Place.PIECES)
        return super().all_pieces({number: piece for one in self._gathered(pieces) for number, piece in one.items()})

    def from_first(self, work: Callable[[], Made]) -> Made:
        from accelerate.utils import broadcast_object_list

        made: list[Any] = [work() if self.index == 0 else None]
        self.meet(Place.FIRST)
        with self._reaching():
            broadcast_object_list(made)
        found: Made = made[0]
        return found

    def follow_first(self, tensors: Iterable[torch.Tensor]) -> None:
        self.meet(Place.FIRST)
        with self._reaching():
            for tensor in tensors:
                distributed.broadcast(tensor.detach(), src=0)

    def follow_moments(self, learned: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
        kept = {
            name: {moment: (value.shape, value.dtype) for moment, value in optimizer.state[parameter].items()}
            for name, parameter in learned.items()
            if parameter in optimizer.state
        }
        moments = []
        for name, members in self.from_first(lambda: kept).items():
            state, device = optimizer.state[learned[name]], learned[name].device
            for member, (shape, dtype) in members.items():
                moments.append(state.setdefault(member, torch.empty(shape, dtype=dtype, device=device)))
        self.follow_first([*learned.values(), *moments])

    def meet(self, place: Place, *asked: bool) -> list[bool]:
        """Wait for all processes to be at a place; of some questions, whether any process answers yes.

        Raises:
            TlguiError, StopRequested, ElsewhereError: another process has met that, or is done before this one.
        """
        *found, left, highest, lowest = self._highest([*_padded(asked), False, place, -place])
        if left:
            self._over = True
            self._hear(None)
            raise StopRequested
        if highest != -lowest:
            raise RuntimeError(f"The processes are not at the same place: one is at {Place(highest).name}.")
        return [bool(one) for one in found]

    def leave(self, error: Exception | None) -> None:
        """Tell the others that this process is done or has failed, unless one of them has left before.

        Raises:
            TlguiError, StopRequested, ElsewhereError: this process is done, and another one has met that.
        """
        if not self._over:
            self._over = True
            self._highest([*_padded(()), True, Place.LEAVING, -Place.LEAVING])
            self._hear(error)

    def end(self) -> None:
        """Wait until all processes have ended their work, and hang up."""
        with suppress(TlguiError, RuntimeError):
            if self._over and not self.lost:
                self._highest([0])
            self._state.destroy_process_group()

    def _hear(self, error: Exception | None) -> None:
        """Exchange why the work ends; raise what another process has met, if this one has met nothing."""
        met = [report for report in self._gathered(_report(error)) if report is not None]
        if error is None and met:
            raise _raised(met[0])

    def _gathered(self, value: Any) -> list[Any]:
        from accelerate.utils import gather_object

        with self._reaching():
            found: list[Any] = gather_object([value])
        return found

    def _highest(self, numbers: Sequence[int]) -> list[int]:
        """Of each number, the highest that any process has."""
        tensor = torch.tensor(numbers, dtype=torch.int64)
        with self._reaching():
            distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
        found: list[int] = tensor.tolist()
        return found

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self.lost = self._over = True
            raise TlguiError(
                "Another process of this run has ended, so it cannot go on.",
                "Look at what that one said. --resume goes on from the last checkpoint.",
            ) from error


class _AgreedControl(Control):
    """What any of the processes was asked for, known to all of them at the same step."""

    def __init__(self, own: Control, together: Together) -> None:
        super().__init__()
        self._own, self._together = own, together
        self._waits = False

    def check(self) -> None:
        stop, discard = _asked_to_stop(self._own)
        wishes: list[Wish] = []
        while (wish := self._own.next_wish()) is not None:
            wishes.append(wish)
        met = self._together.meet(Place.CHECK, stop, discard, self._own.paused, bool(wishes))
        stop, discard, self._waits, wished = met
        if wished:
            for some in self._together.all_pieces({self._together.index: wishes}):
                for one in some:
                    self.wish(one.groups, learns=one.learns)
        if stop:
            raise StopRequested(discard)

    @property
    def paused(self) -> bool:
        return self._waits

    def wait_until_on(self) -> None:
        while self._waits:
            time.sleep(POLL_SECONDS)
            self.check()


def _asked_to_stop(control: Control) -> tuple[bool, bool]:
    """Whether a stop was asked for, and whether the work is not wanted."""
    try:
        control.check()
    except StopRequested as stop:
        return True, stop.discard
    return False, False


def _padded(asked: Sequence[bool]) -> list[bool]:
    """The questions of a meeting, as many as every meeting has."""
    return [*asked, *(False for _ in range(QUESTIONS - len(asked)))]


def _report(error: Exception | None) -> tuple[str, str, str] | None:
    """What another process needs to know of an error: its kind and two texts."""
    if error is None:
        return None
    if isinstance(error, StopRequested):
        return "stop", "discard" if error.discard else "", ""
    if isinstance(error, TlguiError):
        return "input", error.title, error.hint
    return "fault", "".join(traceback.format_exception(error)), ""


def _raised(report: tuple[str, str, str]) -> Exception:
    kind, first, second = report
    if kind == "stop":
        return StopRequested(discard=bool(first))
    return TlguiError(first, second) if kind == "input" else ElsewhereError(first)


@contextmanager
def _connecting() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        raise TlguiError(
            f"The processes of this run do not find each other ({error}).",
            "Check the address and the port given to accelerate launch or torchrun.",
        ) from error


def _nothing(event: Event) -> None:
    """For the events of a process that another one speaks for."""
