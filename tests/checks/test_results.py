"""Results of small array operations: found in what a student's code left behind and printed, and worked out anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checks.claimed import ClaimedParameters, claimed
from grader.checks.function import FunctionParameters, Input, function, request_id
from grader.checks.matrices import matrices_in
from grader.checks.results import by_own_arrays, cross_correlation, max_pool
from grader.records import Answer, Call, Cell, CellRun, Value

MATRIX = np.array([[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 2, 4]], float)
KERNEL = np.array([[1, 0], [0, -2]], float)
RIGHT = cross_correlation(MATRIX, KERNEL)
LOOPS = "M = np.array([[1, 2], [0, 1]])\nK = np.array([[1, 0]])\nout = convolve(M, K)"
ANY = ClaimedParameters(shape=(3, 3))


def value(name: str, array: Any) -> Value:
    return Value(name, "numpy.ndarray", "float64", array.shape, tuple(map(float, array.ravel())))


@pytest.fixture
def answer(evidence: Any) -> Any:
    """An answer with this code, text and printed text, and these arrays in variables."""

    def build(source: str = LOOPS, text: str = "", printed: str = "", saved: str = "", **arrays: Any) -> Any:
        run, words = CellRun(1, "ok", 1.0, printed), Answer("q6", (1,), text, 0.9)
        seen = evidence(runs=(run,), answer=words, values=tuple(value(n, a) for n, a in arrays.items()))
        return replace(seen, cells=(Cell(1, "code", source, saved_text=saved),))

    return build


@pytest.mark.parametrize(
    "text",
    [
        "[[1 2]\n [3 4]]",
        "[[1., 2.], [3., 4.]]",
        "tensor([[1., 2.],\n        [3., 4.]])",
        "[1, 2]\n[3, 4]",
        "# [[1 2]\n#  [3 4]]",
        "tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)",
    ],
)
def test_matrices_as_they_are_printed(text: str) -> None:
    (found,) = matrices_in(f"Expected output:\n{text}")
    assert found.values.tolist() == [[1, 2], [3, 4]]
    assert "expected" in found.words


def test_two_matrices_one_after_the_other() -> None:
    found = list(matrices_in("Input: [[1, 2], [3, 4]] Result: [[5, 6], [7, 8]], x[3], [a, b], []"))
    assert [m.values.tolist() for m in found] == [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[3]]]
    assert [m.words for m in found[:2]] == [("input",), ("result",)]


def test_a_result_is_worked_out_anew_from_the_students_own_arrays(answer: Any) -> None:
    right = by_own_arrays(answer(M=MATRIX, K=KERNEL, out=RIGHT), "convolution")
    assert (right.share, "convolution of M and K" in right.rationale) == (1.0, True)
    wrong = by_own_arrays(answer(M=MATRIX, K=KERNEL, out=RIGHT + 1), "convolution")
    assert wrong.share == 0.0
    assert str(RIGHT.tolist()) in wrong.instructor
    assert by_own_arrays(answer(M=MATRIX, out=max_pool(MATRIX)), "max_pool").share == 1.0
    assert by_own_arrays(answer(M=MATRIX - 1, out=np.maximum(MATRIX - 1, 0)), "relu").share == 1.0
    assert by_own_arrays(answer(), "convolution") is None


def test_a_printed_result_counts_and_a_typed_one_does_not(answer: Any) -> None:
    assert by_own_arrays(answer(M=MATRIX, K=KERNEL, printed=str(RIGHT)), "convolution").share == 1.0
    typed = f"out = np.array({RIGHT.tolist()})"
    assert by_own_arrays(answer(typed, M=MATRIX, K=KERNEL, out=RIGHT), "convolution").share == 0.0
    said = f"print('Output: {RIGHT.tolist()}')"
    assert by_own_arrays(answer(said, M=MATRIX, K=KERNEL, printed=str(RIGHT)), "convolution").share == 0.0


def test_what_is_positive_anyway_shows_no_relu(answer: Any) -> None:
    assert by_own_arrays(answer(a=MATRIX, b=MATRIX), "relu") is None


@pytest.mark.parametrize("error", ["", "TypeError: conv() missing 1 required positional argument: 'stride'"])
def test_only_without_a_function_to_call(answer: Any, error: str) -> None:
    asked = FunctionParameters(
        names=("conv",), inputs=(Input(shape=(4, 4)), Input(shape=(2, 2))), cases=1, operation="convolution"
    )
    calls = (Call(request_id(asked), 0, "conv" if error else "", None, error=error or "no function is called conv"),)
    seen = answer(M=MATRIX, K=KERNEL, out=RIGHT)
    observation = replace(seen.question.observation, calls=calls)
    seen = replace(seen, question=replace(seen.question, observation=observation))
    assert function(seen, asked, None).share == 1.0
    assert function(seen, asked.model_copy(update={"operation": None}), None).share != 1.0


CLAIMS = {
    "text": {"text": "Expected output: [[-1, -4, -2], [-2, 1, 3], [2, -3, -8]]"},
    "comment": {"source": LOOPS + "\n# The output should be\n# [[-1 -4 -2]\n#  [-2 1 3]\n#  [2 -3 -8]]"},
    "print": {"source": LOOPS + "\nprint('Expected output: [[-1, -4, -2], [-2, 1, 3], [2, -3, -8]]')"},
    "variable": {"source": LOOPS + "\nexpected = np.array([[-1, -4, -2], [-2, 1, 3], [2, -3, -8]])"},
    "docstring": {
        "source": LOOPS + "\ndef f():\n    '''Output for [[1, 2], [3, 4]]: [[-1,-4,-2],[-2,1,3],[2,-3,-8]]'''"
    },
    "saved": {"saved": "[[-1 -4 -2]\n [-2 1 3]\n [2 -3 -8]]"},
}


@pytest.mark.parametrize("where", CLAIMS)
def test_a_claim_is_compared_with_what_the_code_gives(answer: Any, where: str) -> None:
    written = np.array([[-1, -4, -2], [-2, 1, 3], [2, -3, -8]], float)
    assert np.array_equal(RIGHT, written)
    extra = {"expected": written} if where == "variable" else {}
    assert claimed(answer(out=written, **CLAIMS[where], **extra), ANY, None).share == 1.0
    measured = written + np.diag([0, 0, 2])
    false = claimed(answer(out=measured, **CLAIMS[where], **extra), ANY, None)
    assert false.share == 0.0
    assert "claimed -8, measured -6 in row 3, column 3 (out)" in false.rationale


def test_a_claim_without_a_computed_result_earns_nothing(answer: Any) -> None:
    typed = answer(f"out = {RIGHT.tolist()}\nprint(out)", out=RIGHT, printed=str(RIGHT.tolist()), **CLAIMS["text"])
    assert claimed(typed, ANY, None).share == 0.0


def test_a_result_of_random_numbers_may_differ_from_the_claim(answer: Any) -> None:
    source = "M = np.random.rand(4, 4)\nout = convolve(M, K)"
    assert claimed(answer(source, out=RIGHT + 1, **CLAIMS["text"]), ANY, None).share is None
    assert claimed(answer(source, out=RIGHT + 1, saved=CLAIMS["saved"]["saved"]), ANY, None).share == 1.0
