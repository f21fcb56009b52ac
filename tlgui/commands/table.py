"""All commands of `tlgui`: adding one is adding a row."""

from __future__ import annotations

from tlgui.commands import answers, export, looks, race, train
from tlgui.commands.base import Command

COMMANDS: tuple[Command, ...] = (
    Command("train", "train a recipe", train.arguments, train.train),
    Command("fill-mask", "guess hidden words", answers.fill_mask_arguments, answers.fill_mask),
    Command("continue", "let a model go on with a text", answers.continue_arguments, answers.continue_text),
    Command("predict", "label the rows of a file", answers.predict_arguments, answers.predict),
    Command("evaluate", "score a trained model on labelled rows", answers.evaluate_arguments, answers.evaluate),
    Command("layers", "list the groups of a model, bottom to top", looks.layers_arguments, looks.layers),
    Command("check-data", "look for problems in a file of texts", looks.check_data_arguments, looks.check_data),
    Command("race", "compare strategies of transfer on your data", race.arguments, race.race),
    Command("runs", "list the runs", looks.runs_arguments, looks.runs),
    Command("export", "copy a run's model to where others can open it", export.arguments, export.export),
    Command("doctor", "tell what this machine has and lacks", looks.no_arguments, looks.doctor),
)
