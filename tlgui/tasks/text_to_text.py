"""From one text to another: a translation, a summary, an answer in words.

Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (JMLR 2020): a prefix
in front of each input tells the model what is asked for; the decoder reads the target shifted right, and every token of
the target counts in the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.plan import count
from tlgui.core.prefixes import ARROW, parts, prefixed
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import Recipe
from tlgui.data.mixture import counts_of, drawn, has_prefixes, members_of
from tlgui.data.prepare import Part
from tlgui.models.loading import load_own
from tlgui.tasks import pieces
from tlgui.tasks.base import Scores, logits_of, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.mask import NOT_PREDICTED, Mask, MaskScorer
from tlgui.tasks.written import figures, write

WRITTEN_ROWS = 64
"""Validation rows of each task whose outputs are written at a check; the loss is of all."""
MOST_TASKS = 12
"""Different prefixes in one table that are told apart; with more, they are no names of tasks."""
HOW = {"proportional": "by size", "temperature": "by size and temperature", "equal": "equally"}


@dataclass(frozen=True)
class TextPairs(Encoded):
    """Inputs, and beside them the outputs in tokens."""

    outputs: Encoded = field(kw_only=True)
    part: Part = field(kw_only=True)
    """Where the outputs stand as texts."""
    places: np.ndarray = field(kw_only=True)
    """int64, shape (examples,): where in the part each example stands."""
    tasks: tuple[str, ...] = field(kw_only=True)
    """Names of the tasks that are learned together; one empty name if there is but one."""
    task_of: np.ndarray = field(kw_only=True)
    """int32, shape (examples,): place in `tasks`."""
    counts: tuple[int, ...] = field(default=(), kw_only=True)
    """Examples of each task in an epoch; empty = each example comes once."""
    most: int = field(kw_only=True)
    """Tokens of an output."""

    def some(self, rows: np.ndarray) -> TextPairs:
        inputs = super().some(rows)
        return TextPairs(
            inputs.starts,
            inputs.fields,
            outputs=self.outputs.some(rows),
            part=self.part,
            places=self.places[rows],
            tasks=self.tasks,
            task_of=self.task_of[rows],
            most=self.most,
        )

    def arrays(self) -> tuple[np.ndarray | None, ...]:
        return (*super().arrays(), *self.outputs.arrays())

    def of_epoch(self, seed: int, epoch: int) -> np.ndarray | None:
        return drawn(self.task_of, self.counts, seed, epoch) if self.counts else None

    @cached_property
    def written(self) -> np.ndarray:
        """Which examples' outputs are written at a check: some of each task, evenly spread; shape (examples,)."""
        flags = np.zeros(len(self), dtype=bool)
        for number in range(len(self.tasks)):
            rows = np.flatnonzero(self.task_of == number)
            flags[rows[np.linspace(0, len(rows) - 1, min(WRITTEN_ROWS, len(rows))).astype(np.int64)]] = True
        return flags


