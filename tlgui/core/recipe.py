"""The recipe: everything that decides a run, one frozen value, saved as TOML."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ValidationError

from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.goals import GOALS, Card, card_of
from tlgui.core.transfer import LAST, MATRICES, HeadPart, Section, TransferPart

SCHEMA = 1
Weights = Literal["pretrained", "scratch"]
Schedule = Literal["linear", "constant", "cosine", "slanted"]
Precision = Literal["float32", "bfloat16", "auto"]
Prefix = Literal["float32", "float16", "off"]
Mixing = Literal["proportional", "temperature", "equal"]
NoAnswer = Literal["auto", "never", "fixed"]
NEW = "new:"
"""Before the name of a model that is made from nothing."""
SOURCE_SCHEMES = ("sample:", "glue:", "squad:", "conll:", "hub:", NEW)


class ModelPart(Section):
    source: str = "starter"
    """`starter`, a folder, `hub:NAME`, or `new:NAME` for one that is made from nothing."""
    weights: Weights = "pretrained"
    """`scratch` keeps the architecture and draws random weights."""
    vocabulary: int = 8000
    """Pieces of words that a model from nothing is given, at most; they are found in the training texts."""

    @property
    def from_nothing(self) -> bool:
        """Whether there is no such model yet: its words come from the texts, and its weights are random."""
        return self.source.startswith(NEW)


class ReadingPart(Section):
    """How a table file is read; an empty value means: found out from the file."""

    delimiter: str = ""
    encoding: str = ""
    header: bool | None = None
    quoting: bool | None = None
    documents: bool = False
    """Whether the empty lines of a plain text tell its documents apart; the goal decides."""


class DataPart(Section):
    source: str = ""
    text: tuple[str, ...] = ()
    """One or two columns; empty = guessed."""
    pair: bool = False
    """Whether two columns of text are looked for where none is named."""
    label: str = ""
    """Empty = guessed."""
    validation: float | str = 0.1
    """A share of the rows, 0 < share < 1, or a second source."""
    rows: int = 0
    """0 = all; else a stratified sample of this many."""
    leave_out: tuple[str, ...] = ()
    """Kinds of problem rows that are left out, such as `empty-text`."""
    tolerance: float = 0.01
    """Rows whose label cannot be used are left out, and counted, as long as they are at most this share, 0 <= x < 1."""
    scale: tuple[float, ...] = ()
    """Where the label is a number: the lowest and the highest; empty = those of the training rows."""
    reading: ReadingPart = ReadingPart()

    @property
    def reads_pair(self) -> bool:
        """Whether two columns of text are read together, as far as the recipe tells."""
        return len(self.text) == 2 if self.text else self.pair


class TrainPart(Section):
    epochs: int = 3
    """Passes over the training rows."""
    batch_size: int = 16
    """Rows per optimizer step."""
    batch_tokens: int = 0
    """Tokens per optimizer step, padding included; 0 = count rows instead."""
    parts: int = 0
    """Parts that a batch is computed in, one after the other or each in a process of its own: the result is the same,
    and the memory is that of one part. 0 = on a processor as many as keep a part small, else one."""
    learning_rate: float = 5e-5
    """Peak rate of the head."""
    max_length: int = 128
    """Tokens; a longer text loses its end."""
    seed: int = 0
    warmup: float = 0.1
    """Share of the steps over which the rate rises to its peak, 0 <= x < 1."""
    schedule: Schedule = "linear"
    """How the rate goes on after the peak; `slanted` also rises and falls between 1/32 of the peak and the peak."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient; 0 = not limited."""
    validations: int = 4
    """Validations per epoch; the last is at the epoch's end."""
    patience: int = 0
    """Stop after this many validations without a better one; 0 = train to the end."""
    threads: int = 0
    """Processor threads; 0 = measured at the start, and again when the machine gets busy."""
    precision: Precision = "float32"
    """Of the arithmetic; the weights are float32. `auto` = bfloat16 where it is measured to be faster."""


class CachePart(Section):
    """What frozen groups give for each example is computed once and kept on the disk while the run lasts."""

    prefix: Prefix = "float32"
    """What is kept: exact values, or half of the size; `off` = computed at each step."""
    gigabytes: float = 4.0
    """At most this much is kept, 1e9 bytes; what does not fit is computed at each step."""


