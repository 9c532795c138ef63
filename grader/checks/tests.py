"""The check `tests`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from grader.checks.absence import absent
from grader.checks.instructor_tests import Outcome, planned, run
from grader.checks.registry import Parameters, check
from grader.records import CallRequest, Evidence, Verdict

_SHOWN = 5


class TestFile(BaseModel):
    """An instructor's tests: name and text. The text is kept, so that a changed test is a changed rubric."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    source: str


def _read(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    path = (Path(info.context).parent if info.context else Path()) / value
    try:
        return TestFile(name=path.name, source=path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the tests {path} cannot be read: {error}") from error


class TestsParameters(Parameters):
    """Which tests."""

    __test__ = False
    file: Annotated[TestFile, BeforeValidator(_read), WithJsonSchema({"type": "string"})] = Field(
        description="The pytest file, beside the rubric."
    )
    public: bool = Field(False, description="Students read the names of the tests and why one failed.")


def _requests(parameters: TestsParameters, seed: int) -> tuple[CallRequest, ...]:
    return planned(parameters.file.name, parameters.file.source, seed)


@check("tests", requests=_requests)
def tests(evidence: Evidence, parameters: TestsParameters, reference: Evidence | None) -> Verdict:
    """Does your answer pass the tests of your instructor?

    The tests look at what your code built, printed and left behind, and at what your functions give for inputs of the
    instructor's. They run apart from your code, which cannot see them. Each test has its points; you get the share of
    the points of the tests that pass. Public tests are named, hidden ones are only counted. An answer without code that
    runs gets nothing.
    """
    if not evidence.question.runs:
        return absent(evidence, "There is no code in this answer that does anything.", "Hand in the code you ran.")
    outcomes, problem = run(parameters.file.name, parameters.file.source, evidence, reference)
    broken = [o for o in outcomes if o.broken]
    if problem or broken or not outcomes:
        told = problem or "; ".join(f"{o.name}: {o.message}" for o in broken) or "the file holds no tests"
        text = f"The tests {parameters.file.name} could not be run; this is not your fault. A person will look."
        return Verdict(None, text, instructor=told)
    failed = [o for o in outcomes if not o.passed]
    earned, whole = sum(o.points for o in outcomes if o.passed), sum(o.points for o in outcomes)
    text = f"{len(outcomes) - len(failed)} of {len(outcomes)} tests passed, {earned:g} of {whole:g} points."
    if failed and earned == 0:
        return absent(evidence, _with_names(text, failed, parameters), _hint(failed, parameters))
    told = "\n".join(f"{o.name}: {o.message}" for o in failed)
    return Verdict(earned / whole, _with_names(text, failed, parameters), _hint(failed, parameters), instructor=told)


def _with_names(text: str, failed: list[Outcome], parameters: TestsParameters) -> str:
    if not parameters.public:
        return text
    return " ".join([text, *(f"Failed: {o.title} ({o.message})." for o in failed[:_SHOWN])])


def _hint(failed: list[Outcome], parameters: TestsParameters) -> str:
    if not failed:
        return ""
    if parameters.public:
        return f"Begin with the first test that failed: {failed[0].title}."
    return (
        "Try your code on small inputs of your own, also on unusual ones, and compare with what you work out by hand."
    )
