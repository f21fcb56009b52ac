"""Where the names of lines go: beside their own line, off the others, off each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

GAPS = (7.0, 13.0, 22.0)
"""Distances from a point at which a name is tried, pixels."""
AROUND_MARKER = 5.0
"""Pixels between a name and a marker below which they touch."""
SAMPLE = 7.0
"""Distance between the points that stand for a line, pixels."""
_SIDES = tuple((x, y) for y in (-1, 0, 1) for x in (-1, -0.5, 0, 0.5, 1) if x or y)
"""Where a name lies about its point: -1 left or above, 0 centred, 1 right or below."""
_ON_NAME, _ON_MARKER, _ON_LINE, _NEARER_TO_OTHER = 1000.0, 150.0, 12.0, 12.0
"""What it costs that a name lies on another, on a marker, on each point of a line, or nearer to a line of others."""


@dataclass(frozen=True)
class Named:
    """A line, or a single point, and the room that its name takes; pixels."""

    width: float
    height: float
    points: np.ndarray
    """Corners of the line, shape (n, 2), n >= 1; its name stands by one of them."""
    bars: np.ndarray
    """Other points that names keep off, such as those of error bars, shape (m, 2)."""


def place(
    lines: Sequence[Named], area: tuple[float, float, float, float], *, joined: bool
) -> list[tuple[float, float]]:
    """The upper left corner of each name.

    Args:
        area: Left, top, right, bottom; no name lies outside.
        joined: Whether the points of a line are joined by strokes, which names keep off too.
    """
    rooms = [_candidates(line, np.asarray(area)) for line in lines]
    samples = [np.concatenate([_samples(line.points, joined), line.bars]) for line in lines]
    costs = [_costs(rooms[i], i, lines, samples) for i in range(len(lines))]
    clashes = [[_ON_NAME * _overlap(own, other) for other in rooms] for own in rooms]
    orders = [np.roll(np.arange(len(lines)), shift)[::way] for shift in range(len(lines)) for way in (1, -1)]
    tries = [_settle(costs, clashes, order) for order in orders]
    best = min(tries, key=lambda found: found[1])[0] if tries else ()
    return [(float(rooms[i][k][0]), float(rooms[i][k][1])) for i, k in enumerate(best)]


def _settle(
    costs: Sequence[np.ndarray], clashes: Sequence[Sequence[np.ndarray]], order: np.ndarray
) -> tuple[list[int], float]:
    """Choose a room for each name, one after the other, and once more now that all are placed; with what it costs."""
    chosen = [-1] * len(costs)
    total = 0.0
    for _ in range(2):
        total = 0.0
        for i in order:
            cost = costs[i].copy()
            for k, room in enumerate(chosen):
                if k != i and room >= 0:
                    cost += clashes[i][k][:, room]
            chosen[i] = int(np.argmin(cost))
            total += float(cost[chosen[i]])
    return chosen, total


def _costs(rooms: np.ndarray, own: int, lines: Sequence[Named], samples: Sequence[np.ndarray]) -> np.ndarray:
    """What each room of a name costs by the lines alone."""
    far = _distances(rooms, np.concatenate(samples))
    on_markers = _distances(rooms, np.concatenate([each.points for each in lines])) <= AROUND_MARKER
    start = sum(len(each) for each in samples[:own])
    mine = np.zeros(far.shape[1], dtype=bool)
    mine[start : start + len(samples[own])] = True
    to_own: np.ndarray = far[:, mine].min(axis=1)
    cost = _ON_MARKER * on_markers.sum(axis=1) + _ON_LINE * (far <= 1).sum(axis=1) + to_own
    if not mine.all():
        cost = cost + _NEARER_TO_OTHER * np.clip(to_own + 2 - far[:, ~mine].min(axis=1), 0, 5)
    return cost


def _candidates(line: Named, area: np.ndarray) -> np.ndarray:
    """Rectangles to try, shape (n, 4): left, top, right, bottom; moved inside the area."""
    found = []
    for x, y in line.points[::-1]:  # ties go to the end of the line
        for gap in GAPS:
            for side_x, side_y in _SIDES:
                left = x + (side_x - 1) / 2 * line.width + (side_x * gap if not side_y else 0)
                top = y + (side_y - 1) / 2 * line.height + side_y * gap
                found.append((left, top))
    corners = np.asarray(found, dtype=float)
    corners[:, 0] = np.clip(corners[:, 0], area[0], max(area[0], area[2] - line.width))
    corners[:, 1] = np.clip(corners[:, 1], area[1], max(area[1], area[3] - line.height))
    return np.hstack([corners, corners + np.array((line.width, line.height))])


def _samples(points: np.ndarray, joined: bool) -> np.ndarray:
    """Points along a line, so close that none slips between them."""
    if not joined or len(points) < 2:
        return points
    parts = [points[-1:]]
    for start, end in pairwise(points):
        count = max(1, int(np.hypot(*(end - start)) / SAMPLE))
        parts.append(start + (end - start) * (np.arange(count) / count)[:, None])
    return np.concatenate(parts)


def _overlap(rooms: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of each other rectangle that each room covers, two pixels around it included; shape (rooms, others)."""
    own, far = rooms[:, None], others[None]
    width = np.minimum(own[..., 2], far[..., 2] + 2) - np.maximum(own[..., 0], far[..., 0] - 2)
    height = np.minimum(own[..., 3], far[..., 3] + 2) - np.maximum(own[..., 1], far[..., 1] - 2)
    covered: np.ndarray = np.clip(width, 0, None) * np.clip(height, 0, None)
    return covered / ((far[..., 2] - far[..., 0]) * (far[..., 3] - far[..., 1])).clip(1, None)


def _distances(rooms: np.ndarray, points: np.ndarray) -> np.ndarray:
    """From each rectangle to each point, shape (rectangles, points); 0 inside."""
    x, y = points[None, :, 0], points[None, :, 1]
    over = np.maximum(np.maximum(rooms[:, None, 0] - x, x - rooms[:, None, 2]), 0)
    under = np.maximum(np.maximum(rooms[:, None, 1] - y, y - rooms[:, None, 3]), 0)
    return np.hypot(over, under)
