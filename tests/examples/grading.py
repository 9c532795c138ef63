"""Grades the example hand-ins of one assignment, and compares them with what their `expected.yaml` says.

    profile: quick
    limits: {cell_seconds: 20}      # bounds that differ from the rubric's, so that a case is quick
    questions:
      q6: {points: 10, tolerance: 0.5, status: passed, ran: passed, criteria: {architecture: passed},
           reason: a phrase in a rationale or in the error, text: a phrase in the answer that was found}

What is left out is not compared. The tests are those of `Examples`; one file per assignment derives from it, so that
two workers share them.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.execute import Workplace, warmed
from grader.ingest import HandIn, find
from grader.pipeline import AnswerKey, Settings, answer_key, judge, prepare_workplace, run, run_reference
from grader.records import Grade, QuestionGrade
from grader.rubric import Rubric, load_rubric

ROOT = Path(__file__).parents[2]
REFERENCE = "reference"
AT_ONCE = 2
TOLERANCE = 0.01

MARKS = [
    pytest.mark.kernel,
    pytest.mark.torch,
    pytest.mark.tensorflow,
    pytest.mark.data,
    pytest.mark.timeout(1800),  # all examples of the assignment are graded before the first test
]


@dataclass(frozen=True)
class Expected:
    """One `expected.yaml`. An unknown key is a mistake of ours."""

    profile: str
    questions: dict[str, dict[str, Any]]
    limits: dict[str, float] = field(default_factory=dict)


def cases(assignment: str) -> list[str]:
    """The names of the example hand-ins."""
    return sorted(path.parent.name for path in (ROOT / "submissions" / assignment).glob("*/expected.yaml"))


def expected(assignment: str, case: str) -> Expected:
    return Expected(**yaml.safe_load((ROOT / "submissions" / assignment / case / "expected.yaml").read_text()))


def questions(assignment: str) -> list[tuple[str, str]]:
    """Each example with each question of which its `expected.yaml` says something."""
    return [(case, question) for case in cases(assignment) for question in expected(assignment, case).questions]


def graded(assignment: str) -> dict[str, Grade]:
    """The grades of all examples in warm kernels, two at once, and that of the reference under `REFERENCE`."""
    return asyncio.run(_graded(assignment))


async def _graded(assignment: str) -> dict[str, Grade]:
    rubric = load_rubric(ROOT / "rubrics" / f"{assignment}.yaml")
    async with warmed(prepare_workplace(rubric, Settings(profile="quick"))) as place:
        return await _graded_in(place, rubric)


async def _graded_in(place: Workplace, rubric: Rubric) -> dict[str, Grade]:
    reference = await run_reference(rubric, place)
    assert reference
    key = answer_key(rubric, reference)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(hand_in: HandIn, key: AnswerKey) -> tuple[str, Grade]:
        limits = place.limits.model_copy(update=expected(rubric.assignment, hand_in.id).limits)
        async with slots:
            return hand_in.id, judge(*await run(hand_in, rubric, replace(place, limits=limits)), rubric, key)

    hand_ins = find([ROOT / "submissions" / rubric.assignment])
    found = await asyncio.gather(*(one(hand_in, key) for hand_in in hand_ins))
    return {REFERENCE: judge(*reference, rubric, key), **dict(found)}


def differences(grades: Mapping[str, Grade], assignment: str, case: str, question: str) -> str:
    """How an answer's grade differs from what is expected, with all verdicts to see why; empty if it does not."""
    grade = next(q for q in grades[case].questions if q.id == question)
    found = list(_differing(grade, expected(assignment, case).questions[question]))
    return "\n".join([*found, *_described(grade)]) if found else ""


def _differing(grade: QuestionGrade, wanted: dict[str, Any]) -> Iterator[str]:
    points, tolerance = wanted.pop("points", None), wanted.pop("tolerance", TOLERANCE)
    if points is not None and abs(grade.points - points) > tolerance:
        yield f"{grade.points:g} points, expected {points} ± {tolerance}"
    for name in ("status", "ran"):
        value = wanted.pop(name, None)
        if value is not None and getattr(grade, name) != value:
            yield f"{name} {getattr(grade, name)}, expected {value}"
    statuses = {criterion.id: criterion.verdict.status for criterion in grade.criteria}
    for criterion, status in wanted.pop("criteria", {}).items():
        if statuses[criterion] != status:
            yield f"{criterion} {statuses[criterion]}, expected {status}"
    reason = wanted.pop("reason", "") or ""
    error = grade.error.message if grade.error else ""
    if not any(reason in text for text in (error, *(criterion.verdict.rationale for criterion in grade.criteria))):
        yield f"no rationale says {reason!r}"
    text = wanted.pop("text", "")
    if text not in grade.answer.text:
        yield f"the answer's text does not contain {text!r}: {grade.answer.text[:200]!r}"
    if wanted:
        yield f"unknown keys in expected.yaml: {sorted(wanted)}"


def _described(grade: QuestionGrade) -> Iterator[str]:
    yield f"error: {grade.error}"
    for criterion in grade.criteria:
        yield f"{criterion.id}: {criterion.verdict.status}, {criterion.verdict.rationale}"


def lost_by_reference(grades: Mapping[str, Grade]) -> list[str]:
    """The criteria in which the reference did not get everything that needs no person."""
    return [
        f"{question.id} {criterion.id}: {criterion.verdict.rationale}"
        for question in grades[REFERENCE].questions
        if question.answer.cells
        for criterion in question.criteria
        if criterion.verdict.status != "passed" and criterion.check != "written"
    ]


def dull_criteria(grades: Mapping[str, Grade]) -> list[tuple[str, str]]:
    """The criteria that all examples pass, or all fail: they would show nothing."""
    seen: dict[tuple[str, str], set[str]] = {}
    for case in grades.keys() - {REFERENCE}:
        for question in grades[case].questions:
            for criterion in question.criteria:
                seen.setdefault((question.id, criterion.id), set()).add(criterion.verdict.status)
    return sorted(criterion for criterion, statuses in seen.items() if len(statuses) < 2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each example and question. A test file imports this beside `Examples`."""
    if {"case", "question"} <= set(metafunc.fixturenames):
        metafunc.parametrize(("case", "question"), questions(metafunc.cls.assignment))


class Examples:
    """The example hand-ins of an assignment get what they should, and the reference everything.

    Attributes:
        assignment: Its name.
        at_least: So many examples it has.
        for_people: Criteria that no example tells apart, as a person reads them.
    """

    assignment: str
    at_least: int
    for_people: frozenset[tuple[str, str]] = frozenset()

    @pytest.fixture(scope="class")
    @classmethod
    def grades(cls) -> dict[str, Grade]:
        return graded(cls.assignment)

    def test_every_example_is_found(self, grades):
        assert sorted(grades) == sorted([*cases(self.assignment), REFERENCE])
        assert len(cases(self.assignment)) >= self.at_least

    def test_example_gets_what_is_expected(self, grades, case, question):
        assert not differences(grades, self.assignment, case, question)

    def test_the_reference_gets_everything(self, grades):
        assert not lost_by_reference(grades)

    def test_each_criterion_tells_examples_apart(self, grades):
        assert set(dull_criteria(grades)) <= self.for_people
