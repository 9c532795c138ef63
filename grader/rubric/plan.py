"""What a rubric makes the probe observe. No threshold and no answer is in it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from grader.checks import CHECKS
from grader.checks.registry import Request
from grader.records import AppRequest, CallRequest, PredictRequest, QuestionPlan
from grader.rubric.models import Criterion, Question, Rubric


def plan(rubric: Rubric, seed: int) -> tuple[QuestionPlan, ...]:
    """What to observe after each question, in the rubric's order.

    Args:
        rubric: Of the assignment.
        seed: Draws the inputs of function calls: the same for the reference and all submissions of a batch.
    """
    return tuple(_question(question, seed) for question in rubric.questions)


def plan_hash(rubric: Rubric) -> str:
    """SHA-256 of what the rubric has run: what is served, input shapes, requests; not of thresholds, points or texts.

    Traces with the same hash can be scored again by this rubric.
    """
    content = {
        "data": rubric.data,
        "files": dict(rubric.files),
        "weights": rubric.weights,
        "paths": dict(rubric.paths),
        "urls": dict(rubric.urls),
        "bridges": dict(rubric.bridges),
        "questions": [dataclasses.asdict(question) for question in plan(rubric, seed=0)],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def requests(criterion: Criterion, seed: int) -> tuple[Request, ...]:
    """What the check of one criterion asks of the probe."""
    return tuple(CHECKS[criterion.check].requests(criterion.parameters, seed))


def _question(question: Question, seed: int) -> QuestionPlan:
    # A dict, because two criteria often ask for the same predictions.
    asked = dict.fromkeys(request for criterion in question.criteria for request in requests(criterion, seed))
    return QuestionPlan(
        question.id,
        question.input_shape,
        _once_per_data_set([r for r in asked if isinstance(r, PredictRequest)]),
        tuple(r for r in asked if isinstance(r, CallRequest)),
        next((r for r in asked if isinstance(r, AppRequest)), None),
    )


def _once_per_data_set(asked: Sequence[PredictRequest]) -> tuple[PredictRequest, ...]:
    """One request for each data set, with the most repeats that a criterion wants."""
    repeats: dict[str, int] = {}
    for request in asked:
        repeats[request.data_set] = max(request.repeats, repeats.get(request.data_set, 0))
    return tuple(PredictRequest(name, count) for name, count in repeats.items())
