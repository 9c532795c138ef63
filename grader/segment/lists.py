"""Lists of all questions, as sheets have them at their head, above the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
