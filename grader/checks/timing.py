"""The check `timing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from pydantic import Field, model_validator

from grader.checks import code
from grader.checks.absence import absent, observed
from grader.checks.measured import cut_words
from grader.checks.models import find
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear
from grader.records import Evidence, Measurement, Place, PredictRequest, Training, Verdict

# Two runs of the same code on a busy machine differ by this much.
_NOISE = 0.1
_OVERHEAD = 0.5  # seconds of a question that are no training: imports, loading
_LEAST_SHARE = 0.2  # of the other seconds of its cells, a training takes at least this


class TimingParameters(Parameters):
    """What is timed, and how many times the reference's time it may take."""

    phase: Literal["training", "inference"] = Field("training", description="What is timed.")
    at_most: float = Field(3.0, gt=0, description="Up to so many times the reference's time all points are given.")
    no_credit: float = Field(10.0, gt=0, description="From so many times on no points are given.")
    data: str | None = Field(None, description="Data set on whose held-out images inference is timed.")
    repeats: int = Field(
        5, ge=1, le=100, description="How often inference is timed: the median counts. Epochs repeat a training."
    )

    @model_validator(mode="after")
    def _in_order(self) -> TimingParameters:
        if self.no_credit <= self.at_most:
            raise ValueError("'no_credit' must be above 'at_most'")
        if self.phase == "inference" and self.data is None:
            raise ValueError("'phase: inference' needs 'data', the data set whose images are used")
        return self


def _requests(parameters: TimingParameters, _seed: int) -> tuple[PredictRequest, ...]:
    if parameters.phase == "training" or parameters.data is None:
        return ()
    return (PredictRequest(parameters.data, parameters.repeats),)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something takes.

    Attributes:
        seconds: For 1,000 pictures, once per repeat.
        bound: What all cells of the question took by the clock outside of the sandbox, if they have to do with it.
        plausible: The repeats fit what that clock says.
    """

    seconds: tuple[float, ...]
    bound: float | None = None
    plausible: bool = True

    @property
    def usual(self) -> float:
        """The median of the repeats, in seconds for 1,000 pictures."""
        return median(self.seconds)

    @property
    def spread(self) -> float:
        """How far half of the repeats lie from the median, as a share of it."""
        return median(abs(value - self.usual) for value in self.seconds) / self.usual


@check("timing", requests=_requests)
def timing(evidence: Evidence, parameters: TimingParameters, reference: Evidence | None) -> Verdict:
    """How long does your training, or your trained network, take?

    The time is taken per picture, so that it does not matter how many epochs you train and what the budget cut, and
    divided by that of the reference solution on the same machine. Of several epochs, or of repeated passes, the median
    counts. Up to the ratio `at_most` you get all points, from `no_credit` on none, a linear share between. What lies
    within the noise of `at_most` (the spread of the repeats, at least 10 %) goes to your favour. Code that fails, or
    that trains nothing, gets nothing: it is not fast, it is unfinished. What the budget cut is said beside it.
    """
    if evidence.question.ran != "passed":
        what = "did not run to its end" if evidence.question.runs else "is not there"
        return absent(evidence, f"The code {what}, so there is no time to compare.")
    if not any(training.changed for training in observed(evidence).trainings):
        return absent(evidence, "No training was seen that changed weights, so no time says anything.", "Train it.")
    paces = [pace(one, parameters) if one and one.question.ran == "passed" else None for one in (evidence, reference)]
    yours, theirs = paces
    if theirs is None:
        return Verdict(None, "There is no time of the reference solution to compare with. A person will look.")
    if yours is None:
        return Verdict(None, f"The time of your {parameters.phase} was not seen. A person will look.")
    return _compared(evidence, parameters, yours, theirs)


def pace(evidence: Evidence, parameters: TimingParameters) -> Pace | None:
    """How long training or inference takes for 1,000 pictures; None where that was not seen."""
    if parameters.phase == "training":
        return _training(evidence)
    found = [p for p in observed(evidence).predictions if p.data_set == parameters.data and p.seconds]
    seconds = tuple(1000 * value for value in found[-1].seconds) if found else ()
    return Pace(seconds) if seconds and min(seconds) > 0 else None


def _training(evidence: Evidence) -> Pace | None:
    stages = [t for t in observed(evidence).trainings if t.changed and t.images and sum(t.seconds) > 0]
    if not stages:
        return None
    images, inside = sum(t.images for t in stages), sum(sum(t.seconds) for t in stages)
    outside = evidence.question.seconds
    fits = _LEAST_SHARE * (outside - _OVERHEAD) <= inside <= 1.1 * outside + 1
    return Pace(_per_epoch(stages), 1000 * outside / images, fits)


def _per_epoch(stages: Sequence[Training]) -> tuple[float, ...]:
    """Seconds for 1,000 pictures: of each epoch, where all have equally many; else of each stage as a whole."""
    found: list[float] = []
    for stage in stages:
        whole = not stage.cut and stage.epochs == len(stage.seconds)
        parts = stage.seconds if whole else (sum(stage.seconds),)
        found += [1000 * seconds / (stage.images / len(parts)) for seconds in parts if seconds > 0]
    return tuple(found)


def _compared(evidence: Evidence, parameters: TimingParameters, yours: Pace, theirs: Pace) -> Verdict:
    ratio, place = yours.usual / theirs.usual, _place(evidence, parameters)
    times = f"1,000 pictures took {yours.usual:.3g} s in your {parameters.phase} (median of {len(yours.seconds)})"
    times = f"{times}, {theirs.usual:.3g} s in the reference on the same machine"
    asked = f"up to {parameters.at_most:g} times gives all points, {parameters.no_credit:g} times none"
    text = f"{times}: {ratio:.2g} times as long ({asked}). {cut_words(evidence)}".strip()
    shown = Measurement("time", ratio, None, None, None, parameters.no_credit, parameters.at_most, "× the reference")
    if not yours.plausible and (yours.bound is None or yours.bound > theirs.usual * parameters.at_most):
        outside = f"{evidence.question.seconds:.1f} s passed outside of your process"
        return Verdict(
            None, f"{text} That does not fit the clock: {outside}. A person will look.", "", (shown,), place=place
        )
    share = linear(ratio, parameters.no_credit, parameters.at_most)
    noise = max(_NOISE, yours.spread + theirs.spread)
    borderline = share < 1 and ratio <= parameters.at_most * (1 + noise)
    near = " It is within the noise of the limit, decided in your favour." if borderline else ""
    hint = "" if share == 1 or borderline else _hint(parameters)
    return Verdict(1.0 if borderline else share, f"{text}{near}", hint, (shown,), borderline, place=place)


def _place(evidence: Evidence, parameters: TimingParameters) -> Place | None:
    model = find(evidence, None)
    if parameters.phase == "training" or model is None:
        return code.trained(evidence)
    return code.defined(evidence, model.class_name, model.name)


def _hint(parameters: TimingParameters) -> str:
    if parameters.phase == "inference":
        return "Look for layers that are larger than needed, and for loops over pictures in the forward pass."
    return "Look for work that is done again and again inside the loop, and for batches that are too small."
