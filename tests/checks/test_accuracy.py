from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.accuracy import AccuracyParameters, Thresholds, accuracy
from grader.checks.measured import choices
from grader.checks.registry import CHECKS
from grader.records import ErrorTrace, Evidence, Note, Prediction

LABELS = tuple(int(n) for n in np.arange(1000) % 10)
P = AccuracyParameters(no_credit=0.5, full_credit=0.9)


def scores(right: float, *, rows: int = 1000, classes: int = 10) -> Any:
    """Scores whose largest is at the label for the first `right` share of the rows, and one beside it for the rest."""
    labels = np.arange(rows) % 10
    chosen = np.where(np.arange(rows) < right * rows, labels, (labels + 1) % 10)
    return np.eye(max(classes, 10))[chosen][:, :classes]


@pytest.fixture
def predicted(evidence: Any, lenet: Any, training: Any, npy: Any) -> Callable[..., Evidence]:
    def build(outputs: Any, *, trained: bool = True, cut: str = "", **more: Any) -> Evidence:
        return evidence(
            models=(lenet(trained=trained),),
            predictions=(Prediction("mnist", 0, "your transform", "out.npy"),),
            **{
                "trainings": (training(cut=cut),),
                "labels": {"mnist": LABELS},
                "blobs": {"out.npy": npy(outputs)},
                **more,
            },
        )

    return build


@pytest.mark.parametrize(("right", "share"), [(1.0, 1.0), (0.95, 1.0), (0.7, 0.5), (0.6, 0.25), (0.3, 0.0)])
def test_points_are_linear_between_the_thresholds(predicted: Any, right: float, share: float) -> None:
    verdict = accuracy(predicted(scores(right)), P, None)
    assert verdict.share == pytest.approx(share, abs=1e-9)
    assert f"{100 * right:.1f} % ({1000 * right:,.0f} of 1,000 held-out images" in verdict.rationale
    assert verdict.exhibits[0].measured == pytest.approx(right)
    assert verdict.exhibits[0].low < right


def test_the_noise_of_a_threshold_goes_to_the_students_favour(predicted: Any) -> None:
    verdict = accuracy(predicted(scores(0.885)), P, None)
    assert verdict.share == 1.0
    assert verdict.borderline
    below = accuracy(predicted(scores(0.49)), P, None)
    assert 0 < below.share < 0.1
    assert below.borderline


def test_points_never_fall_when_the_accuracy_rises(predicted: Any) -> None:
    shares = [accuracy(predicted(scores(right)), P, None).share for right in np.arange(0.4, 0.95, 0.005)]
    assert shares == sorted(shares)


def test_quick_has_its_own_thresholds_and_says_that_training_was_cut(predicted: Any) -> None:
    quick = AccuracyParameters(quick=Thresholds(no_credit=0.2, full_credit=0.5))
    seen = predicted(scores(0.6), profile="quick", cut="2 of 10 epochs")
    verdict = accuracy(seen, quick, None)
    assert verdict.share == 1.0
    assert "2 of 10 epochs" in verdict.rationale
    assert accuracy(predicted(scores(0.6), profile="full"), quick, None).share == pytest.approx(0.25)


def test_a_stand_in_is_named(predicted: Any) -> None:
    seen = predicted(scores(0.95), stand_ins={"mnist": "MNIST is not packaged: drawn digits stand in for it"})
    said = accuracy(seen, P, None).rationale
    assert "The real data set mnist is not used here. MNIST is not packaged: drawn digits stand in for it." in said


def test_points_that_a_stand_in_may_have_cost_wait_unless_there_are_thresholds_for_it(predicted: Any) -> None:
    verdict = accuracy(predicted(scores(0.6), stand_ins={"mnist": "MNIST is not packaged"}), P, None)
    assert verdict.share is None
    assert "MNIST is not packaged. A person will look." in verdict.rationale
    assert accuracy(predicted(scores(0.95), stand_ins={"mnist": "MNIST is not packaged"}), P, None).share == 1.0


