from __future__ import annotations

import pytest

from grader.checks import CHECKS, Parameters, check
from grader.errors import RubricError
from grader.records import CallRequest, Evidence, PredictRequest, Verdict

NAMES = tuple(CHECKS)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_student_reads_is_a_question_and_how_points_are_given(name: str) -> None:
    first, *rest = CHECKS[name].description.splitlines()
    assert first.endswith("?")
    assert len(" ".join(rest)) > 100
    assert "Args:" not in rest


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_described(name: str) -> None:
    assert all(field.description for field in CHECKS[name].parameters.model_fields.values())


def test_a_taken_name_is_refused() -> None:
    def judge(evidence: Evidence, parameters: Parameters, reference: Evidence | None) -> Verdict:
        return Verdict(1.0, "")

    with pytest.raises(RubricError, match="registered twice"):
        check("runs")(judge)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="full_credits"):
        CHECKS["timing"].parameters.model_validate({"full_credits": 2})


def test_requests_hold_no_threshold_and_are_equal_for_equal_seeds() -> None:
    accuracy = CHECKS["accuracy"]
    assert accuracy.requests(accuracy.parameters.model_validate({"data": "cifar10"}), 1) == (PredictRequest("cifar10"),)
    reported = CHECKS["reported"]
    assert reported.requests(reported.parameters.model_validate({"quantity": "seconds"}), 1) == ()
    function = CHECKS["function"]
    parameters = function.parameters.model_validate({"names": ["relu"], "inputs": [{"shape": [2, 3]}], "cases": 3})
    (request,) = function.requests(parameters, 1)
    assert isinstance(request, CallRequest)
    assert len(request.cases) == 3
    assert request == function.requests(parameters, 1)[0]
    assert request != function.requests(parameters, 2)[0]
