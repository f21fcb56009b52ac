"""Randomness as a function of where it is used, so that a resumed run needs no saved generator states."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, use: str, *place: int) -> np.random.Generator:
    """A generator for one use ("masks", "order", …) at one place (epoch, step, …) of a run."""
    return np.random.default_rng([seed, zlib.crc32(use.encode()), *place])


def number(seed: int, use: str, *place: int) -> int:
    """A seed below 2**31 for libraries that take one."""
    return int(generator(seed, use, *place).integers(2**31))
