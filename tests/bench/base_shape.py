"""A BERT of the base shape with random weights and the starter's tokenizer: `python base_shape.py FOLDER STARTER`."""

from __future__ import annotations

import sys

import torch
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM


def main(folder: str, starter: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(starter)
    torch.manual_seed(0)
    BertForMaskedLM(BertConfig(vocab_size=len(tokenizer))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print("{}")


if __name__ == "__main__":
    main(*sys.argv[1:])
