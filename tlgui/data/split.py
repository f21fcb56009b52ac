"""Which rows are for training and which for validation: pure functions of labels, shares and seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlgui.core.randomness import generator


def sample(labels: np.ndarray | None, count: int, rows: int, seed: int) -> np.ndarray:
    """Choose some of the rows, each label in its share.

    Args:
        labels: Label ids, shape (rows,), or None if there are none.
        count: How many to choose; 0 or more than there are = all.
    Returns:
        Chosen positions in ascending order, int64.
    """
    if not 0 < count < rows:
        return np.arange(rows)
    groups = _groups(labels, rows)
    sizes = np.array([len(group) for group in groups])
    return _draw(groups, shares(sizes, count, sizes), generator(seed, "sample"))


def split(labels: np.ndarray | None, rows: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut rows in two, each label in its share within one row; a label's last row stays in training.

    Args:
        labels: Label ids, shape (rows,), or None if there are none.
        share: Of the rows, for validation, 0 < share < 1.
    Returns:
        Positions for training and for validation, each ascending, int64; both have a row where that is possible.
    """
    groups = _groups(labels, rows)
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    most = np.maximum(sizes - 1, 0)
    wanted = min(max(1, round(rows * share)), max(0, rows - 1))
    held = _draw(groups, shares(sizes, wanted, most), generator(seed, "split"))
    return np.setdiff1d(np.arange(rows), held, assume_unique=True), held


def end_of_document(documents: Sequence[str], share: float) -> int:
    """Where to cut rows whose order counts: what follows is for validation, whole documents where there are several.

    Args:
        documents: Name of each row's document, in the order of the rows.
        share: Of the rows, for validation, 0 < share < 1.
    Returns:
        The first row of the document that begins nearest to the share, both sides having a row; in a single document,
        the row at the share.
    """
    rows = len(documents)
    wanted = rows - max(1, round(rows * share))
    begins = [row for row in range(1, rows) if documents[row] != documents[row - 1]]
    return min(begins, key=lambda row: abs(row - wanted)) if begins else max(1, wanted)


def shares(sizes: np.ndarray, wanted: int, most: np.ndarray) -> np.ndarray:
    """Divide a number among groups in proportion to their sizes: largest remainders first, none over its `most`."""
    exact = sizes * (wanted / max(1, sizes.sum()))
    counts = np.minimum(np.floor(exact).astype(np.int64), most)
    order = np.argsort(-(exact - np.floor(exact)), kind="stable")
    for group in order:
        if counts.sum() >= wanted:
            break
        counts[group] += counts[group] < most[group]
    return counts


def _groups(labels: np.ndarray | None, rows: int) -> list[np.ndarray]:
    if labels is None:
        return [np.arange(rows)]
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1) if rows else []


def _draw(groups: list[np.ndarray], counts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    chosen = [random.permutation(group)[:count] for group, count in zip(groups, counts, strict=True)]
    return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *chosen]))
