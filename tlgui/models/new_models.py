"""Models from nothing: an architecture in a few sizes, and a tokenizer made from the texts that the model will learn.

Such a model is a folder in the cache without weights, which are drawn when it is opened. The folder's name tells the
architecture, the vocabulary asked for and the texts, so that whoever trains on the same texts finds it again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers import models as pieces
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordPieceTrainer
from transformers import AutoConfig, PreTrainedTokenizerFast

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Progress
from tlgui.core.facts import ModelEntry
from tlgui.core.recipe import NEW, ModelPart
from tlgui.core.runs import cannot_write
from tlgui.models.fit import goals_of
from tlgui.models.folder import MADE
from tlgui.models.loading import quiet

FORMAT = 1  # raise it when the same texts would make another model
POSITIONS = 512
"""Tokens that a new model reads at most."""
SENTINELS = 100
"""Tokens that stand for a gap, as T5 has them."""
NUMBER = 4
"""Bytes of a weight."""
SEEN_TWICE = 2
"""Pieces that the texts hold less often are not worth a place in the vocabulary."""

DIGITS = 6
"""Of a piece's score, the logarithm of its share."""
LETTER_STEP = 0.0001
"""Between the scores that the trainer gives to letters it has to keep."""

Texts = Callable[[], Iterable[list[str]]]
"""Gives them anew at each call, in spans, as they are read."""


@dataclass(frozen=True)
class Size:
    """How large the body is; the feed-forward part is four times as wide."""

    key: str
    layers: int
    """Of T5 in the encoder, and as many in the decoder."""
    width: int
    heads: int


@dataclass(frozen=True)
class Architecture:
    """One kind of model."""

    key: str
    name: str
    model_type: str
    tokenizer: Callable[[Texts, int], PreTrainedTokenizerFast]
    """From the texts and the number of pieces asked for."""
    settings: Callable[[Size], dict[str, Any]]
    """Of its configuration, the vocabulary aside."""
    body: Callable[[Size], int]
    """Parameters, those that there is one of for each piece aside."""
    of_a_piece: Callable[[Size], int]
    """Parameters that each piece of the vocabulary brings."""


@dataclass(frozen=True)
class Preset:
    """One line of the model list."""

    architecture: Architecture
    size: Size

    @property
    def source(self) -> str:
        return f"{NEW}{self.architecture.key}-{self.size.key}"

    @property
    def name(self) -> str:
        return f"New {self.architecture.name} {self.size.key}"

    def parameters(self, vocabulary: int) -> int:
        """With the head that it is pretrained with."""
        return self.architecture.body(self.size) + vocabulary * self.architecture.of_a_piece(self.size)

    def entry(self, vocabulary: int = ModelPart().vocabulary) -> ModelEntry:
        count = self.parameters(vocabulary)
        note = f"{self.size.layers} layers, {self.size.width} wide; its words come from your texts"
        return ModelEntry(
            self.source,
            self.name,
            note,
            count,
            NUMBER * count,
            languages="that of your texts",
            licence="yours",
            here=True,
            goals=goals_of(self.architecture.model_type),
            from_nothing=True,
        )


def preset_of(source: str) -> Preset:
    """The preset of a source such as `new:gpt-mini`.

    Raises:
        TlguiError: there is none of that name.
    """
    if source not in PRESETS:
        raise TlguiError(f"There is no model “{source}”.", f"From nothing there are: {', '.join(PRESETS)}.")
    return PRESETS[source]


def make(model: ModelPart, texts: Texts, emit: Emit, control: Control) -> Path:
    """The folder of a new model for some texts: configuration and tokenizer, made now unless that was done before.

    Raises:
        TlguiError: there is no such preset, or the cache folder cannot be written.
        StopRequested: while the texts are read.
    """
    preset = preset_of(model.source)
    digest = hashlib.blake2b(f"{FORMAT}\0{model.source}\0{model.vocabulary}".encode(), digest_size=16)
    for some in texts():
        control.check()
        for text in some:
            digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    folder = paths.cache_folder() / "new-models" / digest.hexdigest()
    if not folder.is_dir():
        tokenizer = preset.architecture.tokenizer(lambda: _told(texts, emit, control), model.vocabulary)
        _write(folder, preset, model.vocabulary, tokenizer)
    return folder


