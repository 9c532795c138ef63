"""`segments.yaml`: which cells answer which question, where a person knows better.

alice.ipynb:              # the file's name, the student's name, or the id of the hand-in
  q7: [12-15, 18]         # cells as `grader inspect` counts them, single or as ranges
  q8: []                  # not answered
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

from grader.errors import GraderError, RubricError, SubmissionError
from grader.records import Submission
from grader.rubric.source import Source, read_source
from grader.segment.answers import Region, Start
from grader.segment.lines import Line

FILE_NAME = "segments.yaml"
MAX_BYTES = 1_000_000
RANGE = re.compile(r"\s*(\d{1,5})\s*(?:[-–]\s*(\d{1,5})\s*)?")


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says about one question: question (index), cells, and where it says so."""

    question: int
    cells: frozenset[int]
    where: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """A `segments.yaml` that was read.

    Attributes:
        path: The file.
        entries: Hand-in -> question -> indices of cells.
        source: For the lines of keys.
        error: Class of the errors: the instructor's file is a `RubricError`, the student's own a `SubmissionError`.
    """

    path: Path = Path()
    entries: Mapping[str, Mapping[str, frozenset[int]]] = field(default_factory=dict)
    source: Source | None = None
    error: type[GraderError] = RubricError

    def of(self, submission: Submission, questions: Sequence[str]) -> tuple[Said, ...]:
        """What is said about a hand-in.

        Args:
            submission: The hand-in.
            questions: Ids of all questions in order.

        Raises:
            RubricError: A question or a cell is not there (`SubmissionError` in a student's own file).
        """
        names = (submission.file, Path(submission.file).stem, submission.id, submission.student)
        name = next((name for name in names if name in self.entries), None)
        if name is None:
            return ()
        count = sum(cell.parent is None for cell in submission.cells)
        return tuple(self._said(name, question, cells, questions, count) for question, cells in self._items(name))

    def _items(self, name: str) -> Iterable[tuple[str, frozenset[int]]]:
        return self.entries[name].items()

    def _said(self, name: str, question: str, cells: frozenset[int], known: Sequence[str], count: int) -> Said:
        where = f"{self.path}:{self.source.line((name, question)) if self.source else 1}"
        if question not in known:
            near = get_close_matches(question, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
            raise self.error(f"{where}: the rubric has no question '{question}'; {hint}", "Correct the key")
        beyond = sorted(cell for cell in cells if cell >= count)
        if beyond:
            message = f"{where}: {name} has no cell {beyond[0]}; its cells are 0 to {count - 1}"
            raise self.error(message, "'grader inspect' shows the cells with their numbers")
        return Said(known.index(question), cells, f"{self.path.name}, line {where.rpartition(':')[2]}")


NOTHING = Overrides()


def read_overrides(path: Path, error: type[GraderError] = RubricError) -> Overrides:
    """Read a `segments.yaml`.

    Args:
        path: The file.
        error: Class of the errors.

    Raises:
        RubricError: It is not there, not YAML, or says something else than cells of questions of hand-ins. With file,
            line and key. (`error`, if another class is given.)
    """
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        problem = "is too large" if path.is_file() else "no such file"
        raise error(f"{path}: {problem}", "Check the path after --segments")
    try:
        source = read_source(path)
    except RubricError as problem:
        raise error(
            problem.message.replace("the rubric is empty", "it is empty"), "See 'grader inspect --help'"
        ) from problem
    mistakes = [f"{path}:{one.line or source.line(one.path)}: {one.message}" for one in source.problems]
    mistakes += [f"{path}:{line}: {message}" for line, message in _mistakes(source)]
    if mistakes:
        raise error("\n".join(mistakes[:20]), "Write one line per hand-in, such as  alice.ipynb: {q7: [12-15, 18]}")
    entries = {str(name): _cells_of(said) for name, said in _mapping(source.value)}
    return Overrides(path, entries, source, error)


def overrides_beside(path: Path) -> Overrides:
    """The `segments.yaml` in a student's folder, or beside a file that was handed in; nothing if there is none.

    Raises:
        SubmissionError: It is wrong.
    """
    file = (path if path.is_dir() else path.parent) / FILE_NAME
    return read_overrides(file, SubmissionError) if file.is_file() else NOTHING


def overridden(parts: Sequence[Region], lines: Sequence[Line], said: Sequence[Said]) -> tuple[Region, ...]:
    """Regions after a person had their say: what is given to a question is taken from all others."""
    if not said:
        return tuple(parts)
    given = {one.question for one in said}
    taken: frozenset[int] = frozenset().union(*(one.cells for one in said))
    kept = [_without(part, taken) for part in parts if part.start.question not in given]
    new = [region for one in said for region in _given(one, parts, lines)]
    return tuple(sorted([part for part in kept if part.lines] + new, key=lambda part: part.start.line))


def _without(part: Region, cells: frozenset[int]) -> Region:
    return Region(part.start, [line for line in part.lines if line.cell not in cells])


def _given(said: Said, parts: Sequence[Region], lines: Sequence[Line]) -> Iterator[Region]:
    headings = {part.start.line for part in parts if part.start.worded}
    chosen = [place for place, line in enumerate(lines) if line.cell in said.cells]
    for _, group in groupby(enumerate(chosen), key=lambda pair: pair[1] - pair[0]):
        places = [place for _, place in group]
        start = Start(places[0], said.question, 1.0, f"set by {said.where}", worded=places[0] in headings)
        yield Region(start, [lines[place] for place in places])


def _mapping(value: object) -> list[tuple[object, object]]:
    return list(value.items()) if isinstance(value, dict) else []


def _mistakes(source: Source) -> Iterator[tuple[int, str]]:
    if not isinstance(source.value, dict):
        yield 1, "expected hand-ins with their questions"
    for name, questions in _mapping(source.value):
        if not isinstance(questions, dict):
            yield source.line((str(name),)), f"expected questions with their cells under '{name}'"
        for question, cells in _mapping(questions):
            wrong = [item for item in _listed(cells) if _range(item) is None]
            if wrong:
                what = f"'{wrong[0]}' in question {question} of '{name}' is no cell and no range such as 12-15"
                yield source.line((str(name), str(question))), what


def _listed(cells: object) -> list[object]:
    return cells if isinstance(cells, list) else [cells]


def _range(item: object) -> range | None:
    if isinstance(item, bool) or not isinstance(item, int | str):
        return None
    match = RANGE.fullmatch(str(item))
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if first <= last else None


def _cells_of(questions: object) -> Mapping[str, frozenset[int]]:
    ranges = {str(question): [_range(item) for item in _listed(cells)] for question, cells in _mapping(questions)}
    return {question: frozenset(c for one in found if one for c in one) for question, found in ranges.items()}
