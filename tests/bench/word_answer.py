"""The masked-word answer of the Try page beside the model's bare forward pass over the same tokens, in one process.

`python word_answer.py MODEL THREADS` prints medians in milliseconds; the two take turns.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import torch

from tlgui.core.control import Control
from tlgui.inspect.hidden_words import guess
from tlgui.inspect.shelf import open_masked
from tlgui.tasks.words import hide_words

TEXT = "The film has a good {story} and the actors play it with much charm, but the end comes as no surprise at all."
WARM, TURNS = 10, 100


def milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


@torch.no_grad()
def main(model: str, threads: str) -> None:
    torch.set_num_threads(int(threads))
    opened = open_masked(model, lambda event: None, Control())
    inputs, _ = hide_words(TEXT, opened.tokenizer)
    pairs = [
        (
            milliseconds(lambda: guess(TEXT, model, "", 5, lambda event: None, Control())),
            milliseconds(lambda: opened.model(**inputs)),
        )
        for _ in range(WARM + TURNS)
    ][WARM:]
    answer, forward = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(json.dumps({"answer_ms": answer, "forward_ms": forward}))


if __name__ == "__main__":
    main(*sys.argv[1:])
