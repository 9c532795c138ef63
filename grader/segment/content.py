"""Code without any heading: which question is it about?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from grader.segment.answers import Region, Start
from grader.segment.asked import Asked
from grader.segment.likeness import Likeness, Matrix
from grader.segment.lines import Line
from grader.segment.sections import prepares

# Code must mention this share of what a question asks about, and clearly more than of any other question.
ENOUGH, CLEARLY = 0.3, 1.3
# Beside a question that is mentioned enough, this share will do for another that its cells mention far more than any.
ENOUGH_BESIDE, FAR_MORE = 0.12, 2.5
# What it costs that the next cell is about another question.
CHANGE = 0.12
# More is asked of code that stands under the heading of another question, or above the first.
ENOUGH_ELSEWHERE, CLEARLY_ELSEWHERE = 0.4, 1.4
MOST_CONFIDENT = 0.5


@dataclass(frozen=True, slots=True)
class _View:
    """What is looked for: the lines, and for each question whether it is open (asks for code, and was not found)."""

    lines: Sequence[Line]
    open: Matrix
    likeness: Likeness


def starts_by_content(
    lines: Sequence[Line], parts: Sequence[Region], asked: Sequence[Asked], likeness: Likeness
) -> tuple[Start, ...]:
    """Places code by the words in its names, comments and strings.

    Only questions that ask for code and were not found elsewhere come into question: first in files in which no start
    was found, then above the first start of a file and under the headings of questions that ask for no code.
    """
    found = {part.start.question for part in parts}
    missing = np.array([float(question.code and q not in found) for q, question in enumerate(asked)])
    if not missing.any():
        return ()
    started = {lines[part.start.line].origin for part in parts}
    places = [place for place, line in enumerate(lines) if line.origin not in started]
    files = [list(group) for _, group in groupby(places, key=lambda place: lines[place].origin)]
    guessed = [start for file in files for start in _in_file(_View(lines, missing, likeness), file)]
    missing[[start.question for start in guessed]] = 0
    view = _View(lines, missing, likeness)
    for run in _elsewhere(lines, parts, asked):
        for start in _in_run(view, run):
            missing[start.question] = 0
            guessed.append(start)
    return tuple(guessed)


def _elsewhere(lines: Sequence[Line], parts: Sequence[Region], asked: Sequence[Asked]) -> Iterator[list[int]]:
    """Runs of lines of code above the first start of a file, and under headings of questions that want none."""
    wanted = {part.start.line: asked[part.start.question].code or part.start.confidence == 1 for part in parts}
    begins = sorted(wanted)
    owner = np.searchsorted(begins, np.arange(len(lines)), side="right")
    files = {lines[begin].origin for begin in begins}
    run: list[int] = []
    for place, line in enumerate(lines):
        above = begins[owner[place] - 1] if owner[place] else None
        same = above is not None and lines[above].origin == line.origin
        free = (not same and line.origin in files) or (same and above is not None and not wanted[above])
        if free and line.style in ("code", "comment", "string") and (above is None or line.cell != lines[above].cell):
            run.append(place)
        elif run and not (line.blank and free):
            yield run
            run = []
    if run:
        yield run


def _in_run(view: _View, run: Sequence[int]) -> Iterator[Start]:
    """Each cell of a run that clearly answers an open question starts its answer."""
    groups = groupby(run, key=lambda place: view.lines[place].cell)
    cells = [list(group) for _, group in groups]
    for cell in [list(run), *cells] if len(cells) > 1 else cells:
        if prepares([view.lines[place] for place in cell]):
            continue
        shares = _shares(view, cell)
        question = _clear(shares, ENOUGH_ELSEWHERE, CLEARLY_ELSEWHERE)
        if question is not None:
            yield _start(cell[0], question, float(shares[question]))
            if cell[-1] == run[-1]:
                return


def _in_file(view: _View, places: list[int]) -> Iterator[Start]:
    """The cells of a file, each with the question that it and its neighbours are about."""
    groups = groupby(places, key=lambda place: view.lines[place].cell)
    cells = [cell for cell in (list(group) for _, group in groups) if any(view.lines[p].style == "code" for p in cell)]
    if not cells:
        return
    shares = np.array([_shares(view, cell) for cell in cells])
    path = _believed(view, cells, shares)
    several = len({question for question in path if question is not None}) > 1
    for i, (cell, question) in enumerate(zip(cells, path, strict=True)):
        helps = several and i + 1 < len(cells) and prepares([view.lines[place] for place in cell])
        if question is not None and not helps and (i == 0 or path[i - 1] != question or _helped(view, cells, i)):
            yield _start(cell[0], question, float(_together(view, cells, path, question)[question]))


def _helped(view: _View, cells: Sequence[Sequence[int]], i: int) -> bool:
    return all(prepares([view.lines[place] for place in cell]) for cell in cells[:i])


def _believed(view: _View, cells: Sequence[Sequence[int]], shares: Matrix) -> list[int | None]:
    """For each cell its question, where the cells of a question together mention enough of it."""
    shares = shares.copy()
    while shares.any():
        path: list[int | None] = list(_path(shares))
        together = {q: _together(view, cells, path, q) for q in set(path) if q is not None}
        enough = any(mentioned[q] >= ENOUGH for q, mentioned in together.items())
        weak = {q for q, mentioned in together.items() if not (enough and _is_about(mentioned, q))}
        if not weak:
            return path if _tells(shares, path) else [None] * len(cells)
        shares[:, sorted(weak)] = 0
    return [None] * len(cells)


def _is_about(mentioned: Matrix, question: int) -> bool:
    others = float(np.delete(mentioned, question).max(initial=0))
    own = float(mentioned[question])
    return own >= ENOUGH or own >= max(ENOUGH_BESIDE, FAR_MORE * others)


def _tells(shares: Matrix, path: Sequence[int | None]) -> bool:
    """Whether the questions on the path are mentioned clearly more than those that are not."""
    on = [q for q in set(path) if q is not None]
    mentioned = shares.max(axis=0)
    off = np.delete(mentioned, on)
    return not len(off) or float(mentioned[on].max()) >= CLEARLY * float(off.max())


def _path(shares: Matrix) -> list[int]:
    """The question of each cell, so that much is mentioned and the question seldom changes (Viterbi 1967)."""
    score = shares[0].copy()
    came: list[list[int]] = []
    for share in shares[1:]:
        best = int(np.argmax(score))
        stays = score >= score[best] - CHANGE
        came.append([q if stay else best for q, stay in enumerate(stays)])
        score = np.where(stays, score, score[best] - CHANGE) + share
    path = [int(np.argmax(score))]
    for before in reversed(came):
        path.append(before[path[-1]])
    return path[::-1]


def _together(view: _View, cells: Sequence[Sequence[int]], path: Sequence[int | None], question: int) -> Matrix:
    return _shares(view, [place for cell, q in zip(cells, path, strict=True) if q == question for place in cell])


def _shares(view: _View, places: Sequence[int]) -> Matrix:
    text = "\n".join(view.lines[place].text for place in places)
    shares: Matrix = view.likeness.coverage(text, code=True) * view.open
    return shares


def _clear(shares: Matrix, enough: float, clearly: float = CLEARLY) -> int | None:
    best = int(np.argmax(shares))
    others = np.delete(shares, best)
    second = float(others.max()) if len(others) else 0.0
    return best if shares[best] >= enough and shares[best] >= clearly * second else None


def _start(line: int, question: int, share: float) -> Start:
    reason = f"no heading; the code mentions {share:.0%} of what this question asks about, and less of any other"
    return Start(line, question, min(MOST_CONFIDENT, 0.7 * float(share)), reason, worded=False)
