"""How well an answer agrees with the right ones, by the rules of SQuAD: exact match and token F1.

Rajpurkar et al., SQuAD (EMNLP 2016), section 6.1, and Know What You Don't Know (ACL 2018) for questions without an
answer. Case, punctuation marks of ASCII, the articles of English and runs of white space do not count.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WITHOUT_MARKS = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """The words of an answer that count, with one space between two."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_WITHOUT_MARKS)).split())


def agreement(guess: str, right: Sequence[str]) -> tuple[float, float]:
    """Exact match and token F1 of a guess, each 0..1, with the right answer that it agrees with best.

    Args:
        guess: Empty = there is no answer.
        right: Answers that count as right; none = there is no answer, as where nothing of any of them counts.
    """
    truths = [truth for truth in map(normalised, right) if truth] or [""]
    words = normalised(guess)
    return float(words in truths), max(_f1(words.split(), truth.split()) for truth in truths)


def _f1(guess: list[str], truth: list[str]) -> float:
    if not guess or not truth:
        return float(guess == truth)
    shared = (Counter(guess) & Counter(truth)).total()
    return 2 * shared / (len(guess) + len(truth))


def best_threshold(lead: np.ndarray, answering: np.ndarray, silent: np.ndarray) -> float:
    """Above which lead of "no answer" to say so, for the highest sum of scores; of equal ones the highest threshold.

    Args:
        lead: How far the score of "no answer" is above that of the best answer, shape (questions,).
        answering: What each question scores if it is answered, shape (questions,).
        silent: What it scores if it is not, shape (questions,).
    """
    order = np.argsort(lead, kind="stable")
    rising = lead[order]
    sums = np.concatenate([[0.0], np.cumsum(answering[order])]) + np.append(np.cumsum(silent[order][::-1])[::-1], 0.0)
    edges = np.concatenate([[rising[0] - 2.0], rising, [rising[-1] + 2.0]])
    between = (edges[:-1] + edges[1:]) / 2  # of the cut after so many answered questions
    can_cut = np.concatenate([[True], rising[1:] > rising[:-1], [True]])
    best = np.flatnonzero(can_cut & (sums >= sums[can_cut].max() - 1e-9))[-1]
    return float(between[best])
