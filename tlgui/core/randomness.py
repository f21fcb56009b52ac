"""Randomness as a function of where it is used, so that a resumed run needs no saved generator states."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, use: str, *place: int) -> np.random.Generator:
    """A generator for one use ("masks", "order", …) at one place (epoch, step, …) of a run."""
    return np.random.default_rng([seed, zlib.crc32(use.encode()), *place])


class ByExample:
    """Draws that an example has to itself: a function of its number and of where they are used, in any batch.

    The numbers are those of SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (OOPSLA
    2014), figure 17, with a stream of its own for each example and each draw.
    """

    def __init__(self, seed: int, use: str, *place: int) -> None:
        self._seed = generator(seed, use, *place).integers(2**64, dtype=np.uint64)
        self.place = place

    def of(self, examples: np.ndarray) -> Drawn:
        """Draws of some examples, shape (examples,), in order."""
        return Drawn(_mixed(self._seed + _GOLDEN * (examples.astype(np.uint64) + _ONE)))


class Drawn:
    """What a generator gives, as far as it is needed, in arrays of one row an example."""

    def __init__(self, keys: np.ndarray) -> None:
        self._keys = keys

    def random(self, size: tuple[int, int]) -> np.ndarray:
        """Uniform in [0, 1); an example's first values are the same in an array that is wider."""
        self._keys = _mixed(self._keys + _GOLDEN)
        columns = np.arange(size[1], dtype=np.uint64) * _GOLDEN
        return (_mixed(self._keys[:, None] + columns) >> _ELEVEN).astype(np.float64) * 2.0**-53

    def integers(self, high: int, size: tuple[int, int]) -> np.ndarray:
        """Uniform in 0 … high - 1, int64; high is far below 2**53."""
        return (self.random(size) * high).astype(np.int64)


_GOLDEN, _ONE, _ELEVEN = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(11)


def _mixed(values: np.ndarray) -> np.ndarray:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed


def number(seed: int, use: str, *place: int) -> int:
    """A seed below 2**31 for libraries that take one."""
    return int(generator(seed, use, *place).integers(2**31))
