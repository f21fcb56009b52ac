"""The recipe: everything that decides a run, one frozen value, saved as TOML."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ValidationError

from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.goals import GOALS, Card, card_of
from tlgui.core.recipe_rules import PROBE, RULES, SCHEMA
from tlgui.core.transfer import HeadPart, Section, TransferPart

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


def problems(recipe: Recipe) -> list[Problem]:
    """All that is wrong with the values themselves; files and models are looked at later."""
    found = [Problem(field, f"{field.rpartition('.')[2]} {text}") for field, holds, text in RULES if not holds(recipe)]
    if recipe.task in GOALS and GOALS[recipe.task].hides_words:
        for i, probe in enumerate(recipe.probes):
            if not PROBE.fullmatch(probe) or "[MASK]" in probe:
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
