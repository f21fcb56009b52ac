"""A model cut above its lowest groups: what they give for a text, and the rest of the model going on from that.

Nothing here knows a family. Which modules lie below the cut, and what they give, is seen in one forward pass; later
each of them hands over the states that were kept, whatever it is given, and the model's own code does the rest: masks,
positions and relative distances are those of the whole model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.models.groups import Group, decoder_of

Inputs = dict[str, torch.Tensor]
CLOSE = 1e-3
"""Largest difference of two logits, relative to the largest of all, that rounding explains."""


class _Reached(Exception):  # noqa: N818 - not an error
    """Raised when the pass comes to the first module above the cut."""


class Prefix:
    """The groups below the cut as one function, and the model that begins above it."""

    def __init__(self, model: PreTrainedModel, below: Sequence[nn.Module], above: Sequence[nn.Module], sample: Inputs):
        """Args:
        below: The modules below the cut, and others that some of their weights belong to.
        above: All that must not run for the states.
        sample: As for `cut`.
        """
        self._model, self._above = model, above
        self._forms: dict[nn.Module, tuple[bool, ...] | None] = {}
        """The modules below the cut that give states: None for the states alone, else what comes after them, and
        whether that is a distance for each pair of tokens."""
        self._distances: dict[nn.Module, tuple[torch.Tensor | None, ...]] = {}
        """Of the modules that hand on such distances: those of the longest text so far."""
        self._longest = 0
        shape = sample["input_ids"].shape

        def look(module: nn.Module, _: object, output: Any) -> None:
            states = _first(output)
            if states is not None and states.dim() == 3 and states.shape[:2] == shape:
                beside = None if isinstance(output, torch.Tensor) else output[1:]
                self._forms[module] = None if beside is None else tuple(_is_distance(one, shape[1]) for one in beside)

        # What has no weights is still, and may run both below and above the cut.
        self._run(sample, dict.fromkeys([module for module in below if any(True for _ in module.parameters())], look))
        self.width = self.states(sample).shape[-1]

    def states(self, inputs: Inputs) -> torch.Tensor:
        """What the groups below the cut give, shape (rows, tokens, width); runs nothing above it."""
        last: list[torch.Tensor | None] = []

        def look(module: nn.Module, _: object, output: Any) -> None:
            last[:] = [_first(output)]

        self._run(inputs, dict.fromkeys(self._forms, look))
        states = last[0]
        assert states is not None, "a module gives the same kind of output each time"
        return states

    @torch.no_grad()
    def _run(self, inputs: Inputs, looks: Mapping[nn.Module, Callable[..., None]]) -> None:
        """Run the model up to the first module above the cut, with a look at what some modules give."""

        def stop(*_: object) -> None:
            raise _Reached

        with ExitStack() as hooks:
            for module, look in looks.items():
                hooks.callback(module.register_forward_hook(look).remove)
            for module in self._above:
                hooks.callback(module.register_forward_pre_hook(stop).remove)
            with suppress(_Reached):
                self._model(**inputs)

    @contextmanager
    def going_on_from(self, states: torch.Tensor) -> Iterator[None]:
        """Within this, the model runs as if its groups below the cut had given these states."""
        forms = self._forms.items()
        given = {m: states if form is None else (states, *self._beside(m, form, states)) for m, form in forms}
        try:
            for module, output in given.items():
                module.forward = partial(_hand_over, output)
            yield
        finally:
            for module in self._forms:
                vars(module).pop("forward", None)

    def _beside(self, module: nn.Module, form: tuple[bool, ...], states: torch.Tensor) -> list[torch.Tensor | None]:
        """What a module hands on beside states: distances, which are the same for all texts, or nothing."""
        tokens = states.shape[1]
        if any(form) and tokens > self._longest:
            self._measure_distances(1 << tokens.bit_length(), states.device)
        known = self._distances.get(module, (None,) * len(form))
        return [None if one is None else one[..., :tokens, :tokens] for one in known]

    def _measure_distances(self, tokens: int, device: torch.device) -> None:
        """Run the groups below the cut over made-up tokens: those of a shorter text are a corner of what they give."""

        def look(module: nn.Module, _: object, output: Any) -> None:
            self._distances[module] = tuple(one if _is_distance(one, tokens) else None for one in output[1:])

        ids = torch.zeros(1, tokens, dtype=torch.int64, device=device)
        looks = {module: look for module, form in self._forms.items() if form and any(form)}
        self._run({"input_ids": ids, "attention_mask": torch.ones_like(ids)}, looks)
        self._longest = tokens


def cut(model: PreTrainedModel, groups: Sequence[Group], below: Collection[str], sample: Inputs) -> Prefix | str:
    """Cut a model above its lowest groups and try it; a sentence if that cannot be done.

    Args:
        below: Keys of the groups below the cut; they are frozen.
        sample: A few texts, tokens on the model's device; not as many as the longest has tokens.
    """
    if isinstance(model, TlguiForSequenceClassification):
        config, layers = model.config, sum(key.isdigit() for key in below)
        if config.mix or 0 <= config.layer < layers:
            return "The head reads layers among the frozen ones, so all of them run at each step."
    under = [module for group in groups if group.key in below for module in group.modules]
    over = [module for group in groups if group.key not in below for module in group.modules]
    if (decoder := decoder_of(model)) is not None:
        over.append(decoder)
        sample = {**sample, "decoder_input_ids": sample["input_ids"]}  # the decoder may read any tokens for a trial
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        prefix = Prefix(model, under, over, sample)
        with torch.no_grad():
            whole = model(**sample)[0]
            with prefix.going_on_from(prefix.states(sample)):
                resumed = model(**sample)[0]
    finally:
        for module, training in modes:
            module.training = training
    if (whole - resumed).abs().max() > CLOSE * whole.abs().max().clamp(min=1e-6):
        return "This model cannot go on from kept states, so its frozen groups run at each step."
    return prefix


def _first(output: Any) -> torch.Tensor | None:
    """The states in what a module gave."""
    if isinstance(output, torch.Tensor):
        return output
    first = output[0] if isinstance(output, (tuple, list)) and output else None
    return first if isinstance(first, torch.Tensor) else None


def _is_distance(output: Any, tokens: int) -> bool:
    """Whether something has one value for each pair of tokens, whatever the text."""
    return (
        isinstance(output, torch.Tensor)
        and output.dim() == 4
        and output.shape[0] == 1
        and (output.shape[2:] == (tokens, tokens))
    )


def _hand_over(output: Any, *_: object, **__: object) -> Any:
    return output
