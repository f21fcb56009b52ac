"""Rebuild a starter model from a published MiniLM encoder: cut its vocabulary, add a masked-word head, train that.

Run it with the application's own Python; README.md beside this file says how. Not part of set-up or of the tests' CI,
except for the cut itself.
"""

from __future__ import annotations

import argparse
import shutil
import string
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch  # noqa: TID253 - this script is nothing but heavy work
from transformers import BertForMaskedLM, BertTokenizer, PreTrainedTokenizerBase  # noqa: TID253

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Finished, StepDone, Validated
from tlgui.core.recipe import Recipe
from tlgui.models.loading import load_own, load_tokenizer, quiet
from tlgui.models.source import check
from tlgui.train.session import run

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LATIN = frozenset(string.ascii_lowercase + string.digits + string.punctuation) | frozenset(
    "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœß£€§°–—‘’“”…"
)
REPORT_EVERY = 100
"""Steps between two lines of progress."""


def main() -> int:
    options = arguments()
    check(options.encoder)
    with tempfile.TemporaryDirectory() as work:
        cut = Path(work) / "cut"
        tokenizer = load_tokenizer(options.encoder)
        kept = pieces_to_keep(tokenizer, lines_of(options.texts), options.pieces)
        cut_vocabulary(options.encoder, cut, kept)
        print(f"{len(kept):,} of {len(tokenizer):,} pieces are kept", flush=True)
        ending = run(training_recipe(cut, options), options.out / "runs", show, Control())
    if not isinstance(ending, Finished):
        return 1
    save_half(Path(ending.value.folder) / "model", options.out / "starter")
    print(f"The model is in {options.out / 'starter'}. Write a README for it: origin, licence, texts, figures.")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder", type=Path, help="folder of the published encoder, such as all-MiniLM-L6-v2")
    parser.add_argument("texts", type=Path, help="plain English text, UTF-8, one paragraph a line")
    parser.add_argument("--out", type=Path, default=Path("starter-build"), help="new folder for the run and the model")
    parser.add_argument("--pieces", type=int, default=22_746, help="size of the vocabulary")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.25, help="share of the tokens that are hidden")
    return parser.parse_args()


def lines_of(path: Path) -> Iterable[str]:
    """The lines of a text file that are not empty."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if line.strip())


def pieces_to_keep(tokenizer: PreTrainedTokenizerBase, lines: Iterable[str], count: int) -> list[str]:
    """The special pieces, every Latin letter and sign, and the Latin pieces that are most frequent in the texts.

    Returns:
        At most `count` pieces in their old order, the special ones first; equal counts are settled by that order.
    """
    old = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    used: Counter[int] = Counter()
    for line in lines:
        used.update(tokenizer(line, add_special_tokens=False, verbose=False)["input_ids"])
    latin = [(piece, i) for piece, i in old if piece not in SPECIAL and set(piece.removeprefix("##")) <= LATIN]
    # letters stay however rare, so that every Latin word can still be spelt
    order = sorted(latin, key=lambda item: (len(item[0].removeprefix("##")) > 1, -used[item[1]], item[1]))
    kept = {piece for piece, _ in order[: count - len(SPECIAL)]}
    return [*SPECIAL, *(piece for piece, _ in old if piece in kept)]


def cut_vocabulary(encoder: Path, out: Path, kept: list[str]) -> None:
    """Save the encoder with these pieces only, each with its old embedding, a new masked-word head and no dropout."""
    old = load_tokenizer(encoder).get_vocab()
    model = load_own("mask", encoder)
    words = model.get_input_embeddings().weight.detach()[[old[piece] for piece in kept]].clone()
    config = model.config
    config.vocab_size = len(kept)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    torch.manual_seed(0)
    smaller = BertForMaskedLM(config)
    encoder_weights = {name: value for name, value in model.bert.state_dict().items() if "word_embeddings" not in name}
    smaller.bert.load_state_dict(encoder_weights, strict=False)
    with torch.no_grad():
        smaller.get_input_embeddings().weight.copy_(words)
    with quiet():
        smaller.save_pretrained(out)
    (out / "vocab.txt").write_text("".join(f"{piece}\n" for piece in kept), encoding="utf-8")
    tokenizer = BertTokenizer(vocab=str(out / "vocab.txt"), do_lower_case=True, model_max_length=512)
    tokenizer.save_pretrained(out)


def training_recipe(cut: Path, options: argparse.Namespace) -> Recipe:
    """The application's own `mask` task, everything learning."""
    return (
        Recipe(task="mask", name="starter")
        .edit("model", source=str(cut))
        .edit("data", source=str(options.texts.resolve()), validation=0.02)
        .edit("train", epochs=options.epochs, batch_size=64, learning_rate=5e-4, max_length=64, validations=8)
        .edit("mask", share=options.share)
    )


def save_half(trained: Path, out: Path) -> None:
    """Save the model in float16, with the dropout that fine-tuning wants, and its tokenizer."""
    model = load_own("mask", trained)
    model.config.hidden_dropout_prob = model.config.attention_probs_dropout_prob = 0.1
    with quiet():
        model.half().save_pretrained(out)
    load_tokenizer(trained).save_pretrained(out)
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(Path(__file__).parents[2] / "resources" / "starter" / name, out / name)


def show(event: Event) -> None:
    if isinstance(event, StepDone) and event.step % REPORT_EVERY == 0:
        print(f"step {event.step:,} of {event.total:,}, loss {event.loss:.3f}", flush=True)
    elif isinstance(event, Validated):
        print(f"step {event.step:,}: validation loss {event.loss:.3f}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TlguiError as error:
        sys.exit(str(error))
