"""What a person can do with texts, in plain words: one row a goal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Truth = Literal["", "class", "number", "tags", "spans", "text"]
"""What the label column holds: nothing that is read, one class, a number, a tag a word, places in the text, a text."""


@dataclass(frozen=True)
class Metric:
    """A figure that says how good the predictions are."""

    key: str
    title: str
    percent: bool = True
    higher_is_better: bool = True
    part: bool = False
    """Whether it is one of several losses that the loss is the sum of, and is drawn with it."""

    def show(self, value: float) -> str:
        """The figure as people read it: "78.4 %" or "3.98"."""
        return f"{value:.1%}".replace("%", " %") if self.percent else f"{value:.2f}"


@dataclass(frozen=True)
class Goal:
    """One card of the Goal page, and the words that other pages use for it."""

    key: str
    """The recipe's `task`."""
    title: str
    short: str
    """For the plan line."""
    sentence: str
    example: str
    """An input; braces mark a hidden word."""
    answers: tuple[tuple[str, float], ...]
    """What a trained model would say of the example, with shares; an illustration, not a measurement."""
    does: str
    """What the model is trained to do, after "to"."""
    needs: str
    truth: Truth
    metrics: tuple[Metric, ...]
    """The first decides which weights are best and is the curve on the Train page."""
    probe_shows: str
    """What a probe's score is, for the caption of its curve."""
    answers_are_shares: bool = True
    """Whether the example's answers are shares; else their bars have no figures."""
    reads_documents: bool = False
    """Whether the order of the lines counts, and an empty line in a plain text begins another document."""
    hides_words: bool = False
    """Whether its kept sentences hide a word."""
    new_head: bool = False
    """Whether the goal puts a new head on the encoder, whose input and size can be chosen."""
    pretrained_head: bool = False
    """Whether the goal's head comes with pretrained models, which can then be tried before any training."""
    goes_on: bool = False
    """Whether the model says what comes next, so that no token may see those after it."""
    writes: bool = False
    """Whether the model writes a text of its own, for which it needs a decoder."""
    in_windows: bool = False
    """Whether a long text is read in windows that overlap, so that it does not lose its end."""
    joins_texts: bool = False
    """Whether texts are read one after the other without a break, so that every example but the last is full."""
    gives: str = ""
    """What the model puts out, where that is not one of the data's labels."""
    text_names: tuple[tuple[str, ...], ...] = ()
    """Names of columns that are this goal's text or texts if the table has them, likeliest first."""
    label_names: tuple[str, ...] = ()
    """Names of columns that are this goal's label if the table has one of them, likeliest first."""

    @property
    def needs_label(self) -> bool:
        return bool(self.truth)

    @property
    def metric(self) -> Metric:
        return self.metrics[0]

    @property
    def curve(self) -> Metric:
        """The figure that has a plot of its own beside the loss: the first share, since a loss is drawn already."""
        return next((metric for metric in self.metrics if metric.percent), self.metrics[0])


