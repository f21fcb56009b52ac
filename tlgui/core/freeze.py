"""Which groups of a model learn: a value that knows nothing of torch.

Groups are named bottom to top: `embeddings`, `0` … `n-1`, sometimes `pooler`, and `head`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

EMBEDDINGS, POOLER, HEAD = "embeddings", "pooler", "head"


@dataclass(frozen=True)
class FreezePlan:
    """Any set of frozen groups over an ordered list of group keys, bottom first."""

    keys: tuple[str, ...]
    frozen: frozenset[str]

    @classmethod
    def parse(cls, spec: Iterable[str], keys: Sequence[str]) -> FreezePlan:
        """Read a recipe's list, such as `["embeddings", "0-3"]`.

        Raises:
            ValueError: an entry names no group of this model, or nothing would learn; the message is a sentence.
        """
        frozen: set[str] = set()
        for entry in spec:
            found = _expand(entry.strip(), keys)
            if not found and entry.strip() == POOLER:
                continue  # another head of the same model has one; here there is nothing to freeze
            if not found:
                raise ValueError(f"“{entry}” names no group of this model. Its groups are {describe_keys(keys)}.")
            frozen.update(found)
        if frozen >= set(keys):
            raise ValueError("Every group is frozen, so nothing would learn. Let at least the head learn.")
        return cls(tuple(keys), frozenset(frozen))

    @property
    def learning(self) -> tuple[str, ...]:
        """Keys of the groups that learn, bottom first."""
        return tuple(key for key in self.keys if key not in self.frozen)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The frozen groups below the lowest group that learns."""
        return self.keys[: self.keys.index(self.learning[0])]

    def learns(self, key: str) -> bool:
        return key not in self.frozen

    def with_state(self, keys: Iterable[str], *, learns: bool) -> FreezePlan:
        """The plan after locking or opening some groups.

        Raises:
            ValueError: nothing would learn; the message is a sentence.
        """
        chosen = set(keys) & set(self.keys)
        frozen = self.frozen - chosen if learns else self.frozen | chosen
        if frozen >= set(self.keys):
            raise ValueError("Every group is frozen, so nothing would learn. Let at least the head learn.")
        return FreezePlan(self.keys, frozenset(frozen))

    def spec(self) -> list[str]:
        """The shortest recipe list for this plan; layers in a row become a range."""
        return [first if first == last else f"{first}-{last}" for first, last in _spans(self.frozen_keys)]

    @property
    def frozen_keys(self) -> tuple[str, ...]:
        """Keys of the frozen groups, bottom first."""
        return tuple(key for key in self.keys if key in self.frozen)


def layer_keys(keys: Sequence[str]) -> tuple[str, ...]:
    """The numbered groups, bottom first."""
    return tuple(key for key in keys if key.isdigit())


def everything(keys: Sequence[str]) -> FreezePlan:
    """All groups learn."""
    return FreezePlan(tuple(keys), frozenset())


def top_layers(keys: Sequence[str], count: int) -> FreezePlan:
    """The head, the pooler and the top `count` layers learn, 0 <= count <= number of layers."""
    layers = layer_keys(keys)
    below = layers[: len(layers) - count]
    return FreezePlan(tuple(keys), frozenset(key for key in keys if key == EMBEDDINGS or key in below))


def head_only(keys: Sequence[str], new: Collection[str] = ()) -> FreezePlan:
    """Only the head learns, and groups in `new`, which start at random as a pooler may."""
    return FreezePlan(tuple(keys), frozenset(key for key in keys if key != HEAD and key not in new))


def after_gesture(
    plan: FreezePlan, keys: Iterable[str], *, learns: bool, new: Collection[str] = ()
) -> tuple[FreezePlan, str]:
    """What locking or opening some groups comes to, and why it is less than was asked ("" if it is all).

    Groups in `new` start at random and stay open; the others of the same gesture still change.
    """
    asked = tuple(keys)
    chosen = tuple(key for key in asked if learns or key not in new)
    kept = [key for key in plan.keys if key in asked and key not in chosen]
    refusal = ""
    if kept:
        refusal = f"A new {' and '.join(kept)} must learn; {'its' if len(kept) == 1 else 'their'} start is random."
    try:
        return plan.with_state(chosen, learns=learns), refusal
    except ValueError as error:
        return plan, str(error)


def preset(plan: FreezePlan, new: Collection[str] = ()) -> tuple[str, int]:
    """Which preset a plan is: `head`, `top` or `everything` ("" if none), and how many top layers learn."""
    layers = len(layer_keys(plan.keys))
    if not plan.frozen:
        return "everything", layers
    if plan == head_only(plan.keys, new):
        return "head", 0
    return next((("top", n) for n in range(1, layers + 1) if plan == top_layers(plan.keys, n)), ("", 0))


def group_rates(keys: Sequence[str], peak: float, decay: float) -> dict[str, float]:
    """Peak learning rate of each group: the head's is `peak`, each group below gets `decay` times the one above."""
    return {key: peak * decay ** (len(keys) - 1 - i) for i, key in enumerate(keys)}


def describe(plan: FreezePlan) -> str:
    """The plan in a few words, such as "top 2 layers learn"."""
    keys, layers = plan.keys, layer_keys(plan.keys)
    if not plan.frozen:
        return "every layer learns"
    if plan == head_only(keys):
        return "only the head learns"
    for count in range(len(layers) + 1):
        if plan == top_layers(keys, count):
            if count == 0:
                return "head and pooler learn"
            return "the top layer learns" if count == 1 else f"top {count} layers learn"
    return f"{len(plan.learning)} of {len(keys)} groups learn"


def describe_keys(keys: Sequence[str]) -> str:
    """Group keys as a reader would list them: "embeddings, 0 to 5, pooler, head"."""
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in _spans(keys))


def title(key: str, lower: int = 0) -> str:
    """A group's name for people: "Layer 3", "Embeddings", "Decoder layer 0".

    Args:
        lower: Layers that read, where those above them write and are counted anew; 0 = there are no such two sides.
    """
    if not key.isdigit():
        return key.capitalize()
    ((name, (number,)),) = by_side((key,), lower)
    return f"{name} {number}".capitalize()


def by_side(keys: Iterable[str], lower: int = 0) -> list[tuple[str, list[int]]]:
    """The layers among some groups, bottom first, by what they are called: ("layer", [2, 3]), or on two sides each
    with numbers of its own; see `title`."""
    layers = sorted(int(key) for key in layer_keys(tuple(keys)))
    if not lower:
        return [("layer", layers)] if layers else []
    read, write = [n for n in layers if n < lower], [n - lower for n in layers if n >= lower]
    return [(name, numbers) for name, numbers in (("encoder layer", read), ("decoder layer", write)) if numbers]


def _expand(entry: str, keys: Sequence[str]) -> list[str]:
    if entry in keys:
        return [entry]
    low, dash, high = entry.partition("-")
    if not (dash and low.isdigit() and high.isdigit() and int(low) <= int(high)):
        return []
    wanted = [str(i) for i in range(int(low), int(high) + 1)]
    return wanted if set(wanted) <= set(keys) else []


def _spans(keys: Iterable[str]) -> list[tuple[str, str]]:
    """First and last of each row of neighbouring layers; another group is a span of its own."""
    spans: list[tuple[str, str]] = []
    for key in keys:
        follows = spans and key.isdigit() and spans[-1][1].isdigit() and int(key) == int(spans[-1][1]) + 1
        if follows:
            spans[-1] = (spans[-1][0], key)
        else:
            spans.append((key, key))
    return spans
