"""An instructor's pytest file: points, fixtures, planned calls, and what goes wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.checks import CHECKS
from grader.checks.instructor_tests import planned
from grader.checks.tests import TestsParameters
from grader.errors import RubricError
from grader.records import Call, Evidence, Observation, QuestionTrace, Value

judge = CHECKS["tests"].function
FILE = '''
import numpy as np
import pytest

@pytest.mark.points(3)
@pytest.mark.call(("twice", "double"), np.array([1.0, 2.0]))
@pytest.mark.call("twice", lambda random: float(random.random()))
def test_doubles(call):
    """The function doubles what it gets."""
    assert call[0].result.tolist() == [2, 4]
    assert call[1].result == 2 * call[1].arguments[0]

def test_fixtures(answer, trace, reference):
    assert "some" in answer.text
    assert answer.values["total"] == 3
    assert trace.question == "q6"
    assert reference is None
'''


def asked(source: str, **more: Any) -> TestsParameters:
    return TestsParameters.model_validate({"file": {"name": "t.py", "source": source}, **more})


@pytest.fixture
def answer(evidence: Any) -> Any:
    """An answer whose function multiplies by a factor."""

    def build(factor: float, error: str = "") -> Evidence:
        calls = []
        for request in planned("t.py", FILE, 0):
            (argument,) = request.cases[0]
            flat = argument.values if isinstance(argument.values, tuple) else (argument.values,)
            value = Value("", "numpy.ndarray", "float64", argument.shape or (), tuple(factor * x for x in flat))
            calls.append(Call(request.id, 0, "twice", None if error else value, error=error))
        return evidence(calls=tuple(calls), values=(Value("total", "int", values=(3.0,)),))

    return build


def test_the_calls_are_planned_and_only_inputs_are_in_them() -> None:
    first, second = planned("t.py", FILE, 7)
    assert first.names == ("twice", "double")
    assert first.cases[0][0].values == (1.0, 2.0)
    assert second.cases != planned("t.py", FILE, 8)[1].cases
    assert (first, second) == planned("t.py", FILE, 7)
    assert CHECKS["tests"].requests(asked(FILE), 7) == (first, second)


def test_points_are_those_of_the_tests_that_pass(answer: Any) -> None:
    assert judge(answer(2), asked(FILE), None).share == 1.0
    part = judge(answer(3), asked(FILE), None)
    assert part.share == 0.25
    assert "1 of 2 tests passed, 1 of 4 points" in part.rationale


def test_hidden_tests_stay_hidden_and_public_ones_are_named(answer: Any) -> None:
    hidden, public = (judge(answer(3), asked(FILE, public=shown), None) for shown in (False, True))
    assert "doubles" not in hidden.rationale + hidden.hint
    assert "test_doubles: AssertionError: assert [3.0, 6.0] == [2, 4]" in hidden.instructor
    assert "Failed: The function doubles what it gets (AssertionError: assert [3.0, 6.0] == [2, 4])" in public.rationale


def test_a_call_that_failed_fails_its_test(answer: Any) -> None:
    verdict = judge(answer(2, "ValueError: no"), asked(FILE, public=True), None)
    assert verdict.share == 0.25
    assert "ValueError: no" in verdict.rationale


def test_a_test_that_cannot_run_is_no_fault_of_the_student(answer: Any) -> None:
    verdict = judge(answer(2), asked("def test_it(unknown): pass"), None)
    assert verdict.share is None
    assert "unknown" in verdict.instructor
    assert judge(answer(2), asked("x = 1"), None).share is None


def test_a_file_that_cannot_be_read_is_told_before_anything_runs() -> None:
    with pytest.raises(RubricError, match=r"t\.py cannot be read"):
        planned("t.py", "def broken(:", 0)


def test_the_file_lies_beside_the_rubric(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(FILE, encoding="utf-8")
    loaded = TestsParameters.model_validate({"file": "t.py"}, context=tmp_path / "r.yaml")
    assert loaded.file.source == FILE
    with pytest.raises(ValueError, match=r"none\.py cannot be read"):
        TestsParameters.model_validate({"file": "none.py"}, context=tmp_path / "r.yaml")


def test_an_answer_without_code_passes_no_test(evidence: Any) -> None:
    assert judge(evidence(runs=()), asked("def test_it(): pass"), None).share == 0.0


def test_expected_comes_from_the_same_inputs(answer: Any) -> None:
    source = FILE.split("def test_doubles", maxsplit=1)[0]
    source += "def test_doubles(call):\n    assert call[0].expected is None\n"
    other = Evidence(QuestionTrace("q6", answer(2).question.answer, observation=Observation("q6")), seed=99)
    assert judge(answer(2), asked(source), other).share == 1.0
