"""Token ids of many examples in flat arrays, and how some of them become one padded batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Self

import numpy as np
import torch

from tlgui.core import paths
from tlgui.core.runs import cannot_write

Batch = dict[str, torch.Tensor]
TRUTH = "truth"
"""Field of what is to be predicted at each token, for goals whose labels are of tokens."""


@dataclass(frozen=True)
class Encoded:
    """Examples of different lengths, one after the other."""

    starts: np.ndarray
    """int64, shape (examples + 1,); example i is `starts[i]:starts[i + 1]` of each field."""
    fields: Mapping[str, np.ndarray]
    """One entry a token: `input_ids` int32, and what else the goal needs."""
    labels: np.ndarray | None = None
    """One entry an example: int64 ids, or what else the goal needs."""
    cut: int = 0
    """How many texts lost their end."""
    notes: tuple[str, ...] = ()
    """What was repaired or left out on the way, as sentences."""
    train_notes: tuple[str, ...] = ()
    """What is to be said where these are the training examples."""
    held_notes: tuple[str, ...] = ()
    """What is to be said where these are the validation examples."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each example, shape (examples,)."""
        return np.diff(self.starts)

    def lengths_of(self, rows: np.ndarray) -> np.ndarray:
        """Tokens of some examples, by position; costs nothing for the others."""
        return self.starts[rows + 1] - self.starts[rows]

    def some(self, rows: np.ndarray) -> Encoded:
        """Some of the examples, by position, copied into memory."""
        lengths = self.lengths_of(rows)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        tokens = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        fields = {name: values[tokens] for name, values in self.fields.items()}
        return Encoded(starts, fields, None if self.labels is None else self.labels[rows])

    def arrays(self) -> tuple[np.ndarray | None, ...]:
        """What tells these examples from others."""
        return self.fields["input_ids"], self.labels, self.fields.get(TRUTH)

    def of_epoch(self, seed: int, epoch: int) -> np.ndarray | None:
        """Positions of the examples that come in an epoch, as many in each; None = each example once."""
        return None

    def padded(self, name: str, rows: np.ndarray, fill: int) -> np.ndarray:
        """One field of some examples, shape (rows, longest), int64."""
        starts, lengths = self.starts[rows], self.lengths_of(rows)
        places = np.arange(lengths.max())
        inside = places < lengths[:, None]
        out = np.full(inside.shape, fill, dtype=np.int64)
        out[inside] = self.fields[name][(starts[:, None] + places)[inside]]
        return out

    def attention(self, rows: np.ndarray) -> np.ndarray:
        """1 for tokens, 0 for padding, shape (rows, longest), int64."""
        lengths = self.lengths_of(rows)
        return (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)


class Gatherer:
    """Collects examples into temporary files, so that memory does not grow with the number of rows.

    A context manager: the files are closed at its end, and live on as long as a memory map of them.
    """

    def __init__(self, dtypes: Mapping[str, type]) -> None:
        self._dtypes = dict(dtypes)
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._lengths: list[np.ndarray] = []
        self.cut = 0
        """Texts that lost their end."""

    def __enter__(self) -> Self:
        folder = paths.cache_folder()
        with self._open, writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name in self._dtypes:
                self._files[name] = self._open.enter_context(tempfile.TemporaryFile(dir=folder))
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, examples: Mapping[str, Sequence[Sequence[int]]]) -> None:
        """Append some examples: for each field, one list of numbers an example."""
        for name, rows in examples.items():
            lengths = np.fromiter(map(len, rows), np.int64, len(rows))
            if name == "input_ids":
                self._lengths.append(lengths)
            numbers: np.ndarray = np.fromiter(chain.from_iterable(rows), self._dtypes[name], int(lengths.sum()))
            with writing(paths.cache_folder()):
                self._files[name].write(numbers.data)

    def finish(self, labels: np.ndarray | None = None) -> Encoded:
        """The examples gathered; their token arrays are memory-mapped."""
        lengths = np.concatenate([np.zeros(1, dtype=np.int64), *self._lengths])
        fields = {}
        for name, file in self._files.items():
            with writing(paths.cache_folder()):
                file.flush()
            empty = lengths.sum() == 0
            dtype = self._dtypes[name]
            # As a plain array: each look into a memory map makes a new one, which takes longer than a few tokens.
            fields[name] = np.empty(0, dtype) if empty else np.asarray(np.memmap(file, dtype=dtype, mode="r"))
        return Encoded(np.cumsum(lengths), fields, labels, self.cut)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise cannot_write(folder, error) from error
