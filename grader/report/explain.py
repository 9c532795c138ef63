"""An error in plain words: what it means, and where to look first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypedDict

from grader.records import ErrorTrace, QuestionTrace

TABLE = "explanations.toml"
_NAME = re.compile(r"name '(\w+)' is not defined")


class Words(TypedDict):
    """A row of the table; `{group}` in `means` and `do` is filled from the message."""

    name: str
    patterns: Sequence[str]
    means: str
    do: str


@dataclass(frozen=True)
class Explanation:
    """An error in plain words.

    Attributes:
        name: Of this kind of mistake, the same for every student who makes it.
        means: What went wrong, with the numbers of the message.
        do: What to try first.
    """

    name: str
    means: str
    do: str


def explain(error: ErrorTrace) -> Explanation | None:
    """The error in plain words; None for one that is not in the table, whose message must speak for itself."""
    if error.echo_of is not None:
        return None  # the cause lies in another cell: nothing is wrong here
    if found := _NAME.search(error.message):
        return _undefined(found.group(1))
    for pattern, words in _patterns():
        if found := pattern.search(f"{error.type}: {error.message}"):
            return _filled(words, found)
    return None


def silent_mistakes(question: QuestionTrace) -> Iterator[Explanation]:
    """Mistakes that raise nothing: a softmax before a loss that applies softmax itself.

    PyTorch says nothing; Keras warns. In both, training goes on, slowly and to a worse end.
    """
    seen = question.observation
    for training in seen.trainings if seen else ():
        if seen and training.model is not None and training.model < len(seen.models):
            layers = seen.models[training.model].layers
            if layers and (layers[-1].type.lower(), training.loss) in _APPLIED_TWICE:
                yield _filled(_table()["silent_softmax"], None, layer=layers[-1].type, loss=training.loss)
                return
    if any("from_logits=True" in run.text and "was produced by a" in run.text for run in question.runs):
        yield _filled(_table()["silent_softmax"], None, layer="softmax", loss="from_logits=True")


# What ends the network, and the loss that does the same once more. A log-softmax twice changes nothing.
_APPLIED_TWICE = {
    (layer, loss)
    for layer, losses in {
        "softmax": ("CrossEntropyLoss", "cross_entropy"),
        "sigmoid": ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    }.items()
    for loss in losses
}


def _undefined(name: str) -> Explanation:
    if line := _table()["imports"].get(name):
        return Explanation(
            "A module is used and not imported",
            f"`{name}` was never imported in this file.",
            f"Put `{line}` into the first cell, then restart the kernel and run all cells.",
        )
    return Explanation(
        "A name is used before it is defined",
        f"`{name}` has no value at this point. It may be spelt otherwise where it is made, or made in a cell that "
        "comes later or was deleted: the notebook then works only in the session in which it was written.",
        "Restart the kernel and run all cells from top to bottom: the same error appears on your own machine.",
    )


def _filled(words: Words, found: re.Match[str] | None, **more: str) -> Explanation:
    """The words with the numbers of the message in their places; a part that it lacks reads `?`."""
    parts = {
        name: " ".join((text or "?").split()) for name, text in (found.groupdict() if found else {}).items()
    } | more
    return Explanation(words["name"], words["means"].format_map(parts), words["do"].format_map(parts))


class _Table(TypedDict):
    error: Sequence[Words]
    silent_softmax: Words
    imports: Mapping[str, str]


@cache
def _table() -> _Table:
    table: _Table = tomllib.loads(resources.files(__package__).joinpath(TABLE).read_text("utf-8"))  # type: ignore[assignment]
    return table


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Words], ...]:
    return tuple((re.compile("|".join(words["patterns"])), words) for words in _table()["error"])