def sketch(model: ModelPart) -> Path:
    """The folder of a new model while its texts are not known: one with the vocabulary asked for and no pieces."""
    preset = preset_of(model.source)
    folder = paths.cache_folder() / "new-models" / f"{FORMAT}-{preset.source.removeprefix(NEW)}-{model.vocabulary}"
    if not folder.is_dir():
        _write(
            folder,
            preset,
            model.vocabulary,
            preset.architecture.tokenizer(lambda: (), model.vocabulary),
            model.vocabulary,
        )
    return folder


def notes(folder: Path) -> tuple[str, ...]:
    """What was made, as sentences for a run's notes; nothing for a model that is not from nothing."""
    about = folder / MADE
    if not about.exists():
        return ()
    made = json.loads(about.read_text(encoding="utf-8"))
    said = f"The model starts from nothing: random weights, and {made['pieces']:,} pieces of words from its own texts."
    if made["pieces"] >= made["asked"]:
        return (said,)
    return said, f"The texts hold no more pieces that occur twice, so there are not the {made['asked']:,} asked for."


def _told(texts: Texts, emit: Emit, control: Control) -> Iterator[list[str]]:
    done = 0
    for some in texts():
        control.check()
        emit(Progress("Making a tokenizer from the texts", done, 0))
        done += len(some)
        yield some


def _write(folder: Path, preset: Preset, asked: int, tokenizer: PreTrainedTokenizerFast, vocabulary: int = 0) -> None:
    """Write configuration and tokenizer; the folder appears whole or not at all.

    Args:
        vocabulary: Of the configuration; 0 = that of the tokenizer.
    """
    pieces = vocabulary or len(tokenizer)
    named = {f"{name}_id": getattr(tokenizer, f"{name}_id") for name in ("pad_token", "bos_token", "eos_token")}
    settings = {name: value for name, value in named.items() if value is not None}
    config = AutoConfig.for_model(
        preset.architecture.model_type, vocab_size=pieces, **settings, **preset.architecture.settings(preset.size)
    )
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        with quiet():
            config.save_pretrained(partial)
            tokenizer.save_pretrained(partial)
        (partial / MADE).write_text(json.dumps({"asked": asked, "pieces": pieces}), encoding="utf-8")
        if not folder.is_dir():  # another process may have been as quick
            partial.replace(folder)
    except OSError as error:
        raise cannot_write(folder.parent, error) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _word_pieces(texts: Texts, vocabulary: int) -> PreTrainedTokenizerFast:
    """BERT's: lower case, words cut into pieces of which all but the first begin with ##."""
    signs = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made = Tokenizer(pieces.WordPiece(unk_token="[UNK]"))
    normal = made.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    words = made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    lines = (normal.normalize_str(text) for some in texts() for text in some)
    inner = {letter for line in lines for word, _ in words.pre_tokenize_str(line) for letter in word[1:]}
    # Letters that go on with a word are numbered as a hash table has them, unless they are named beforehand.
    trainer = WordPieceTrainer(
        vocab_size=vocabulary,
        min_frequency=SEEN_TWICE,
        special_tokens=[*signs, *(f"##{letter}" for letter in sorted(inner))],
        show_progress=False,
    )
    made.train_from_iterator(texts(), trainer)
    whole = Tokenizer(pieces.WordPiece(made.get_vocab(), unk_token="[UNK]"))  # in which only the signs are special
    whole.normalizer, whole.pre_tokenizer, whole.decoder = normal, words, decoders.WordPiece()
    whole.add_special_tokens(signs)
    known = whole.get_vocab()
    whole.post_processor = processors.BertProcessing(("[SEP]", known["[SEP]"]), ("[CLS]", known["[CLS]"]))
    names = {f"{sign.strip('[]').lower()}_token": sign for sign in signs}
    return _wrapped(whole, ["input_ids", "token_type_ids", "attention_mask"], **names)