@pytest.mark.parametrize("outputs", [np.zeros((1000, 10)), np.full((1000, 10), 0.1), np.eye(10)[[3] * 1000]])
def test_a_constant_answer_earns_nothing(predicted: Any, outputs: Any) -> None:
    easy = AccuracyParameters(no_credit=0.0, full_credit=0.1)
    verdict = accuracy(predicted(outputs), easy, None)
    assert verdict.share == 0.0
    assert "for all 1,000 held-out images" in verdict.rationale


def test_an_untrained_model_earns_nothing(predicted: Any) -> None:
    verdict = accuracy(predicted(scores(1.0), trained=False), P, None)
    assert verdict.share == 0.0
    assert "never trained" in verdict.rationale


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (scores(1.0, rows=4000), "4,000 rows for 1,000 images"),
        (scores(1.0, classes=7), "7 outputs per image where 10 classes"),
        (np.zeros((1000, 1)), "1 output per image where 10 classes"),
        (np.zeros((1000, 2, 5)), "shape 2×5 per image"),
    ],
)
def test_wrong_shapes_are_explained(predicted: Any, outputs: Any, said: str) -> None:
    verdict = accuracy(predicted(outputs), P, None)
    assert verdict.share == 0.0
    assert said in verdict.rationale


def test_one_sigmoid_output_for_two_classes() -> None:
    labels = np.array([0, 1, 1, 0])
    assert np.array_equal(choices(np.array([[0.1], [0.9], [0.6], [0.4]], np.float32)), labels)
    assert np.array_equal(choices(np.array([-3, 2, 0.2, -0.1], np.float32)), labels)


def test_what_is_not_finite_is_no_choice() -> None:
    rows = np.array([[0, 1], [np.nan, 1], [np.inf, 0]], np.float32)
    assert list(choices(rows)) == [1, -1, -1]


def test_nothing_at_all_earns_nothing(evidence: Any) -> None:
    verdict = accuracy(evidence(labels={"mnist": LABELS}), P, None)
    assert verdict.share == 0.0
    assert "No trained model" in verdict.rationale


def test_no_labels_and_unreadable_predictions_are_the_graders_fault(predicted: Any) -> None:
    assert accuracy(predicted(scores(1.0), labels={}), P, None).share is None
    assert accuracy(predicted(scores(1.0), blobs={"out.npy": b"broken"}), P, None).share is None
    assert accuracy(predicted(scores(1.0), blobs={}), P, None).share is None


def test_a_trained_model_that_could_not_be_asked_goes_to_a_person(evidence: Any, lenet: Any) -> None:
    asked = {"predictions": (Prediction("mnist", 0, error="no test transform was found"),), "labels": {"mnist": LABELS}}
    verdict = accuracy(evidence(models=(lenet(),), **asked), P, None)
    assert verdict.share is None
    assert "no test transform was found" in verdict.rationale
    assert accuracy(evidence(models=(lenet(trained=False),), **asked), P, None).share == 0.0


def test_missing_data_is_no_zero(evidence: Any) -> None:
    note = Note("missing", "No such folder.", "dataset/train", "q6", 1)
    error = ErrorTrace("FileNotFoundError", "dataset/train", 1)
    assert accuracy(evidence(notes=(note,), error=error, labels={"mnist": LABELS}), P, None).share is None


def test_the_trained_model_with_outputs_is_preferred(evidence: Any, lenet: Any, npy: Any) -> None:
    seen = evidence(
        models=(lenet(trained=False), lenet()),
        predictions=(
            Prediction("mnist", 0, "", "bad.npy"),
            Prediction("mnist", 1, "", "good.npy"),
            Prediction("mnist", 7),
        ),
        labels={"mnist": LABELS},
        blobs={"bad.npy": npy(scores(0.1)), "good.npy": npy(scores(0.96))},
    )
    assert accuracy(seen, P, None).share == 1.0


