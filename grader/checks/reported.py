"""The check `reported`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from grader.checks import claims, code
from grader.checks.absence import absent, observed
from grader.checks.claims import Quantity, named, value
from grader.checks.measured import Accuracy, cut_words, fewer_pictures, measure, trained_on
from grader.checks.registry import Parameters, check
from grader.checks.scale import percent
from grader.records import Evidence, Measurement, Number, Place, PredictRequest, Verdict

# A training takes at least this share of the question's wall time, which includes imports, loading, evaluation and
# plots, and of a short one half a second less.
_LEAST_SHARE = 0.2
_OVERHEAD = 0.5  # seconds
_MOST_TEXT = 100_000  # characters of each cell that are searched for a line
_STALE = 0.05  # two runs of the same code do not differ by this much

Outcome = Literal["right", "stale", "untrue"]
_SAID: dict[Outcome, str] = {"right": "Right", "stale": "Stale", "untrue": "Not true"}
_HINTS: dict[Outcome, str] = {
    "right": "",
    "stale": "Let the code that you hand in print the number that it has just measured, then save the file once more.",
    "untrue": "Compute the number from what your model does on the test images, or from the clock, and print that.",
}


class ReportedParameters(Parameters):
    """Which number must be reported."""

    quantity: Quantity = Field("accuracy", description="What is reported: `accuracy` or `seconds` of training.")
    data: str | None = Field("mnist", description="Data set on which an accuracy is checked; null if there is none.")
    or_data: tuple[str, ...] = Field(
        (), description="Data sets that may be used instead: measured is on the one that was trained on."
    )
    words: tuple[str, ...] = Field((), description="Words beside the number (default: the usual ones, such as `acc`).")
    tolerance: float = Field(0.03, ge=0, description="How far an accuracy may lie outside the measured interval.")
    stale: float = Field(0.5, ge=0, le=1, description="Share for a stale number.")


def _requests(parameters: ReportedParameters, _seed: int) -> tuple[PredictRequest, ...]:
    if parameters.quantity != "accuracy" or parameters.data is None:
        return ()
    return tuple(map(PredictRequest, (parameters.data, *parameters.or_data)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a claim is compared with.

    Attributes:
        amount: A share of 1, or seconds.
        low: The least claim that fits.
        high: The greatest.
        text: The measurement in words, and what is allowed.
        context: Sentences on how it was measured.
        shown: Of the measurement: ends of its interval.
    """

    amount: float
    low: float
    high: float
    text: str
    context: str
    shown: Measurement

    def fits(self, claimed: float) -> bool:
        """Whether a claim may be true."""
        return self.low <= claimed <= self.high and claimed > 0


