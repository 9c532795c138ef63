"""Numbers and states in the words that students and instructors read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from grader.records import SURE, Answer, CriterionGrade, Grade, LimitHit, Note, QuestionGrade, Ran, Status, Verdict

STATUS: Mapping[Status, str] = {
    "passed": "passed",
    "partial": "partly",
    "failed": "not yet",
    "unscored": "waits for a person",
}
LATER = "graded after hand-in"
_AFTER_HAND_IN = "after_hand_in"  # the check that stands in a student edition for what only the instructor's rubric has
RAN: Mapping[Ran, str] = {
    "passed": "all code ran",
    "partial": "some of the code ran",
    "failed": "none of the code ran to its end",
    "none": "no code",
}
NOTE: Mapping[str, str] = {
    "repair": "Repaired",
    "damaged": "Damaged",
    "substitution": "Replaced",
    "stand-in": "Stand-in",
    "cut": "Shortened",
    "missing": "Missing here",
    "command": "Command",
    "input": "Input",
    "truncated": "Truncated",
    "probe": "Could not be looked at",
    "remark": "Remark",
}
_CERTAIN = 0.85
_LIMIT: Mapping[str, str] = {
    "time": "out of time",
    "memory": "out of memory",
    "disk": "out of disk space",
    "processes": "too many processes",
    "output": "too much output",
    "kernel": "the Python process ended",
}


def state(graded: CriterionGrade | QuestionGrade) -> str:
    """The word for the status of a criterion or a question."""
    criteria = graded.criteria if isinstance(graded, QuestionGrade) else (graded,)
    open_ones = {criterion.check for criterion in criteria if criterion.verdict.share is None}
    later = _status(graded) == "unscored" and open_ones == {_AFTER_HAND_IN}
    return LATER if later else STATUS[_status(graded)]


def _status(graded: CriterionGrade | QuestionGrade) -> Status:
    """Passed, partial, failed or unscored."""
    return graded.status if isinstance(graded, QuestionGrade) else graded.verdict.status


def waits_for(grade: Grade) -> str:
    """What the open points of a hand-in wait for."""
    open_ones = {c.check for q in grade.questions for c in q.criteria if c.verdict.share is None}
    if _AFTER_HAND_IN not in open_ones:
        return STATUS["unscored"]
    return LATER if open_ones == {_AFTER_HAND_IN} else f"{LATER} or by a person"


def points(value: float) -> str:
    """Points with at most two decimals: `7.5`, `10`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(share: float) -> str:
    """A share of 1 as a percentage with one decimal: `98.6 %`."""
    return f"{100 * share:.1f} %"


def seconds(value: float) -> str:
    """A time in seconds: `0.4 s`, `83.2 s`, `1,240 s`."""
    return f"{value:,.0f} s" if value >= 1000 else f"{value:.1f} s"


def quantity(value: float, unit: str, name: str = "") -> str:
    """A measured number with its unit; a share of 1 reads as a percentage."""
    if is_share(unit, name):
        return percent(value)
    if unit in ("s", "seconds"):
        return seconds(value)
    if unit == "%":
        return f"{value:.1f} %"
    number = f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return f"{number} {unit}".strip()


def is_share(unit: str, name: str = "") -> bool:
    """Whether a quantity is a share of 1 (an accuracy without a unit is one)."""
    return unit == "share" or (not unit and "accuracy" in name.casefold())


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 answer`, `3 answers`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cell(index: int) -> str:
    """The name of a cell for a person."""
    return f"cell {index}"


def with_place(verdict: Verdict) -> str:
    """The rationale of a verdict with the place in the code behind it, as `It is 3, expected 4 (cell 4, line 12).`."""
    said = verdict.rationale
    if verdict.place is None or str(verdict.place).casefold() in said.casefold():
        return said
    return f"{said.removesuffix('.')} ({verdict.place})."


def cells(indices: Iterable[int]) -> str:
    """The names of several cells, neighbours joined: `cells 3–5, 8`."""
    runs: list[tuple[int, int]] = []
    for index in sorted(set(indices)):
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    names = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"{'cell' if single else 'cells'} {names}"


def confidence(answer: Answer) -> str:
    """How sure the grader is that these cells are the answer."""
    word = "sure" if certain(answer) else "likely" if answer.confidence >= SURE else "a guess"
    return f"{word}, {100 * answer.confidence:.0f} %"


def certain(answer: Answer) -> bool:
    """Whether the place of an answer needs no word."""
    return answer.confidence >= _CERTAIN


def note_kind(note: Note) -> str:
    """The word before a note."""
    return NOTE[note.kind]


def limit(hit: LimitHit) -> str:
    """The bound that ended a cell: `out of memory at 2.1 GB of 2 GB`."""
    words = _LIMIT[hit.kind]
    if hit.kind == "kernel" or not math.isfinite(hit.measured) or not hit.limit:
        return words
    whose = f" for one {hit.scope}" if hit.scope else ""
    return f"{words} at {hit.measured:.4g} {hit.unit} of {hit.limit:.4g} {hit.unit}{whose}".replace("  ", " ")
