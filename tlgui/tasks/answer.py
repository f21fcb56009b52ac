"""Find the words of a passage that answer a question, or that there are none: Devlin et al., BERT, section 4.2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from tlgui.core.answer_cells import Answer as RightAnswer
from tlgui.core.answer_cells import read_answers, write_answers
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.marked import marked_answer
from tlgui.core.randomness import ByExample
from tlgui.core.recipe import AnswerPart, Recipe
from tlgui.core.squad_metrics import agreement, best_threshold
from tlgui.data.prepare import Part, Prepared
from tlgui.models.loading import load_own
from tlgui.tasks.base import Scorer, Scores, reading_in_chunks
from tlgui.tasks.encoded import Batch, Encoded, Gatherer
from tlgui.tasks.spans import best_spans, in_passage, null_scores, span_scores
from tlgui.tasks.windows import FIELDS, Asked, Counts, OneQuestion, Window, Windows, windows_of

TYPES = "token_type_ids"
THRESHOLD = "null_threshold"
"""Of the metrics: the lead from which "no answer" is said."""


class Answer:
    """Long passages become several windows, so that no answer is lost."""

    key = "answer"
    splits_long_texts = True

    def label_names(self, prepared: Prepared) -> tuple[str, ...]:
        return ()

    def load(self, folder: Path, recipe: Recipe, labels: Sequence[str]) -> PreTrainedModel:
        return load_own("answer", folder, recipe.model.weights, recipe.train.seed)

    def encode(
        self, part: Part, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, emit: Emit, control: Control
    ) -> Encoded:
        if len(part.text_columns) != 2:
            raise TlguiError("Answers are found in a passage, and there is one text column only.", TWO_COLUMNS)
        counts = Counts()

        def windows() -> Iterator[list[Window]]:
            for rows in reading_in_chunks(part, emit, control):
                yield list(windows_of(rows, part, tokenizer, recipe.train.max_length, recipe.answer, counts))

        found = gathered(windows(), part, tokenizer, recipe.answer)
        notes = counts.notes(recipe.train.max_length, part.row_numbers)
        return replace(found, notes=notes, whole=counts.whole)

    def batch(
        self,
        encoded: Encoded,
        rows: np.ndarray,
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        random: np.random.Generator | ByExample,
    ) -> Batch:
        assert encoded.labels is not None
        arrays = {
            "input_ids": encoded.padded("input_ids", rows, tokenizer.pad_token_id),
            "attention_mask": encoded.attention(rows),
        }
        if TYPES in encoded.fields:
            arrays[TYPES] = encoded.padded(TYPES, rows, 0)
        labels = np.concatenate([encoded.labels[rows], rows[:, None]], axis=1)
        arrays["labels"] = labels[:, None].astype(np.int64)  # not as wide as a batch has tokens, whatever their number
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def made_up_labels(self, ids: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        return torch.tensor([0, 0, 1, ids.shape[1], 0]).expand(len(ids), 1, 5)

    def wanted(self, batch: Batch) -> None:
        return None

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        return _losses(logits, batch).mean()

    def read(self, output: ModelOutput) -> torch.Tensor:
        return torch.stack([output.start_logits, output.end_logits], -1)

    def scorer(self, encoded: Encoded, labels: Sequence[str]) -> Scorer:
        assert isinstance(encoded, Windows)
        return AnswerScorer(encoded)

    def check_probe(self, tokenizer: PreTrainedTokenizerBase, text: str) -> None:
        marked_answer(text)
        _windows_of_probe(text, tokenizer)

    def probe(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, original_class: int
    ) -> tuple[float, int]:
        found = _windows_of_probe(text, tokenizer)
        rows = np.arange(len(found))
        batch = self.batch(found, rows, tokenizer, Recipe(), np.random.default_rng(0))
        places = batch.pop("labels")[:, 0]
        logits = self.read(model(**{name: values.to(model.device) for name, values in batch.items()})).float().cpu()
        scores = span_scores(logits, places[:, 2:4], found.settings.longest_answer)
        nothing = null_scores(logits).min()
        total = torch.cat([scores.flatten(), nothing[None]]).logsumexp(0)
        right = [scores[i, first, last - first] for i, (first, last) in enumerate(places[:, :2].tolist()) if first]
        wanted = torch.stack(right).max() if right else nothing
        return float((wanted - total).exp()), -1


TWO_COLUMNS = "In a recipe, name the question and the passage in data.text, in this order."


def gathered(
    chunks: Iterator[list[Window]], asked: Asked, tokenizer: PreTrainedTokenizerBase, settings: AnswerPart
) -> Windows:
    """Windows in files, so that memory does not grow with their number."""
    fields = FIELDS | ({TYPES: np.uint8} if TYPES in tokenizer.model_input_names else {})
    labels, rows = [np.empty((0, 4), dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    with Gatherer(fields) as gatherer:
        for some in chunks:
            found = {
                "input_ids": [window.ids for window in some],
                "begin": [window.begin for window in some],
                "end": [window.end for window in some],
                TYPES: [window.types for window in some],
            }
            gatherer.add({name: found[name] for name in fields})
            labels.append(np.array([window.label for window in some], dtype=np.int64).reshape(-1, 4))
            rows.append(np.array([window.row for window in some], dtype=np.int64))
        made = gatherer.finish(np.concatenate(labels))
    return Windows(made.starts, made.fields, made.labels, asked=asked, rows=np.concatenate(rows), settings=settings)


class AnswerScorer:
    """Keeps a few numbers of each window: what its best span is worth, and what "no answer" scores."""

    def __init__(self, encoded: Windows) -> None:
        self._encoded: Windows | None = encoded
        self._no_answer, self._threshold = encoded.settings.no_answer, encoded.settings.threshold
        self._loss = 0.0
        self._found: list[tuple[int, float, float, float, float, float]] = []
        """Row, score of the best span, its F1 and exact match, score of "no answer", and what that is worth."""

    def __getstate__(self) -> dict[str, object]:
        """What was added up is handed to other processes; what it was read from stays here."""
        return {**vars(self), "_encoded": None}

    def add(self, logits: torch.Tensor, batch: Batch) -> None:
        encoded = self._encoded
        assert encoded is not None, "only what has added up travels"
        self._loss += float(_losses(logits, batch).sum())
        labels = batch["labels"][:, 0]
        scores = span_scores(logits, labels[:, 2:4], encoded.settings.longest_answer)
        best, spans = best_spans(scores, 1)
        windows = labels[:, 4].tolist()
        rows = encoded.rows[windows]
        texts, cells = encoded.asked.texts(rows), encoded.asked.truths(rows)
        nothing = null_scores(logits).tolist()
        for i, (window, (first, last)) in enumerate(zip(windows, spans[:, 0].tolist(), strict=True)):
            passage, right = texts[i][1], [answer.text for answer in read_answers(cells[i])]
            right += [encoded.whole[int(rows[i])]] if int(rows[i]) in encoded.whole else []
            begin, end = encoded.characters(window, first, last, passage)
            exact, f1 = agreement(passage[begin:end], right)
            silent = agreement("", right)[0]
            self._found.append((int(rows[i]), float(best[i, 0]), f1, exact, nothing[i], silent))

    def include(self, other: AnswerScorer) -> None:
        self._loss += other._loss
        self._found += other._found

    def scores(self) -> Scores:
        found = np.array(self._found).reshape(-1, 6)
        order = np.lexsort((-found[:, 1], found[:, 0]))  # of each question the best window first
        rows, first, windows = np.unique(found[order, 0], return_index=True, return_inverse=True)
        _, best, f1, exact, _, silent = found[order][first].T
        nothing = np.full(len(rows), np.inf)
        np.minimum.at(nothing, windows, found[order, 4])
        metrics = {"f1": float(f1.mean()), "exact": float(exact.mean())}
        if self._no_answer == "fixed" or (self._no_answer == "auto" and silent.any()):
            lead = nothing - best
            threshold = self._threshold if self._no_answer == "fixed" else best_threshold(lead, f1, silent)
            said = lead > threshold
            metrics = {
                "f1": float(np.where(said, silent, f1).mean()),
                "exact": float(np.where(said, silent, exact).mean()),
                "f1_answering_all": metrics["f1"],
                "exact_answering_all": metrics["exact"],
                THRESHOLD: threshold,
            }
        return Scores(self._loss / len(found), metrics)


def _losses(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Of each window: the mean of the cross entropies of the answer's first and last token, nats, shape (rows,).

    The choice is among the passage's tokens and the first one, so neither padding nor the question counts.
    """
    labels = batch["labels"][:, 0].to(logits.device, non_blocking=True)
    can = in_passage(logits, labels[:, 2:4], first=True)
    begins = functional.cross_entropy(can[..., 0], labels[:, 0], reduction="none")
    return (begins + functional.cross_entropy(can[..., 1], labels[:, 1], reduction="none")) / 2


def _windows_of_probe(text: str, tokenizer: PreTrainedTokenizerBase) -> Windows:
    """A kept question in windows as long as the model takes.

    Raises:
        TlguiError: the question is too long for the model.
    """
    question, passage, answer, begin = marked_answer(text)
    cell = write_answers([RightAnswer(answer, begin)]) if answer else ""
    return windows_of_one(OneQuestion(question, passage, cell), tokenizer, tokenizer.model_max_length, AnswerPart())


def windows_of_one(asked: OneQuestion, tokenizer: PreTrainedTokenizerBase, limit: int, settings: AnswerPart) -> Windows:
    """One question in windows.

    Raises:
        TlguiError: it is so long that no window has room for a passage, or the passage has no letters.
    """
    found = gathered(
        iter([list(windows_of(np.arange(1), asked, tokenizer, limit, settings, Counts()))]), asked, tokenizer, settings
    )
    if not len(found):
        raise TlguiError(
            f"In {limit:,} tokens there is no room for the question and a passage, or the passage has no letters.",
            "Shorten the question, or write a passage.",
        )
    return found
