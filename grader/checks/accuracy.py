"""The check `accuracy`."""

from __future__ import annotations

from pydantic import Field

from grader.checks.measured import Accuracy, measure, weights_stood_in
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear, percent, wilson
from grader.records import Evidence, Measurement, PredictRequest, Verdict


class Thresholds(Parameters):
    """Two accuracies between which the points grow linearly."""

    no_credit: float = Field(0.5, ge=0, le=1, description="Accuracy (0 to 1) up to which no points are given.")
    full_credit: float = Field(0.9, ge=0, le=1, description="Accuracy (0 to 1) from which all points are given.")


class AccuracyParameters(Thresholds):
    """On which data, and how good is good."""

    data: str = Field("mnist", description="Data set on whose held-out images the model is asked.")
    quick: Thresholds | None = Field(None, description="Other thresholds for profile `quick`, where training is cut.")
    stand_in: Thresholds | None = Field(
        None,
        description="Other thresholds where pretrained weights, or the data set, were a stand-in. Without them, points "
        "that random weights in place of pretrained ones may have cost wait for a person.",
    )


def _requests(parameters: AccuracyParameters, _seed: int) -> tuple[PredictRequest, ...]:
    return (PredictRequest(parameters.data),)


@check("accuracy", requests=_requests)
def accuracy(evidence: Evidence, parameters: AccuracyParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """How well does your trained model do on images that it has never seen?

    Your model gets held-out images through your own preprocessing, without their labels, and the accuracy is computed
    outside your code: what your code prints plays no part. Up to `no_credit` there are no points, from `full_credit`
    all of them, and a linear share between. A threshold within the 95 % interval of the measurement is decided in your
    favour. A model that was not trained, or that answers with one class for every image, gets nothing. Where pretrained
    weights were not to be had when your code was graded, you lose no points for what they would have brought.
    """
    measured = measure(evidence, parameters.data)
    if isinstance(measured, Verdict):
        return measured
    weights = weights_stood_in(evidence)
    limits = _limits(evidence, parameters, stood_in=bool(weights or parameters.data in evidence.stand_ins))
    share, plain = _earned(measured, limits), linear(measured.share, limits.no_credit, limits.full_credit)
    hint = "Look at the training curve: train longer, or check preprocessing, learning rate and loss."
    rationale = _rationale(measured, parameters.data, limits, borderline=share > plain)
    if weights:
        rationale += f" {weights}"
    if weights and share < 1 and parameters.stand_in is None:
        return Verdict(None, f"{rationale} A person will look.", "", (_shown(measured, limits),))
    return Verdict(share, rationale, "" if share >= 1 else hint, (_shown(measured, limits),), share > plain)


def _limits(evidence: Evidence, parameters: AccuracyParameters, *, stood_in: bool) -> Thresholds:
    quick = parameters.quick if evidence.profile == "quick" else None
    return (parameters.stand_in if stood_in else None) or quick or parameters


def _earned(measured: Accuracy, limits: Thresholds) -> float:
    """The share of the points; it never falls when the accuracy rises.

    A measurement that could be at `full_credit` counts as being there. One that could be above `no_credit` earns what
    the upper end of its interval earns, up to what the upper end earns for a measurement of exactly `no_credit`.
    """
    if measured.high >= limits.full_credit:
        return 1.0
    favour = wilson(int(limits.no_credit * measured.total), measured.total)[1]
    return linear(max(measured.share, min(measured.high, favour)), limits.no_credit, limits.full_credit)


def _rationale(measured: Accuracy, data: str, limits: Thresholds, *, borderline: bool) -> str:
    asked = f"{percent(limits.full_credit)} gives all points, {percent(limits.no_credit)} or less none"
    near = "A threshold lies within the interval: decided in your favour." if borderline else ""
    sentences = [f"Your model gets {measured} of {data} right; {asked}.", near, measured.context]
    return " ".join(filter(None, sentences))


def _shown(measured: Accuracy, limits: Thresholds) -> Measurement:
    return Measurement(
        "accuracy",
        measured.share,
        low=measured.low,
        high=measured.high,
        no_credit=limits.no_credit,
        full_credit=limits.full_credit,
        unit="share",
    )