class MaskPart(Section):
    share: float = 0.15
    """Share of the tokens that are hidden, 0 < x < 1."""
    whole_words: bool = False
    """Whether all pieces of a chosen word are hidden together."""
    span: float = 3.0
    """Of goals that write what is hidden: tokens of a gap, on average."""
    sets: int = 0
    """In how many ways the words of a text are hidden, epoch after epoch by turns; 0 = anew in each epoch."""


class AnswerPart(Section):
    stride: int = 64
    """Tokens that two windows of a long passage share, at most half of a window."""
    longest_answer: int = 30
    """Tokens; the answer that a model gives is no longer."""
    no_answer: NoAnswer = "auto"
    """When it is said that there is no answer: from the lead of its score that is best for the validation rows; never;
    or from the lead given."""
    threshold: float = 0.0
    """With `fixed`: how far the score of "no answer" has to be above that of the best answer."""


class TextPart(Section):
    """Of goals that write."""

    prefix: str = ""
    """In front of each input, unless a column named `prefix` holds one for each row."""
    name: str = ""
    """Of the task, where several are learned together; empty = its prefix, else its file."""
    max_output: int = 64
    """Tokens; a longer output loses its end."""


class MixturePart(Section):
    """A further data set that is learned together with that of `data`."""

    source: str = ""
    text: tuple[str, ...] = ()
    label: str = ""
    prefix: str = ""
    name: str = ""
    """Empty = its prefix, else its file."""


class MixingPart(Section):
    """How often the rows of each task come, where several are learned together."""

    rule: Mixing = "proportional"
    limit: int = 0
    """A task counts as no larger than this many rows; 0 = no limit."""
    temperature: float = 2.0
    """Of `temperature`: 1 = in proportion to the sizes; the higher, the more equal."""


class Recipe(Section):
    schema_: int = SCHEMA
    name: str = "run"
    task: str = "classify"
    probes: tuple[str, ...] = ()
    """Sentences scored again at each validation; `{word}` marks the word to hide."""
    model: ModelPart = ModelPart()
    data: DataPart = DataPart()
    transfer: TransferPart = TransferPart()
    head: HeadPart = HeadPart()
    train: TrainPart = TrainPart()
    mask: MaskPart = MaskPart()
    answer: AnswerPart = AnswerPart()
    text: TextPart = TextPart()
    mixture: tuple[MixturePart, ...] = ()
    mixing: MixingPart = MixingPart()
    cache: CachePart = CachePart()

    def edit(self, section: str, **fields: Any) -> Recipe:
        """A copy with some fields of one section changed; "" is the top level, `transfer.gradual` a section within."""
        if not section:
            return Recipe.model_validate({**dict(self), **fields})
        outer, _, inner = section.partition(".")
        old = getattr(self, outer)
        if inner:
            part = getattr(old, inner)
            fields = {inner: type(part).model_validate({**dict(part), **fields})}
        return self.model_copy(update={outer: type(old).model_validate({**dict(old), **fields})})

    @property
    def versions(self) -> int:
        """In how many ways a run sees a training text, epoch after epoch by turns; 0 = in another in each epoch."""
        hides_words = self.task in GOALS and GOALS[self.task].hides_words
        return self.mask.sets if hides_words else 1

    @property
    def card(self) -> Card:
        """The card of the Goal page that this is a recipe for."""
        return card_of(self.task, pair=self.data.reads_pair)

    @property
    def reading(self) -> ReadingPart:
        """How the data are read: in documents where the goal needs those."""
        by_document = self.task in GOALS and GOALS[self.task].reads_documents
        return self.data.reading.model_copy(update={"documents": by_document})

    @property
    def pooling(self) -> str:
        """How tokens become one vector: `head.pooling`, with `auto` resolved."""
        if self.head.pooling != "auto":
            return self.head.pooling
        makes_head = self.task in GOALS and GOALS[self.task].new_head
        return "mean" if self.transfer.method == "feature-based" and makes_head else "own"


