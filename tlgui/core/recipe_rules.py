"""What the values of a recipe may be: one row a rule, with the sentence for what breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tlgui.core.goals import GOALS
from tlgui.core.transfer import LAST, MATRICES, HeadPart

if TYPE_CHECKING:
    from tlgui.core.recipe import Recipe

SCHEMA = 1
"""Of the recipes that are written; a newer one is not read."""
NAME_RULE = 'needs a letter or digit, no slashes or : * ? " < > |, and no dot or space at its ends.'
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
PROBE = re.compile(r"[^{}]*\{[^{}]*[^{}\s][^{}]*\}[^{}]*")
"""One word in braces."""
MOST = 100_000
"""Epochs, and rows of a batch; more is a slip of the finger."""
_EACH = "must each be above 0 and at most"
_INTEGERS_FROM_ONE = "must be a whole number of at least 1."
RULES: tuple[tuple[str, Callable[[Recipe], bool], str], ...] = (
    ("schema", lambda r: 1 <= r.schema_ <= SCHEMA, f"is newer than this program reads ({SCHEMA}). Update TLGUI."),
    ("name", lambda r: is_safe_name(r.name), NAME_RULE),
    ("task", lambda r: r.task in GOALS, f"must be one of: {', '.join(GOALS)}."),
    ("model.source", lambda r: bool(r.model.source.strip()), "is empty. Name `starter`, a folder or `hub:NAME`."),
    (
        "model.vocabulary",
        lambda r: 300 <= r.model.vocabulary <= 200_000,
        "must be a whole number from 300 to 200,000.",
    ),
    ("data.source", lambda r: bool(r.data.source.strip()), "is empty. Name a file, a folder or `sample:NAME`."),
    ("data.text", lambda r: len(r.data.text) <= 2, "takes one or two columns."),
    ("data.text", lambda r: len(set(r.data.text)) == len(r.data.text), "names the same column twice."),
    (
        "data.label",
        lambda r: not r.data.label or r.data.label not in r.data.text,
        "is also a text column. Pick another.",
    ),
    (
        "data.validation",
        lambda r: bool(r.data.validation.strip()) if isinstance(r.data.validation, str) else 0 < r.data.validation < 1,
        "must be a share above 0 and below 1, such as 0.1, or a second source.",
    ),
    ("data.rows", lambda r: r.data.rows >= 0, "must be 0 (all rows) or more."),
    ("data.tolerance", lambda r: 0 <= r.data.tolerance < 1, "must be at least 0 and below 1."),
    (
        "data.scale",
        lambda r: not r.data.scale or (len(r.data.scale) == 2 and r.data.scale[0] < r.data.scale[1]),
        "must be two numbers, the lowest and the highest, or empty.",
    ),
    ("data.reading.delimiter", lambda r: len(r.data.reading.delimiter) <= 1, "must be one character, or empty."),
    ("transfer.layer_decay", lambda r: 0 < r.transfer.layer_decay <= 1, "must be above 0 and at most 1."),
    ("transfer.rates", lambda r: all(0 < rate <= 1 for rate in r.transfer.rates.values()), f"{_EACH} 1, such as 5e-5."),
    (
        "transfer.gradual.every",
        lambda r: 0 < r.transfer.gradual.every <= MOST,
        f"must be above 0 and at most {MOST:,}, or a stage would have no length.",
    ),
    (
        "transfer.gradual.every",
        lambda r: r.transfer.gradual.unit == "epochs" or r.transfer.gradual.every == int(r.transfer.gradual.every),
        "must be a whole number of steps.",
    ),
    (
        "transfer.gradual.at",
        lambda r: all(0 <= at <= MOST for at in r.transfer.gradual.at.values()),
        f"must each be at least 0 (learns from the start) and at most {MOST:,}.",
    ),
    ("transfer.gradual.checks", lambda r: 1 <= r.transfer.gradual.checks <= 1000, "must be between 1 and 1,000."),
    ("transfer.lora.rank", lambda r: 1 <= r.transfer.lora.rank <= 1024, "must be a whole number from 1 to 1,024."),
    ("transfer.lora.alpha", lambda r: 0 < r.transfer.lora.alpha <= 10_000, "must be above 0 and at most 10,000."),
    ("transfer.lora.dropout", lambda r: 0 <= r.transfer.lora.dropout < 1, "must be at least 0 and below 1."),
    (
        "transfer.lora.matrices",
        lambda r: set(r.transfer.lora.matrices) <= set(MATRICES),
        f"may name: {', '.join(MATRICES)}.",
    ),
    (
        "transfer.changes",
        lambda r: all(change.step >= 0 and change.groups for change in r.transfer.changes),
        "must each name a step and groups.",
    ),
    ("head.hidden", lambda r: 0 <= r.head.hidden <= 65_536, "must be 0 (linear) or a width up to 65,536."),
    (
        "head.pooling",
        lambda r: r.pooling != "own" or (r.head.features == LAST and r.head.hidden <= 0),
        "must be first, mean, max or attention: the model's own head is linear and takes the last layer only.",
    ),
    (
        "head",
        lambda r: r.task not in GOALS or GOALS[r.task].new_head or r.head == HeadPart(baseline=r.head.baseline),
        "has no choice for this goal, as the model has its own. Leave the section out.",
    ),
    ("train.epochs", lambda r: 1 <= r.train.epochs <= MOST, f"must be a whole number from 1 to {MOST:,}."),
    ("train.batch_size", lambda r: 1 <= r.train.batch_size <= MOST, f"must be a whole number from 1 to {MOST:,}."),
    ("train.learning_rate", lambda r: 0 < r.train.learning_rate <= 1, "must be above 0 and at most 1, such as 5e-5."),
    ("train.max_length", lambda r: r.train.max_length >= 8, "must be at least 8 tokens."),
    ("train.seed", lambda r: 0 <= r.train.seed < 2**32, "must be between 0 and 4,294,967,295."),
    ("train.warmup", lambda r: 0 <= r.train.warmup < 1, "must be at least 0 and below 1."),
    ("train.weight_decay", lambda r: 0 <= r.train.weight_decay <= 1, "must be between 0 and 1."),
    ("train.clip", lambda r: r.train.clip >= 0, "must be 0 (no limit) or more."),
    ("train.validations", lambda r: r.train.validations >= 1, _INTEGERS_FROM_ONE),
    ("train.patience", lambda r: r.train.patience >= 0, "must be 0 (off) or more."),
    (
        "train.batch_tokens",
        lambda r: r.train.batch_tokens == 0 or r.train.max_length <= r.train.batch_tokens <= MOST * 100,
        "must be 0 (count rows) or at least max_length, so that the longest text fits.",
    ),
    ("train.parts", lambda r: 0 <= r.train.parts <= 1024, "must be 0 (as many as keep a part small) or up to 1,024."),
    ("train.threads", lambda r: 0 <= r.train.threads <= 1024, "must be 0 (measured) or a number of threads."),
    ("mask.share", lambda r: 0 < r.mask.share < 1, "must be above 0 and below 1, such as 0.15."),
    ("mask.span", lambda r: 1 <= r.mask.span <= 100, "must be from 1 to 100 tokens."),
    ("text.max_output", lambda r: 1 <= r.text.max_output <= 4096, "must be from 1 to 4,096 tokens."),
    (
        "mixture",
        lambda r: not r.mixture or r.task not in GOALS or GOALS[r.task].truth == "text",
        "needs the goal text-to-text: the prefix in front of a text tells the model which task is meant.",
    ),
    ("mixture", lambda r: all(one.source.strip() for one in r.mixture), "has a data set without a source."),
    ("mixture", lambda r: all(len(one.text) <= 2 for one in r.mixture), "takes one or two text columns a data set."),
    ("mixing.limit", lambda r: r.mixing.limit >= 0, "must be 0 (no limit) or more."),
    ("mixing.temperature", lambda r: 1 <= r.mixing.temperature <= 100, "must be from 1 (by size) to 100 (equal)."),
    ("mask.sets", lambda r: 0 <= r.mask.sets <= 1000, "must be 0 (anew in each epoch) or at most 1,000."),
    ("answer.stride", lambda r: 0 <= r.answer.stride <= MOST, f"must be 0 (windows do not overlap) or up to {MOST:,}."),
    ("answer.longest_answer", lambda r: 1 <= r.answer.longest_answer <= 1000, "must be from 1 to 1,000 tokens."),
    ("answer.threshold", lambda r: abs(r.answer.threshold) <= 1000, "must be between -1,000 and 1,000."),
    ("cache.gigabytes", lambda r: 0 <= r.cache.gigabytes <= 100_000, "must be 0 or more, in units of 1e9 bytes."),
)


def is_safe_name(name: str) -> bool:
    """Whether a name makes a folder of that name on every system."""
    printable = any(c.isalnum() for c in name) and name.isprintable() and len(name) <= 100
    plain = not set(name) & set('/\\:*?"<>|') and name == name.strip(" .")
    return printable and plain and name.partition(".")[0].lower() not in _RESERVED
