"""Which start belongs to which question: what is most likely as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.segment.asked import Asked
from grader.segment.assign import Worth, assign, in_order
from grader.segment.gains import THRESHOLD, Habits, Scene, counted, gains, habits, scene
from grader.segment.likeness import Likeness, Matrix
from grader.segment.lines import Line
from grader.segment.starts import Candidate
from grader.segment.topics import Topics

# How alike the wording must be for a second start of a question that has one already.
AGAIN = 0.75
# How alike it must be at least to tell anything.
SOMEWHAT = 0.4
# If starts in the rubric's order are worth less than this share of starts that look alike, there is another order.
IN_ORDER = 0.8
# A heading above that gains so much less is the start all the same.
NEARLY_AS_WELL = 0.25
# Another question that gains nearly as much makes a match less sure.
CLOSE, DOUBT = 0.06, 0.15


@dataclass(frozen=True, slots=True)
class Match:
    """A start that was found.

    Attributes:
        candidate: The line.
        question: Index of the question.
        likeness: To the question's words, from 0 to 1.
        confidence: From 0 to 1.
        numbered: Whether it bears the question's number.
        again: Whether the question has another start that fits better.
    """

    candidate: Candidate
    question: int
    likeness: float
    confidence: float
    numbered: bool
    again: bool = False


def align(
    lines: Sequence[Line],
    candidates: Sequence[Candidate],
    asked: Sequence[Asked],
    likeness: Likeness,
    topics: Topics,
) -> tuple[Match, ...]:
    """The starts that were found, in order of lines. Questions may be missing, out of order, and have several."""
    if not candidates or not asked:
        return ()
    view = scene(lines, candidates, asked, likeness, topics)
    counting = counted(candidates, asked)
    first = gains(view, counting)
    known = habits(view, _assigned(view, first, Habits()), counting)
    second = gains(view, known)
    pairs = _first_that_fit(view, second, _assigned(view, second, known))
    again = list(_again(view, second, known, pairs, asked[0].sectioned))
    # A list of all questions above their answers: what has nothing below it gives way.
    answered = {q for c, q in [*pairs, *again] if not view.empty[c]}
    found = [(pair, pair in again) for pair in sorted([*pairs, *again])]
    return tuple(
        _match(view, second, pair, repeated)
        for pair, repeated in found
        if not (view.empty[pair[0]] and pair[1] in answered and _has_other(pair, [*pairs, *again]))
    )


def _has_other(pair: tuple[int, int], pairs: Sequence[tuple[int, int]]) -> bool:
    return any(q == pair[1] and c != pair[0] for c, q in pairs)


def _assigned(view: Scene, gained: Matrix, known: Habits) -> list[tuple[int, int]]:
    worth = gained - THRESHOLD
    if known.families:
        return assign(Worth(worth, _usual(view, known)))
    ordered = [(c, q) for q, c in in_order(worth).items()]

    def value(pairs: list[tuple[int, int]]) -> float:
        return float(sum(worth[pair] for pair in pairs))

    alike = max((_within(view, worth, family) for family in _families(view, worth)), key=value, default=[])
    return ordered if value(ordered) >= IN_ORDER * value(alike) else alike


def _first_that_fit(view: Scene, gained: Matrix, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """An answer starts at the first heading that fits well, not at one of its own parts that fits a little better."""
    result: list[tuple[int, int]] = []
    above = -1
    for c, q in pairs:
        fits = [
            row
            for row in range(above + 1, c)
            if view.likeness[row, q] >= (AGAIN if view.candidates[row].weak else SOMEWHAT)
            and gained[row, q] > max(THRESHOLD, gained[c, q] - NEARLY_AS_WELL)
            and int(np.argmax(gained[row])) == q
        ]
        result.append((min(fits, default=c), q))
        above = c
    return result


def _usual(view: Scene, known: Habits) -> list[bool]:
    """Which candidates may stand out of order: they look like most starts, and words or a number of their own tell."""
    times = Counter((one.family, one.numbering.numbers) for one in view.candidates)
    alike = view.likeness.max(axis=1) >= SOMEWHAT
    return [
        one.family in known.families
        and (one.label != "" or bool(alike[c]) or times[one.family, one.numbering.numbers] == 1)
        for c, one in enumerate(view.candidates)
    ]


def _families(view: Scene, worth: Matrix) -> tuple[str, ...]:
    found = (one.family for one, best in zip(view.candidates, worth.max(axis=1), strict=True) if best > 0)
    return tuple(dict.fromkeys(found))


def _within(view: Scene, worth: Matrix, family: str) -> list[tuple[int, int]]:
    """What can be found in any order among candidates that all look alike."""
    rows = [c for c, one in enumerate(view.candidates) if one.family == family]
    pairs = assign(Worth(worth[rows], [True] * len(rows)))
    return [(rows[row], q) for row, q in pairs]


def _again(
    view: Scene, gained: Matrix, known: Habits, pairs: Sequence[tuple[int, int]], sectioned: bool
) -> Iterator[tuple[int, int]]:
    """More starts of questions that are placed: `Answer 6` far below `Question 6`, or `Q6 (continued)`."""
    taken = {c for c, _ in pairs}
    placed = {q for _, q in pairs}
    for c, candidate in enumerate(view.candidates):
        if c in taken or view.empty[c] or candidate.code or not candidate.label:
            continue
        question = int(np.argmax(gained[c] + (view.numbered[c] > 0)))
        usual = candidate.family in known.families or candidate.label == "answer"
        told = view.numbered[c, question] > 0 and (not sectioned or view.likeness[c, question] >= AGAIN)
        if question in placed and usual and told and gained[c, question] > THRESHOLD:
            yield c, question


def _match(view: Scene, gained: Matrix, pair: tuple[int, int], again: bool) -> Match:
    c, q = pair
    others = np.delete(gained[c], q)
    doubt = DOUBT if len(others) and others.max() > gained[c, q] - CLOSE else 0.0
    confidence = min(0.95, 0.4 + 0.7 * (float(gained[c, q]) - THRESHOLD)) - doubt
    return Match(view.candidates[c], q, float(view.likeness[c, q]), confidence, bool(view.numbered[c, q] > 0), again)
