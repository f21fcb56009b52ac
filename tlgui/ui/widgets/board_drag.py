"""What a drag on the freeze board is under way to make of the recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tlgui.core import gestures
from tlgui.core.board import Board
from tlgui.core.gestures import Outcome


class Drag:
    """Remembers the plan before it; the recipe changes once, when the button is released."""

    def __init__(self, before: Board) -> None:
        self.before = before
        self.outcome: Outcome = before.recipe, ""

    @property
    def preview(self) -> Board:
        """The plan that releasing the button now would give."""
        return replace(self.before, recipe=self.outcome[0])

    @property
    def keys(self) -> tuple[str, ...]:
        raise NotImplementedError


class Stroke(Drag):
    """From a lock over others: all get the state that the first one is given."""

    def __init__(self, before: Board, row: int, *, freezes: bool) -> None:
        super().__init__(before)
        self._freezes, self._last = freezes, row
        self._passed: dict[int, str] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._passed.values())

    def pass_over(self, row: int, key_of: Callable[[int], str]) -> bool:
        """Add a row, and those that a fast pointer skipped; whether there was any new one."""
        between = range(min(self._last, row), max(self._last, row) + 1)
        new = {number: key_of(number) for number in between if number not in self._passed}
        self._last = row
        self._passed |= new
        if new:
            act = gestures.freeze if self._freezes else gestures.let_in
            self.outcome = act(self.before, self.keys)
        return bool(new)


class Slide(Drag):
    """From the handle of a thaw, sideways: the group thaws at another time."""

    def __init__(self, before: Board, key: str) -> None:
        super().__init__(before)
        self.key = key

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def move_to(self, epochs: float) -> None:
        """Take the point of the run under the pointer."""
        self.outcome = gestures.thaw(self.before, (self.key,), self.before.snapped(epochs))
