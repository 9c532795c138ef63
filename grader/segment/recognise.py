"""What a hand-in is as a whole: empty, the assignment sheet unanswered, or the answer to another assignment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from grader.records import Answer, Segmentation, Submission
from grader.rubric import Rubric
from grader.segment.likeness import Likeness
from grader.segment.lines import read_lines
from grader.segment.starts import candidates

# How much more a hand-in must look like another assignment, and how much at least.
CLEARLY_MORE, AT_LEAST = 0.2, 0.45
NEARLY_ALL = 0.8
MAX_TEXTS = 4_000
# What sheets put where the answer should go.
PLACEHOLDER = re.compile(
    r"(?:type|write|enter|put|add|insert|your)\b[^\n]{0,30}\b(?:answer|code|solution)\b[^\n]{0,30}"
    r"|raise NotImplementedError|pass|todo\b[^\n]{0,60}|double-click[^\n]{0,60}|n/?a|nil"
    r"|(?:your )?(?:answer|code|solution)(?: here)?",
    re.IGNORECASE,
)
AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def remarks(
    submission: Submission, segmentation: Segmentation, rubric: Rubric, known: Sequence[Rubric] = ()
) -> tuple[str, ...]:
    """Sentences for a person about the hand-in as a whole; none where there is nothing to say.

    Args:
        submission: The hand-in.
        segmentation: Its answers.
        rubric: That it is graded by.
        known: Other rubrics that it may have been meant for.
    """
    if not any(cell.source.strip() for cell in submission.cells):
        return ("The hand-in is empty: it has cells, but nothing stands in them.",)
    return (*_unanswered(submission, segmentation), *_another(submission, rubric, known))


def _unanswered(submission: Submission, segmentation: Segmentation) -> Iterator[str]:
    found = [answer for answer in segmentation.answers if answer.cells]
    sheet = len(found) >= NEARLY_ALL * len(segmentation.answers)
    if sheet and not any(_says_something(submission, answer) for answer in found):
        yield "This looks like the assignment sheet: all its questions are there, and no answer to any of them."


def _says_something(submission: Submission, answer: Answer) -> bool:
    code = [submission.cells[index].source for index in answer.cells if submission.cells[index].kind == "code"]
    texts = [answer.text, *("\n".join(_without_comments(source)) for source in code)]
    return any(_meant(line) for text in texts for line in text.split("\n"))


def _without_comments(source: str) -> list[str]:
    return [line for line in source.split("\n") if not line.lstrip().startswith(("#", '"""', "'''"))]


def _meant(line: str) -> bool:
    bare = AROUND.sub("", line[:500])
    return bool(bare) and not PLACEHOLDER.fullmatch(bare[:200])


def _another(submission: Submission, rubric: Rubric, known: Sequence[Rubric]) -> Iterator[str]:
    others = [one for one in known if one.assignment != rubric.assignment]
    if not others:
        return
    texts = _texts(submission)
    own = _resemblance(texts, rubric)
    likest, most = max(((one, _resemblance(texts, one)) for one in others), key=lambda pair: pair[1])
    if most >= AT_LEAST and most - own >= CLEARLY_MORE:
        yield (
            f"This looks like another assignment: '{likest.assignment}' ({likest.title}). Its questions are "
            f"{most:.0%} like what is written here, those of '{rubric.assignment}' {own:.0%}."
        )


def _texts(submission: Submission) -> list[str]:
    texts = [text for one in candidates(read_lines(submission.cells)) for text in one.wordings if text.strip()]
    return texts[:MAX_TEXTS]


def _resemblance(texts: Sequence[str], rubric: Rubric) -> float:
    """How alike, on average, a question of the rubric is to what in the hand-in is most like it."""
    likeness = Likeness([(question.title, question.prompt) for question in rubric.questions])
    return float(np.mean(likeness.cosines(texts).max(axis=0))) if texts else 0.0
