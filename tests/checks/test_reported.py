from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checks.claims import find
from grader.checks.reported import ReportedParameters, reported
from grader.records import Cell, CellRun, Evidence, Number, Place, Prediction

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
            predictions=(Prediction("mnist", 0, "", "out.npy"),),
            labels={"mnist": LABELS},
            blobs={"out.npy": npy(np.eye(10)[chosen])},
            numbers=numbers,
            **{"trainings": (training(),), **more},
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
    assert "Not true: claimed 99.2 %, measured 85.0 %" in verdict.rationale


def test_a_number_without_a_model_behind_it(evidence: Any) -> None:
    seen = evidence(numbers=(Number("Accuracy", 85.0, "%"),), labels={"mnist": LABELS})
    verdict = reported(seen, ACCURACY, None)
    assert verdict.share == 0.0
    assert "Claimed 85.0 %, which cannot be confirmed" in verdict.rationale


def test_absent(measured: Any) -> None:
    verdict = reported(measured(), ACCURACY, None)
    assert verdict.share == 0.0
    assert verdict.rationale.startswith("Missing: no accuracy was printed")


@pytest.mark.parametrize(("claimed", "share"), [(85.2, 0.5), (98.6, 0.0)])
def test_a_number_that_only_the_file_shows(measured: Any, claimed: float, share: float) -> None:
    verdict = reported(measured(claimed=(Number("Test Accuracy", claimed, "%", 4),)), ACCURACY, None)
    assert verdict.share == share
    assert verdict.rationale.startswith("Stale: claimed" if share else "Not true: claimed")
    assert f"claimed {claimed} %, measured 85.0 %" in verdict.rationale
    assert "Only the output saved in your file" in verdict.rationale
    assert verdict.place == Place(4)


def test_a_number_that_only_the_file_shows_and_that_may_come_from_more_data(measured: Any, training: Any) -> None:
    cut = measured(claimed=(Number("Test Accuracy", 98.6, "%"),), trainings=(training(cut="after 2 s"),))
    assert reported(cut, ACCURACY, None).share is None
    time = measured(claimed=(Number("Training time", 98.6, "s"),))
    assert reported(time, SECONDS, None).share is None


def test_a_saved_output_that_differs_is_stale(measured: Any, training: Any) -> None:
    numbers = {"claimed": (Number("Test accuracy", 98.6, "%"),)}
    verdict = reported(measured(Number("Test accuracy", 85.2, "%"), **numbers), ACCURACY, None)
    assert verdict.share == 0.5
    assert verdict.rationale.startswith("Stale")
    assert "saved in your file says 98.6 %" in verdict.rationale
    mild = ACCURACY.model_copy(update={"stale": 1.0})
    assert reported(measured(Number("Test accuracy", 85.2, "%"), **numbers), mild, None).share == 1.0


@pytest.mark.parametrize("change", [{"cut": "after 2 s"}, {"images": 3500, "data_set": "mnist", "epochs": 1}])
def test_more_data_or_longer_training_elsewhere_is_no_fault(measured: Any, training: Any, change: Any) -> None:
    saved = (Number("Test accuracy", 98.6, "%"),)
    here = measured(Number("Test accuracy", 85.2, "%"), claimed=saved, trainings=(training(**change),))
    verdict = reported(here, ACCURACY, None)
    assert verdict.share == 1.0
    assert "98.6 %: it is stale, or comes from more data" in verdict.rationale


def test_a_true_number_that_is_typed_in_is_stale(measured: Any) -> None:
    code = (Cell(1, "code", "model = train()\nprint('Test accuracy: 85.2 %')"),)
    seen = replace(measured(Number("Test accuracy", 85.2, "%", 1)), cells=code)
    verdict = reported(seen, ACCURACY, None)
    assert verdict.share == 0.5
    assert "typed in" in verdict.rationale
    assert str(verdict.place) == "cell 1, line 2"
    computed = (Cell(1, "code", "target_acc = 0.852\nprint(f'Test accuracy: {acc} %')"),)
    verdict = reported(replace(seen, cells=computed), ACCURACY, None)
    assert verdict.share == 1.0
    assert str(verdict.place) == "cell 1, line 2"


def test_without_a_data_set_nothing_can_be_confirmed(measured: Any) -> None:
    verdict = reported(measured(Number("accuracy", 0.85)), ReportedParameters(data=None), None)
    assert verdict.share is None


