"""File -> `Rubric`, or one error that names every mistake with file, line, key and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.checks.plugins import load_checks_beside
from grader.errors import RubricError
from grader.records import PredictRequest
from grader.rubric.models import Rubric
from grader.rubric.plan import requests
from grader.rubric.source import KeyPath, Problem, Source, read_source
from grader.rubric.wording import described

_MOST = 20
_DATA_REMEDY = "See 'grader data list'; 'grader data add' and 'grader data fetch' put more into the store"
_Records = list[tuple[KeyPath, Mapping[str, Any]]]


def load_rubric(path: Path) -> Rubric:
    """Read and validate a rubric.

    Raises:
        RubricError: With one line per mistake, at most 20: `rubrics/x.yaml:42: unknown key 'pionts' in question q6;
            did you mean 'points'?`.
    """
    source = read_source(path)
    load_checks_beside(path)
    problems = [*source.problems, *_inconsistencies(source.value)]
    try:
        rubric = Rubric.model_validate(source.value, context=path, by_alias=True, by_name=False)
    except ValidationError as error:
        raise _error(path, source, [*problems, *described(error, source)]) from error
    problems += _unserved(rubric)
    if problems:
        raise _error(path, source, problems)
    return rubric


def _error(path: Path, source: Source, problems: list[Problem]) -> RubricError:
    placed = sorted({(problem.line or source.line(problem.path), problem.message) for problem in problems})
    lines = [f"{path}:{line}: {message}" for line, message in placed]
    more = [f"{path}: and {len(lines) - _MOST} more mistakes"] if len(lines) > _MOST else []
    unserved = any(re.match(r"unknown (data set|file|weights) ", message) for _, message in placed)
    return RubricError("\n".join(lines[:_MOST] + more), _DATA_REMEDY if unserved else "")


# --- mistakes between keys: looked for in the plain values, so that they are found beside all others -----------------


def _inconsistencies(value: object) -> Iterator[Problem]:
    questions = _records(value, (), "questions")
    yield from _repeated("question", questions)
    for path, question in questions:
        criteria = _records(question, path, "criteria")
        yield from _repeated("criterion", criteria)
        yield from _wrong_sum(path, question, criteria)


def _records(value: object, path: KeyPath, key: str) -> _Records:
    items = value.get(key) if isinstance(value, dict) else None
    return [((*path, key, i), item) for i, item in enumerate(items if isinstance(items, list) else []) if _is_map(item)]


def _is_map(item: object) -> bool:
    return isinstance(item, dict)


def _repeated(kind: str, records: _Records) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, record in records:
        identity = record.get("id")
        if isinstance(identity, str) and identity in seen:
            yield Problem((*path, "id"), f"a second {kind} with the id '{identity}'")
        seen.add(str(identity))


def _wrong_sum(path: KeyPath, question: Mapping[str, Any], criteria: _Records) -> Iterator[Problem]:
    points = [record.get("points") for record in (question, *(record for _, record in criteria))]
    numbers = [value for value in points if isinstance(value, int | float)]
    if criteria and len(numbers) == len(points) and abs(numbers[0] - sum(numbers[1:])) > 1e-9:
        said, found = f"{numbers[0]:g}", f"{sum(numbers[1:]):g}"
        name = question.get("id", path[-1])
        yield Problem((*path, "points"), f"question {name} has {said} points but its criteria add up to {found}")


def _unserved(rubric: Rubric) -> Iterator[Problem]:
    for i, question in enumerate(rubric.questions):
        for j, criterion in enumerate(question.criteria):
            for request in requests(criterion, seed=0):
                if isinstance(request, PredictRequest) and request.data_set not in rubric.data:
                    path = ("questions", i, "criteria", j, "with", "data")
                    what = f"criterion {criterion.id} of question {question.id} uses the data set"
                    yield Problem(path, f"{what} '{request.data_set}', which the rubric's 'data' does not list")
