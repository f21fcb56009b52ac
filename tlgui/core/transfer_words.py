"""What the window and the report say of thawing, receipts, baselines and replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tlgui.core.events import BaselineScored, EstimateChecked, Receipt
from tlgui.core.facts import CostFacts, DataFacts, ModelFacts
from tlgui.core.freeze import title
from tlgui.core.goals import GOALS, Truth
from tlgui.core.history import History
from tlgui.core.outlook import Outlook, group_words, is_one
from tlgui.core.plan import count, duration, millions, scientific, size
from tlgui.core.plan import ready as plan_ready
from tlgui.core.recipe import Recipe
from tlgui.core.wording import percent


def next_words(history: History, recipe: Recipe, view: Outlook) -> str:
    """What comes next in a run that is going, in one sentence; empty if nothing is planned."""
    coming = next((mark for mark in view.marks if mark.planned), None)
    if coming is not None:
        return f"Next: {coming.present} at step {coming.step + 1:,}."
    if view.on_trial or view.waiting:
        key, checks = view.on_trial or view.waiting[0], recipe.transfer.gradual.checks
        one = is_one((key,))
        verb = "thaws when" if one else "thaw when"
        if view.on_trial:
            verb = f"{'is' if one else 'are'} frozen again if"
        nothing = "brings" if checks == 1 else "bring"
        so_far = checks_without_better(history)
        return f"{title(key)} {verb} {count(checks, 'check')} {nothing} nothing better ({so_far} so far)."
    return ""


def checks_without_better(history: History) -> int:
    """Validations since the best one, or since groups thawed, whichever came later."""
    thaws = (change.step for change in history.changes if change.thawed or change.why == "worse")
    since = max(history.best.step if history.best else 0, *thaws, 0)
    return sum(check.step > since for check in history.validations)


def receipt_words(receipts: Iterable[Receipt]) -> str:
    """What the comparison of every value came to, in one sentence; empty without receipts."""
    found = list(receipts)
    frozen = [receipt for receipt in found if not receipt.learned]
    if not found:
        return ""
    if not frozen:
        return f"Checked group by group: all of {_values(found)} could learn."
    changed = sum(receipt.changed for receipt in frozen)
    return f"Checked group by group: {changed:,} of {_values(frozen)} frozen values changed."


def kept_words(cost: CostFacts) -> str:
    """What running the frozen layers once for each text takes, in two sentences; empty if they run at each step."""
    if not cost.first_passes:
        return ""
    once = duration(sum(seconds for _, seconds in cost.first_passes))
    held = f"{size(cost.kept_bytes)} on the disk"
    if cost.kept_bytes > cost.kept_limit_bytes:
        held = f"{held}, of which {size(cost.kept_limit_bytes)} may be kept"
    return f"Frozen layers run once for each text: {once} of this. What they give takes {held}."


def estimate_words(estimate: EstimateChecked) -> str:
    """How far off the forecast was; empty if nothing was foretold."""
    figures = (
        ("A step took", "{:.0f} ms", 1000, estimate.step_seconds, estimate.foretold_step_seconds),
        ("Memory", "{:.2f} GB", 1e-9, estimate.memory_bytes, estimate.foretold_memory_bytes),
    )
    return " ".join(
        f"{what} {form.format(found * unit)} (foretold {form.format(foretold * unit)}, {_off(found, foretold)})."
        for what, form, unit, found, foretold in figures
        if foretold > 0
    )


YARDSTICKS: dict[Truth, str] = {"class": "Logistic regression", "number": "Ridge regression"}
"""By what the labels are: the linear model that a head over stored features is compared with."""


def baseline_words(figure: str, task: str) -> str:
    """The label of the yardstick: "Logistic regression on the same features: 71.2 %"."""
    return f"{YARDSTICKS[GOALS[task].truth]} on the same features: {figure}"


def baseline_sentence(baseline: BaselineScored, task: str) -> str:
    """The yardstick as a sentence, with all its figures."""
    figures = (
        f"{m.title[0].lower()}{m.title[1:]} {m.show(baseline.metrics[m.key])}"
        for m in GOALS[task].metrics
        if m.key in baseline.metrics
    )
    return f"{baseline_words(', '.join(figures), task)}."


def ordered_receipts(history: History) -> tuple[Receipt, ...]:
    """One a group, topmost first."""
    order = {key: place for place, key in enumerate(history.groups)}
    return tuple(sorted(history.receipts.values(), key=lambda receipt: -order.get(receipt.group, -1)))


RECEIPT_COLUMNS: tuple[tuple[str, Callable[[Receipt], str]], ...] = (
    ("Group", lambda r: title(r.group)),
    ("Parameters", lambda r: f"{r.parameters:,}"),
    ("Could learn", lambda r: f"{r.learned:,}" + (f" + {r.adapters:,} in LoRA" if r.adapters else "")),
    ("Checksum before", lambda r: r.before),
    ("Checksum after", lambda r: r.after),
    ("Changed", lambda r: f"{r.changed:,}"),
    ("Mean change", lambda r: scientific(r.mean_change) if r.changed else "0"),
    ("Largest change", lambda r: scientific(r.largest_change) if r.changed else "0"),
)
"""Title and text of each column of a table of receipts."""


def after_sentences(history: History, recipe: Recipe) -> tuple[str, ...]:
    """What was found out once a run had ended: receipts, forecast, yardstick, mix; only what there is."""
    said = [*checked_sentences(history)]
    if history.baseline is not None:
        said.append(baseline_sentence(history.baseline, recipe.task))
    if history.mix is not None:
        shares = zip(reversed(history.mix.layers), reversed(history.mix.shares), strict=True)
        said.append(f"The head mixes the layers so: {mix_words(shares)}.")
    return tuple(said)


def checked_sentences(history: History) -> tuple[str, ...]:
    """What was counted and compared at the end of a run; only what there is."""
    said = [receipt_words(history.receipts.values())]
    if history.estimate is not None:
        said.append(estimate_words(history.estimate))
    return tuple(text for text in said if text)


def replay_words(recipe: Recipe) -> str:
    """That a recipe repeats what was done by hand; empty if it does not."""
    changes = len(recipe.transfer.changes)
    return f"This recipe replays {count(changes, 'change')} made by hand." if changes else ""


def change_blocker(recipe: Recipe) -> str:
    """Why no group can be thawed or frozen by hand in a run of this recipe; empty if it can."""
    if recipe.transfer.method in ("fine-tune", "gradual"):
        return ""
    return "Only a run that fine-tunes, at once or gradually, can be changed while it goes."


def rate_search_blocker(recipe: Recipe, model: ModelFacts | None, data: DataFacts | None, *, going: bool) -> str:
    """Why no learning rate can be searched for now; empty if one can."""
    if going:
        return "A run or a race is going. A rate can be searched for when it has ended."
    if model is None or data is None:
        return "A search needs a model and data."
    return "" if plan_ready(recipe, model, data) else "Something has to be settled first."


def change_sentence(keys: tuple[str, ...], learns: bool, lower: int = 0) -> str:
    """What was asked for and has still to come: "Layer 4 will learn from the next step.".

    Args:
        lower: As for `freeze.title`.
    """
    words = group_words(keys, lower)
    return f"{words[0].upper()}{words[1:]} will {'learn' if learns else 'be frozen'} from the next step."


def mix_words(shares: Iterable[tuple[str, float]]) -> str:
    """The shares of a learned mix, topmost layer first: "Layer 5 31 %, Layer 4 22 %"."""
    return ", ".join(f"{title(key)} {percent(share)}" for key, share in shares)


def _values(receipts: Iterable[Receipt]) -> str:
    return millions(sum(receipt.parameters for receipt in receipts))


def _off(found: float, foretold: float) -> str:
    """By how much a forecast is above or below what was found."""
    share = foretold / found - 1
    return "just so" if abs(share) < 0.005 else f"{abs(share) * 100:.0f} % {'more' if share > 0 else 'less'}"
