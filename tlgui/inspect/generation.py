"""What models write for an input, token by token, and how a trained one does on rows whose outputs are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from tlgui.core.answers import Evaluation
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Partial, Progress
from tlgui.core.prefixes import prefixed
from tlgui.core.recipe import Recipe
from tlgui.data.batches import fixed_batches
from tlgui.data.mixture import members_of
from tlgui.data.prepare import Part
from tlgui.inspect.shelf import Opened, open_for
from tlgui.tasks.base import logits_of, to_device
from tlgui.tasks.corruption import gaps, restore, sentinels_of
from tlgui.tasks.table import TASKS
from tlgui.tasks.text_to_text import TextPairs, TextScorer, asked
from tlgui.tasks.words import special_frame
from tlgui.tasks.written import write

TASK = "text-to-text"
PREDICTED = ("output",)
BATCH_ROWS = 32
Tell = Callable[[str], None]


def write_texts(
    task: str, prefix: str, text: str, sources: Sequence[str], most: int, emit: Emit, control: Control
) -> tuple[str, ...]:
    """What each model writes for one input; `Partial` brings what there is after each token.

    Args:
        task: A goal whose model writes.
        prefix: In front of the input; may be empty.
        sources: Of the models, as in a recipe, or run folders.
        most: Tokens of an output.
    Raises:
        TlguiError: the text is empty, or a model cannot be opened for the goal.
        StopRequested: between two tokens.
    """
    if not text.strip():
        raise TlguiError("There is no text to write for.", "Type one.")
    found = ["" for _ in sources]
    for place, source in enumerate(sources):
        opened = open_for(task, source, emit, control)

        def tell(said: str, place: int = place) -> None:
            found[place] = said
            emit(Partial(tuple(found)))

        tell(WAYS[task](opened, prefix, text, most, control, tell))
    return tuple(found)


def _answer(opened: Opened, prefix: str, text: str, most: int, control: Control, tell: Tell) -> str:
    """The output for an input."""
    tokenizer = opened.tokenizer
    cut = {"truncation": True, "max_length": opened.max_length}
    inputs = tokenizer([prefixed(prefix, text)], **cut, return_tensors="pt")
    ids, there = inputs["input_ids"], inputs["attention_mask"]
    return write(opened.model, tokenizer, ids, there, most, control, lambda texts: tell(texts[0]))[0]


def _fill(opened: Opened, prefix: str, text: str, most: int, control: Control, tell: Tell) -> str:
    """The text with its gaps filled."""
    tokenizer = opened.tokenizer
    inputs, _ = gaps(text, tokenizer)
    before, after = special_frame(tokenizer)
    ids, marks = torch.tensor([[*before, *inputs, *after]]), sentinels_of(tokenizer)

    def read(tokens: torch.Tensor) -> list[str]:
        return [tokenizer.decode(restore(inputs, row, marks), skip_special_tokens=True) for row in tokens.tolist()]

    attention = torch.ones_like(ids)
    return write(opened.model, tokenizer, ids, attention, most, control, lambda texts: tell(texts[0]), read)[0]


WAYS: dict[str, Callable[[Opened, str, str, int, Control, Tell], str]] = {TASK: _answer, "corrupt": _fill}
"""By goal: what is written, and how it is shown."""


def evaluate(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    """Compare what the model writes for every row with what was wanted."""
    opened, task = open_for(TASK, model, emit, control), TASKS[TASK]
    encoded = task.encode(part, opened.tokenizer, ran, emit, control)
    assert isinstance(encoded, TextPairs)
    scorer, done, nothing = TextScorer(encoded.tasks), 0, np.random.default_rng(0)
    for rows in fixed_batches(encoded.lengths, BATCH_ROWS):
        control.check()
        emit(Progress("Writing the outputs", done, len(part)))
        batch = to_device(task.batch(encoded, rows, opened.tokenizer, ran, nothing), opened.model.device)
        with torch.no_grad():
            scorer.add(logits_of(task, opened.model, batch), batch)
        scorer.keep(opened.model, opened.tokenizer, encoded, rows, control)
        done += len(rows)
    return Evaluation(rows=len(part), metrics=scorer.scores().metrics)


def predictions(
    part: Part, ran: Recipe, model: str, emit: Emit, control: Control
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """Of each row its position, its texts and what the model writes for it."""
    opened = open_for(TASK, model, emit, control)
    (member,) = members_of(part, ran.text.prefix)
    for start in range(0, len(part), BATCH_ROWS):
        control.check()
        emit(Progress("Writing the outputs", start, len(part)))
        rows = np.arange(start, min(start + BATCH_ROWS, len(part)))
        texts = part.texts(rows)
        inputs = opened.tokenizer(
            [asked(part.text_columns, cells, member.prefix)[1] for cells in texts],
            truncation=True,
            max_length=opened.max_length,
            padding=True,
            return_tensors="pt",
        )
        ids, there = inputs["input_ids"], inputs["attention_mask"]
        written = write(opened.model, opened.tokenizer, ids, there, ran.text.max_output, control)
        for row, cells, output in zip(rows.tolist(), texts, written, strict=True):
            yield row, cells, [output]
