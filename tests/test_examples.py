"""The example hand-ins get what their `expected.yaml` says, and the reference gets everything.

    profile: quick
    limits: {cell_seconds: 20}      # bounds that differ from the rubric's, so that a case is quick
    questions:
      q6: {points: 10, tolerance: 0.5, status: passed, ran: passed, criteria: {architecture: passed},
           reason: a phrase in a rationale or in the error, text: a phrase in the answer that was found}

What is left out is not compared.
"""

import asyncio
from collections.abc import Iterator
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

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "submissions" / "cnn-architectures"
CASES = sorted(path.parent.name for path in EXAMPLES.glob("*/expected.yaml"))
AT_ONCE = 2
TOLERANCE = 0.01

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.torch,
    pytest.mark.tensorflow,
    pytest.mark.data,
    pytest.mark.timeout(1800),  # all examples are graded before the first test
]


@dataclass(frozen=True)
class Expected:
    """One `expected.yaml`. An unknown key is a mistake of ours."""

    profile: str
    questions: dict[str, dict[str, Any]]
    limits: dict[str, float] = field(default_factory=dict)


def expected(case: str) -> Expected:
    return Expected(**yaml.safe_load((EXAMPLES / case / "expected.yaml").read_text()))


def questions() -> list[tuple[str, str]]:
    return [(case, question) for case in CASES for question in expected(case).questions]


@pytest.fixture(scope="module")
def grades() -> dict[str, Grade]:
    """The grades of all examples, and that of the reference under the name `reference`."""
    return asyncio.run(graded())


async def graded() -> dict[str, Grade]:
    rubric = load_rubric(ROOT / "rubrics" / "cnn-architectures.yaml")
    async with warmed(prepare_workplace(rubric, Settings(profile="quick"))) as place:
        return await graded_in(place, rubric)


async def graded_in(place: Workplace, rubric: Rubric) -> dict[str, Grade]:
    reference = await run_reference(rubric, place)
    assert reference
    key = answer_key(rubric, reference)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(hand_in: HandIn, key: AnswerKey) -> tuple[str, Grade]:
        limits = place.limits.model_copy(update=expected(hand_in.id).limits)
        async with slots:
            return hand_in.id, judge(*await run(hand_in, rubric, replace(place, limits=limits)), rubric, key)

    found = await asyncio.gather(*(one(hand_in, key) for hand_in in find([EXAMPLES])))
    return {"reference": judge(*reference, rubric, key), **dict(found)}


def test_every_example_is_found(grades):
    assert sorted(grades) == sorted([*CASES, "reference"])
    assert len(CASES) >= 7


@pytest.mark.parametrize(("case", "question"), questions())
def test_example_gets_what_is_expected(grades, case, question):
    grade = next(q for q in grades[case].questions if q.id == question)
    wanted = expected(case).questions[question]
    differences = list(differing(grade, dict(wanted)))
    assert not differences, "\n".join([*differences, *described(grade)])


def differing(grade: QuestionGrade, wanted: dict[str, Any]) -> Iterator[str]:
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
    assert not wanted, f"unknown keys in expected.yaml: {sorted(wanted)}"


def described(grade: QuestionGrade) -> Iterator[str]:
    yield f"error: {grade.error}"
    for criterion in grade.criteria:
        yield f"{criterion.id}: {criterion.verdict.status}, {criterion.verdict.rationale}"


def test_the_reference_gets_everything(grades):
    lost = [
        f"{question.id} {criterion.id}: {criterion.verdict.rationale}"
        for question in grades["reference"].questions
        if question.answer.cells
        for criterion in question.criteria
        if criterion.verdict.status != "passed" and criterion.check != "written"
    ]
    assert not lost, "\n".join(lost)


def test_a_rubric_criterion_is_missed_by_some_example(grades):
    """A criterion that all examples pass, or all fail, would show nothing."""
    seen: dict[tuple[str, str], set[str]] = {}
    for case in CASES:
        for question in grades[case].questions:
            for criterion in question.criteria:
                seen.setdefault((question.id, criterion.id), set()).add(criterion.verdict.status)
    dull = {criterion for criterion, statuses in seen.items() if len(statuses) < 2}
    assert not dull, f"all examples get the same for {sorted(dull)}"
