"""The check `reported`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from grader.checks.absence import absent, observed
from grader.checks.measured import measure
from grader.checks.registry import Parameters, check
from grader.checks.scale import percent
from grader.records import Evidence, Measurement, Number, PredictRequest, Verdict

Quantity = Literal["accuracy", "seconds"]

_WORDS: dict[Quantity, tuple[str, ...]] = {
    "accuracy": ("accuracy", "acc"),
    "seconds": ("time", "took", "duration", "elapsed", "seconds"),
}
# Words that tell the final number from those of a training log.
_FINAL: dict[Quantity, tuple[str, ...]] = {
    "accuracy": ("test", "final", "eval", "evaluation", "held"),
    "seconds": ("training", "train", "total"),
}
_TRAINING = ("train", "training")
# A time with one of these words is no time of the whole training.
_PART = ("epoch", "batch", "step", "inference", "prediction", "image")
_SECONDS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    "ms": 0.001,
}
# A training takes at least this share of the question's wall time, which includes imports, loading, evaluation and
# plots, and of a short one half a second less.
_LEAST_SHARE = 0.2
_OVERHEAD = 0.5  # seconds
_MOST_TEXT = 100_000  # characters of each cell that are searched for a line
_STALE = 0.05  # a saved accuracy further than this from the re-run's is worth a word


class ReportedParameters(Parameters):
    """Which number must be reported."""

    quantity: Quantity = Field("accuracy", description="What is reported: `accuracy` or `seconds` of training.")
    data: str | None = Field("mnist", description="Data set on which an accuracy is checked; null if there is none.")
    words: tuple[str, ...] = Field((), description="Words beside the number (default: the usual ones, such as `acc`).")
    tolerance: float = Field(0.03, ge=0, description="How far an accuracy may lie outside the measured interval.")


def _requests(parameters: ReportedParameters, _seed: int) -> tuple[PredictRequest, ...]:
    if parameters.quantity != "accuracy" or parameters.data is None:
        return ()
    return (PredictRequest(parameters.data),)


@check("reported", requests=_requests)
def reported(evidence: Evidence, parameters: ReportedParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Is the number that your code reports there, and is it true?

    The number is found in what your code prints when it is run here, by the words beside it. Of several, the last one
    that is named a final one counts (`Test accuracy`, `Training time`), else the last. An accuracy must agree with the
    one measured outside on held-out images, within the noise of the measurement and `tolerance`. A time must fit the
    time your cells took: it includes at least a fifth of it, and no more than all. A number that is not printed, or not
    true, gets nothing, and neither does a number without a trained model behind it, or with one that does no better
    than guessing. Numbers saved in your file are only compared and mentioned.
    """
    number = find(evidence.question.numbers, parameters)
    if number is None and (line := _unread(evidence, parameters)):
        text = f"No {_name(parameters)} could be read from what was printed, but this line may hold it: “{line}”."
        return Verdict(None, f"{text} A person will look.")
    if number is None:
        saved = find(evidence.question.claimed, parameters)
        note = f" Your file claims {_text(saved, parameters)}, but this run did not print it." if saved else ""
        hint = "Print the number with a word before it that says what it is, and with its unit."
        return absent(evidence, f"No {_name(parameters)} was printed.{note}", hint)
    judge = _accuracy if parameters.quantity == "accuracy" else _seconds
    return judge(evidence, parameters, number)


def find(numbers: Sequence[Number], parameters: ReportedParameters) -> Number | None:
    """The reported number: the last one of those that say best that they are it."""
    likeness = _accuracy_likeness if parameters.quantity == "accuracy" else _time_likeness
    fitting = [n for n in numbers if _has_unit(n, parameters.quantity)]
    ranked = [(likeness(n.label, _words(parameters), bool(n.unit)), n) for n in fitting]
    best = max((rank for rank, _ in ranked), default=0)
    return next((number for rank, number in reversed(ranked) if rank == best > 0), None)


def _accuracy_likeness(label: str, words: Sequence[str], unit: bool) -> int:  # noqa: ARG001
    """3 for a final accuracy, 2 for one in a log, 1 for a final one of the training set, 0 for anything else."""
    if not _named(label, words):
        return 0
    final, training = _named(label, _FINAL["accuracy"]), _named(label, _TRAINING)
    if training and not _named(label, ("test", "eval", "evaluation", "held")):
        return int(final)
    return 3 if final else 2


