"""Decides what is kept of the frozen groups below the lowest one that learns: which examples, how, and from when."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import numpy as np

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Note
from tlgui.core.freeze import layer_keys
from tlgui.core.outlook import group_words, is_one
from tlgui.core.plan import size
from tlgui.data.batches import Batches
from tlgui.models.groups import keepable, lower_layers
from tlgui.models.prefix import Inputs, Prefix, cut
from tlgui.tasks.encoded import Encoded
from tlgui.train.checkpoint import Position, checksum
from tlgui.train.kept_states import FirstPass, KeptStates, StateFile
from tlgui.train.parts import OF_DECODER
from tlgui.train.setup import Setup

SPARE = 1e9
"""Bytes of the disk that are left free."""
SAMPLE = 2
"""Texts that a cut is tried with; fewer than the tokens of any."""


@dataclass
class PrefixKeeper:
    """Follows the freeze plan of a run; `setup.kept` is what is kept under the plan as it is."""

    setup: Setup
    position: Position
    emit: Emit
    watched: bool
    """Whether the validation rows are scored again and again."""
    _mark: str = ""
    """The groups below the cut and their weights, as they were when it was made."""

    def __post_init__(self) -> None:
        self._plan: object = None

    def follow(self) -> None:
        """Cut the model anew if other groups are below the lowest one that learns, or their weights have changed."""
        setup, position = self.setup, self.position
        if self._plan is setup.plan:
            return
        self._plan = setup.plan
        mark = self._marked()
        if mark == self._mark:
            return
        goes_on = bool(mark) and mark == position.kept_mark and position.step > position.kept_since
        if not goes_on:
            position.kept_mark, position.kept_since = mark, position.step
        self._mark, setup.kept = mark, None
        if mark:
            setup.kept = self._keep(goes_on=goes_on)

    @property
    def _below(self) -> tuple[str, ...]:
        """The frozen groups whose output can be kept under the plan as it is."""
        return keepable(self.setup.model, self.setup.plan.prefix)

    def _marked(self) -> str:
        """The prefix in a word; empty if there is none, or nothing is to be kept."""
        setup = self.setup
        below = self._below
        # Embeddings alone are looked up about as fast as their output could be read.
        if not layer_keys(below) or not setup.reads_tokens or setup.recipe.cache.prefix == "off":
            return ""
        names = [name for group in setup.groups if group.key in below for name in group.names]
        return f"{below[-1]}-{checksum(setup.parameters[name] for name in names):08x}"

    def _keep(self, *, goes_on: bool) -> KeptStates | None:
        """The kept states under this plan, or none and a note why."""
        setup = self.setup
        wanted = [part for part, keep in ((setup.validation, self.watched), (setup.train, self._seen_again())) if keep]
        if not wanted:
            return None
        setup.training_mode()
        found = cut(setup.model, setup.groups, self._below, self._sample())
        if isinstance(found, str):
            self._note(found)
            return None
        try:
            files = self._files(found, wanted)
        except TlguiError as error:
            self._note(f"{error.title} So the frozen groups run at each step.")
            return None
        if not goes_on:
            self._say(files)
        elif wanted[-1] is setup.train:
            files[-1].first_pass = self._first_pass()
        return KeptStates(found, {id(part): file for part, file in zip(wanted, files, strict=True)}, self._note)

    def _seen_again(self) -> bool:
        """Whether a training row comes more than once before other groups are planned to learn.

        What was changed by hand does not count: the run that recorded it did not know, and its replay does the same.
        """
        setup, since = self.setup, self.position.kept_since
        ends = [thaw.after for thaw in setup.schedule.thaws]
        total = setup.recipe.train.epochs * setup.steps_per_epoch
        steps = min([end for end in ends if end > since], default=total) - since
        return 0 < setup.recipe.versions * setup.steps_per_epoch < steps

    def _sample(self) -> Inputs:
        """A few of the validation texts, the longest among them."""
        rows = np.argsort(self.setup.validation.lengths, kind="stable")[-SAMPLE:]
        batch = self.setup.tokens(self.setup.validation, rows, np.random.default_rng(0))
        return {name: values for name, values in batch.items() if name not in OF_DECODER}

    def _files(self, prefix: Prefix, wanted: list[Encoded]) -> list[StateFile]:
        """Room on the disk, for the validation rows first, as they come most often."""
        settings = self.setup.recipe.cache
        there = paths.nearest_existing(paths.cache_folder()) or paths.cache_folder()
        room = min(settings.gigabytes * 1e9, shutil.disk_usage(there).free - SPARE)
        files = []
        for part in wanted:
            lengths = np.tile(part.lengths, self.setup.recipe.versions if part is self.setup.train else 1)
            files.append(StateFile(lengths, prefix.width, settings.prefix, max(0.0, room)))
            room -= files[-1].nbytes
        return files

    def _first_pass(self) -> FirstPass:
        """Which training texts, in all their versions, were computed in which step since the cut was made."""
        setup, steps, versions = self.setup, self.setup.steps_per_epoch, self.setup.recipe.versions
        first = np.full(versions * len(setup.train), -1, dtype=np.int64)
        since, now = self.position.kept_since, self.position.step
        epochs: dict[int, Batches] = {}

        def batch_of(step: int) -> np.ndarray:
            """The texts of the step after `step` ones."""
            epoch = step // steps
            if epoch not in epochs:
                epochs[epoch] = setup.batches(epoch)
            return epochs[epoch][step % steps] + epoch % versions * len(setup.train)

        some = setup.train.of_epoch(setup.recipe.train.seed, 0)  # then an epoch need not have every text
        for step in range(since, now if some is not None else min(now, since + (versions + 1) * steps)):
            texts = batch_of(step)
            first[texts[first[texts] < 0]] = step
        return FirstPass(first, batch_of)

    def _say(self, files: list[StateFile]) -> None:
        texts, fits = sum(len(file.have) for file in files), sum(file.fits for file in files)
        words = group_words(self._below, lower_layers(self.setup.model))
        all_of = f"{texts:,} texts" if fits == texts else f"{fits:,} of {texts:,} texts, as many as fit,"
        self._note(
            f"{words[0].upper()}{words[1:]} {'runs' if is_one(self._below) else 'run'} once for each text: "
            f"what comes out for {all_of} is kept on the disk, {size(sum(file.nbytes for file in files))}."
        )

    def _note(self, text: str) -> None:
        self.emit(Note(self.position.step, text))
