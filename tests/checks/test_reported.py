from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.reported import ReportedParameters, find, reported
from grader.records import CellRun, Evidence, Number, Prediction

LABELS = tuple(int(n) for n in np.arange(1000) % 10)
ACCURACY = ReportedParameters()
SECONDS = ReportedParameters(quantity="seconds")


@pytest.fixture
def measured(evidence: Any, lenet: Any, training: Any, npy: Any) -> Callable[..., Evidence]:
    """Evidence with a model that gets 85.0 % of the held-out images right."""

    def build(*numbers: Number, **more: Any) -> Evidence:
        chosen = np.where(np.arange(1000) < 850, np.arange(1000), np.arange(1000) + 1) % 10
        return evidence(
            models=(lenet(),),
            trainings=(training(),),
            predictions=(Prediction("mnist", 0, "", "out.npy"),),
            labels={"mnist": LABELS},
            blobs={"out.npy": npy(np.eye(10)[chosen])},
            numbers=numbers,
            **more,
        )

    return build


@pytest.mark.parametrize(
    "number",
    [
        Number("Test Accuracy", 85.2, "%"),
        Number("Test Accuracy", 85.2),
        Number("test_acc", 0.852),
        Number("accuracy", 83.0, "percent"),
    ],
)
def test_a_true_number(measured: Any, number: Number) -> None:
    verdict = reported(measured(number), ACCURACY, None)
    assert verdict.share == 1.0
    assert "measured 85.0 %" in verdict.rationale
    assert verdict.exhibits[0].claimed == pytest.approx(number.value / (100 if number.value > 1 else 1))


def test_a_lie(measured: Any) -> None:
    log = Number("val_accuracy", 0.849)
    verdict = reported(measured(log, Number("Accuracy", 99.2, "%")), ACCURACY, None)
    assert verdict.share == 0.0
    assert "Claimed 99.2 %, measured 85.0 %" in verdict.rationale


def test_a_number_without_a_model_behind_it(evidence: Any) -> None:
    seen = evidence(numbers=(Number("Accuracy", 85.0, "%"),), labels={"mnist": LABELS})
    verdict = reported(seen, ACCURACY, None)
    assert verdict.share == 0.0
    assert "Claimed 85.0 %, which cannot be confirmed" in verdict.rationale


def test_absent(measured: Any) -> None:
    verdict = reported(measured(claimed=(Number("Test Accuracy", 98.6, "%"),)), ACCURACY, None)
    assert verdict.share == 0.0
    assert "No accuracy was printed" in verdict.rationale
    assert "Your file claims 98.6 %" in verdict.rationale


def test_a_saved_output_that_differs_is_mentioned_and_costs_nothing(measured: Any) -> None:
    seen = measured(Number("Test accuracy", 85.2, "%"), claimed=(Number("Test accuracy", 98.6, "%"),))
    verdict = reported(seen, ACCURACY, None)
    assert verdict.share == 1.0
    assert "98.6 %: it is stale" in verdict.rationale


def test_without_a_data_set_nothing_can_be_confirmed(measured: Any) -> None:
    verdict = reported(measured(Number("accuracy", 0.85)), ReportedParameters(data=None), None)
    assert verdict.share is None


def test_which_of_many_numbers_is_the_reported_one() -> None:
    log = [Number("Epoch", 1), Number("loss", 0.3), Number("accuracy", 0.91), Number("val_accuracy", 0.85)]
    assert find([*log, Number("Train accuracy", 0.99)], ACCURACY) == log[3]
    assert find([*log, Number("Test accuracy", 0.84), Number("accuracy of class", 0.5)], ACCURACY).value == 0.84
    assert (
        find([Number("Accuracy on the", 10_000), Number("Accuracy on the test images", 95, "%")], ACCURACY).value == 95
    )
    assert find([Number("accelerator", 0.5), Number("time", 3.0, "s")], ACCURACY) is None


@pytest.mark.parametrize(
    ("number", "share"),
    [
        (Number("Training Time", 50.0, "seconds"), 1.0),
        (Number("Training time", 0.9, "minutes"), 1.0),
        (Number("Total training time", 60.0), 1.0),
        (Number("Training time", 600.0, "s"), 0.0),
        (Number("Training time", 0.002, "s"), 0.0),
    ],
)
def test_a_time_must_fit_the_time_outside(measured: Any, number: Number, share: float) -> None:
    verdict = reported(measured(number, runs=(CellRun(1, "ok", 60.0),)), SECONDS, None)
    assert verdict.share == share
    assert "measured 60.0 s" in verdict.rationale


def test_a_time_without_training_earns_nothing(evidence: Any) -> None:
    verdict = reported(evidence(numbers=(Number("Training time", 4.0, "s"),)), SECONDS, None)
    assert verdict.share == 0.0
    assert "no training was seen" in verdict.rationale