def _time_likeness(label: str, words: Sequence[str], unit: bool) -> int:
    """5 for a training time, 4 for a time; 3 and 2 for what has no such word but a unit; 1 for a part of a training."""
    named, final = _named(label, words), _named(label, _FINAL["seconds"])
    if not named and not unit:
        return 0
    if _named(label, _PART):
        return 1
    return 2 + final + 2 * named


def _words(parameters: ReportedParameters) -> tuple[str, ...]:
    return parameters.words or _WORDS[parameters.quantity]


def _named(text: str, words: Sequence[str]) -> bool:
    """`Test Accuracy` and `val_acc` contain the word `acc`, `accelerator` does not."""
    label = re.sub(r"[\W_]+", " ", text.casefold())
    return any(re.search(rf"\b{re.escape(word.casefold())}\b", label) for word in words)


def _unread(evidence: Evidence, parameters: ReportedParameters) -> str:
    """A printed line that has one of the words and a number: where the code ran, a person must look at it."""
    if evidence.question.ran != "passed" or not _trained(evidence):
        return ""
    other = _TRAINING if parameters.quantity == "accuracy" else _PART
    lines = [line.strip() for run in evidence.question.runs for line in run.text[-_MOST_TEXT:].splitlines()]
    fitting = (line for line in lines if _named(line, _words(parameters)) and not _named(line, other))
    return next((line[:200] for line in fitting if re.search(r"\d", line)), "")


def _trained(evidence: Evidence) -> bool:
    return any(training.changed for training in observed(evidence).trainings)


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


def _name(parameters: ReportedParameters) -> str:
    return "accuracy" if parameters.quantity == "accuracy" else "time"


def _text(number: Number, parameters: ReportedParameters) -> str:
    amount = value(number, parameters.quantity)
    return percent(amount) if parameters.quantity == "accuracy" else f"{amount:.1f} s"


def _accuracy(evidence: Evidence, parameters: ReportedParameters, number: Number) -> Verdict:
    claimed = value(number, "accuracy")
    if parameters.data is None:
        return Verdict(None, f"Claimed {percent(claimed)}; no data set is here to measure it on. A person will look.")
    measured = measure(evidence, parameters.data)
    if isinstance(measured, Verdict):
        text = f"Claimed {percent(claimed)}, which cannot be confirmed. {measured.rationale}"
        return Verdict(measured.share, text, measured.hint)
    if not measured.above_chance:
        text = f"Claimed {percent(claimed)}, measured {measured}: that is no more than guessing gives."
        return Verdict(0.0, text, "Train the model until it has learned something, then report what it does.")
    low, high = measured.low - parameters.tolerance, measured.high + parameters.tolerance
    true = low <= claimed <= high
    shown = Measurement("accuracy", measured.share, claimed, measured.low, measured.high, unit="share")
    verb = "Reported" if true else "Claimed"
    text = f"{verb} {percent(claimed)}, measured {measured}; {_allowed(parameters)}."
    text = " ".join(filter(None, [text, measured.context, _stale(evidence, parameters, claimed)]))
    hint = "" if true else "Compute the number from your model's predictions on the test images, and print that."
    return Verdict(float(true), text, hint, (shown,))


def _allowed(parameters: ReportedParameters) -> str:
    return f"{percent(parameters.tolerance)} beyond the interval is allowed"


def _stale(evidence: Evidence, parameters: ReportedParameters, printed: float) -> str:
    saved = find(evidence.question.claimed, parameters)
    if saved is None or abs(value(saved, "accuracy") - printed) <= _STALE:
        return ""
    claimed = percent(value(saved, "accuracy"))
    return f"The output saved in your file says {claimed}: it is stale, or comes from other data or longer training."


def _seconds(evidence: Evidence, parameters: ReportedParameters, number: Number) -> Verdict:
    claimed, wall = value(number, "seconds"), evidence.question.seconds
    if not _trained(evidence):
        text = f"Claimed {_text(number, parameters)}, but no training was seen that changed a model's weights."
        return absent(evidence, text, "Train the model and take the time around the training loop.")
    low, high = max(0.0, _LEAST_SHARE * wall - _OVERHEAD), 1.1 * wall + 1
    true = claimed > 0 and low <= claimed <= high
    shown = Measurement("time", wall, claimed, unit="s")
    verb = "Reported" if true else "Claimed"
    bounds = f"between {low:.1f} s and {high:.1f} s fits"
    text = f"{verb} {claimed:.1f} s, measured {wall:.1f} s for all cells of this question; {bounds}."
    hint = "" if true else "Take the time once before and once after the training loop, and print the difference."
    return Verdict(float(true), text, hint, (shown,))
