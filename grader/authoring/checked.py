"""What there is to say about a rubric before anything runs: what lacks a reference, a mutant, a hint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.rubric import Criterion, Rubric
from grader.verify import Cases
from grader.verify.cases import code_questions, judged_by_machine

NEEDS_REFERENCE = frozenset(("function", "timing"))


@dataclass(frozen=True, slots=True)
class Remark:
    """One line: `wrong` must be mended, otherwise it may be."""

    wrong: bool
    name: str
    words: str


def remarks_on(rubric: Rubric, cases: Cases | None) -> Iterator[Remark]:
    """What is wrong or might be better.

    Args:
        rubric: It was loaded, so checks and their parameters are known.
        cases: Reference, alternatives and mutants; None where the rubric names no reference.
    """
    answered = {question for case in cases.references for question in case.questions} if cases else set()
    caught = (
        {(c.mutant.question, name) for c in cases.others if c.mutant for name in c.mutant.caught_by} if cases else set()
    )
    for question in code_questions(rubric):
        needing = [c.id for c in question.criteria if _needs_reference(c)]
        if question.id not in answered and needing:
            yield Remark(
                True, question.id, f"{', '.join(needing)} compares with a reference, and none answers {question.id}"
            )
        elif question.id not in answered:
            yield Remark(False, question.id, "no reference answers it, so nothing shows that it can be met")
        untested = [c.id for c in question.criteria if judged_by_machine(c) and (question.id, c.id) not in caught]
        if untested and question.id in answered:
            yield Remark(False, question.id, f"no mutant tests {', '.join(untested)}")
        unhelpful = [c.id for c in question.criteria if not c.hint]
        if unhelpful:
            yield Remark(False, question.id, f"no hint says what to do where {', '.join(unhelpful)} takes points")


def _needs_reference(criterion: Criterion) -> bool:
    compares = criterion.check == "architecture" and bool(getattr(criterion.parameters, "compare", False))
    return compares or criterion.check in NEEDS_REFERENCE
