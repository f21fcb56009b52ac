"""Which rows a run learns from: for each seed an order of all rows, of which a run takes the beginning."""

from __future__ import annotations

import numpy as np

from tlgui.core.randomness import generator


def nested_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """All rows, in an order of which every beginning is a fair sample: the larger ones contain the smaller ones.

    Args:
        labels: Label ids, shape (rows,).
    Returns:
        Positions, int64, shape (rows,). The first rows are one of each label; in the rest each label is spread evenly,
        so that a beginning has each in its share, but for a row or two.
    """
    random = generator(seed, "race")
    places = np.empty(len(labels))
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        places[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        places[rows[0]] = 0.0
    return np.lexsort((random.random(len(labels)), places)).astype(np.int64)
