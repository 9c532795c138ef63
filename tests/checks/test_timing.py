from __future__ import annotations

from typing import Any

import pytest

from grader.checks.timing import TimingParameters, timing
from grader.records import CellRun

P = TimingParameters(full_credit=3, no_credit=10)


def took(seconds: float, status: Any = "ok") -> tuple[CellRun, ...]:
    return (CellRun(1, status, seconds),)


@pytest.mark.parametrize(("seconds", "share"), [(10, 1.0), (30, 1.0), (65, 0.5), (100, 0.0), (500, 0.0)])
def test_points_follow_the_ratio(evidence: Any, training: Any, seconds: float, share: float) -> None:
    trainings = (training(),)
    verdict = timing(evidence(runs=took(seconds), trainings=trainings), P, evidence(runs=took(10), trainings=trainings))
    assert verdict.share == pytest.approx(share)
    assert f"{seconds:.1f} s, the reference 10.0 s" in verdict.rationale
    assert verdict.exhibits[0].measured == pytest.approx(seconds / 10)


def test_noise_goes_to_the_students_favour(evidence: Any) -> None:
    verdict = timing(evidence(runs=took(32)), P, evidence(runs=took(10)))
    assert verdict.share == 1.0
    assert verdict.borderline


def test_a_crash_is_not_fast(evidence: Any) -> None:
    assert timing(evidence(runs=took(0.1, "error")), P, evidence(runs=took(10))).share == 0.0


def test_code_without_training_is_not_fast(evidence: Any, training: Any) -> None:
    reference = evidence(runs=took(10), trainings=(training(),))
    verdict = timing(evidence(runs=took(0.1)), P, reference)
    assert verdict.share == 0.0
    assert "No training" in verdict.rationale


def test_without_a_reference_nothing_is_scored(evidence: Any) -> None:
    assert timing(evidence(runs=took(10)), P, None).share is None
    assert timing(evidence(runs=took(10)), P, evidence(runs=took(10, "error"))).share is None