NAME_RULE = 'needs a letter or digit, no slashes or : * ? " < > |, and no dot or space at its ends.'
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_PROBE = re.compile(r"[^{}]*\{[^{}]*[^{}\s][^{}]*\}[^{}]*")
"""One word in braces."""
MOST = 100_000
"""Epochs, and rows of a batch; more is a slip of the finger."""
_EACH = "must each be above 0 and at most"
_INTEGERS_FROM_ONE = "must be a whole number of at least 1."
_RULES: tuple[tuple[str, Callable[[Recipe], bool], str], ...] = (
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


def problems(recipe: Recipe) -> list[Problem]:
    """All that is wrong with the values themselves; files and models are looked at later."""
    found = [Problem(field, f"{field.rpartition('.')[2]} {text}") for field, holds, text in _RULES if not holds(recipe)]
    if recipe.task in GOALS and GOALS[recipe.task].hides_words:
        for i, probe in enumerate(recipe.probes):
            if not _PROBE.fullmatch(probe) or "[MASK]" in probe:
                found.append(
                    Problem("probes", f"Probe {i + 1} must hide one word in braces, as in “The {{queen}} lays”.")
                )
    return found


def require(recipe: Recipe) -> None:
    """Raise RecipeError if any value is wrong."""
    if found := problems(recipe):
        raise RecipeError(found)


def load(path: Path) -> Recipe:
    """Read a recipe file; relative sources are taken from the file's own folder.

    Raises:
        TlguiError: the file cannot be read or is not TOML; the line is named.
        RecipeError: keys or values are wrong; each problem names its field.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TlguiError(f"The recipe {path} cannot be read ({error.strerror}).", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise TlguiError(f"The recipe {path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise TlguiError(f"The recipe {path} is not valid TOML: {error}.", "Correct that line.") from error
    recipe = from_values(values, where=f"The recipe {path}")
    return absolute(recipe, path.resolve().parent)


def from_values(values: dict[str, Any], where: str = "The recipe") -> Recipe:
    """Make a recipe of nested plain values, as TOML gives them.

    Raises:
        RecipeError: unknown keys, wrong types or values out of range.
    """
    named = {("schema_" if key == "schema" else key): value for key, value in values.items()}
    try:
        recipe = Recipe.model_validate(named)
    except ValidationError as error:
        found = [_problem_of(dict(e)) for e in error.errors()]
    else:
        found = [p for p in problems(recipe) if p.field != "data.source"]
    if found:
        raise RecipeError(found, where)
    return recipe


def dump(recipe: Recipe) -> str:
    """The recipe as TOML; reading it gives an equal recipe."""
    values = recipe.model_dump(mode="json", exclude_none=True)
    schema = values.pop("schema_")
    return tomli_w.dumps({"schema": schema, **values})


def absolute(recipe: Recipe, base: Path) -> Recipe:
    """The recipe with every relative file name taken from `base`."""
    data = recipe.data
    validation = data.validation if isinstance(data.validation, float) else _absolute(data.validation, base)
    recipe = recipe.edit("data", source=_absolute(data.source, base), validation=validation)
    more = tuple(one.model_copy(update={"source": _absolute(one.source, base)}) for one in recipe.mixture)
    recipe = recipe.model_copy(update={"mixture": more})
    source = recipe.model.source
    if source != "starter":
        recipe = recipe.edit("model", source=_absolute(source, base))
    return recipe


def _absolute(source: str, base: Path) -> str:
    scheme = next((s for s in SOURCE_SCHEMES if source.startswith(s)), "")
    if not source or scheme in ("sample:", "hub:", NEW):
        return source
    path = Path(source.removeprefix(scheme))
    try:
        return scheme + str((base / path.expanduser()).resolve())
    except (RuntimeError, ValueError, OSError):
        return source  # no such user, or no possible path: reading it will say so


def is_safe_name(name: str) -> bool:
    """Whether a name makes a folder of that name on every system."""
    printable = any(c.isalnum() for c in name) and name.isprintable() and len(name) <= 100
    plain = not set(name) & set('/\\:*?"<>|') and name == name.strip(" .")
    return printable and plain and name.partition(".")[0].lower() not in _RESERVED


def _problem_of(error: dict[str, Any]) -> Problem:
    place = [str(part).rstrip("_") for part in error["loc"] if part not in ("float", "str")]
    field = ".".join(place)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _known_keys(place[:-1]), n=1)
        return Problem(field, f"is no setting of a recipe. {f'Did you mean “{near[0]}”?' if near else 'Remove it.'}")
    if error["type"] == "literal_error":
        return Problem(field, f"must be {error['ctx']['expected']}.")
    return Problem(field, f"is not right: {error['msg'].lower()}.")


def _known_keys(section: list[str]) -> list[str]:
    model: Any = Recipe
    for part in section:
        model = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else None
        if model is None or not isinstance(model, type) or not issubclass(model, BaseModel):
            return []
    return [name.rstrip("_") for name in model.model_fields]
