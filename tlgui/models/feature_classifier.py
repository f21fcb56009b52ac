"""A text classifier: any encoder, its tokens pooled into one vector, and a head of its own.

This file needs nothing but torch and transformers. A copy of it lies in each folder that such a model is saved in, so
that the folder opens wherever `transformers` is:

    AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=True)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

CODE = Path(__file__).with_suffix(".py")
AUTO_MAP = {
    "AutoConfig": f"{CODE.stem}.TlguiClassifierConfig",
    "AutoModelForSequenceClassification": f"{CODE.stem}.TlguiForSequenceClassification",
}


class TlguiClassifierConfig(PretrainedConfig):
    """What the classifier is made of; its labels are in the usual settings."""

    model_type = "tlgui-classifier"

    encoder: dict[str, Any] | None = None
    """The encoder's configuration as plain values, `model_type` among them."""
    pooling: str = "mean"
    """How tokens become one vector: `first`, `mean`, `max` or `attention`."""
    mix: bool = False
    """Whether the head reads a learned mix of all layers instead of one of them."""
    layer: int = -1
    """Which hidden state the head reads without a mix: 0 = the embeddings; -1 = the last layer."""
    hidden: int = 0
    """Width of the head's hidden layer; 0 = the head is linear."""
    dropout: float = 0.1
    """On the head's input, while it learns."""

    def __post_init__(self, **settings: Any) -> None:
        super().__post_init__(**settings)
        self.auto_map = dict(AUTO_MAP)

    def encoder_config(self, **settings: Any) -> PretrainedConfig:
        """The encoder's own configuration, with some settings changed."""
        return AutoConfig.for_model(**{**(self.encoder or {}), **settings})

    @property
    def hidden_size(self) -> int:
        return self.encoder_config().hidden_size

    @property
    def num_hidden_layers(self) -> int:
        return self.encoder_config().num_hidden_layers

    @property
    def vocab_size(self) -> int:
        return self.encoder_config().vocab_size

    @property
    def max_position_embeddings(self) -> int:
        return self.encoder_config().max_position_embeddings


class LayerMix(nn.Module):
    """A learned mix of layers: Peters et al., ELMo (NAACL 2018), equation 1, without its layer normalisation."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(layers))
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Shape (rows, layers, …) to (rows, …)."""
        return self.scale * torch.einsum("l,rl...->r...", self.weights.softmax(0), states)