def test_which_of_many_numbers_is_the_reported_one() -> None:
    log = [Number("Epoch", 1), Number("loss", 0.3), Number("accuracy", 0.91), Number("val_accuracy", 0.85)]
    assert find([*log, Number("Train accuracy", 0.99)], "accuracy") == log[3]
    assert find([*log, Number("Test accuracy", 0.84), Number("accuracy of class", 0.5)], "accuracy").value == 0.84
    assert (
        find([Number("Accuracy on the", 10_000), Number("Accuracy on the test images", 95, "%")], "accuracy").value
        == 95
    )
    assert find([Number("accelerator", 0.5), Number("time", 3.0, "s")], "accuracy") is None


@pytest.mark.parametrize(
    ("number", "share"),
    [
        (Number("Training Time", 50.0, "seconds"), 1.0),
        (Number("Training time", 0.9, "minutes"), 1.0),
        (Number("Total training time", 60.0), 1.0),
        (Number("Training time", 600.0, "s"), 0.0),
        (Number("Training time", 0.002, "s"), 0.0),
        (Number("Training time", 11.4, "s"), 0.0),
        (Number("Training time", 11.6, "s"), 1.0),
        (Number("Training time (minutes)", 0.9), 1.0),
        (Number("Training completed in", 50.0, "s"), 1.0),
        (Number("", 50.0, "seconds"), 1.0),
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


@pytest.mark.parametrize(("seconds", "share"), [(0.0, 0.0), (0.3, 1.0), (1.9, 1.0)])
def test_a_short_training_takes_more_than_no_time(measured: Any, seconds: float, share: float) -> None:
    seen = measured(Number("Training time", seconds, "s"), runs=(CellRun(1, "ok", 2.0),))
    assert reported(seen, SECONDS, None).share == share


def test_which_of_many_times_is_the_training_time() -> None:
    epochs = [Number("Epoch training time", 2.0, "s"), Number("Finished training in", 11.0, "seconds")]
    assert find([*epochs, Number("Epoch took", 3.0, "s")], "seconds") == epochs[1]
    assert find([Number("Total time", 11.0), *epochs, Number("loss", 0.3)], "seconds").value == 11.0
    assert find(epochs[:1], "seconds") == epochs[0]
    assert find([Number("batches", 11.0)], "seconds") is None


def test_an_accuracy_on_the_training_set_is_the_last_resort() -> None:
    final = Number("Final training accuracy", 99.0, "%")
    assert find([Number("val_acc", 0.9), final], "accuracy").value == 0.9
    assert find([final], "accuracy") == final
    assert find([Number("Training accuracy", 99.0, "%")], "accuracy") is None


def test_guessing_is_nothing_to_report(evidence: Any, lenet: Any, training: Any, npy: Any) -> None:
    chosen = np.where(np.arange(1000) < 110, np.arange(1000), np.arange(1000) + 1) % 10
    seen = evidence(
        models=(lenet(),),
        trainings=(training(),),
        predictions=(Prediction("mnist", 0, "", "out.npy"),),
        labels={"mnist": LABELS},
        blobs={"out.npy": npy(np.eye(10)[chosen])},
        numbers=(Number("Test accuracy", 11.0, "%"),),
    )
    verdict = reported(seen, ACCURACY, None)
    assert verdict.share == 0.0
    assert "no more than guessing" in verdict.rationale


def test_a_model_without_training_has_nothing_to_report(measured: Any, lenet: Any) -> None:
    seen = measured(Number("Test accuracy", 85.0, "%"))
    untrained = replace(seen.question.observation, models=(lenet(trained=False),), trainings=())
    verdict = reported(replace(seen, question=replace(seen.question, observation=untrained)), ACCURACY, None)
    assert verdict.share == 0.0
    assert "never trained" in verdict.rationale


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("epoch 1\nThe accuracy (in percent) is about 9e1 +- 2", None),
        ("accuracy: high", 0.0),
        ("train accuracy tensor([0.91])", 0.0),
        ("", 0.0),
    ],
)
def test_a_line_that_may_hold_the_number_goes_to_a_person(measured: Any, text: str, share: float | None) -> None:
    verdict = reported(measured(runs=(CellRun(1, "ok", 5.0, text),)), ACCURACY, None)
    assert verdict.share == share
    assert ("may hold it: “The accuracy (in percent)" in verdict.rationale) == (share is None)


def test_a_line_of_code_that_failed_or_trained_nothing_is_no_reason(measured: Any, evidence: Any) -> None:
    line = "accuracy is about 9e1 +- 2"
    assert reported(measured(runs=(CellRun(1, "error", 5.0, line),)), ACCURACY, None).share == 0.0
    assert reported(evidence(runs=(CellRun(1, "ok", 5.0, line),)), ACCURACY, None).share == 0.0
