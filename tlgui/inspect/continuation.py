"""How models go on with a text: word by word, drawn as one likes, and what they expect next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import torch
from transformers import PreTrainedTokenizerBase

from tlgui.core import randomness
from tlgui.core.answers import Guess
from tlgui.core.continuation import Continuation, Drawing, NextWords
from tlgui.core.control import Control
from tlgui.core.events import Emit, Partial
from tlgui.inspect.shelf import Opened, open_for
from tlgui.tasks import pieces
from tlgui.tasks.next_word import end_of_text

TASK = "next-word"
PIECES_A_WORD = 8
"""A model that writes no spaces is stopped after so many pieces for each word asked for."""
UNFINISHED = "\ufffd"
"""What stands for bytes that are no whole sign yet."""


def continue_text(
    prompt: str, sources: Sequence[str], drawing: Drawing, emit: Emit, control: Control
) -> tuple[Continuation, ...]:
    """Let models continue a text, a word each in turn; `Partial` brings what there is after each word.

    Args:
        prompt: May be empty; then a text is begun.
        sources: Of the models, as in a recipe, or run folders.
    Raises:
        TlguiError: a model cannot be asked for the next word, or a setting is impossible.
        StopRequested: between two words.
    """
    drawing.require()
    models = [open_for(TASK, source, emit, control) for source in sources]
    found = tuple(Continuation("") for _ in sources)
    for step in zip_longest(*(words(model, prompt, drawing, control) for model in models)):
        found = tuple(new or old for new, old in zip(step, found, strict=True))
        emit(Partial(found))
    return found


def next_words(prompt: str, original: str, adapted: str, top: int, emit: Emit, control: Control) -> NextWords:
    """The pieces that one or two models expect after a text.

    Args:
        adapted: Another source, such as a run folder; empty for none.
    Raises:
        TlguiError: a model cannot be asked for the next word.
    """
    first = _expected(prompt, open_for(TASK, original, emit, control), top)
    control.check()
    return NextWords(first, _expected(prompt, open_for(TASK, adapted, emit, control), top) if adapted else ())


@torch.no_grad()
def words(opened: Opened, prompt: str, drawing: Drawing, control: Control) -> Iterator[Continuation]:
    """One model's text after each of its words.

    What was read is kept as keys and values, so that a piece costs a pass of one token. Once the model's length is
    full, it goes on from the later half.
    """
    model, tokenizer, limit = opened.model, opened.tokenizer, opened.tokenizer.model_max_length
    end, begun = end_of_text(tokenizer), _ids(prompt, tokenizer)
    random = torch.Generator().manual_seed(randomness.number(drawing.seed, "continue"))
    ids, told, kept = list(begun), "", None
    unread = ids[-limit:]
    for _ in range(drawing.words * PIECES_A_WORD):
        control.check()
        if kept is not None and kept.get_seq_length() + 1 > limit:
            kept, unread = None, ids[-(limit // 2) :]
        tokens = torch.tensor([unread], device=model.device)
        seen = torch.ones(1, len(unread) + (0 if kept is None else kept.get_seq_length()), dtype=torch.int64)
        known = {"attention_mask": seen.to(model.device), "past_key_values": kept}
        output = model(input_ids=tokens, **known, use_cache=True, logits_to_keep=1)
        kept, piece = output.past_key_values, draw(output.logits[0, -1].float().cpu(), drawing, random)
        if piece == end:
            yield Continuation(told_of(tokenizer, begun, ids), ended=True)
            return
        ids.append(piece)
        unread = [piece]
        text = told_of(tokenizer, begun, ids)
        if text.endswith(UNFINISHED):
            continue
        # A word is whole once the next one has begun.
        whole, _, rest = text.rpartition(" ")
        if rest and len(whole.split()) > len(told.split()):
            told = whole
            yield Continuation(told)
            if len(told.split()) >= drawing.words:
                return
    yield Continuation(told_of(tokenizer, begun, ids).rstrip(UNFINISHED))


def draw(logits: torch.Tensor, drawing: Drawing, random: torch.Generator) -> int:
    """The next piece: the likeliest, or one drawn among the likeliest.

    Args:
        logits: Shape (vocabulary,), float32, on the CPU.
    """
    if drawing.temperature == 0:
        return int(logits.argmax())
    values, order = logits.div(drawing.temperature).sort(descending=True, stable=True)
    shares = values.softmax(-1)
    if drawing.top_k:
        shares[drawing.top_k :] = 0
    shares = shares / shares.sum()
    before = shares.cumsum(-1) - shares
    shares[before >= drawing.top_p] = 0  # the piece that reaches the share is still in
    return int(order[torch.multinomial(shares, 1, generator=random)])


def told_of(tokenizer: PreTrainedTokenizerBase, begun: Sequence[int], ids: Sequence[int]) -> str:
    """The text of what follows the first tokens, with the space that it may begin with."""
    how = {"skip_special_tokens": True, "clean_up_tokenization_spaces": False}
    whole: str = tokenizer.decode(list(ids), **how)
    return whole[len(tokenizer.decode(list(begun), **how)) :]


@torch.no_grad()
def _expected(prompt: str, opened: Opened, top: int) -> tuple[Guess, ...]:
    ids = _ids(prompt, opened.tokenizer)[-opened.tokenizer.model_max_length :]
    tokens = torch.tensor([ids], device=opened.model.device)
    output = opened.model(input_ids=tokens, attention_mask=torch.ones_like(tokens), logits_to_keep=1)
    shares = output.logits[0, -1].float().softmax(-1)
    best = shares.topk(min(top, len(shares)))
    end = end_of_text(opened.tokenizer)
    return tuple(
        Guess("end of the text" if piece == end else _piece(opened.tokenizer, ids, piece), share)
        for piece, share in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    )


def _ids(prompt: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    return [end_of_text(tokenizer), *pieces.plain(tokenizer, [prompt.rstrip()])[0].ids]


def _piece(tokenizer: PreTrainedTokenizerBase, ids: list[int], piece: int) -> str:
    """A piece for people; what goes on with the word before it begins with three dots."""
    text = told_of(tokenizer, ids, [*ids, piece])
    return text.strip() if text.startswith(" ") or len(ids) == 1 or not text.strip().isalnum() else f"…{text.strip()}"
