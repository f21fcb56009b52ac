"""The bound: a bare loop over the layers that learn, each run at every token, with all below them computed before.

`python open_layers.py SPEC.json` prints the seconds of each epoch. Padded batches of states lie in memory when an
epoch's time begins; what is timed is the open layers, the head, the loss, backward, clipping and the fused optimizer.
The batches are TLGUI's own.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.masking_utils import create_bidirectional_mask

from tlgui.core.recipe import TrainPart
from tlgui.data.batches import epoch_batches, fixed_batches

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""States of the frozen layers, shape (rows, tokens, width); which tokens count; labels."""


@torch.no_grad()
def states_of(model: nn.Module, rows: list[list[int]], frozen: int) -> list[torch.Tensor]:
    """What the embeddings and the frozen layers give for each text, shape (tokens, width); then they are taken away."""
    model.eval()
    whole, model.bert.encoder.layer = model.bert.encoder.layer, model.bert.encoder.layer[:frozen]
    states: list[torch.Tensor] = [torch.empty(0)] * len(rows)
    for places in fixed_batches(np.array([len(row) for row in rows]), 32):
        ids = [torch.tensor(rows[i]) for i in places]
        counts = [torch.ones(len(one), dtype=torch.long) for one in ids]
        padded, mask = pad_sequence(ids, batch_first=True), pad_sequence(counts, batch_first=True)
        for i, found in zip(places, model.bert(input_ids=padded, attention_mask=mask).last_hidden_state, strict=True):
            states[i] = found[: len(rows[i])].clone()
    model.bert.encoder.layer = whole[frozen:]
    return states


def loss_of(model: nn.Module, batch: Batch) -> torch.Tensor:
    states, counts, labels = batch
    mask = create_bidirectional_mask(model.config, inputs_embeds=states, attention_mask=counts)
    top = model.bert.encoder(states, attention_mask=mask).last_hidden_state
    return nn.functional.cross_entropy(model.classifier(model.dropout(model.bert.pooler(top))), labels)


def epoch_seconds(
    batches: list[Batch], loss: Callable[[Batch], torch.Tensor], optimizer: torch.optim.Optimizer
) -> float:
    learning = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    began = time.perf_counter()
    for batch in batches:
        loss(batch).backward()
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return time.perf_counter() - began


def main(spec: dict[str, Any]) -> None:
    torch.set_num_threads(spec["threads"])
    torch.manual_seed(spec["seed"])
    with Path(spec["train"]).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    tokenizer = AutoTokenizer.from_pretrained(spec["model"])
    ids = tokenizer([row["text"] for row in rows], truncation=True, max_length=spec["max_length"])["input_ids"]
    labels = torch.tensor([int(row["label"] == "good") for row in rows])
    model = AutoModelForSequenceClassification.from_pretrained(spec["model"], dtype=torch.float32)
    states = states_of(model, ids, int(spec["frozen"][-1].partition("-")[2]) + 1)
    model.train()
    learning = [*model.bert.encoder.parameters(), *model.bert.pooler.parameters(), *model.classifier.parameters()]
    optimizer = torch.optim.AdamW(learning, lr=spec["learning_rate"], fused=True)
    train = TrainPart(batch_size=spec["batch_size"], seed=spec["seed"])
    lengths, seconds = np.array([len(row) for row in ids]), []
    for epoch in range(spec["epochs"]):
        batches = []
        for places in epoch_batches(lengths, train, epoch):
            chosen = [states[i] for i in places]
            counts = [torch.ones(len(one), dtype=torch.long) for one in chosen]
            batches.append((pad_sequence(chosen, True), pad_sequence(counts, True), labels[places]))
        seconds.append(epoch_seconds(batches, lambda batch: loss_of(model, batch), optimizer))
    print(json.dumps({"epochs_s": seconds}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
