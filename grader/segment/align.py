"""Which start belongs to which question: what is most likely as a whole, in the order of the rubric.

A start gains by the words it shares with a question, by its number, and by looking like a heading. Documents are
consistent: a first pass finds what most of the starts look like and whether their numbers can be trusted; the second
pass uses that, so that step comments and ordered lists inside an answer are not taken for questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.segment.likeness import Likeness, Matrix
from grader.segment.lines import Line
from grader.segment.starts import Candidate

# A start must gain this much to be believed. A label with the right number suffices; so does half of the wording.
THRESHOLD = 0.35
HEADING, LABEL, ANSWER, WEAK = 0.12, 0.25, 0.1, -0.05
RIGHT_NUMBER, RIGHT_BARE_NUMBER = 0.3, 0.1
WRONG_NUMBER, WRONG_TRUSTED_NUMBER = -0.1, -0.3
LOOKS_LIKE_THE_OTHERS, LOOKS_DIFFERENT = 0.1, -0.2
WITH_CODE, WITHOUT_CODE, WITHOUT_CONTENT = 0.1, -0.15, -0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as far as it helps to find its answer.

    Attributes:
        id: Of the question.
        numbers: Numbers it may bear: its place in the rubric, and the digits of its id.
        code: Whether it asks for code.
    """

    id: str
    numbers: frozenset[int]
    code: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A start that was found.

    Attributes:
        candidate: The line.
        question: Index of the question.
        likeness: To the question's words, from 0 to 1.
        gain: All in all; above `THRESHOLD`.
        numbered: Whether it bears the question's number.
    """

    candidate: Candidate
    question: int
    likeness: float
    gain: float
    numbered: bool


@dataclass(frozen=True, slots=True)
class _Habits:
    """What the starts of this document look like, as far as known."""

    families: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Scene:
    """Candidates (rows) against questions (columns).

    Attributes:
        candidates: In order.
        likeness: Of the words.
        numbered: 1 where the number of a candidate is the question's, -1 where it is another, 0 where there is none.
        context: What speaks for or against a pair in what follows the candidate.
    """

    candidates: Sequence[Candidate]
    likeness: Matrix
    numbered: Matrix
    context: Matrix


def align(
    lines: Sequence[Line], candidates: Sequence[Candidate], asked: Sequence[Asked], likeness: Likeness
) -> tuple[Match, ...]:
    """The starts that were found, in order of lines and of questions. Questions may be missing."""
    if not candidates or not asked:
        return ()
    scene = _Scene(
        candidates, _likenesses(candidates, likeness), _numbered(candidates, asked), _context(lines, candidates, asked)
    )
    habits = _habits(scene, _best(_gains(scene, _Habits())))
    gains = _gains(scene, habits)
    return tuple(
        Match(candidates[c], q, float(scene.likeness[c, q]), float(gains[c, q]), bool(scene.numbered[c, q] > 0))
        for c, q in _best(gains)
    )


def _likenesses(candidates: Sequence[Candidate], likeness: Likeness) -> Matrix:
    """For each candidate and question the likeness of the wording that is most alike."""
    texts = [text for candidate in candidates for text in candidate.wordings]
    cosines = likeness.cosines(texts)
    starts = np.cumsum([0] + [len(candidate.wordings) for candidate in candidates[:-1]])
    best: Matrix = np.maximum.reduceat(cosines, starts, axis=0)
    return best


def _numbered(candidates: Sequence[Candidate], asked: Sequence[Asked]) -> Matrix:
    rows = [[_fits(candidate, question) for question in asked] for candidate in candidates]
    return np.array(rows, dtype=np.float64)


def _fits(candidate: Candidate, question: Asked) -> int:
    if not candidate.numbers:
        return 0
    return 1 if candidate.numbers[-1] in question.numbers else -1


def _context(lines: Sequence[Line], candidates: Sequence[Candidate], asked: Sequence[Asked]) -> Matrix:
    """What follows up to the next candidate that looks alike: code, where code is asked for; anything at all."""
    result = np.zeros((len(candidates), len(asked)))
    asks_code = np.array([question.code for question in asked])
    alike = {(candidate.line, candidate.family) for candidate in candidates}
    following: dict[str, int] = {}
    for row, candidate in reversed(list(enumerate(candidates))):
        begin = candidate.line + (lines[candidate.line].style != "code")  # a script starts with its first line of code
        section = lines[begin : following.get(candidate.family, len(lines))]
        following[candidate.family] = candidate.line
        # The last item of a tight list has content after it, but stands close to the item before.
        bare = all(line.blank for line in section) or (candidate.line - 1, candidate.family) in alike
        has_code = any(line.style in ("code", "fence") and not line.blank for line in section)
        result[row] = np.where(asks_code, WITH_CODE if has_code else WITHOUT_CODE, 0)
        if bare and candidate.label != "answer":
            result[row] += WITHOUT_CONTENT
    return result


def _gains(scene: _Scene, habits: _Habits) -> Matrix:
    looks = np.array([_look(candidate, habits) for candidate in scene.candidates])[:, None]
    rights = np.array([_right(candidate, habits) for candidate in scene.candidates])[:, None]
    wrongs = np.array([_wrong(candidate, habits) for candidate in scene.candidates])[:, None]
    numbers = np.where(scene.numbered > 0, rights, np.where(scene.numbered < 0, wrongs, 0))
    gains: Matrix = scene.likeness + scene.context + looks + numbers
    return gains


def _look(candidate: Candidate, habits: _Habits) -> float:
    own = {"question": LABEL, "answer": ANSWER}.get(candidate.label, WEAK if candidate.weak else 0.0)
    if not candidate.label and candidate.family.startswith(("heading", "bold")):
        own = HEADING
    if not habits.families:
        return own
    return own + (LOOKS_LIKE_THE_OTHERS if candidate.family in habits.families else LOOKS_DIFFERENT)


def _right(candidate: Candidate, habits: _Habits) -> float:
    if candidate.family in habits.doubted:
        return 0.0
    return RIGHT_NUMBER if candidate.label or candidate.family in habits.trusted else RIGHT_BARE_NUMBER


def _wrong(candidate: Candidate, habits: _Habits) -> float:
    if candidate.family in habits.doubted:
        return 0.0
    return WRONG_TRUSTED_NUMBER if candidate.family in habits.trusted else WRONG_NUMBER


def _habits(scene: _Scene, matches: Sequence[tuple[int, int]]) -> _Habits:
    """Families with at least a fifth of the starts found at first, and whether their numbers are the rubric's."""
    found = Counter(scene.candidates[c].family for c, _ in matches)
    families = frozenset(f for f, n in found.items() if n >= max(2, 0.2 * len(matches)))
    right = Counter(scene.candidates[c].family for c, q in matches if scene.numbered[c, q] > 0)
    numbered = [f for f in families if f.endswith("n")]
    trusted = frozenset(f for f in numbered if right[f] >= 0.7 * found[f])
    return _Habits(families, trusted, frozenset(f for f in numbered if right[f] < 0.4 * found[f]))


def _best(gains: Matrix) -> list[tuple[int, int]]:
    """Pairs (candidate, question), both rising, with the largest sum of gains above the threshold."""
    worth = gains - THRESHOLD
    rows, columns = worth.shape
    best = np.zeros((rows + 1, columns + 1))
    for row in range(rows):
        for column in range(columns):
            skipped = max(best[row, column + 1], best[row + 1, column])
            best[row + 1, column + 1] = max(skipped, best[row, column] + worth[row, column])
    return _traced(best)


def _traced(best: Matrix) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    row, column = best.shape[0] - 1, best.shape[1] - 1
    while row and column:
        if best[row, column] == best[row, column - 1]:
            column -= 1
        elif best[row, column] == best[row - 1, column]:
            row -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]
