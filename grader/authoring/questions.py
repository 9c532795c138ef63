"""The questions in a solution, by their headings: there is no rubric yet that could say what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.errors import RubricError
from grader.records import Cell, Submission
from grader.segment.lines import bare
from grader.segment.numbers import numbering

MOST_TITLE, MOST_PROMPT, MOST_KEY_POINTS = 60, 600, 5


@dataclass
class FoundQuestion:
    """A question of a solution.

    Attributes:
        id: Made of its number.
        prompt: Its wording.
        code: Whether its answer has code.
        sentences: Of its answer, in prose.
    """

    id: str
    prompt: str
    code: bool = False
    sentences: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The beginning of the wording, or its number."""
        words = self.prompt.split(". ")[0].rstrip(".:?! ")
        cut = words if len(words) <= MOST_TITLE else f"{words[:MOST_TITLE].rsplit(' ', 1)[0]} …"
        return cut or f"Question {self.id.removeprefix('q')}"


def questions_in(submission: Submission) -> tuple[FoundQuestion, ...]:
    """The questions in order.

    Raises:
        RubricError: There is none.
    """
    found: dict[str, FoundQuestion] = {}
    current: FoundQuestion | None = None
    for cell in submission.cells:
        if cell.parent is not None:
            continue
        if cell.question:
            current = found.setdefault(cell.question, FoundQuestion(cell.question, _docstring(cell.source)))
        for part in _parts(cell):
            if isinstance(part, FoundQuestion):
                current = found.setdefault(part.id, part)
            elif current is not None and cell.kind != "code":
                current.sentences.append(part)
        if current is not None and cell.kind == "code" and cell.source.strip():
            current.code = True
    if not found:
        raise RubricError(
            f"no question was found in {submission.file}",
            "Begin each with its number in a text cell: '## Question 1: Build a network that …'",
        )
    return tuple(found.values())


def _docstring(source: str) -> str:
    """The text between the first triple quotes, up to its first empty line."""
    _, opened, rest = source.partition('"""')
    text = rest.partition('"""')[0].split("\n\n")[0]
    return " ".join(text.split())[:MOST_PROMPT] if opened else ""


def _parts(cell: Cell) -> Iterator[FoundQuestion | str]:
    """Starts of questions, and paragraphs of prose. The paragraph of a start is the question's wording."""
    paragraphs = [cell.source] if cell.kind == "code" else cell.source.split("\n\n")
    for paragraph in paragraphs:
        lines = [bare(line) for line in paragraph.splitlines() if line.strip()]
        if cell.kind == "code":
            lines = [bare(line) for line in paragraph.splitlines()[:3] if line.startswith("#")]
        begins = numbering(lines[0]) if lines else None
        if begins and begins.label == "question" and begins.numbers:
            wording = " ".join(filter(None, [begins.rest, *lines[1:]]))
            yield FoundQuestion(f"q{'-'.join(map(str, begins.numbers))}", wording[:MOST_PROMPT])
        elif lines and cell.kind != "code":
            yield " ".join(lines)
