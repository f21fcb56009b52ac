"""How to open what was exported, in Python, with public packages alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tlgui.models.fit import opened_by
from tlgui.models.folder import CONFIG, OURS
from tlgui.models.loading import HEADS, REGRESSION, load_config, problem_of
from tlgui.tasks.regress import scale_of

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

TITLE = "## Open it in Python"
_TRUST = ", trust_remote_code=True"
_TRUSTED = "The head is in a Python file of this folder; it needs nothing but torch and transformers.\n"


def model_usage(folder: Path) -> str:
    """Lines of Markdown for a whole model in `folder`."""
    config = load_config(folder)
    ours, auto = config.model_type == OURS, opened_by(config)
    return _block(
        _TRUSTED if ours else "",
        f"from transformers import {auto}, AutoTokenizer",
        "",
        'folder = "."  # where these files are',
        f"model = {auto}.from_pretrained(folder{_TRUST if ours else ''})",
        f"tokenizer = AutoTokenizer.from_pretrained(folder{_TRUST if ours else ''})",
        *_on_scale(config),
    )


def _on_scale(config: PretrainedConfig) -> tuple[str, ...]:
    """How the number is read from the one output of a model that gives numbers; nothing for other models."""
    if problem_of(config) != REGRESSION:
        return ()
    low, high = scale_of(config.id2label[0])
    place = 'model(**tokenizer("A text", return_tensors="pt")).logits[0, 0]'
    return (
        "",
        "# the output is a place on the scale: 0 is the lowest number, 1 the highest",
        f"place = {place}",
        (f"number = {low:g} + ({high:g} - {low:g}) * float(place)"),
    )


def adapter_usage(model: PreTrainedModel, task: str, base: str) -> str:
    """Lines of Markdown for adapters alone.

    Args:
        base: Where the weights are that they were learned for.
    """
    ours, auto = model.config.model_type == OURS, HEADS[task].__name__
    trust = _TRUST if ours else ""
    encoder = f"AutoModel.from_pretrained({base!r})"
    if (Path(base) / CONFIG).exists() and _type_of(Path(base)) == OURS:
        encoder = f"AutoModelForSequenceClassification.from_pretrained({base!r}{_TRUST}).backbone"
    names = sorted({"AutoConfig", "AutoTokenizer", auto, encoder.partition(".")[0]})
    return _block(
        f"These are adapters and a head for the encoder in `{base}`, which is not among them.\n"
        + (_TRUSTED if ours else ""),
        "from peft import PeftModel",
        f"from transformers import {', '.join(names)}",
        "",
        'folder = "."  # where these files are',
        f"config = AutoConfig.from_pretrained(folder{trust})",
        f"base = {auto}.from_config(config{trust})",
        f"base.base_model.load_state_dict({encoder}.state_dict(), strict=False)",
        "model = PeftModel.from_pretrained(base, folder).eval()",
        f"tokenizer = AutoTokenizer.from_pretrained(folder{trust})",
    )


def _type_of(folder: Path) -> str:
    return str(json.loads((folder / CONFIG).read_text(encoding="utf-8")).get("model_type"))


def _block(before: str, *lines: str) -> str:
    return "\n".join([TITLE, "", *([before] if before else []), "```python", *lines, "```", ""])