@check("reported", requests=_requests)
def reported(evidence: Evidence, parameters: ReportedParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Is the number that your code reports there, and is it true?

    The number is found in what your code prints when it is run here, by the words beside it. Of several, the last one
    that is named a final one counts (`Test accuracy`, `Training time`), else the last. An accuracy must agree with the
    one measured outside on held-out images, within the noise of the measurement and `tolerance`. A time must fit the
    time your cells took: it includes at least a fifth of it, and no more than all. A right number earns all points and
    a stale one the share `stale`: a true number that is typed in, that only the saved output of your file shows, or
    that this output contradicts. A saved number from more data or longer training than there was here contradicts
    nothing. A number that is missing or not true gets nothing, and neither does one without a trained model
    behind it, or with one that does no better than guessing.
    """
    if parameters.data is not None:
        data = trained_on(evidence, parameters.data, parameters.or_data)
        parameters = parameters.model_copy(update={"data": data})
    printed = claims.find(evidence.question.numbers, parameters.quantity, parameters.words)
    if printed is None and (line := _unread(evidence, parameters)):
        text = f"No {_name(parameters)} could be read from what was printed, but this line may hold it: “{line}”."
        return Verdict(None, f"{text} A person will look.")
    saved = claims.find(evidence.question.claimed, parameters.quantity, parameters.words)
    number = printed or saved
    if number is None:
        hint = "Print the number with a word before it that says what it is, and with its unit."
        return absent(evidence, f"Missing: no {_name(parameters)} was printed.", hint)
    measured = _MEASURES[parameters.quantity](evidence, parameters, number)
    if isinstance(measured, Verdict):
        return measured
    return (
        _of_saved(evidence, parameters, number, measured)
        if printed is None
        else _of_printed(evidence, parameters, printed, saved, measured)
    )


def _of_printed(
    evidence: Evidence, parameters: ReportedParameters, printed: Number, saved: Number | None, measured: Measured
) -> Verdict:
    claimed, where = value(printed, parameters.quantity), code.printed(evidence, printed)
    if not measured.fits(claimed):
        return _verdict("untrue", parameters, claimed, measured, where)
    if typed := _typed_in(evidence, parameters, printed):
        return _verdict("stale", parameters, claimed, measured, typed, "It is typed in and not computed.")
    differs = saved is not None and parameters.quantity == "accuracy" and abs(value(saved, "accuracy") - claimed)
    if saved is None or not differs or differs <= _STALE:
        return _verdict("right", parameters, claimed, measured, where)
    said = f"The output saved in your file says {_text(saved, parameters)}"
    if excuse := _excuse(evidence, parameters):
        return _verdict("right", parameters, claimed, measured, where, f"{said}: {excuse}")
    return _verdict("stale", parameters, claimed, measured, where, f"{said}, which is not what this code gives.")


def _of_saved(evidence: Evidence, parameters: ReportedParameters, saved: Number, measured: Measured) -> Verdict:
    """Only the file shows a number: this run printed none."""
    claimed = value(saved, parameters.quantity)
    where = None if saved.cell is None else Place(saved.cell)
    only = "Only the output saved in your file says so: this run did not print it."
    if parameters.quantity == "accuracy" and measured.fits(claimed):
        return _verdict("stale", parameters, claimed, measured, where, only)
    excuse = _excuse(evidence, parameters)
    told = replace(
        _verdict("untrue", parameters, claimed, measured, where, only), hint="Print the number when it is computed."
    )
    if parameters.quantity == "accuracy" and not excuse:
        return told
    why = excuse or "The time of another machine cannot be measured again here."
    return replace(told, share=None, rationale=f"Stale: {told.rationale.partition(': ')[2]} {why} A person will look.")


def _verdict(
    outcome: Outcome,
    parameters: ReportedParameters,
    claimed: float,
    measured: Measured,
    where: Place | None,
    more: str = "",
) -> Verdict:
    share = {"right": 1.0, "stale": parameters.stale, "untrue": 0.0}[outcome]
    text = f"{_SAID[outcome]}: claimed {_amount(claimed, parameters)}, measured {measured.text}."
    text = " ".join(filter(None, [text, more, measured.context]))
    shown = replace(measured.shown, claimed=claimed)
    return Verdict(share, text, _HINTS[outcome], (shown,), place=where)


# --- what is measured -----------------------------------------------------------------------------------------------


def _accuracy(evidence: Evidence, parameters: ReportedParameters, number: Number) -> Measured | Verdict:
    claimed = _text(number, parameters)
    if parameters.data is None:
        return Verdict(None, f"Claimed {claimed}; no data set is here to measure it on. A person will look.")
    found = measure(evidence, parameters.data)
    if isinstance(found, Verdict):
        return replace(found, rationale=f"Claimed {claimed}, which cannot be confirmed. {found.rationale}")
    if not found.above_chance:
        text = f"Not true: claimed {claimed}, measured {found}: that is no more than guessing gives."
        hint = "Train the model until it has learned something, then report what it does."
        return Verdict(0.0, text, hint, place=code.printed(evidence, number))
    return _of_accuracy(found, parameters)


def _of_accuracy(found: Accuracy, parameters: ReportedParameters) -> Measured:
    shown = Measurement("accuracy", found.share, low=found.low, high=found.high, unit="share")
    text = f"{found}; {percent(parameters.tolerance)} beyond the interval is allowed"
    low, high = found.low - parameters.tolerance, found.high + parameters.tolerance
    return Measured(found.share, low, high, text, found.context, shown)


def _seconds(evidence: Evidence, parameters: ReportedParameters, number: Number) -> Measured | Verdict:
    wall = evidence.question.seconds
    if not _trained(evidence):
        text = f"Claimed {_text(number, parameters)}, but no training was seen that changed a model's weights."
        return absent(evidence, text, "Train the model and take the time around the training loop.")
    low, high = max(0.0, _LEAST_SHARE * wall - _OVERHEAD), 1.1 * wall + 1
    text = f"{wall:.1f} s for all cells of this question; between {low:.1f} s and {high:.1f} s fits"
    return Measured(wall, low, high, text, "", Measurement("time", wall, unit="s"))


_MEASURES: dict[Quantity, Callable[[Evidence, ReportedParameters, Number], Measured | Verdict]] = {
    "accuracy": _accuracy,
    "seconds": _seconds,
}


# --- where a number comes from --------------------------------------------------------------------------------------


def _typed_in(evidence: Evidence, parameters: ReportedParameters, number: Number) -> Place | None:
    """Where this number is printed without being computed; None if it is not."""
    words = [word.casefold() for word in parameters.words or claims.WORDS[parameters.quantity]]
    digits = f"{number.value:g}"

    def fits(node: ast.AST) -> bool:
        if not (isinstance(node, ast.Call) and any(code.types_in(node, word) for word in words)):
            return False
        return any(isinstance(a, ast.Constant) and digits in str(a.value) for a in node.args)

    return code.place(evidence, fits)


def _excuse(evidence: Evidence, parameters: ReportedParameters) -> str:
    """Why a run elsewhere may have given another accuracy; empty if nothing is known."""
    data = parameters.data or ""
    if cut_words(evidence) or data in evidence.stand_ins or fewer_pictures(evidence, data):
        return "it is stale, or comes from more data or longer training than there was here."
    return ""


def _unread(evidence: Evidence, parameters: ReportedParameters) -> str:
    """A printed line that has one of the words and a number: where the code ran, a person must look at it."""
    if evidence.question.ran != "passed" or not _trained(evidence):
        return ""
    words = parameters.words or claims.WORDS[parameters.quantity]
    other = claims.TRAINING if parameters.quantity == "accuracy" else claims.PART
    lines = [line.strip() for run in evidence.question.runs for line in run.text[-_MOST_TEXT:].splitlines()]
    fitting = (line for line in lines if named(line, words) and not named(line, other))
    return next((line[:200] for line in fitting if re.search(r"\d", line)), "")


def _trained(evidence: Evidence) -> bool:
    return any(training.changed for training in observed(evidence).trainings)


def _name(parameters: ReportedParameters) -> str:
    return "accuracy" if parameters.quantity == "accuracy" else "time"


def _text(number: Number, parameters: ReportedParameters) -> str:
    return _amount(value(number, parameters.quantity), parameters)


def _amount(amount: float, parameters: ReportedParameters) -> str:
    return percent(amount) if parameters.quantity == "accuracy" else f"{amount:.1f} s"
