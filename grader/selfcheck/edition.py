"""Rubric -> its student edition: what a student may see and check before handing in.

Hidden criteria, thresholds, expected results, key points and the reference are not in it. What needs them stands there
under its title as `after_hand_in`, so that points and questions still add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.checks import CHECKS
from grader.checks.architecture import ArchitectureParameters
from grader.records import Profile
from grader.rubric import Criterion, Limits, Question, Rubric

AFTER = "after_hand_in"
# Checks that need nothing secret, and what is taken off their parameters. A check that is not named here waits.
OPEN: Mapping[str, Mapping[str, object]] = {
    "runs": {},
    "training": {},
    "figure": {"show_reference": False},
    "source": {},
    "written": {"key_points": ()},
    AFTER: {},
}
# What of a network can be seen without the reference: whether the rows of a batch stay apart, and whether it trained.
WITHOUT_REFERENCE: Mapping[str, object] = {
    "compare": False,
    "allow": (),
    "required": (),
    "parameters": None,
    "output": None,
    "branches": None,
    "cap": 0.0,
}
NOW = "-now"
HALF_A_MINUTE = 1500.0  # GFLOP, on one core


def student_edition(rubric: Rubric) -> Rubric:
    """The same assignment without anything that gives an answer away. Of a student edition: itself, in content."""
    questions = tuple(_question(question) for question in rubric.questions)
    return rubric.model_copy(update={"reference": None, "late": None, "questions": questions})


def in_a_minute(rubric: Rubric) -> Rubric:
    """The rubric with training bounded so that all questions together take about half a minute of it."""
    quick = rubric.profiles["quick"]
    share = HALF_A_MINUTE / len(rubric.questions)
    gflop = min(share, quick.training_gflop or share)
    bounded: Mapping[Profile, Limits] = {
        **rubric.profiles,
        "quick": quick.model_copy(update={"training_gflop": gflop}),
    }
    return rubric.model_copy(update={"profiles": bounded})


def as_data(rubric: Rubric) -> dict[str, Any]:
    """A student edition as it goes to a file: only what differs from the defaults."""
    return rubric.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _question(question: Question) -> Question:
    shown = [one for criterion in question.criteria if criterion.public for one in _criteria(criterion)]
    hidden = sum(criterion.points for criterion in question.criteria if not criterion.public)
    if hidden or not shown:
        shown.append(_later("after-hand-in", "More is looked at after hand-in", hidden))
    return question.model_copy(update={"criteria": tuple(shown)})


def _criteria(criterion: Criterion) -> Iterator[Criterion]:
    if criterion.id.endswith(NOW):  # of an edition
        yield criterion
        return
    if criterion.check in OPEN:
        parameters = criterion.parameters.model_copy(update=dict(OPEN[criterion.check]))
        yield criterion.model_copy(update={"parameters": parameters})
        return
    if isinstance(criterion.parameters, ArchitectureParameters) and criterion.parameters.batch_axis:
        now = criterion.parameters.model_copy(update=dict(WITHOUT_REFERENCE))
        title = f"Seen before hand-in, for no points: {criterion.title}"
        yield criterion.model_copy(
            update={"id": criterion.id + NOW, "title": title, "points": 0.0, "hint": "", "parameters": now}
        )
    yield _later(criterion.id, criterion.title, criterion.points)


def _later(name: str, title: str, points: float) -> Criterion:
    content = {"id": name, "title": title, "check": AFTER, "points": points, "with": CHECKS[AFTER].parameters()}
    return Criterion.model_validate(content)
