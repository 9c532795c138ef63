from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checks.function import FunctionParameters, Input, function, request_id
from grader.checks.registry import CHECKS
from grader.records import Argument, Call, ErrorTrace, Note, Value

P = FunctionParameters(names=("relu",), inputs=(Input(shape=(2, 2)),), cases=4)
(REQUEST,) = CHECKS["function"].requests(P, 7)


def called(evidence: Any, solve: Any, name: str = "relu", **changes: Any) -> Any:
    """Evidence of calling `solve` on the inputs that the check asked for."""
    calls = []
    for number, (argument,) in enumerate(REQUEST.cases):
        result = np.asarray(solve(np.reshape(argument.values, argument.shape)))
        value = Value("", "ndarray", str(result.dtype), result.shape, tuple(map(float, result.ravel())))
        calls.append(Call(REQUEST.id, number, name, value, **changes))
    return evidence(calls=tuple(calls))


@pytest.fixture
def reference(evidence: Any) -> Any:
    return called(evidence, lambda x: np.maximum(x, 0))


def test_right(evidence: Any, reference: Any) -> None:
    verdict = function(called(evidence, lambda x: x * (x > 0)), P, reference)
    assert verdict.share == 1.0
    assert "4 of 4 inputs" in verdict.rationale


def test_partly_right(evidence: Any, reference: Any) -> None:
    student = called(evidence, lambda x: np.maximum(x, 0))
    wrong = Call(REQUEST.id, 1, "relu", None, error="ValueError: no")
    calls = tuple(wrong if call.case == 1 else call for call in student.question.observation.calls)
    verdict = function(evidence(calls=calls), P, reference)
    assert verdict.share == 0.75
    assert "Input 2: it failed with ValueError: no" in verdict.rationale


@pytest.mark.parametrize(
    ("solve", "said"),
    [
        (np.abs, "not the expected result within 1e-06"),
        (lambda x: np.maximum(x, 0).ravel(), "the shape (4,), expected (2, 2)"),
    ],
)
def test_wrong(evidence: Any, reference: Any, solve: Any, said: str) -> None:
    verdict = function(called(evidence, solve), P, reference)
    assert verdict.share == 0.0
    assert said in verdict.rationale


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_constants_earn_nothing(evidence: Any, constant: float) -> None:
    reference = called(evidence, lambda x: np.maximum(x, 2) * (x[0, 0] > 0) if x[0, 0] < 0 else x)
    verdict = function(called(evidence, lambda x: np.full((2, 2), constant)), P, reference)
    assert verdict.share == 0.0
    assert "constant" in verdict.rationale


def test_an_input_that_is_changed_counts_as_wrong(evidence: Any, reference: Any) -> None:
    verdict = function(called(evidence, lambda x: np.maximum(x, 0), input_changed=True), P, reference)
    assert verdict.share == 0.0
    assert "changed its input" in verdict.rationale


def test_absent(evidence: Any, reference: Any) -> None:
    assert function(evidence(), P, reference).share == 0.0
    note = Note("missing", "No such package.", "skimage", "q6", 1)
    error = ErrorTrace("ModuleNotFoundError", "No module named 'skimage'", 1)
    assert function(evidence(notes=(note,), error=error), P, reference).share is None


def test_without_the_references_results_nothing_is_scored(evidence: Any) -> None:
    student = called(evidence, np.abs)
    assert function(student, P, None).share is None
    assert function(student, P, evidence(calls=(Call(REQUEST.id, 0, "relu", None, error="x"),))).share is None


def test_inputs_are_of_the_asked_type_and_range() -> None:
    asked = FunctionParameters(
        names=("f",),
        inputs=(Input(shape=(50,), dtype="int64", low=0, high=3), Input(value=2), Input(shape=())),
        cases=1,
    )
    (request,) = CHECKS["function"].requests(asked, 3)
    numbers, fixed, single = request.cases[0]
    assert set(numbers.values) == {0.0, 1.0, 2.0, 3.0}
    assert fixed == Argument(2)
    assert len(single.values) == 1
    assert request.id == request_id(asked)


@pytest.mark.parametrize(
    "wrong", [{}, {"shape": [2], "value": 1}, {"shape": [2], "low": 2, "high": 1}, {"shape": [1], "dtype": "object"}]
)
def test_inputs_that_make_no_sense_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Input.model_validate(wrong)


def unbound(evidence: Any, **more: Any) -> Any:
    call = Call(REQUEST.id, 0, "relu", None, error="NameError: name 'np' is not defined")
    return evidence(calls=tuple(replace(call, case=case) for case in range(P.cases)), **more)


def test_a_function_that_lacks_what_a_missing_package_kept_from_being_imported_is_unscored(
    evidence: Any, reference: Any
) -> None:
    note = Note("missing", "No such package.", "cv2", "q6", 1)
    error = ErrorTrace("ModuleNotFoundError", "No module named 'cv2'", 1)
    verdict = function(unbound(evidence, notes=(note,), error=error), P, reference)
    assert verdict.share is None
    assert "relu could not be called: NameError: name 'np' is not defined" in verdict.rationale
    echo = ErrorTrace("NameError", "name 'np' is not defined", 2, echo_of=1)
    assert function(unbound(evidence, notes=(note,), error=echo), P, reference).share is None


def test_a_function_that_lacks_an_import_of_its_own_earns_nothing(evidence: Any, reference: Any) -> None:
    assert function(unbound(evidence), P, reference).share == 0.0
    own = ErrorTrace("ValueError", "no", 1)
    assert function(unbound(evidence, error=own), P, reference).share == 0.0
