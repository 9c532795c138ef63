"""Code without any heading: which question is it about?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from grader.segment.align import Asked
from grader.segment.answers import Start
from grader.segment.likeness import Likeness, Matrix
from grader.segment.lines import Line

# A script must mention this share of what a question asks about, and clearly more than of any other question.
ENOUGH, HINT, CLEARLY = 0.3, 0.05, 1.3
MOST_CONFIDENT = 0.5


def starts_by_content(
    lines: Sequence[Line], taken: Sequence[Start], asked: Sequence[Asked], likeness: Likeness
) -> tuple[Start, ...]:
    """Places the code of files in which no start was found, by the words in its names, comments and strings.

    Only questions that ask for code and were not found elsewhere come into question. Code that could belong to several
    goes with what stands before it, or stays unplaced.
    """
    found = {start.question for start in taken}
    open_questions = np.array([question.code and q not in found for q, question in enumerate(asked)])
    started = {lines[start.line].origin for start in taken}
    places = [place for place, line in enumerate(lines) if line.origin not in started]
    files = (list(group) for _, group in groupby(places, key=lambda place: lines[place].origin))
    return tuple(start for file in files for start in _in_file(lines, file, open_questions, likeness))


def _in_file(lines: Sequence[Line], places: list[int], open_questions: Matrix, likeness: Likeness) -> Iterator[Start]:
    whole = _shares(lines, places, open_questions, likeness)
    groups = groupby(places, key=lambda place: lines[place].cell)
    cells = [cell for cell in (list(group) for _, group in groups) if any(lines[p].style == "code" for p in cell)]
    shares = [_shares(lines, cell, open_questions, likeness) for cell in cells]
    sure = {_clear(whole, ENOUGH), *(_clear(cell, ENOUGH) for cell in shares)}
    # Once it is clear which questions the file answers, less is needed to tell them apart cell by cell.
    among = np.array([question in sure for question in range(len(whole))])
    current = _clear(whole, ENOUGH)
    if current is not None and cells:
        yield _start(cells[0][0], current, whole[current])
    for cell, share in zip(cells, shares, strict=True):
        question = _clear(share * among, HINT)
        if question is not None and question != current:
            current = question
            yield _start(cell[0], question, whole[question])


def _shares(lines: Sequence[Line], places: Sequence[int], open_questions: Matrix, likeness: Likeness) -> Matrix:
    text = "\n".join(lines[place].text for place in places)
    shares: Matrix = likeness.coverage(text, code=True) * open_questions
    return shares


def _clear(shares: Matrix, enough: float) -> int | None:
    best = int(np.argmax(shares))
    others = np.delete(shares, best)
    second = float(others.max()) if len(others) else 0.0
    return best if shares[best] >= enough and shares[best] >= CLEARLY * second else None


def _start(line: int, question: int, share: float) -> Start:
    reason = f"no heading; the code mentions {share:.0%} of what this question asks about, and less of any other"
    return Start(line, question, min(MOST_CONFIDENT, 0.7 * float(share)), reason, worded=False)
