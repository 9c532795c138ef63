"""How much speaks for it that a line starts the answer to a question: its words, its number, its looks, what follows.

Documents are consistent: once a first pass has found what most of the starts look like and whether their numbers can
be trusted (`Habits`), step comments and ordered lists inside an answer are not taken for questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import LCSseq

from grader.segment.asked import Asked
from grader.segment.asking import tells
from grader.segment.likeness import Likeness, Matrix
from grader.segment.lines import Line
from grader.segment.lists import listed, lists_in_answers, steps_below
from grader.segment.starts import Candidate
from grader.segment.topics import Topics

# A start must gain this much to be believed. A label with the right number suffices; so does half of the wording.
THRESHOLD = 0.35
HEADING, LABEL, ANSWER, WEAK, WEAK_COMMENT = 0.12, 0.25, 0.2, -0.05, -0.2
RIGHT_NUMBER, RIGHT_BARE_NUMBER = 0.3, 0.1
WRONG_NUMBER, WRONG_LABELLED_NUMBER, WRONG_TRUSTED_NUMBER = -0.1, -0.25, -0.3
LOOKS_LIKE_THE_OTHERS, LOOKS_DIFFERENT = 0.1, -0.2
# More against what looks different: `# Question 9 comes later`, and headings above all others.
RELATED, UNRELATED, TITLE = 0.1, -0.15, -0.2
WITH_CODE, WITHOUT_CODE, WITHOUT_CONTENT, IN_LIST, IN_STEPS = 0.1, -0.15, -0.2, -1.0, -0.3
BODY, LEAST_BODY, MOST_BODY = 0.8, -0.08, 0.3
MAX_BODY_LINES = 60
NEARLY, MOST = 0.9, 0.6
# From this likeness on a number counts less, and nothing beside the very words of a question.
NEARLY_EXACT = 0.8
# How alike an item of a list must be to a question at least to speak for its being a list of questions.
SOMEWHAT = 0.25


@dataclass(frozen=True, slots=True)
class Habits:
    """What the starts of this document look like, as far as known.

    Attributes:
        families: That have at least a fifth of the starts.
        trusted: Of these, those whose numbers are the rubric's.
        doubted: Those whose numbers are not.
        level: Of the highest headings among the families; 0 without headings.
    """

    families: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    level: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """Candidates (rows) against questions (columns).

    Attributes:
        candidates: In order.
        likeness: Of the words.
        numbered: 1 where the number of a candidate is the question's, -1 where it is another, 0 where there is none.
        context: What speaks for or against a pair in what follows the candidate.
        empty: For each candidate whether nothing follows before the next one that looks alike.
    """

    candidates: Sequence[Candidate]
    likeness: Matrix
    numbered: Matrix
    context: Matrix
    empty: Sequence[bool]


def scene(
    lines: Sequence[Line],
    candidates: Sequence[Candidate],
    asked: Sequence[Asked],
    likeness: Likeness,
    topics: Topics,
) -> Scene:
    """All that can be said about pairs of candidates and questions before anything is placed."""
    steps = steps_below(lines, candidates)
    sections = _sections(candidates, lines, steps)
    likenesses, bodies = _likenesses(candidates, likeness), _bodies(lines, sections, topics)
    alike = [
        bool(words >= SOMEWHAT or body >= SOMEWHAT)
        for words, body in zip(likenesses.max(axis=1), bodies.max(axis=1), strict=True)
    ]
    within = steps | lists_in_answers(lines, candidates, alike)
    empty = [_is_empty(lines, candidates, row, section) for row, section in enumerate(sections)]
    return Scene(
        candidates,
        likenesses,
        _numbered(candidates, asked),
        _context(lines, sections, empty, candidates, asked) + _in_steps(within, candidates) + bodies,
        empty,
    )


def gains(scene: Scene, habits: Habits) -> Matrix:
    """The sum of what speaks for each pair."""
    alike = scene.likeness.max(axis=1)
    looks = np.array([_look(one, habits, float(most)) for one, most in zip(scene.candidates, alike, strict=True)])[
        :, None
    ]
    rights = np.array([_right(candidate, habits) for candidate in scene.candidates])[:, None]
    wrongs = np.array([_wrong(candidate, habits) for candidate in scene.candidates])[:, None]
    numbers = np.where(scene.numbered > 0, rights, np.where(scene.numbered < 0, wrongs, 0))
    # Who writes a question word for word means it, whatever number it bears on this sheet.
    agrees = scene.numbered[np.arange(len(alike)), scene.likeness.argmax(axis=1)] > 0
    counts = np.where(agrees, 1, 1 - np.clip((alike - NEARLY_EXACT) / (1 - NEARLY_EXACT), 0, 1))[:, None]
    result: Matrix = scene.likeness + scene.context + looks + numbers * counts
    return result


def habits(scene: Scene, matches: Sequence[tuple[int, int]], before: Habits) -> Habits:
    """What the starts found at first have in common, with what was known before."""
    found = Counter(scene.candidates[c].family for c, _ in matches)
    families = frozenset(f for f, n in found.items() if n >= max(2, 0.2 * len(matches)))
    right = Counter(scene.candidates[c].family for c, q in matches if scene.numbered[c, q] > 0)
    numbered = [f for f in families if f[-1] in "nwis"]
    trusted = frozenset(f for f in numbered if f in before.trusted or right[f] >= 0.7 * found[f])
    doubted = frozenset(f for f in numbered if right[f] < 0.4 * found[f]) - trusted
    levels = [scene.candidates[c].level for c, _ in matches if scene.candidates[c].family in families]
    return Habits(families, trusted, doubted, min(filter(None, levels), default=0))


def counted(candidates: Sequence[Candidate], asked: Sequence[Asked]) -> Habits:
    """Looks whose numbers run like the rubric's, before anything is placed: nearly all of them, and most questions."""
    families: dict[str, list[int]] = defaultdict(list)
    for candidate in candidates:
        if candidate.numbering.sort == "n" and len(candidate.numbering.numbers) == 1:
            families[candidate.family].append(candidate.numbering.numbers[0])
    wanted = [question.number for question in asked]
    common = {family: LCSseq.similarity(numbers, wanted) for family, numbers in families.items()}
    found = (f for f, n in families.items() if common[f] >= NEARLY * len(n) and common[f] >= MOST * len(wanted))
    return Habits(trusted=frozenset(found))


