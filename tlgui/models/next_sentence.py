"""Masked-word models that also tell whether their second text follows the first, as BERT does.

Devlin et al., BERT (NAACL 2019), section 3.1. BERT's own model for this has the head; any other family's masked-word
model gets one of the same shape. What is saved of such a model opens as the masked-word model that it is wherever
`transformers` is; the weights of the head lie beside the others.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForMaskedLM, BertForPreTraining, PretrainedConfig, PreTrainedModel
from transformers.models.bert.modeling_bert import BertForPreTrainingOutput

FOLLOWS = 0
"""Place of "the second text follows" among the head's two outputs, as BERT has it."""


class NextSentenceHead(nn.Module):
    """From the last state of the first token to two logits, through a layer as wide as the model."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.output = nn.Linear(width, 2)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Shape (rows, width) to (rows, 2)."""
        return self.output(torch.tanh(self.dense(states)))


@cache
def _with_head(masked: type[PreTrainedModel]) -> type[PreTrainedModel]:
    """A family's masked-word model with a head for the next sentence; it keeps the name of its class."""

    def begin(self: Any, config: PretrainedConfig) -> None:
        masked.__init__(self, config)
        self.next_sentence = NextSentenceHead(config.hidden_size)
        self.post_init()

    def forward(self: Any, *args: Any, **inputs: Any) -> BertForPreTrainingOutput:
        first: list[torch.Tensor] = []

        def look(_: nn.Module, __: object, output: Any) -> None:
            first[:] = [output[0][:, 0]]

        # before any other hook, which may take away the tokens that no word is wanted for
        hook = self.base_model.register_forward_hook(look, prepend=True)
        try:
            output = masked.forward(self, *args, **inputs)
        finally:
            hook.remove()
        return BertForPreTrainingOutput(
            prediction_logits=output.logits, seq_relationship_logits=self.next_sentence(first[0])
        )

    made: type[PreTrainedModel] = type(
        masked.__name__, (masked,), {"__init__": begin, "forward": forward, "__module__": masked.__module__}
    )
    return made


class _Classes:
    """By the class of the configuration, as transformers' own tables are read."""

    def __contains__(self, config: object) -> bool:
        return config in AutoModelForMaskedLM._model_mapping

    def __getitem__(self, config: type[PretrainedConfig]) -> type[PreTrainedModel]:
        if config is BertForPreTraining.config_class:
            return BertForPreTraining
        return _with_head(AutoModelForMaskedLM._model_mapping[config])


class AutoModelForPreTraining:
    """Stands for transformers' class of that name, and has a next-sentence head for every family."""

    _model_mapping = _Classes()

    @classmethod
    def from_config(cls, config: PretrainedConfig, **settings: Any) -> PreTrainedModel:
        made: PreTrainedModel = cls._model_mapping[type(config)]._from_config(config, **settings)
        return made

    @classmethod
    def from_pretrained(cls, folder: Any, config: PretrainedConfig, **settings: Any) -> Any:
        return cls._model_mapping[type(config)].from_pretrained(folder, config=config, **settings)
