"""The questions of a rubric, as far as that helps to find their answers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from grader.rubric import Question, Rubric
from grader.segment.numbers import Numbering

ID = re.compile(r"([a-z]*)[-_]?(\d{1,4})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        id: Of the question.
        place: In the rubric, from 1.
        number: The digits of its id, or its place.
        section: Which group of ids it belongs to, from 1: `a1` to 1, `b1` to 2.
        sectioned: Whether the rubric has several groups, so that its numbers start again.
        code: Whether it asks for code.
    """

    id: str
    place: int
    number: int
    section: int
    sectioned: bool
    code: bool

    def fits(self, numbering: Numbering, hierarchy: str) -> int:
        """1 if a start's number is this question's, -1 if it is another's, 0 if it says nothing.

        Args:
            numbering: Of the start.
            hierarchy: What the first of two numbers means in this document: `section`, `question` or nothing.
        """
        numbers = numbering.numbers
        if not numbers:
            return 0
        if numbering.sort == "i" and numbering.name != "a":
            return 1 if f"{numbering.name}{numbers[0]}" == self.id.lower() else 0
        if len(numbers) > 1 and hierarchy == "section":
            return 1 if numbers == (self.section, self.number) else -1
        number = numbers[0] if hierarchy == "question" else numbers[-1]
        return 1 if number in (self.number, self.place) else -1


# What a question may be graded by and still be answered in words alone: an app may be handed in.
IN_WORDS = frozenset(("written", "app"))


def asked(rubric: Rubric) -> tuple[Asked, ...]:
    """The questions of a rubric, in its order."""
    groups = [_split(question)[0] for question in rubric.questions]
    digits = Counter(_split(question)[1] for question in rubric.questions)
    order = list(dict.fromkeys(groups))
    sectioned = any(number and times > 1 for number, times in digits.items())
    return tuple(
        Asked(
            question.id,
            place,
            _split(question)[1] or place,
            order.index(group) + 1,
            sectioned,
            any(criterion.check not in IN_WORDS for criterion in question.criteria),
        )
        for place, (question, group) in enumerate(zip(rubric.questions, groups, strict=True), start=1)
    )


def _split(question: Question) -> tuple[str, int]:
    match = ID.match(question.id)
    return (match[1].lower(), int(match[2] or 0)) if match else ("", 0)