class TextToText(Mask):
    """The tokens of the outputs are predicted as hidden words are: those that have a label count."""

    key = "text-to-text"
    splits_long_texts = False

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own("text-to-text", folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> TextPairs:
        if tokenizer.pad_token_id is None:
            raise TlguiError("This model has no token to pad with, so its outputs cannot begin.", "Pick another model.")
        tasks: dict[str, int] = {}
        numbers, done = [], 0
        members = members_of(part, recipe.text.prefix)
        with Gatherer({"input_ids": np.int32}) as inputs, Gatherer({"input_ids": np.int32}) as outputs:
            for member in members:
                for rows in reading_in_chunks(member.part, emit, control, done, len(part)):
                    read = [asked(member.part.text_columns, cells, member.prefix) for cells in member.part.texts(rows)]
                    _add(inputs, tokenizer, [text for _, text in read], recipe.train.max_length)
                    _add(outputs, tokenizer, member.part.truths(rows), recipe.text.max_output)
                    names = [member.name or prefix for prefix, _ in read]
                    numbers.append(np.array([tasks.setdefault(name, len(tasks)) for name in names], dtype=np.int32))
                done += len(member.part)
            found, wanted = inputs.finish(), outputs.finish()
        task_of = np.concatenate(numbers) if numbers else np.empty(0, dtype=np.int32)
        if len(tasks) > MOST_TASKS or len(tasks) < 2:
            tasks, task_of = {"": 0}, np.zeros_like(task_of)
        sizes = np.bincount(task_of, minlength=len(tasks)).tolist()
        made = TextPairs(
            found.starts,
            found.fields,
            None,
            found.cut,
            _notes(wanted.cut, recipe.text.max_output),
            outputs=wanted,
            part=part,
            places=np.arange(len(found)),
            tasks=tuple(tasks),
            task_of=task_of,
            counts=counts_of(sizes, recipe.mixing) if len(tasks) > 1 else (),
            most=recipe.text.max_output,
        )
        return replace(made, train_notes=_shares(made, recipe), held_notes=_written(made))

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        assert isinstance(encoded, TextPairs)
        arrays = {
            "input_ids": encoded.padded("input_ids", rows, tokenizer.pad_token_id),
            "attention_mask": encoded.attention(rows),
            "decoder_attention_mask": encoded.outputs.attention(rows),
            "labels": encoded.outputs.padded("input_ids", rows, NOT_PREDICTED),
        }
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        return torch.zeros(len(ids), min(ids.shape[1], recipe.text.max_output), dtype=torch.int64)

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> TextScorer:
        assert isinstance(encoded, TextPairs)
        return TextScorer(encoded.tasks)

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        _probe_parts(text)

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        asked_for, wanted = _probe_parts(text)
        made = pieces.whole(tokenizer, [[asked_for, wanted]], tokenizer.model_max_length)
        ids, labels = (torch.tensor([one.ids], device=model.device) for one in made)
        batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
        with torch.no_grad():
            log_shares = logits_of(self, model, batch)[0].log_softmax(-1)
        return float(log_shares.gather(1, labels[0][:, None]).mean().exp()), -1


class TextScorer:
    """Adds up the loss over target tokens, and keeps what was written and what was wanted, task by task."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = tuple(tasks)
        self._tokens = MaskScorer()
        self._pairs: list[tuple[int, str, str]] = []

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        self._tokens.add(logits, batch)

    def write(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        encoded: Encoded,
        rows: np.ndarray,
        control: Control,
    ) -> None:
        assert isinstance(encoded, TextPairs)
        chosen = rows[encoded.written[rows]]
        if len(chosen):
            self.keep(model, tokenizer, encoded, chosen, control)

    def keep(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        encoded: TextPairs,
        chosen: np.ndarray,
        control: Control,
    ) -> None:
        """Let the model write for all of these examples."""
        ids = torch.from_numpy(encoded.padded("input_ids", chosen, tokenizer.pad_token_id))
        outputs = write(model, tokenizer, ids, torch.from_numpy(encoded.attention(chosen)), encoded.most, control)
        wanted = encoded.part.truths(encoded.places[chosen])
        self._pairs += zip(encoded.task_of[chosen].tolist(), outputs, wanted, strict=True)

    def include(self, other: TextScorer) -> None:
        self._tokens.include(other._tokens)
        self._pairs += other._pairs

    def scores(self) -> Scores:
        loss = self._tokens.scores().loss
        return Scores(loss, {"loss": loss, **self.figures()})

    def figures(self) -> dict[str, float]:
        """Of what was written: means over the tasks, so that a small one counts as much as a large one.

        They do not decide which weights are kept: they are of some rows, and a model that has learned nothing gets a
        better word F1 by writing "the the" than by writing sentences.
        """
        each = [figures(*self._of(number)) for number in range(len(self._tasks))]
        metrics = {key: sum(one[key] for one in each) / len(each) for key in each[0]}
        if len(self._tasks) > 1:
            metrics |= {f"f1:{name}": one["f1"] for name, one in zip(self._tasks, each, strict=True)}
        return metrics

    def _of(self, task: int) -> tuple[list[str], list[str]]:
        pairs = [(written, wanted) for number, written, wanted in self._pairs if number == task]
        return [written for written, _ in pairs], [wanted for _, wanted in pairs]


def asked(columns: Sequence[str], cells: Sequence[str], prefix: str) -> tuple[str, str]:
    """The prefix of a row, and its input with the prefix in front.

    Two columns of which the first is no prefix are named in the input, as T5 has it: "premise: … hypothesis: …".
    """
    if has_prefixes(columns):
        prefix, cells = cells[0].strip(), cells[1:]
    elif len(columns) > 1:
        cells = [" ".join(f"{name}: {cell.strip()}" for name, cell in zip(columns, cells, strict=True))]
    return prefix, prefixed(prefix, cells[0])


def _add(gatherer: Gatherer, tokenizer: PreTrainedTokenizerBase, texts: list[str], limit: int) -> None:
    found = pieces.whole(tokenizer, [texts], limit)
    gatherer.cut += sum(bool(one.overflowing) for one in found)
    gatherer.add({"input_ids": [one.ids for one in found]})


def _probe_parts(text: str) -> tuple[str, str]:
    """Input and output of a kept sentence such as "shorten: a long text => short".

    Raises:
        TlguiError: it has not both.
    """
    asked_for, wanted = parts(text)
    if not wanted:
        raise TlguiError("It does not say what is to be written.", f"Put {ARROW} between input and output.")
    return asked_for, wanted


def _notes(cut: int, most: int) -> tuple[str, ...]:
    if not cut:
        return ()
    return (f"{count(cut, 'output')} {'loses its' if cut == 1 else 'lose their'} end after {most} tokens.",)


def _shares(pairs: TextPairs, recipe: Recipe) -> tuple[str, ...]:
    """How the tasks are mixed, as a sentence."""
    if not pairs.counts:
        return ()
    total = sum(pairs.counts)
    named = zip(pairs.tasks, pairs.counts, strict=True)
    told = [f"{name} {rows / total:.1%} ({rows:,})".replace("%", " %") for name, rows in named]
    return (f"Rows of an epoch, mixed {HOW[recipe.mixing.rule]}: {', '.join(told)}.",)


def _written(pairs: TextPairs) -> tuple[str, ...]:
    some = int(pairs.written.sum())
    if some == len(pairs):
        return ()
    return (
        f"At each check the model writes its output for {some:,} of the {len(pairs):,} validation rows; "
        "the loss is of all of them.",
    )
