"""Gradescope's and PrairieLearn's `results.json`, validated strictly by what their documentation allows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from grader.report.export import EXPORTS

Format = Literal["text", "html", "simple_format", "md", "ansi"]
Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Points = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class GradescopeTest(Strict):
    score: Points | None = None
    max_score: Points | None = None
    status: Literal["passed", "failed"] | None = None
    name: str
    name_format: Format = "text"
    number: str = ""
    output: str = ""
    output_format: Format = "text"
    tags: list[str] = []
    visibility: Visibility = "visible"
    extra_data: dict[str, Any] = {}


class Leader(Strict):
    name: str
    value: float | str
    order: Literal["asc", "desc"] = "desc"


class Gradescope(Strict):
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format"""

    score: Points
    execution_time: float = 0
    output: str = ""
    output_format: Format = "text"
    test_output_format: Format = "text"
    test_name_format: Format = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, Any] = {}
    tests: list[GradescopeTest] = []
    leaderboard: list[Leader] = []


class PrairieLearnTest(Strict):
    name: str
    description: str = ""
    points: Points
    max_points: Points
    message: str = ""
    output: str = ""
    images: list[Any] = []


class PrairieLearn(Strict):
    """https://prairielearn.readthedocs.io/en/latest/externalGrading/#grading-results"""

    score: Annotated[float, Field(ge=0, le=1)]
    gradable: bool
    format_errors: list[str] = []
    message: str = ""
    output: str = ""
    images: list[Any] = []
    tests: list[PrairieLearnTest] = []


def read(kind: str, model: type[BaseModel], grades) -> dict[str, Any]:
    files = EXPORTS[kind](grades).files
    assert set(files) == {f"{kind}/{grade.submission}/results.json" for grade in grades}
    return {name.split("/")[1]: model.model_validate_json(text) for name, text in files.items()}


def test_gradescope(grades):
    found = read("gradescope", Gradescope, grades)
    assert {name: result.score for name, result in found.items()} == {"ada": 9, "bob": 6.3, "cy": 4, "dan": 0, "eve": 7}
    ada = found["ada"]
    assert sum(test.score for test in ada.tests) == ada.score
    assert [test.status for test in ada.tests] == ["passed", "failed"]
    assert "From your instructor: Good\nwork <b>" in ada.output
    assert "10 % of 7 points" in found["bob"].output
    waits = found["cy"].tests[1]
    assert (waits.score, waits.status) == (None, None)
    assert "broken JSON" in found["dan"].output


def test_prairielearn(grades):
    found = read("prairielearn", PrairieLearn, grades)
    assert {name: result.score for name, result in found.items()} == {
        "ada": 0.9, "bob": 0.63, "cy": 0.4, "dan": 0, "eve": 0.7,
    }  # fmt: skip
    assert [name for name, result in found.items() if not result.gradable] == ["dan"]
    assert found["dan"].format_errors == ["broken JSON"]
    assert found["cy"].tests[1].message == "Waits for a person."


@pytest.mark.parametrize("kind", ["gradescope", "prairielearn", "junit"])
def test_hidden_criteria_keep_their_content(grades, kind):
    for text in EXPORTS[kind](grades).files.values():
        assert "f(41)" not in text
        assert "Think of 41" not in text
        assert "a clash" not in text
    assert any("close enough" in text for text in EXPORTS[kind](grades).files.values())
