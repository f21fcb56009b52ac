"""Tags of the words of a sentence: what begins a name and what goes on with it, and how two sequences compare.

B- begins a name, I- goes on with it, and O is no name (Ramshaw and Marcus 1995, Text Chunking using
Transformation-Based Learning). E- and L- are its last word, S- and U- a name of one word. Any other tag, such as a part
of speech, counts as a name of one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from tlgui.core.answers import KindScore

OUTSIDE = "O"
_PREFIXED = re.compile(r"([BIESLU])-(.+)", re.DOTALL)
_PLAIN = {"L": "E", "U": "S"}
"""Prefixes that mean the same as another one."""
_ALL, _MEANS = "micro avg", ("macro avg", "weighted avg")
"""What seqeval calls the figures of all kinds together, and those that are not shown."""


def kind_of(tag: str) -> str:
    """What a name with this tag is; empty for O."""
    match = _PREFIXED.fullmatch(tag)
    return match[2] if match else "" if tag == OUTSIDE else tag


def repaired(tags: Sequence[str]) -> tuple[list[str], int]:
    """Tags in which each name begins with B-, also where it began with I-; and how many tags were changed."""
    made, changed, going = [], 0, ""
    for tag in tags:
        match = _PREFIXED.fullmatch(tag)
        lost = match is not None and match[1] == "I" and match[2] != going
        made.append(f"B-{tag[2:]}" if lost else tag)
        changed += lost
        going = match[2] if match and match[1] in "BI" else ""
    return made, changed


def ordered(tags: Iterable[str]) -> tuple[str, ...]:
    """Different tags in the order of their ids: O first, then by kind, each as a name goes on."""
    return tuple(sorted(set(tags), key=lambda tag: (tag != OUTSIDE, kind_of(tag), "BIELSU".find(tag[:1]), tag)))


def names_in(tags: Sequence[str]) -> list[tuple[str, int, int]]:
    """Kind, first word and the word after the last of each name in a sentence, as seqeval and conlleval read tags."""
    from seqeval.metrics.sequence_labeling import get_entities  # takes scikit-learn with it

    return [(kind, begin, last + 1) for kind, begin, last in get_entities([_as_name(tag) for tag in tags])]


def compare(truth: Sequence[Sequence[str]], guess: Sequence[Sequence[str]]) -> tuple[dict[str, float], list[KindScore]]:
    """Precision, recall and F1 of whole names, and the share of words that are right.

    Args:
        truth: Tags of some sentences.
        guess: Of the same words.
    Returns:
        Figures of all kinds together, 0 where there is nothing to count; and those of each kind, by name.
    """
    from seqeval.metrics import classification_report

    right = np.array([a == b for a, b in zip(chain(*truth), chain(*guess), strict=True)])
    metrics = {"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": float(right.mean()) if len(right) else 0.0}
    if all(tag == OUTSIDE for tag in chain(*truth, *guess)):
        return metrics, []
    sides = ([[_as_name(tag) for tag in tags] for tags in side] for side in (truth, guess))
    found = classification_report(*sides, output_dict=True, zero_division=0)
    together = found[_ALL]
    metrics |= {"f1": float(together["f1-score"]), **{k: float(together[k]) for k in ("precision", "recall")}}
    kinds = [
        KindScore(kind, float(one["precision"]), float(one["recall"]), float(one["f1-score"]), int(one["support"]))
        for kind, one in found.items()
        if kind not in (_ALL, *_MEANS)
    ]
    return metrics, kinds


def _as_name(tag: str) -> str:
    """A tag as seqeval knows it."""
    if tag == OUTSIDE:
        return tag
    match = _PREFIXED.fullmatch(tag)
    return f"{_PLAIN.get(match[1], match[1])}-{match[2]}" if match else f"S-{tag}"