def _byte_pairs(texts: Texts, vocabulary: int) -> PreTrainedTokenizerFast:
    """GPT-2's: pairs of bytes that are joined, so that no sign is unknown."""
    end = "<|endoftext|>"
    made = Tokenizer(pieces.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=SEEN_TWICE,
        special_tokens=[end],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator(texts(), trainer)
    return _wrapped(made, ["input_ids", "attention_mask"], bos_token=end, eos_token=end, unk_token=end, pad_token=end)


def _likely_pieces(texts: Texts, vocabulary: int) -> PreTrainedTokenizerFast:
    """T5's: the pieces that make the texts likeliest, Kudo, Subword Regularization (ACL 2018), section 3.2."""
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    gaps = [f"<extra_id_{number}>" for number in reversed(range(SENTINELS))]
    made = Tokenizer(pieces.Unigram())
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = UnigramTrainer(
        vocab_size=max(len(names), vocabulary - SENTINELS),
        special_tokens=list(names.values()),
        unk_token="<unk>",
        show_progress=False,
    )
    made.train_from_iterator(texts(), trainer)
    first = [(name, 0.0) for name in names.values()]
    found = json.loads(made.to_str())["model"]["vocab"][len(first) :]
    whole = Tokenizer(pieces.Unigram([*first, *_in_order(found)], unk_id=len(first) - 1))
    whole.normalizer, whole.pre_tokenizer, whole.decoder = made.normalizer, made.pre_tokenizer, made.decoder
    whole.add_special_tokens([*names.values(), *(AddedToken(gap, special=True) for gap in gaps)])
    end = whole.token_to_id("</s>")
    whole.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", end)])
    return _wrapped(whole, ["input_ids", "attention_mask"], extra_special_tokens=gaps, **names)


def _in_order(found: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Pieces and their scores, the likeliest first, whatever order a hash table had them in.

    That order shows in the last digits of the sums, and in the scores of letters that the pieces themselves would do
    without: those follow one another by `LETTER_STEP` above the lowest, and are all given that.
    """
    lowest = min((score for _, score in found), default=0.0)
    bound = lowest + LETTER_STEP * sum(len(piece) == 1 for piece, _ in found)
    levelled = ((piece, lowest if len(piece) == 1 and score <= bound else score) for piece, score in found)
    return sorted(((piece, round(score, DIGITS)) for piece, score in levelled), key=lambda one: (-one[1], one[0]))


def _wrapped(made: Tokenizer, inputs: list[str], **names: Any) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=POSITIONS, model_input_names=inputs, **names)


def _bert(size: Size) -> dict[str, Any]:
    return {
        "hidden_size": size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": 4 * size.width,
        "max_position_embeddings": POSITIONS,
    }


def _gpt(size: Size) -> dict[str, Any]:
    return {"n_embd": size.width, "n_layer": size.layers, "n_head": size.heads, "n_positions": POSITIONS}


def _t5(size: Size) -> dict[str, Any]:
    return {
        "d_model": size.width,
        "num_layers": size.layers,
        "num_heads": size.heads,
        "d_kv": size.width // size.heads,
        "d_ff": 4 * size.width,
        "decoder_start_token_id": 0,  # the padding token, which comes first
    }


def _layer(width: int) -> int:
    """Parameters of one layer of BERT or GPT-2: six matrices' worth of twelve squares, their biases and two norms."""
    return 12 * width**2 + 13 * width


SIZES = (Size("mini", 4, 256, 4), Size("small", 6, 384, 6), Size("base", 12, 768, 12))
ARCHITECTURES = (
    Architecture(
        "bert",
        "BERT",
        "bert",
        _word_pieces,
        _bert,
        lambda size: (POSITIONS + 7) * size.width + size.layers * _layer(size.width) + size.width**2,
        lambda size: size.width + 1,
    ),
    Architecture(
        "gpt",
        "GPT",
        "gpt2",
        _byte_pairs,
        _gpt,
        lambda size: (POSITIONS + 2) * size.width + size.layers * _layer(size.width),
        lambda size: size.width,
    ),
    Architecture(
        "t5",
        "T5",
        "t5",
        _likely_pieces,
        _t5,
        lambda size: size.layers * (28 * size.width**2 + 5 * size.width) + 2 * size.width + 64 * size.heads,
        lambda size: size.width,
    ),
)
PRESETS: dict[str, Preset] = {
    preset.source: preset for preset in (Preset(kind, size) for kind in ARCHITECTURES for size in SIZES)
}