def _likenesses(candidates: Sequence[Candidate], likeness: Likeness) -> Matrix:
    """For each candidate and question the likeness of the wording that is most alike."""
    texts = [text for candidate in candidates for text in candidate.wordings]
    cosines = likeness.cosines(texts)
    starts = np.cumsum([0] + [len(candidate.wordings) for candidate in candidates[:-1]])
    best: Matrix = np.maximum.reduceat(cosines, starts, axis=0)
    return best


def _numbered(candidates: Sequence[Candidate], asked: Sequence[Asked]) -> Matrix:
    firsts = defaultdict(set)
    for candidate in candidates:
        firsts[candidate.family].add(candidate.numbering.numbers[:1])
    major = "section" if asked[0].sectioned else "question"
    hierarchy = {family: major if len(found) > 1 else "" for family, found in firsts.items()}
    rows = [[question.fits(one.numbering, hierarchy[one.family]) for question in asked] for one in candidates]
    return np.array(rows, dtype=np.float64)


def _sections(candidates: Sequence[Candidate], lines: Sequence[Line], steps: frozenset[int]) -> list[range]:
    """The lines from each candidate up to the next that looks alike; steps lie below their heading."""
    result: list[range] = []
    following: dict[tuple[str, bool], int] = {}
    for row, candidate in reversed(list(enumerate(candidates))):
        # A script starts with its first line of code, an answer on the line of its number with that line.
        begin = candidate.line + (lines[candidate.line].style != "code" and not tells(candidate.numbering.rest))
        end = following.get((candidate.family, row in steps), len(lines))
        result.append(range(begin, end))
        following[candidate.family, True] = candidate.line
        if row not in steps:
            following[candidate.family, False] = candidate.line
    return result[::-1]