GOALS: dict[str, Goal] = {
    goal.key: goal
    for goal in (
        Goal(
            key="classify",
            title="Classify texts",
            short="Classify",
            sentence="Put each text into one of your classes.",
            example="The plot drags, the cast shines.",
            answers=(("positive", 0.81), ("negative", 0.19)),
            does="classify",
            needs="Needs a text and a label per row",
            truth="class",
            new_head=True,
            metrics=(
                Metric("accuracy", "Accuracy"),
                Metric("macro_f1", "Macro F1"),
                Metric("f1", "F1 of the second class"),  # this and the next where there are two classes
                Metric("matthews", "Matthews correlation", percent=False),
            ),
            probe_shows="share for the class that is likeliest before training",
        ),
        Goal(
            key="regress",
            title="Give texts a number",
            short="Number",
            sentence="Rate one text, or how alike two are.",
            example="Repaint the whole hallway, two coats.",
            answers=(("7.5 of 12 hours", 0.62),),
            answers_are_shares=False,
            does="predict a number",
            needs="Needs one or two texts and a number per row",
            truth="number",
            new_head=True,
            metrics=(
                Metric("spearman", "Spearman correlation", percent=False),
                Metric("pearson", "Pearson correlation", percent=False),
                Metric("mse", "Mean squared error", percent=False, higher_is_better=False),
            ),
            probe_shows="place on the scale from the lowest to the highest number",
            gives="a number",
            label_names=("score", "number", "value", "rating", "hours", "price", "target", "label"),
        ),
        Goal(
            key="mask",
            title="Learn from plain text",
            short="Masked words",
            sentence="Hide words and predict them. No labels.",
            example="The queen lays {eggs} in each cell.",
            answers=(("eggs", 0.61), ("honey", 0.08)),
            does="guess hidden words",
            needs="Needs texts only",
            truth="",
            metrics=(
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("hits", "Hidden words guessed right"),
            ),
            probe_shows="share for the hidden word",
            hides_words=True,
            pretrained_head=True,
            gives="the hidden words",
        ),
        Goal(
            key="mask+nsp",
            title="Words and order",
            short="Words and order",
            sentence="Hide words, and ask whether one text follows another. No labels.",
            example="It began to {rain}.” “We ran inside.",
            answers=(("rain", 0.74), ("follows", 0.93)),
            does="guess hidden words and whether a text follows another",
            needs="Needs documents, a text a line in their order",
            truth="",
            metrics=(
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("hits", "Hidden words guessed right"),
                Metric("order_hits", "Order told right"),
                Metric("word_loss", "Loss of hidden words", percent=False, higher_is_better=False, part=True),
                Metric("order_loss", "Loss of the order", percent=False, higher_is_better=False, part=True),
            ),
            probe_shows="share for the hidden word",
            reads_documents=True,
            hides_words=True,
            pretrained_head=True,
            gives="the hidden words and the order",
        ),
        Goal(
            key="next-word",
            title="Continue texts",
            short="Next words",
            sentence="Predict each word from those before it. No labels.",
            example="The queen lays eggs in each {cell}.",
            answers=(("cell", 0.34), ("comb", 0.11)),
            does="guess the next word",
            needs="Needs texts only",
            truth="",
            metrics=(
                Metric("perplexity", "Perplexity", percent=False, higher_is_better=False),
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("hits", "Next words guessed right"),
            ),
            probe_shows="share for the last word",
            pretrained_head=True,
            goes_on=True,
            joins_texts=True,
            gives="the next word",
        ),
        Goal(
            key="answer",
            title="Answer questions",
            short="Answer",
            sentence="Find the words of a passage that answer a question.",
            example="When was the rent due? It was paid at Michaelmas.",
            answers=(("Michaelmas", 0.86), ("no answer", 0.05)),
            does="answer questions",
            needs="Needs a question, its passage and the answer per row",
            truth="spans",
            metrics=(Metric("f1", "F1"), Metric("exact", "Exact match")),
            probe_shows="share for the answer in braces",
            in_windows=True,
            gives="the answers",
            text_names=(
                ("question", "passage"),
                ("question", "context"),
                ("question", "paragraph"),
                ("question", "text"),
                ("query", "passage"),
                ("query", "context"),
            ),
            label_names=("answers", "answer", "answer text"),
        ),
        Goal(
            key="tag",
            title="Mark names in texts",
            short="Mark names",
            sentence="Find persons, places or words of any kind.",
            example="Nora took the slow train to Porto.",
            answers=(("Nora: PERSON", 0.97), ("Porto: PLACE", 0.94)),
            does="mark names",
            needs="Needs a list of words and a tag for each of them",
            truth="tags",
            metrics=(
                Metric("f1", "F1 of names"),
                Metric("precision", "Precision"),
                Metric("recall", "Recall"),
                Metric("accuracy", "Words tagged right"),
            ),
            probe_shows="share for each word’s likeliest tag, on average",
            gives="a tag for each word",
            text_names=(("tokens",), ("words",)),
            label_names=("tags", "ner tags", "pos tags", "labels", "tag"),
        ),
        Goal(
            key="text-to-text",
            title="Turn texts into texts",
            short="Text to text",
            sentence="Shorten, translate or answer: any text from any text.",
            example="shorten: Please could you close the door?",
            answers=(("Close the door.", 0.64), ("Close door.", 0.12)),
            does="write a text for a text",
            needs="Needs an input and an output per row",
            truth="text",
            metrics=(
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("f1", "Word F1"),
                Metric("exact_match", "Exact matches"),
                Metric("bleu", "BLEU", percent=False),
            ),
            probe_shows="share for each piece of the output, on average",
            pretrained_head=True,
            writes=True,
            gives="a text of its own",
            text_names=(("prefix", "input"), ("input",), ("source",), ("document",), ("article",), ("text",)),
            label_names=("output", "target", "summary", "translation", "answer", "label"),
        ),
        Goal(
            key="corrupt",
            title="Learn to fill gaps",
            short="Gaps",
            sentence="Hide spans of words and write them. No labels.",
            example="The queen lays {eggs} in each cell.",
            answers=(("eggs", 0.58), ("her eggs", 0.11)),
            does="write what gaps in a text hide",
            needs="Needs texts only",
            truth="",
            metrics=(
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("hits", "Tokens of gaps guessed right"),
            ),
            probe_shows="share for the hidden word",
            hides_words=True,
            pretrained_head=True,
            writes=True,
            gives="what the gaps hide",
        ),
    )
}


@dataclass(frozen=True)
class Card:
    """One card of the Goal page: a goal, or a goal over data of one kind, with words of its own."""

    key: str
    goal: Goal
    """The goal's row, with the words and the names of columns that are the card's."""
    pair: bool = False
    """Whether two columns of text are read together."""


def _cards() -> dict[str, Card]:
    pairs = replace(
        GOALS["classify"],
        title="Compare two texts",
        short="Compare",
        sentence="Say how one text relates to another.",
        example="A man cooks.” “Someone makes dinner.",
        answers=(("entailment", 0.88), ("neutral", 0.10)),
        needs="Needs two texts and a label per row",
        text_names=(
            ("premise", "hypothesis"),
            ("sentence1", "sentence2"),
            ("question1", "question2"),
            ("text1", "text2"),
        ),
    )
    cards = {key: Card(key, goal) for key, goal in GOALS.items()}
    return {"classify": cards.pop("classify"), "pairs": Card("pairs", pairs, pair=True), **cards}


CARDS = _cards()
"""By key, in the order of the Goal page."""


def card_of(task: str, *, pair: bool) -> Card:
    """The card of a recipe with this task and with one or two columns of text."""
    return next((card for card in CARDS.values() if card.goal.key == task and card.pair == pair), CARDS[task])


def metric_of(task: str, key: str) -> Metric:
    """The row of one metric of one goal."""
    return next(metric for metric in GOALS[task].metrics if metric.key == key)
