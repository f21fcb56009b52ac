"""Errors a person can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class TlguiError(Exception):
    """Something the user can settle: `title` says what happened, `hint` what to do."""

    def __init__(self, title: str, hint: str) -> None:
        super().__init__(f"{title} {hint}")
        self.title, self.hint = title, hint


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a recipe, and the field it belongs to, such as `train.epochs`."""

    field: str
    text: str


class RecipeError(TlguiError):
    """A recipe that cannot run; `problems` has one entry for each field to change."""

    def __init__(self, problems: Iterable[Problem], where: str = "The recipe") -> None:
        self.problems = tuple(problems)
        details = " ".join(f"{p.field}: {p.text}" for p in self.problems)
        super().__init__(f"{where} cannot run.", details)