def _is_empty(lines: Sequence[Line], candidates: Sequence[Candidate], row: int, section: range) -> bool:
    if tells(candidates[row].numbering.rest):  # `2) Min pooling keeps the smallest value.`
        return False
    if all(lines[place].blank for place in section):
        return True
    # The last item of a tight list has content after it, but stands close to the item before.
    above = candidates[row - 1] if row else None
    here = candidates[row]
    return above is not None and (above.line, above.family) == (here.line - 1, here.family)


def _context(
    lines: Sequence[Line],
    sections: Sequence[range],
    empty: Sequence[bool],
    candidates: Sequence[Candidate],
    asked: Sequence[Asked],
) -> Matrix:
    """What follows up to the next candidate that looks alike: code, where code is asked for; anything at all."""
    codes = np.cumsum([0] + [line.style in ("code", "fence") and not line.blank for line in lines])
    has_code = np.array([codes[section.stop] > codes[section.start] for section in sections])[:, None]
    asks_code = np.array([question.code for question in asked])[None, :]
    bare = [nothing and one.label != "answer" for nothing, one in zip(empty, candidates, strict=True)]
    above = listed(lines, candidates)
    in_list = np.array([c in above for c in range(len(candidates))])[:, None]
    result: Matrix = np.where(asks_code, np.where(has_code, WITH_CODE, WITHOUT_CODE), 0.0)
    return result + np.where(in_list, IN_LIST, np.where(np.array(bare)[:, None], WITHOUT_CONTENT, 0.0))


def _in_steps(steps: frozenset[int], candidates: Sequence[Candidate]) -> Matrix:
    result: Matrix = np.array([IN_STEPS if row in steps else 0.0 for row in range(len(candidates))])[:, None]
    return result


def _bodies(lines: Sequence[Line], sections: Sequence[range], topics: Topics) -> Matrix:
    """Whether what follows is about a question, more than about others."""
    found: dict[int, frozenset[int]] = {}
    rows = []
    for section in sections:
        places = section[:MAX_BODY_LINES]
        for place in places:
            if place not in found:
                found[place] = topics.mentioned(lines[place].text)
        rows.append(topics.alike(frozenset().union(*(found[place] for place in places))))
    shares = np.array(rows)
    result: Matrix = np.clip(BODY * (shares - shares.mean(axis=1, keepdims=True)), LEAST_BODY, MOST_BODY)
    return result


def _look(candidate: Candidate, habits: Habits, alike: float) -> float:
    weak = (WEAK_COMMENT if candidate.code else WEAK) if candidate.weak else 0.0
    own = {"question": LABEL, "answer": ANSWER}.get(candidate.label, weak)
    if not candidate.label and candidate.family.startswith(("heading", "bold")):
        own = HEADING
    if not habits.families:
        return own
    if candidate.family in habits.families:
        return own + LOOKS_LIKE_THE_OTHERS
    # Whoever lists the questions first, and then writes `Answer 1`, has two looks.
    if candidate.label == "answer" and not candidate.code:
        return own
    title = not candidate.numbering.numbers and 0 < candidate.level < habits.level
    unrelated = alike < RELATED and candidate.numbering.rest.strip() != ""
    return own + LOOKS_DIFFERENT + (UNRELATED if unrelated else 0.0) + (TITLE if title else 0.0)


def _right(candidate: Candidate, habits: Habits) -> float:
    if candidate.family in habits.doubted:
        return 0.0
    return RIGHT_NUMBER if candidate.label or candidate.family in habits.trusted else RIGHT_BARE_NUMBER


def _wrong(candidate: Candidate, habits: Habits) -> float:
    if candidate.family in habits.doubted:
        return 0.0
    if candidate.family in habits.trusted:
        return WRONG_TRUSTED_NUMBER
    return WRONG_LABELLED_NUMBER if candidate.label else WRONG_NUMBER