STOOD_IN = Note("stand-in", "weights vgg16-397923af.pth are not in the store", "vgg16-397923af.pth")


def test_points_that_random_weights_may_have_cost_wait_for_a_person(predicted: Any) -> None:
    verdict = accuracy(predicted(scores(0.6), notes=(STOOD_IN,)), P, None)
    assert verdict.share is None
    assert "Weights vgg16-397923af.pth are not in the store." in verdict.rationale
    assert accuracy(predicted(scores(0.95), notes=(STOOD_IN,)), P, None).share == 1.0


def test_stand_ins_have_their_own_thresholds(predicted: Any) -> None:
    easy = AccuracyParameters(no_credit=0.5, full_credit=0.9, stand_in=Thresholds(no_credit=0.1, full_credit=0.5))
    assert accuracy(predicted(scores(0.6), notes=(STOOD_IN,)), easy, None).share == 1.0
    assert accuracy(predicted(scores(0.6), stand_ins={"mnist": "drawn"}), easy, None).share == 1.0
    assert accuracy(predicted(scores(0.6)), easy, None).share == pytest.approx(0.25)
    lost = accuracy(predicted(scores(0.3), notes=(STOOD_IN,)), easy, None)
    assert lost.share == pytest.approx(0.5, abs=0.1)


def test_a_picture_that_stands_in_is_no_pretrained_network(predicted: Any) -> None:
    picture = Note("stand-in", "a cat stands in", "images/dog.jpg")
    assert accuracy(predicted(scores(0.6), notes=(picture,)), P, None).share == pytest.approx(0.25)


PLAIN = {"optimizer": "SGD", "learning_rates": (0.01,), "images": 17_500, "epochs": 5, "data_set": "mnist"}


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({}, True),
        ({"optimizer": "Adam"}, False),
        ({"learning_rates": (0.0001,)}, False),
        ({"images": 300_000}, False),
        ({"images": 640}, False),
        ({"data_set": "cifar10"}, False),
        ({"changed": 0}, False),
    ],
)
@pytest.mark.parametrize("outputs", [scores(0.3), np.full((1000, 10), 0.1)])
def test_few_pictures_cost_plain_gradient_descent_no_points(
    predicted: Any, training: Any, outputs: Any, changes: dict[str, Any], waits: bool
) -> None:
    seen = predicted(outputs, trainings=(training(**{**PLAIN, **changes}),))
    verdict = accuracy(seen, P, None)
    assert (verdict.share is None) == waits
    assert ("An epoch of your training had 3,500 pictures, where mnist has 60,000" in verdict.rationale) == waits


def test_what_is_earned_on_few_pictures_stays_earned(predicted: Any, training: Any) -> None:
    assert accuracy(predicted(scores(0.95), trainings=(training(**PLAIN),)), P, None).share == 1.0


@pytest.mark.parametrize(("trained_on", "share"), [("fashion_mnist", 1), ("mnist", 0), ("", 0), ("other", 0)])
def test_of_several_data_sets_the_one_that_was_trained_on(
    evidence: Any, lenet: Any, training: Any, npy: Any, trained_on: str, share: float
) -> None:
    asked = P.model_copy(update={"or_data": ("fashion_mnist",)})
    seen = evidence(
        models=(lenet(),),
        labels={"mnist": LABELS, "fashion_mnist": LABELS},
        predictions=(Prediction("mnist", 0, "", "out.npy"), Prediction("fashion_mnist", 0, "", "other.npy")),
        blobs={"out.npy": npy(scores(0.1)), "other.npy": npy(scores(1.0))},
        trainings=(training(data_set=trained_on),),
    )
    assert accuracy(seen, asked, None).share == share
    assert {request.data_set for request in CHECKS["accuracy"].requests(asked, 0)} == {"mnist", "fashion_mnist"}
