"""The check `accuracy`."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from grader.checks import code
from grader.checks.absence import observed
from grader.checks.measured import PUBLISHED, Accuracy, measure, trained_on, weights_stood_in
from grader.checks.metrics import NAMES, Metric, by_class, measured_by
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear, percent, wilson
from grader.records import Evidence, Measurement, PredictRequest, Verdict

_FEWEST = 1_000
_SLOW = (0.005, 0.05)  # learning rates with which SGD needs the steps of a whole data set, and learns with them


class Thresholds(Parameters):
    """Two accuracies between which the points grow linearly."""

    no_credit: float = Field(0.5, ge=0, le=1, description="Accuracy (0 to 1) up to which no points are given.")
    full_credit: float = Field(0.9, ge=0, le=1, description="Accuracy (0 to 1) from which all points are given.")


class AccuracyParameters(Thresholds):
    """On which data, and how good is good."""

    data: str = Field("mnist", description="Data set on whose held-out images the model is asked.")
    or_data: tuple[str, ...] = Field(
        (), description="Data sets that may be used instead: measured is on the one that was trained on."
    )
    metric: Metric = Field("accuracy", description="What is measured: `recall` is that of the worst class.")
    quick: Thresholds | None = Field(None, description="Other thresholds for profile `quick`, where training is cut.")
    stand_in: Thresholds | None = Field(
        None,
        description="Other thresholds where pretrained weights, or the data set, were a stand-in. Without them, points "
        "that the stand-in may have cost wait for a person.",
    )


def _requests(parameters: AccuracyParameters, _seed: int) -> tuple[PredictRequest, ...]:
    return tuple(map(PredictRequest, (parameters.data, *parameters.or_data)))


@check("accuracy", requests=_requests)
def accuracy(evidence: Evidence, parameters: AccuracyParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """How well does your trained model do on images that it has never seen?

    Your model gets held-out images through your own preprocessing, without their labels, and the accuracy is computed
    outside your code: what your code prints plays no part. Up to `no_credit` there are no points, from `full_credit`
    all of them, and a linear share between. A threshold within the 95 % interval of the measurement is decided in your
    favour. Where recall, F1 or AUROC are asked for, they take the place of the accuracy. A model that was not trained,
    or that answers with one class for every image, gets nothing. Where the real data or pretrained weights were not to
    be had when your code was graded, you lose no points for what they would have brought. The same holds for plain
    gradient descent where fewer pictures than the data set has were served: it needs many steps.
    """
    data = trained_on(evidence, parameters.data, parameters.or_data)
    parameters = parameters.model_copy(update={"data": data})
    verdict = _judged(evidence, parameters)
    verdict = replace(verdict, place=verdict.place or code.trained(evidence))
    few = "" if verdict.share in (None, 1.0) else _too_few_steps(evidence, parameters.data)
    return replace(verdict, share=None, rationale=f"{verdict.rationale} {few} A person will look.") if few else verdict


def _judged(evidence: Evidence, parameters: AccuracyParameters) -> Verdict:
    measured = measure(evidence, parameters.data)
    if isinstance(measured, Verdict):
        return measured
    weights = weights_stood_in(evidence)
    stood_in = bool(weights or parameters.data in evidence.stand_ins)
    limits = _limits(evidence, parameters, stood_in=stood_in)
    verdict = _by_metric if parameters.metric != "accuracy" else _by_accuracy
    given = verdict(evidence, parameters, measured, limits)
    said = " ".join(filter(None, [given.rationale, weights]))
    if stood_in and given.share != 1 and parameters.stand_in is None:
        return Verdict(None, f"{said} A person will look.", "", given.exhibits)
    return replace(given, rationale=said)


def _by_accuracy(
    evidence: Evidence,  # noqa: ARG001  as for the other metrics
    parameters: AccuracyParameters,
    measured: Accuracy,
    limits: Thresholds,
) -> Verdict:
    share, plain = _earned(measured, limits), linear(measured.share, limits.no_credit, limits.full_credit)
    hint = "Look at the training curve: train longer, or check preprocessing, learning rate and loss."
    rationale = _rationale(measured, parameters.data, limits, borderline=share > plain)
    return Verdict(share, rationale, "" if share >= 1 else hint, (_shown(measured, limits),), share > plain)


def _by_metric(evidence: Evidence, parameters: AccuracyParameters, measured: Accuracy, limits: Thresholds) -> Verdict:
    labels, name = evidence.labels[parameters.data], NAMES[parameters.metric]
    value, low, high = measured_by(parameters.metric, measured.scores, measured.chosen, labels)
    if not measured.above_chance:
        text = f"Your model gets {measured} of {parameters.data} right, which is no more than guessing gives."
        return Verdict(0.0, text, "Check preprocessing, learning rate and loss.")
    plain = linear(value, limits.no_credit, limits.full_credit)
    share = 1.0 if high >= limits.full_credit else plain
    asked = f"{limits.full_credit:.3g} gives all points, {limits.no_credit:.3g} or less none"
    near = "The threshold lies within the interval: decided in your favour." if share > plain else ""
    text = f"The {name} is {value:.3f} on {measured.total:,} held-out images of {parameters.data}"
    text = f"{text} (95 % interval {low:.3f} to {high:.3f}); {asked}."
    said = " ".join(filter(None, [text, near, by_class(measured.chosen, labels), measured.context]))
    shown = Measurement(name, value, None, low, high, limits.no_credit, limits.full_credit)
    hint = "" if share >= 1 else "Look at the classes that the model misses: are they rare, or like another one?"
    return Verdict(share, said, hint, (shown,), share > plain)


def _too_few_steps(evidence: Evidence, data: str) -> str:
    """Why a low accuracy may come from the few pictures that are served; empty if it does not.

    Measured with LeNet-5 in five epochs (docs/data.md): with SGD at 0.01, 3,500 digits give 10 %, 60,000 give 95 %.
    Other optimizers and rates lose little, or would do no better on the whole set. A few batches are no epoch.
    """
    for training in observed(evidence).trainings:
        per_epoch = training.images / max(1, training.epochs)
        plain = training.optimizer == "SGD" and training.data_set == data and training.changed
        rates = training.learning_rates
        if plain and rates and _SLOW[0] <= max(rates) <= _SLOW[1] and _FEWEST <= per_epoch < PUBLISHED.get(data, 0) / 4:
            of = f"{per_epoch:,.0f} pictures, where {data} has {PUBLISHED[data]:,}"
            return f"An epoch of your training had {of}: plain gradient descent (SGD) takes too few steps on them."
    return ""


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
