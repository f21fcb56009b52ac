"""`tlgui fill-mask`, `predict` and `evaluate`: what a model makes of texts."""

from __future__ import annotations

import argparse
from pathlib import Path

from tlgui.commands.base import Answer
from tlgui.core.continuation import Drawing
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit


def fill_mask_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="[MASK] or braces around a word hide it")
    parser.add_argument("--model", default="starter", help="starter, a folder, a run folder or hub:NAME")
    parser.add_argument("--against", default="", metavar="MODEL", help="a second model to compare with")
    parser.add_argument("-k", type=int, default=5, help="guesses for each hidden word")


def fill_mask(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.hidden_words import guess

    if args.k < 1:
        raise TlguiError("-k must be at least 1.", "Ask for one guess or more.")
    words = guess(args.text, args.model, args.against, args.k, emit, control)
    lines = []
    for number, word in enumerate(words, 1):
        lines.append(f"Hidden {number}" + (f" ({word.word})" if word.word else ""))
        width = max(len(g.word) for g in (*word.original, *word.adapted)) + 2
        columns = [[f"{g.word:<{width}}{g.share:>7.1%}" for g in guesses] for guesses in (word.original, word.adapted)]
        lines += [f"  {left}   {right}".rstrip() for left, right in _side_by_side(*columns)]
    return Answer({"text": args.text, "model": args.model, "against": args.against, "hidden": words}, lines)


def _side_by_side(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    return [(a, right[i] if i < len(right) else "") for i, a in enumerate(left)]


def continue_arguments(parser: argparse.ArgumentParser) -> None:
    usual = Drawing()
    parser.add_argument("text", help="what the model goes on from; may be empty")
    parser.add_argument("--model", required=True, help="a run folder, a folder or hub:NAME")
    parser.add_argument("--against", default="", metavar="MODEL", help="a second model to compare with")
    parser.add_argument("--words", type=int, default=usual.words, help="how many at most")
    parser.add_argument("--temperature", type=float, default=usual.temperature, help="0 = always the likeliest word")
    parser.add_argument("--top-k", type=int, default=usual.top_k, help="draw among so many pieces; 0 = all")
    parser.add_argument("--top-p", type=float, default=usual.top_p, help="draw among pieces that have this share")
    parser.add_argument("--seed", type=int, default=usual.seed)


def continue_text(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.continuation import continue_text, next_words

    drawing = Drawing(args.words, args.temperature, args.top_k, args.top_p, args.seed)
    models = (args.model, args.against) if args.against else (args.model,)
    texts = continue_text(args.text, models, drawing, emit, control)
    expected = next_words(args.text, args.model, args.against, 5, emit, control)
    lines = [f"{args.text}{found.text}" for found in texts]
    value = {"text": args.text, "model": args.model, "against": args.against, "drawing": drawing}
    return Answer({**value, "continued": texts, "next": expected}, lines)


def predict_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the rows: any data source of a recipe")
    parser.add_argument("--model", required=True, help="a run folder or a model folder")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv")


def predict(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.evaluation import predict

    rows = predict(args.file, args.model, args.out, emit, control)
    return Answer({"rows": rows, "out": args.out}, [f"{rows:,} rows written to {args.out}."])


def evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="labelled rows: any data source of a recipe")
    parser.add_argument("--model", required=True, help="a run folder or a model folder")


def evaluate(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.evaluation import of_file

    found = of_file(args.file, args.model, emit, control)
    lines = [f"{found.rows:,} rows", *(f"{key}: {value:.4f}" for key, value in found.metrics.items())]
    if found.confusion:
        lines += ["", "rows: truth, columns: guess", "\t".join(["", *found.labels])]
        lines += ["\t".join([name, *map(str, row)]) for name, row in zip(found.labels, found.confusion, strict=True)]
    if found.kinds:
        lines += ["", "\t".join(("name", "precision", "recall", "f1", "in the data"))]
        lines += [f"{k.kind}\t{k.precision:.4f}\t{k.recall:.4f}\t{k.f1:.4f}\t{k.support}" for k in found.kinds]
    return Answer(found, lines)