class AttentionPooling(nn.Module):
    """One learned query scores the tokens; their mean, weighted by the softmax of the scores, is the text's vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(width))

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        scores = (tokens @ self.query) / self.query.shape[0] ** 0.5
        shares = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (shares[..., None] * tokens).sum(-2)


def _first(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return tokens[:, 0]


def _mean(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return tokens.masked_fill(~mask[..., None], 0.0).sum(1) / mask.sum(1, keepdim=True)


def _max(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return tokens.masked_fill(~mask[..., None], float("-inf")).amax(1)


# From tokens, shape (rows, tokens, width), and which of them count, shape (rows, tokens), to (rows, width).
POOLINGS = {"first": _first, "mean": _mean, "max": _max}


class TlguiForSequenceClassification(PreTrainedModel):
    """An encoder without its pooler, a pooling that padding cannot touch, and a linear or two-layer head."""

    config_class = TlguiClassifierConfig
    base_model_prefix = "backbone"

    def __init__(self, config: TlguiClassifierConfig) -> None:
        super().__init__(config)
        encoder = config.encoder_config()
        self.backbone = AutoModel.from_config(encoder)
        if getattr(self.backbone, "pooler", None) is not None:
            self.backbone.pooler = None
        if config.mix:
            self.mix = LayerMix(encoder.num_hidden_layers + 1)
        if config.pooling not in POOLINGS:
            self.pooling = AttentionPooling(encoder.hidden_size)
        width, labels = encoder.hidden_size, config.num_labels
        parts: list[nn.Module] = [nn.Dropout(config.dropout)]
        if config.hidden:
            parts += [nn.Linear(width, config.hidden), nn.GELU(), nn.Dropout(config.dropout)]
        self.classifier = nn.Sequential(*parts, nn.Linear(config.hidden or width, labels))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """At its start the mix takes all layers alike, the learned query all tokens, and no class is far ahead."""
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02 if module is self.classifier[-1] else module.in_features**-0.5)
            nn.init.zeros_(module.bias)
        elif isinstance(module, LayerMix):
            nn.init.zeros_(module.weights)
            nn.init.ones_(module.scale)
        elif isinstance(module, AttentionPooling):
            nn.init.zeros_(module.query)

    @property
    def can_store_features(self) -> bool:
        """Whether a text is a few vectors before anything of the head that learns, so that they can be kept.

        The mean of a mix is the mix of the means; the largest values of a mix are not the mix of the largest.
        """
        return self.config.pooling in ("first", "mean") or (self.config.pooling == "max" and not self.config.mix)

    def features(self, attention_mask: torch.Tensor | None = None, **inputs: torch.Tensor) -> torch.Tensor:
        """The pooled vectors that the head reads, shape (rows, layers, width); one layer unless it reads a mix.

        Only where `can_store_features`.
        """
        states, mask = self._states(attention_mask, inputs)
        pool = POOLINGS[self.config.pooling]
        return torch.stack([pool(state, mask) for state in states], 1)

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        """Logits, shape (rows, labels), of what `features` gave."""
        pooled = self.mix(features) if self.config.mix else features[:, 0]
        return self.classifier(pooled)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        **inputs: Any,
    ) -> SequenceClassifierOutput:
        inputs = {"input_ids": input_ids, **inputs}
        if self.can_store_features:
            logits = self.classify(self.features(attention_mask, **inputs))
        else:
            states, mask = self._states(attention_mask, inputs)
            tokens = self.mix(torch.stack(states, 1)) if self.config.mix else states[0]
            pool = POOLINGS.get(self.config.pooling) or self.pooling
            logits = self.classifier(pool(tokens, mask))
        return SequenceClassifierOutput(loss=None if labels is None else self._loss(logits, labels), logits=logits)

    def _loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if self.config.problem_type == "regression":
            return functional.mse_loss(logits[:, 0], labels.to(logits.dtype))
        return functional.cross_entropy(logits, labels)

    def _states(
        self, attention_mask: torch.Tensor | None, inputs: dict[str, Any]
    ) -> tuple[Sequence[torch.Tensor], torch.Tensor]:
        """The hidden states that the head reads, each (rows, tokens, width), and which tokens are no padding."""
        last_alone = not self.config.mix and self.config.layer == -1
        inputs = {**inputs, "output_hidden_states": not last_alone, "return_dict": True}
        output = self.backbone(attention_mask=attention_mask, **inputs)
        last = output.last_hidden_state
        mask = last.new_ones(last.shape[:2]) if attention_mask is None else attention_mask
        if last_alone:
            return [last], mask.bool()
        states = [*output.hidden_states[:-1], last]
        return states if self.config.mix else [states[self.config.layer]], mask.bool()

    def mix_shares(self) -> tuple[tuple[str, ...], tuple[float, ...], float] | None:
        """Keys of the layers, the share of each in the mix, and its scale; None without a mix."""
        if not self.config.mix:
            return None
        shares = self.mix.weights.detach().softmax(0).tolist()
        return ("embeddings", *map(str, range(len(shares) - 1))), tuple(shares), self.mix.scale.item()

    def save_pretrained(self, save_directory: str | Path, *args: Any, **settings: Any) -> None:
        """Save as transformers does, and this file beside it."""
        super().save_pretrained(save_directory, *args, **settings)
        (Path(save_directory) / CODE.name).write_bytes(CODE.read_bytes())
