"""What is to be graded so that a rubric is tested: the reference, its alternatives, its mutants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from grader.errors import RubricError, SubmissionError
from grader.ingest import HandIn
from grader.pipeline import ALTERNATIVES, read, solutions
from grader.rubric import Criterion, Question, Rubric
from grader.verify.mutants import BY_A_PERSON, Mutant, patched, read_mutants

Kind = Literal["reference", "alternative", "mutant", "trivial"]
Place = tuple[str, str]  # question, criterion
TRIVIAL = (
    *("empty", "prints-numbers", "hard-coded-results", "copied-outputs", "figures-without-work", "constant-function"),
    *("untrained", "constant-prediction"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One small hand-in, and what must come of it.

    Attributes:
        kind: `reference` and `alternative` must get everything, a `mutant` must be caught, a `trivial` one earns
            nothing for what it did not do.
        name: For people; unique among those of its kind.
        questions: Which it answers.
        file: Name of the file that is handed in.
        content: What that file holds.
        about: In words, what it is.
        mutant: What must catch it.
        most: For trivial ones: the most points that it may earn at a criterion, where that part of it is real; else 0.
    """

    kind: Kind
    name: str
    questions: tuple[str, ...]
    file: str
    content: bytes
    about: str = ""
    mutant: Mutant | None = None
    most: Mapping[Place, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Kind and name, with the question where the name does not begin with it."""
        question = self.questions[0] if len(self.questions) == 1 else ""
        named = self.name if Path(self.name).name.startswith(question) else f"{question} {self.name}"
        return f"{self.kind} {named}"


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases of a rubric, but for the trivial ones, which need what the reference showed.

    Attributes:
        folder: Of the reference.
        references: One per file of the reference.
        others: Alternatives, then mutants.
        left_out: Names of cases that were not asked for.
        names: What was asked for; nothing for all.
    """

    folder: Path
    references: tuple[Case, ...]
    others: tuple[Case, ...]
    left_out: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def only(self, names: Sequence[str]) -> Cases:
        """Those that were asked for by question, name or a pattern such as `q6*`, and the references that they need.

        Raises:
            RubricError: There is none.
        """
        if not names:
            return self
        wanted = [case for case in self.others if _asked(case, names)]
        trivial = any(fnmatchcase(one, name) for one in TRIVIAL for name in names)
        own = [case for case in self.references if trivial or _asked(case, names)]
        if not wanted and not own:
            known = ", ".join(dict.fromkeys(q for case in self.references for q in case.questions))
            raise RubricError(f"no case is called {' or '.join(names)}", f"There are the questions {known}")
        needed = {question for case in (*wanted, *own) for question in case.questions}
        references = tuple(case for case in self.references if needed & set(case.questions))
        left = tuple(case.title for case in (*self.references, *self.others) if case not in (*references, *wanted))
        return Cases(self.folder, references, tuple(wanted), left, tuple(names))


def _asked(case: Case, names: Sequence[str]) -> bool:
    known = (*case.questions, case.name, case.title, Path(case.name).stem)
    return any(fnmatchcase(one, pattern) for one in known for pattern in names)


def judged_by_machine(criterion: Criterion) -> bool:
    """Whether a criterion needs no person by its nature."""
    return criterion.check not in BY_A_PERSON


def code_questions(rubric: Rubric) -> tuple[Question, ...]:
    """Questions in which a machine judges something."""
    return tuple(q for q in rubric.questions if any(judged_by_machine(c) for c in q.criteria))


def cases_of(rubric: Rubric) -> Cases:
    """The reference of a rubric, its alternatives and its mutants.

    Raises:
        RubricError: There is no reference; a file answers no question; `mutants.yaml` is wrong.
    """
    files = solutions(rubric)
    folder = rubric.reference_folder
    if folder is None or not files:
        raise RubricError(f"{rubric.path} names no reference", "Add 'reference: FOLDER', with one file per question")
    references = [_right("reference", file, rubric) for file in files]
    alternatives = [
        _right("alternative", file, rubric)
        for file in sorted((folder / ALTERNATIVES).glob("*"))
        if file.suffix in {".py", ".ipynb"}
    ]
    mutants = [_mutant(mutant, folder) for mutant in read_mutants(rubric, folder)]
    return Cases(folder, tuple(references), (*alternatives, *mutants))


def _right(kind: Kind, file: Path, rubric: Rubric) -> Case:
    try:
        submission, segmentation = read(HandIn(file.stem, file.stem, file, (file,)), rubric)
    except SubmissionError as error:
        raise RubricError(f"{file}: {error.message}", error.remedy) from error
    questions = tuple(answer.question for answer in segmentation.answers if answer.cells)
    if not questions:
        raise RubricError(f"{file}:1: it answers no question", f"Begin with '# question: {rubric.questions[0].id}'")
    about = next((line for cell in submission.cells for line in _sentences(cell.source)), "")
    return Case(kind, file.name, questions, file.name, file.read_bytes(), about)


def _sentences(source: str) -> Iterator[str]:
    """First lines of docstrings."""
    for line in source.splitlines():
        if line.startswith('"""') and line.strip('" '):
            yield line.strip('" ')


def _mutant(mutant: Mutant, folder: Path) -> Case:
    content = patched(mutant, folder).encode()
    name = Path(mutant.of).name
    return Case("mutant", mutant.name, (mutant.question,), name, content, mutant.mistake, mutant)
