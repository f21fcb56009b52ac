"""What the frozen groups below a cut give for each example, on the disk: computed once, read at every later step.

Nothing is computed ahead. The step that first needs an example pays for it, as it would have done anyhow, so a run
begins at once, and a thaw costs no pause.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.models.prefix import Prefix
from tlgui.tasks.base import Task, logits_of
from tlgui.tasks.encoded import Batch, Encoded, writing
from tlgui.train.parts import OF_DECODER

STATES = "states"
"""Of a batch: what the groups below the cut gave, shape (rows, tokens, width)."""


class FirstPass:
    """Which examples were computed together, so that a run that goes on computes the same again, to the last bit."""

    def __init__(self, first: np.ndarray, batch_of: Callable[[int], np.ndarray]) -> None:
        """Args:
        first: int64, shape (examples,): the step in which each was first computed; -1 if it was not yet.
        batch_of: The rows of a step.
        """
        self._first, self._batch_of = first, batch_of

    def split(self, rows: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """The rows that are new, and for the others all rows of their first steps."""
        first = self._first[rows]
        again = []
        for step in np.unique(first[first >= 0]):
            batch = self._batch_of(int(step))
            again.append(batch[self._first[batch] == step])
        return rows[first < 0], again


class StateFile:
    """Room for the states of the first examples, as many as fit, one after the other in a temporary file."""

    def __init__(self, lengths: np.ndarray, width: int, dtype: str, room: float) -> None:
        """Reserve room; nothing is written yet.

        Args:
            lengths: Tokens of each example.
            dtype: `float32` or `float16`.
            room: Most bytes of the file.
        Raises:
            TlguiError: the folder cannot be written.
        """
        ends = np.cumsum(lengths)
        self.fits = int(np.searchsorted(ends * width * np.dtype(dtype).itemsize, room, side="right"))
        """Examples that have room."""
        self.starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[: self.fits]])
        self.have = np.zeros(len(lengths), dtype=bool)
        """Which examples are there."""
        self.first_pass: FirstPass | None = None
        """Of training rows, in a run that goes on: how they were computed the first time."""
        self._dtype, self.width = np.dtype(dtype), width
        folder = paths.cache_folder()
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - lives as long as this
            weakref.finalize(self, self._file.close)
            self._file.truncate(max(1, self.nbytes))
        shape = (int(self.starts[-1]), width)
        self._values = np.memmap(self._file, self._dtype, "r", shape=shape) if self.nbytes else np.empty(shape, dtype)

    @property
    def nbytes(self) -> int:
        """Bytes of the file once all is there."""
        return int(self.starts[-1]) * self.width * self._dtype.itemsize

    def put(self, rows: np.ndarray, states: np.ndarray) -> None:
        """Keep the states of some examples.

        Args:
            states: Shape (rows, tokens, width); of shorter examples the end is padding and not kept.
        Raises:
            TlguiError: the disk is full, or a value is too large for the file's type.
        """
        with np.errstate(over="ignore"):
            stored = states.astype(self._dtype, copy=False)
        if not np.isfinite(stored).all():
            raise TlguiError("What the frozen groups give is too large for half the size.", "Keep exact values.")
        with writing(paths.cache_folder()):
            for row, values in zip(rows, stored, strict=True):
                start, end = self.starts[row], self.starts[row + 1]
                self._file.seek(start * self.width * self._dtype.itemsize)
                self._file.write(values[: end - start].tobytes())
        self.have[rows] = True

    def read(self, row: int, out: np.ndarray) -> None:
        """Copy the states of an example that is there to the start of `out`, shape (tokens, width)."""
        start, end = self.starts[row], self.starts[row + 1]
        out[: end - start] = self._values[start:end]


class KeptStates:
    """The states of a run's examples, computed by one cut of the model."""

    def __init__(self, prefix: Prefix, files: Mapping[int, StateFile], tell: Callable[[str], None]) -> None:
        """Args:
        files: By `id` of the examples that are kept; a text of which there are several versions is in each of them.
        tell: Called with a sentence when nothing more can be kept.
        """
        self.prefix, self._files, self._tell = prefix, dict(files), tell

    def of(
        self, encoded: Encoded, texts: np.ndarray, batch: Batch, remake: Callable[[np.ndarray], Batch]
    ) -> torch.Tensor | None:
        """The states of a batch, shape (rows, tokens, width); None if these examples are not kept.

        Args:
            batch: The same texts in tokens.
            remake: Gives a batch of other texts in tokens.
        """
        file = self._files.get(id(encoded))
        if file is None:
            return None
        try:
            self._fill(file, texts, batch, remake)
        except TlguiError as error:
            self._files.clear()
            self._tell(f"{error.title} So the frozen groups run at each step from here on.")
            return None
        out = np.zeros((*batch["input_ids"].shape, file.width), dtype=np.float32)
        for text, place in zip(texts, out, strict=True):
            if text < file.fits:
                file.read(text, place)
        states = torch.from_numpy(out).to(batch["input_ids"].device)
        homeless = np.flatnonzero(texts >= file.fits)
        if len(homeless):
            computed = self.prefix.states(_some(batch, homeless))
            states[torch.from_numpy(homeless), : computed.shape[1]] = computed.float()
        return states

    def _fill(self, file: StateFile, texts: np.ndarray, batch: Batch, remake: Callable[[np.ndarray], Batch]) -> None:
        """Compute what is missing of these texts and has room."""
        wanted = (texts < file.fits) & ~file.have[texts]
        if not wanted.any():
            return
        new, again = (texts[wanted], []) if file.first_pass is None else file.first_pass.split(texts[wanted])
        for together in again:
            housed = together[together < file.fits]
            self._compute(file, housed, remake(housed))
        if len(new):
            self._compute(file, new, _some(batch, np.flatnonzero(np.isin(texts, new))))

    def _compute(self, file: StateFile, texts: np.ndarray, batch: Batch) -> None:
        file.put(texts, self.prefix.states(batch).float().cpu().numpy())


def logits_over(task: Task, model: PreTrainedModel, batch: Batch, prefix: Prefix | None) -> Any:
    """The model's logits for a batch, from its states on if it has them; the prefix is what gave them."""
    if prefix is None or STATES not in batch:
        return logits_of(task, model, batch)
    with prefix.going_on_from(batch[STATES]):
        return logits_of(task, model, {name: values for name, values in batch.items() if name != STATES})


def _some(batch: Batch, places: np.ndarray) -> Batch:
    """Some rows of a batch as the lowest groups read them, padded to the longest of them."""
    index = torch.from_numpy(places).to(batch["input_ids"].device)
    longest = int(batch["attention_mask"][index].sum(1).max())
    return {name: batch[name][index][:, :longest] for name in batch if name not in OF_DECODER}
