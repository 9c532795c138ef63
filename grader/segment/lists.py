"""Lists that are no answers: of all questions, as sheets have them at their head, and of the steps of one answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from grader.segment.lines import Line
from grader.segment.starts import Candidate

SHORTEST = 3
MOST_OF_THEM = 0.5


def listed(lines: Sequence[Line], candidates: Sequence[Candidate]) -> frozenset[int]:
    """Candidates (indices) in lists whose numbers come again below, each on its own."""
    runs = list(_runs(lines, candidates))
    inside = frozenset(c for run in runs for c in run)
    last = {one.numbering.numbers: c for c, one in enumerate(candidates) if c not in inside}
    return frozenset(c for run in runs if _comes_again(candidates, run, last) for c in run)


def lists_in_answers(lines: Sequence[Line], candidates: Sequence[Candidate], alike: Sequence[bool]) -> frozenset[int]:
    """Candidates (indices) in lists of which most items are like no question.

    Args:
        lines: All lines.
        candidates: In order.
        alike: For each candidate whether it is like any question.
    """
    runs = (run for run in _runs(lines, candidates) if sum(alike[c] for c in run) < MOST_OF_THEM * len(run))
    return frozenset(c for run in runs for c in run)


def _comes_again(candidates: Sequence[Candidate], run: range, last: Mapping[tuple[int, ...], int]) -> bool:
    again = sum(last.get(candidates[c].numbering.numbers, -1) > c for c in run)
    return again >= MOST_OF_THEM * len(run)


def _runs(lines: Sequence[Line], candidates: Sequence[Candidate]) -> Iterator[range]:
    """Numbered candidates of one cell that look alike and have nothing between them."""
    begin = 0
    for c in range(1, len(candidates) + 1):
        if c == len(candidates) or not _goes_on(lines, candidates[c - 1], candidates[c]):
            if c - begin >= SHORTEST:
                yield range(begin, c)
            begin = c


def _goes_on(lines: Sequence[Line], above: Candidate, below: Candidate) -> bool:
    if above.family != below.family or not below.numbering.numbers or below.line - above.line > SHORTEST:
        return False
    same = lines[above.line].cell == lines[below.line].cell
    return same and all(line.blank for line in lines[above.line + 1 : below.line])


def steps_below(lines: Sequence[Line], candidates: Sequence[Candidate]) -> frozenset[int]:
    """Candidates (indices) that count from 1 right below a heading that looks alike: `# 6. LeNet`, `# 1. Imports`."""
    families: dict[str, list[int]] = defaultdict(list)
    for row, candidate in enumerate(candidates):
        if candidate.numbering.sort == "n":
            families[candidate.family].append(row)
    return frozenset(step for rows in families.values() for step in _steps(lines, candidates, rows))


def _steps(lines: Sequence[Line], candidates: Sequence[Candidate], rows: Sequence[int]) -> Iterator[int]:
    heading, last = 0, 0
    for above, row in pairwise(rows):
        number, before = candidates[row].numbering.numbers[-1], candidates[above].numbering.numbers[-1]
        between = lines[candidates[above].line + 1 : candidates[row].line]
        if number == 1 and before != 1 and all(line.blank for line in between):
            heading, last = before, 1
            yield row
        elif last and number == last + 1 and number != heading + 1:
            last = number
            yield row
        else:
            last = 0
