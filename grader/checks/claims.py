"""Which of many printed numbers is the one that is reported, and how much it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from grader.records import Number

Quantity = Literal["accuracy", "seconds"]

WORDS: dict[Quantity, tuple[str, ...]] = {
    "accuracy": ("accuracy", "acc"),
    "seconds": ("time", "took", "duration", "elapsed", "seconds"),
}
# Words that tell the final number from those of a training log.
_FINAL: dict[Quantity, tuple[str, ...]] = {
    "accuracy": ("test", "final", "eval", "evaluation", "held"),
    "seconds": ("training", "train", "total"),
}
TRAINING = ("train", "training")
# A time with one of these words is no time of the whole training.
PART = ("epoch", "batch", "step", "inference", "prediction", "image")
_SECONDS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    "ms": 0.001,
}


def find(numbers: Sequence[Number], quantity: Quantity, words: Sequence[str] = ()) -> Number | None:
    """The reported number: the last one of those that say best that they are it.

    Args:
        numbers: In the order in which they were printed.
        quantity: Which one.
        words: Beside the number, in place of the usual ones.
    """
    likeness = _accuracy_likeness if quantity == "accuracy" else _time_likeness
    fitting = [n for n in numbers if _has_unit(n, quantity)]
    ranked = [(likeness(n.label, words or WORDS[quantity], bool(n.unit)), n) for n in fitting]
    best = max((rank for rank, _ in ranked), default=0)
    return next((number for rank, number in reversed(ranked) if rank == best > 0), None)


def _accuracy_likeness(label: str, words: Sequence[str], unit: bool) -> int:  # noqa: ARG001
    """3 for a final accuracy, 2 for one in a log, 1 for a final one of the training set, 0 for anything else."""
    if not named(label, words):
        return 0
    final, training = named(label, _FINAL["accuracy"]), named(label, TRAINING)
    if training and not named(label, ("test", "eval", "evaluation", "held")):
        return int(final)
    return 3 if final else 2


def _time_likeness(label: str, words: Sequence[str], unit: bool) -> int:
    """5 for a training time, 4 for a time; 3 and 2 for what has no such word but a unit; 1 for a part of a training."""
    said, final = named(label, words), named(label, _FINAL["seconds"])
    if not said and not unit:
        return 0
    if named(label, PART):
        return 1
    return 2 + final + 2 * said


def named(text: str, words: Sequence[str]) -> bool:
    """`Test Accuracy` and `val_acc` contain the word `acc`, `accelerator` does not."""
    label = re.sub(r"[\W_]+", " ", text.casefold())
    return any(re.search(rf"\b{re.escape(word.casefold())}\b", label) for word in words)


def _has_unit(number: Number, quantity: Quantity) -> bool:
    if quantity == "seconds":
        return number.unit.casefold() in _SECONDS and number.value >= 0
    return number.unit in ("", "%", "percent") and 0 <= number.value <= 100


def value(number: Number, quantity: Quantity) -> float:
    """An accuracy as a share of 1 (`98.6 %` and `98.6` are 0.986), a time in seconds."""
    if quantity == "seconds":
        return number.value * _SECONDS[number.unit.casefold() or _unit_in(number.label)]
    return number.value / 100 if number.unit or number.value > 1 else number.value


def _unit_in(label: str) -> str:
    """The unit of `Training time (minutes): 1.4`."""
    units = [word for word in re.findall(r"[a-z]+", label.casefold()) if len(word) > 1 and word in _SECONDS]
    return next(reversed(units), "")
