"""What guesses and figures mean, as sentences. Each wording is a rule that tests hold on to."""

from __future__ import annotations

from collections.abc import Sequence

from tlgui.core.answer_cells import read_answers
from tlgui.core.answers import HiddenWord
from tlgui.core.goals import Metric, Truth
from tlgui.core.word_lists import split

FAR = 100
"""Ranks beyond this one say little; they are not told apart."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def percent(share: float) -> str:
    """A share, 0..1, as people read it: "61 %", and never a false 0 or 100."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def unbroken(text: str) -> str:
    """The text with each per cent sign bound to its figure, for lines that wrap."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def ordinal(rank: int) -> str:
    """A rank as a word up to ten: "third", "11th"."""
    return _ORDINALS[rank - 1] if rank <= len(_ORDINALS) else short_ordinal(rank)


def short_ordinal(rank: int) -> str:
    """A rank in figures: "3rd", "11th"."""
    ending = "th" if 10 < rank % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def guess_sentence(found: HiddenWord) -> str:
    """What became of one hidden word, from the ranks and shares that the models give it."""
    if not found.word:
        return _first_guesses(found)
    word = f"“{found.word}”"
    if not found.original_rank:
        return f"{word} is not one piece of the model’s vocabulary, so it has no rank. {_first_guesses(found)}"
    if not found.adapted:
        if found.original_rank > FAR:
            return f"{word} is not among the model’s first hundred guesses."
        return f"The model ranks {word} {ordinal(found.original_rank)}, with {percent(found.original_share)}."
    return _before_and_after(word, found)


def _before_and_after(word: str, found: HiddenWord) -> str:
    after = f"{ordinal(found.adapted_rank)}, with {percent(found.adapted_share)}"
    was_far, is_far = found.original_rank > FAR, found.adapted_rank > FAR
    if was_far and is_far:
        return f"{word} was not among the first hundred guesses, and after your texts it is not either."
    if was_far:
        return f"{word} was not among the first hundred guesses. It is now {after}."
    before = f"The original model ranks {word} {ordinal(found.original_rank)}"
    if is_far:
        return f"{before}. After your texts it is not among the first hundred guesses."
    if found.original_rank == found.adapted_rank:
        return f"{before}, with {percent(found.original_share)}. After your texts it is still {after}."
    return f"{before}. After your texts it is {after}."


def _first_guesses(found: HiddenWord) -> str:
    if not found.original:
        return "The model has no guess."
    first = found.original[0]
    before = f"first guess is “{first.word}”, with {percent(first.share)}."
    if not found.adapted:
        return f"The model’s {before}"
    then = found.adapted[0]
    return f"The original model’s {before} After your texts it is “{then.word}”, with {percent(then.share)}."


def rank_notes(found: HiddenWord) -> tuple[str, ...]:
    """For each guess of the adapted model, where the original had it: "was 3rd", or "new" if it was not listed."""
    ranks = {guess.word: rank for rank, guess in enumerate(found.original, start=1)}
    if 0 < found.original_rank <= FAR:
        ranks.setdefault(found.word, found.original_rank)
    return tuple(f"was {short_ordinal(ranks[guess.word])}" if guess.word in ranks else "new" for guess in found.adapted)


def gain_sentence(metric: Metric, before: float, after: float, what: str = "on your texts") -> str:
    """Whether training helped, by one figure; a change too small to print is no change."""
    if metric.show(before) == metric.show(after):
        return f"No change {what}."
    word = "Better" if (after > before) == metric.higher_is_better else "Worse"
    if not metric.percent:
        return f"{word} {what}: {metric.show(before)} before, {metric.show(after)} after."
    points = abs(after - before) * 100
    said = f"{points:.0f}" if points >= 2 else f"{points:.1f}"
    return f"{word} {what} by {said} {'point' if said == '1' else 'points'}."


def plain_number(value: float) -> str:
    """A number in at most four figures: "3.217", "0.1", "12,500"."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def truth_words(truth: Truth, cell: str) -> str:
    """What a row's label says, as people read it: of answers the first, of tags the kinds of names."""
    if truth == "tags":
        return ", ".join(dict.fromkeys(tag.partition("-")[2] or tag for tag in split(cell) if tag != "O")) or "no name"
    if truth != "spans":
        return cell
    answers = read_answers(cell)
    return answers[0].text if answers else "no answer"


def cut_sentence(share: float, *, windows: bool = False) -> str:
    """What the length limit costs: the share of texts, 0..1, that lose their end, or are read in windows."""
    none, some = ("takes two windows", "take several windows") if windows else ("loses its end", "lose their end")
    return f"{_fine_percent(share)} of the texts {some}." if share > 0 else f"No text {none}."


def _fine_percent(share: float) -> str:
    return "Under 0.1 %" if share < 0.001 else f"{share:.1%}".replace("%", " %")


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def kept_words(scores: Sequence[tuple[int, float]], best_step: int) -> str:
    """A probe before training and with the kept weights: "18 % original, 44 % adapted"; empty if it was never scored.

    Args:
        scores: (step, share) in the order of the steps.
        best_step: Step of the weights that are kept.
    """
    before = next((percent(share) for step, share in scores if step == 0), "")
    after = next((percent(share) for step, share in reversed(scores) if 0 < step <= best_step), "")
    return ", ".join(f"{share} {model}" for share, model in ((before, "original"), (after, "adapted")) if share)
