"""What a run can go back to: the weights it began with, and those of its best validation."""

from __future__ import annotations

import torch

from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.train import checkpoint
from tlgui.train.checkpoint import Position
from tlgui.train.movement import FirstWeights
from tlgui.train.setup import Setup


class Store:
    """Kept in memory alone, for a run that no folder is made for."""

    def __init__(self, setup: Setup, position: Position) -> None:
        self._setup, self._position = setup, position
        self.first = FirstWeights(setup)
        self._best: dict[str, torch.Tensor] = {}

    def save(self) -> None:
        """Keep all that a killed run needs to go on; nothing in memory would outlive it."""

    def save_best(self) -> None:
        """Keep the weights of the best validation so far."""
        learned = self._setup.learnable(self._position.learned)
        self._best = {name: parameter.detach().clone() for name, parameter in learned.items()}

    def put_back_best(self) -> None:
        """Give every parameter its value at the best validation: what had not learned by then, that of the start."""
        learned = self._setup.learnable(self._position.learned)
        held = self._put_back_best()
        self.first.put_back(name for name in learned if name not in held)

    def record(self, recipe: Recipe) -> None:
        """Keep the recipe with a change made by hand."""

    def _put_back_best(self) -> frozenset[str]:
        with torch.no_grad():
            for name, value in self._best.items():
                self._setup.parameters[name].copy_(value)
        return frozenset(self._best)


class NoStore(Store):
    """Nothing is kept; another process does."""

    def save_best(self) -> None:
        pass

    def put_back_best(self) -> None:
        pass


class RunStore(Store):
    """Kept in a run folder; what was written last survives a kill."""

    def __init__(self, folder: RunFolder, setup: Setup, position: Position, optimizer: torch.optim.Optimizer) -> None:
        super().__init__(setup, position)
        self._folder, self._optimizer = folder, optimizer

    def save(self) -> None:
        learned = self._setup.learnable(self._position.learned)
        checkpoint.save_last(self._folder.checkpoints, self._position, learned, self._optimizer)

    def save_best(self) -> None:
        learned = self._setup.learnable(self._position.learned)
        checkpoint.save_best(self._folder.checkpoints, self._position, learned)

    def record(self, recipe: Recipe) -> None:
        self._folder.record(recipe)

    def _put_back_best(self) -> frozenset[str]:
        path = checkpoint.best_file(self._folder.checkpoints, self._position)
        return checkpoint.put_back(path, self._setup.learnable(self._position.learned))
