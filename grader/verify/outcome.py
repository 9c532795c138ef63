"""What a grade says of its case. Pure: grades in, outcomes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from grader.records import CriterionGrade, QuestionGrade
from grader.rubric import Rubric
from grader.verify.cases import Case, Place, code_questions, judged_by_machine

Result = Literal["right", "wrongly punished", "caught", "missed", "not graded"]
GOOD: tuple[Result, ...] = ("right", "caught")
NOISE = 0.005  # points are rounded to two places


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question of a case.

    Attributes:
        case: The case.
        question: Of it.
        result: `right` and `caught` are as they should be.
        points: What the question got from machines.
        caught: Criteria that did what they must: took points, or gave none.
        missed: Criteria that should have.
        punished: Criteria that took points from what is right.
        waiting: Criteria that went to a person though a machine judges them.
        reasons: Where it is not as it should be: criterion, and what its verdict said.
        seconds: Wall time of the question's cells.
    """

    case: Case
    question: str
    result: Result
    points: float = 0.0
    caught: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    punished: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether it is as it should be."""
        return self.result in GOOD


def outcome_of(case: Case, grade: QuestionGrade, criteria: Sequence[str]) -> Outcome:
    """What a question's grade says of a case.

    Args:
        case: The case.
        grade: Of the question.
        criteria: Ids of the criteria that a machine judges.
    """
    judged = [criterion for criterion in grade.criteria if criterion.id in criteria]
    if case.kind == "mutant":
        return _of_mutant(case, grade, judged)
    return _of_trivial(case, grade, judged) if case.kind == "trivial" else _of_right(case, grade, judged)


def _of_right(case: Case, grade: QuestionGrade, judged: Sequence[CriterionGrade]) -> Outcome:
    punished = [criterion for criterion in judged if _lost(criterion)]
    return Outcome(
        case,
        grade.id,
        "wrongly punished" if punished else "right",
        grade.points,
        punished=_ids(punished),
        waiting=_waiting(judged),
        reasons=tuple(_said(criterion) for criterion in punished),
        seconds=grade.seconds,
    )


def _of_mutant(case: Case, grade: QuestionGrade, judged: Sequence[CriterionGrade]) -> Outcome:
    """Each criterion that is named must take points, and the question must not get more than it may."""
    asked = case.mutant.caught_by if case.mutant else ()
    most = case.mutant.at_most if case.mutant else 0.0
    named = [criterion for criterion in judged if criterion.id in asked]
    passed = [criterion for criterion in named if not _lost(criterion)]
    too_much = grade.points > most + NOISE
    reasons = [_said(criterion) for criterion in passed]
    if too_much:
        reasons += [
            f"{grade.points:g} points, at most {most:g} expected",
            *(_said(c) for c in named if c not in passed),
        ]
    missed = named if too_much else passed
    return Outcome(
        case,
        grade.id,
        "missed" if missed else "caught",
        grade.points,
        caught=_ids(c for c in named if c not in missed),
        missed=_ids(missed),
        waiting=_waiting(judged),
        reasons=tuple(reasons),
        seconds=grade.seconds,
    )


def _of_trivial(case: Case, grade: QuestionGrade, judged: Sequence[CriterionGrade]) -> Outcome:
    """What claims work that it did not do earns nothing for it."""
    most = {criterion.id: case.most.get((grade.id, criterion.id), 0.0) for criterion in judged}
    barred = [criterion for criterion in judged if most[criterion.id] < criterion.max_points]
    earned = [criterion for criterion in barred if criterion.points > most[criterion.id] + NOISE]
    return Outcome(
        case,
        grade.id,
        "missed" if earned else "caught",
        grade.points,
        caught=_ids(c for c in barred if c not in earned),
        missed=_ids(earned),
        waiting=_waiting(judged),
        reasons=tuple(_said(criterion) for criterion in earned),
        seconds=grade.seconds,
    )


def _lost(criterion: CriterionGrade) -> bool:
    """Whether a criterion took points. What waits for a person took none."""
    return criterion.verdict.share is not None and criterion.points < criterion.max_points - NOISE


def _waiting(judged: Sequence[CriterionGrade]) -> tuple[str, ...]:
    return _ids(criterion for criterion in judged if criterion.verdict.share is None)


def _ids(criteria: Sequence[CriterionGrade] | Iterator[CriterionGrade]) -> tuple[str, ...]:
    return tuple(criterion.id for criterion in criteria)


def _said(criterion: CriterionGrade) -> str:
    points = "waits" if criterion.verdict.share is None else f"{criterion.points:g} of {criterion.max_points:g}"
    return f"{criterion.id} ({points}): {criterion.verdict.rationale}"


# --- all of them ------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What all cases say of one criterion."""

    check: str
    caught: int = 0
    missed: int = 0
    punished: int = 0
    trivial: int = 0
    trivial_missed: int = 0
    waits: bool = False


@dataclass(frozen=True)
class Verified:
    """What was found out about a rubric.

    Attributes:
        rubric: The rubric.
        profile: In which its cases were run.
        outcomes: One per case and question.
        left_out: Names of cases that were not asked for.
        kept: How many runs of an earlier time were taken.
        seconds: Wall time of it all.
    """

    rubric: Rubric
    profile: str
    outcomes: tuple[Outcome, ...]
    left_out: tuple[str, ...] = ()
    kept: int = 0
    seconds: float = 0.0

    @cached_property
    def tallies(self) -> Mapping[Place, Tally]:
        """What all cases say of each criterion that a machine judges, in the rubric's order."""
        return _tallies(self.rubric, self.outcomes)

    @property
    def good(self) -> bool:
        """Whether every case came out as it should, and every question with code has a reference."""
        return all(outcome.good for outcome in self.outcomes) and not self.unanswered

    @property
    def bad(self) -> tuple[Outcome, ...]:
        """The cases that did not."""
        return tuple(outcome for outcome in self.outcomes if not outcome.good)

    @property
    def untested(self) -> tuple[Place, ...]:
        """Criteria that no mutant tests. Only known when all cases were asked for."""
        if self.left_out:
            return ()
        return tuple(place for place, tally in self.tallies.items() if not tally.caught + tally.missed)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Questions with code that the reference does not answer."""
        if self.left_out:
            return ()
        answered = {outcome.question for outcome in self.outcomes if outcome.case.kind == "reference"}
        return tuple(q.id for q in code_questions(self.rubric) if q.id not in answered)

    def count(self, *results: Result, kinds: Sequence[str] = ()) -> int:
        """How many outcomes are such, of some kinds of case or of all."""
        return sum(o.result in results and (not kinds or o.case.kind in kinds) for o in self.outcomes)


def _tallies(rubric: Rubric, outcomes: Sequence[Outcome]) -> Mapping[Place, Tally]:
    """One for each criterion that a machine judges, in the rubric's order."""
    judged = [(question, criterion) for question in rubric.questions for criterion in question.criteria]
    tallies = {(q.id, c.id): Tally(c.check) for q, c in judged if judged_by_machine(c)}
    for outcome in outcomes:
        trivial = outcome.case.kind == "trivial"
        for name in (*outcome.caught, *outcome.missed):
            tally = tallies[outcome.question, name]
            missed = name in outcome.missed
            if trivial:
                tally.trivial += 1
                tally.trivial_missed += missed
            elif missed:
                tally.missed += 1
            else:
                tally.caught += 1
        for name in outcome.punished:
            tallies[outcome.question, name].punished += 1
        for name in outcome.waiting if outcome.case.kind == "reference" else ():
            tallies[outcome.question, name].waits = True
    return tallies
