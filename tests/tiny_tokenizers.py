"""One tokenizer of each kind that the families have, learned from a few sentences, so that words fall into pieces."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SIZES = {"pieces": 100, "bytes": 320, "unigram": 80}
"""Of the vocabularies: fewer than there are words."""
SENTENCES = (
    "We left Trieste before dawn, with the harbour lights still on.",
    "Nora's ticket cost 3.50 and wasn't stamped at São Paulo or Łódź.",
    "The unstoppable re-reading of well-known timetables: half-past two, @nora #delayed!",
)


def tokenizers(sentences: Sequence[str] = SENTENCES) -> dict[str, PreTrainedTokenizerFast]:
    """By family; each closes a text as its family does."""
    return {
        "bert": _made(_word_pieces(sentences), "[CLS] $A [SEP]", unk="[UNK]", cls="[CLS]", sep="[SEP]", pad="[PAD]"),
        "roberta": _made(_bytes(sentences), "<s> $A </s>", unk="<unk>", cls="<s>", sep="</s>", pad="<pad>"),
        "albert": _made(_unigram(sentences, fold=True), "[CLS] $A [SEP]", **_UNIGRAM),
        "deberta-v2": _made(_unigram(sentences, fold=False), "[CLS] $A [SEP]", **_UNIGRAM),
    }


_UNIGRAM = {"unk": "<unk>", "cls": "[CLS]", "sep": "[SEP]", "pad": "<pad>"}


def _made(tokenizer: Tokenizer, around: str, **special: str) -> PreTrainedTokenizerFast:
    ends = [(name, tokenizer.token_to_id(name)) for name in around.split() if name != "$A"]
    frame = processors.TemplateProcessing(around, f"{around} $B {ends[-1][0]}", ends)
    inner = tokenizer.post_processor
    tokenizer.post_processor = processors.Sequence([inner, frame]) if inner else frame
    names = {f"{name}_token": word for name, word in special.items()}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **names)


def _word_pieces(sentences: Sequence[str]) -> Tokenizer:
    """As BERT's uncased: accents go, and with them every sign that is nothing but one."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    made.train_from_iterator(
        sentences, trainers.WordPieceTrainer(vocab_size=SIZES["pieces"], special_tokens=special, show_progress=False)
    )
    return made


def _bytes(sentences: Sequence[str]) -> Tokenizer:
    """As RoBERTa's: the space before a word is part of its first piece, and the first word of a text has none."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    letters = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(
        vocab_size=SIZES["unigram"], special_tokens=special, initial_alphabet=letters, show_progress=False
    )
    made.train_from_iterator(sentences, trainer)
    return made


def _unigram(sentences: Sequence[str], *, fold: bool) -> Tokenizer:
    """As SentencePiece's: a low line stands for the space before each word, also the first."""
    made = Tokenizer(models.Unigram())
    steps = [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    made.normalizer = normalizers.Sequence(steps) if fold else normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "<unk>", "[CLS]", "[SEP]"]
    made.train_from_iterator(
        sentences,
        trainers.UnigramTrainer(
            vocab_size=SIZES["unigram"], special_tokens=special, unk_token="<unk>", show_progress=False
        ),
    )
    return made
