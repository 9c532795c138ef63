from __future__ import annotations

from typing import Any

import pytest

from grader.checks.registry import CHECKS
from grader.checks.timing import TimingParameters, timing
from grader.records import CellRun, Prediction, PredictRequest

P = TimingParameters(at_most=3, no_credit=10)
INFERENCE = TimingParameters(phase="inference", data="mnist", repeats=3, at_most=3, no_credit=10)


def took(seconds: float, status: Any = "ok") -> tuple[CellRun, ...]:
    return (CellRun(1, status, seconds),)


@pytest.fixture
def trained(evidence: Any, training: Any) -> Any:
    """Evidence of epochs that took so long each, with 1,000 pictures in each."""

    def build(*seconds: float, outside: float | None = None, images: int = 1000, **changes: Any) -> Any:
        changes = {"epochs": len(seconds), "images": images * len(seconds), "seconds": seconds, **changes}
        return evidence(runs=took(sum(seconds) + 1 if outside is None else outside), trainings=(training(**changes),))

    return build


@pytest.mark.parametrize(("seconds", "share"), [(10, 1.0), (30, 1.0), (65, 0.5), (100, 0.0), (500, 0.0)])
def test_points_follow_the_ratio(trained: Any, seconds: float, share: float) -> None:
    verdict = timing(trained(seconds), P, trained(10))
    assert verdict.share == pytest.approx(share)
    assert f"{float(seconds):.3g} s in your training" in verdict.rationale
    assert "10 s in the reference" in verdict.rationale
    assert verdict.exhibits[0].measured == pytest.approx(seconds / 10)


def test_time_is_counted_per_picture(trained: Any) -> None:
    """Neither more epochs nor what the budget cut makes a training slow or fast."""
    reference = trained(10, 10)
    assert timing(trained(*[10.0] * 20), P, reference).exhibits[0].measured == pytest.approx(1)
    cut = trained(5, 1, 1, images=100, cut="after 5 s of training the pass stopped", epochs=3)
    verdict = timing(cut, P, reference)
    assert verdict.exhibits[0].measured == pytest.approx(7 / 0.3 / 10)
    assert "the pass stopped" in verdict.rationale


def test_the_median_of_the_epochs_counts(trained: Any) -> None:
    assert timing(trained(200, 10, 10), P, trained(10)).exhibits[0].measured == pytest.approx(1)


@pytest.mark.parametrize(("epochs", "share"), [((32,), 1.0), ((36,), 0.9142), ((28, 36, 44), 1.0)])
def test_noise_goes_to_the_students_favour(trained: Any, epochs: tuple[float, ...], share: float) -> None:
    verdict = timing(trained(*epochs), P, trained(10))
    assert verdict.share == pytest.approx(share, abs=1e-3)
    assert verdict.borderline == (share == 1.0)


def test_a_crash_is_not_fast(trained: Any, evidence: Any) -> None:
    assert timing(evidence(runs=took(0.1, "error")), P, trained(10)).share == 0.0
    assert timing(evidence(runs=()), P, trained(10)).share == 0.0


def test_code_without_training_is_not_fast(evidence: Any, training: Any, trained: Any) -> None:
    verdict = timing(evidence(runs=took(0.1)), P, trained(10))
    assert verdict.share == 0.0
    assert "No training" in verdict.rationale
    idle = evidence(runs=took(0.1), trainings=(training(changed=0, images=1000, seconds=(0.1,)),))
    assert timing(idle, P, trained(10)).share == 0.0


def test_a_clock_that_was_turned_back_gains_nothing(trained: Any) -> None:
    verdict = timing(trained(1, outside=100), P, trained(10))
    assert verdict.share is None
    assert "100.0 s passed outside" in verdict.rationale
    assert timing(trained(300, outside=100), P, trained(10)).share is None
    # By the clock outside it is within the limit at the worst.
    assert timing(trained(1, outside=29), P, trained(10)).share == 1.0


def test_without_times_nothing_is_scored(trained: Any, evidence: Any) -> None:
    assert timing(trained(10), P, None).share is None
    assert timing(trained(10), P, evidence(runs=took(10, "error"))).share is None
    assert timing(trained(), P, trained(10)).share is None


def test_inference(trained: Any, evidence: Any, training: Any) -> None:
    def passes(*seconds: float) -> Any:
        return evidence(trainings=(training(),), predictions=(Prediction("mnist", 0, outputs="o", seconds=seconds),))

    verdict = timing(passes(0.0065, 0.5, 0.0065), INFERENCE, passes(0.001, 0.001, 0.001))
    assert verdict.share == pytest.approx(0.5)
    assert "6.5 s in your inference (median of 3)" in verdict.rationale
    assert timing(passes(), INFERENCE, passes(0.1)).share is None
    assert CHECKS["timing"].requests(INFERENCE, 0) == (PredictRequest("mnist", 3),)
    assert CHECKS["timing"].requests(P, 0) == ()


@pytest.mark.parametrize("wrong", [{"at_most": 5, "no_credit": 5}, {"phase": "inference"}])
def test_what_makes_no_sense_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"must be above|needs 'data'"):
        TimingParameters.model_validate(wrong)
