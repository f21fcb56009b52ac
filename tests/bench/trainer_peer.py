"""The peer: a script with `transformers.Trainer`, as somebody writes it who knows the library well.

`python trainer_peer.py SPEC.json` prints when its first step was done, and its validations. Set up well: texts padded
to the longest of their batch, batches of similar length, frozen weights without gradients, the fused optimizer, no
checkpoints, no reports, no bars. With `padded`: texts padded to the full length and batches at random, as in the
library's example scripts. Imports nothing of TLGUI.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorWithPadding,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
    set_seed,
)

LABELS = ("bad", "good")


class FromFeatures(nn.Module):
    """A new linear head on the mean of a frozen encoder's tokens."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.classifier = nn.Linear(encoder.config.hidden_size, len(LABELS))
        self.encoder.requires_grad_(False)

    def forward(self, attention_mask: torch.Tensor, labels: torch.Tensor, **inputs: torch.Tensor) -> dict[str, Any]:
        states = self.encoder(attention_mask=attention_mask, **inputs).last_hidden_state
        kept = attention_mask.unsqueeze(-1).to(states.dtype)
        logits = self.classifier(self.dropout((states * kept).sum(1) / kept.sum(1)))
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def model_of(spec: dict[str, Any]) -> nn.Module:
    """The model, with the same groups frozen as in the recipe."""
    settings = {"dtype": torch.float32}
    if spec["feature_based"]:
        return FromFeatures(AutoModel.from_pretrained(spec["model"], add_pooling_layer=False, **settings))
    if spec["task"] == "mask":
        model = AutoModelForMaskedLM.from_pretrained(spec["model"], **settings)
    else:
        names = dict(enumerate(LABELS))
        model = AutoModelForSequenceClassification.from_pretrained(spec["model"], id2label=names, **settings)
    for name in spec["frozen"]:
        if name == "embeddings":
            model.base_model.embeddings.requires_grad_(False)
        else:
            first, _, last = name.partition("-")
            model.base_model.encoder.layer[int(first) : int(last or first) + 1].requires_grad_(False)
    return model


def rows_of(file: str) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def examples(rows: list[dict[str, str]], tokenizer: PreTrainedTokenizerBase, spec: dict[str, Any]) -> list[dict]:
    """The rows in the model's tokens, all at once, kept as a list: nothing is faster to take from."""
    padding = "max_length" if spec["padded"] else False
    texts = [row["text"] for row in rows]
    encoded = tokenizer(texts, truncation=True, max_length=spec["max_length"], padding=padding)
    columns = [dict(zip(encoded, values, strict=True)) for values in zip(*encoded.values(), strict=True)]
    if spec["task"] == "classify":
        for example, row in zip(columns, rows, strict=True):
            example["labels"] = LABELS.index(row["label"])
    return columns


class FirstStep(TrainerCallback):
    """Notes when the first step is done, and ends there if nothing else is asked."""

    at = 0.0

    def __init__(self, ends: bool) -> None:
        self._ends = ends

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        self.at = self.at or time.time()
        control.should_training_stop = control.should_training_stop or self._ends


class Timed(Trainer):
    """A Trainer that notes when each validation was over and how long it took."""

    checks: list[dict[str, float]]

    def evaluate(self, *args: Any, **settings: Any) -> dict[str, float]:
        began = time.perf_counter()
        found = super().evaluate(*args, **settings)
        seconds = time.perf_counter() - began
        told = {name: found[f"eval_{name}"] for name in ("loss", "accuracy") if f"eval_{name}" in found}
        self.checks.append({"at": time.time(), "seconds": seconds, **told})
        return found


def collator_of(tokenizer: PreTrainedTokenizerBase, spec: dict[str, Any]) -> Any:
    if spec["task"] == "mask":
        return DataCollatorForLanguageModeling(tokenizer)
    return default_data_collator if spec["padded"] else DataCollatorWithPadding(tokenizer)


def main(spec: dict[str, Any]) -> None:
    torch.set_num_threads(spec["threads"])
    set_seed(spec["seed"])
    tokenizer = AutoTokenizer.from_pretrained(spec["model"])
    train = rows_of(spec["train"])
    if isinstance(spec["validation"], str):
        validation = rows_of(spec["validation"])
    else:
        order = np.random.default_rng(spec["seed"]).permutation(len(train))
        held = round(len(train) * spec["validation"])
        train, validation = [train[i] for i in order[held:]], [train[i] for i in order[:held]]
    watched = not spec["one_step"]
    arguments = TrainingArguments(
        output_dir=spec["folder"],
        num_train_epochs=spec["epochs"],
        per_device_train_batch_size=spec["batch_size"],
        per_device_eval_batch_size=2 * spec["batch_size"],
        learning_rate=spec["learning_rate"],
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        weight_decay=0.01,
        max_grad_norm=1.0,
        optim="adamw_torch_fused",
        train_sampling_strategy="random" if spec["padded"] else "group_by_length",
        remove_unused_columns=False,
        dataloader_pin_memory=torch.accelerator.is_available(),
        eval_strategy="epoch" if watched else "no",
        eval_on_start=watched,
        prediction_loss_only=spec["task"] == "mask",
        logging_steps=50,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=spec["seed"],
    )
    first = FirstStep(ends=not watched)
    trainer = Timed(
        model=model_of(spec),
        args=arguments,
        train_dataset=examples(train, tokenizer, spec),
        eval_dataset=examples(validation, tokenizer, spec),
        data_collator=collator_of(tokenizer, spec),
        compute_metrics=lambda found: {"accuracy": float((found.predictions.argmax(-1) == found.label_ids).mean())},
        callbacks=[first],
    )
    trainer.checks = []
    trainer.train()
    if watched:
        trainer.save_model()
    print(json.dumps({"first_step_at": first.at, "steps": trainer.state.global_step, "checks": trainer.checks}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
