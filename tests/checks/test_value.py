from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.value import ValueParameters, value
from grader.records import Cell, Number, Value

OUT = ValueParameters(names=("out", "result"), compute="maximum(x, 0) * 2 - mean(x)")
X = Value("x", "numpy.ndarray", "float64", (3,), (-1.0, 1.0, 3.0))


def array(*values: float, shape: tuple[int, ...] = (3,)) -> Value:
    return Value("result", "numpy.ndarray", "float64", shape, values)


def test_the_right_result_is_worked_out_from_the_students_own_inputs(evidence: Any) -> None:
    assert value(evidence(values=(X, array(-1.0, 1.0, 5.0))), OUT, None).share == 1.0
    wrong = value(evidence(values=(X, array(-1.0, 1.0, 6.0))), OUT, None)
    assert wrong.share == 0.0
    assert "5" not in wrong.rationale
    assert "[-1, 1, 5]" in wrong.instructor
    assert (
        "shape (1, 3), expected (3,)" in value(evidence(values=(X, array(-1, 1, 5, shape=(1, 3)))), OUT, None).rationale
    )


def test_a_printed_number_is_found_by_its_word_and_a_claim_is_compared(evidence: Any) -> None:
    asked = ValueParameters(words=("parameters",), expected=61706)
    printed = (Number("Total parameters", 61706, cell=4),)
    assert value(evidence(numbers=printed), asked, None).share == 1.0
    stale = value(evidence(numbers=printed, claimed=(Number("parameters", 60000),)), asked, None)
    assert "claims 60000, measured 61706" in stale.rationale
    only = value(evidence(claimed=printed), asked, None)
    assert only.share == 0.0
    assert "claims 61706, but this run did not give it" in only.rationale


def test_a_typed_result_earns_nothing(evidence: Any) -> None:
    asked = ValueParameters(words=("parameters",), expected=61706)
    seen = evidence(numbers=(Number("parameters", 61706, cell=1),))
    code = (Cell(1, "code", "print('parameters:', 61706)"),)
    assert value(replace(seen, cells=code), asked, None).share == 0.0


def test_the_references_own_value_is_the_measure(evidence: Any) -> None:
    asked = ValueParameters(names=("result",))
    reference = evidence(values=(array(1, 2, 3),))
    assert value(evidence(values=(array(1, 2, 3),)), asked, reference).share == 1.0
    assert value(evidence(values=(array(1, 2, 3),)), asked, None).share is None


@pytest.mark.parametrize("formula", ["__import__('os')", "x.tofile('f')", "open(x)"])
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(ValueError, match="'compute' knows no"):
        ValueParameters(names=("a",), compute=formula)
