"""One hand-in on the student's own machine: public criteria, profile `quick`, no sandbox, one page."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import OperatorError
from grader.execute.run import Progress
from grader.ingest import find, with_files_beside
from grader.pipeline import Settings, answer_key, judge, prepare_workplace, run
from grader.records import Grade
from grader.report import PAGES, write_submission
from grader.rubric import Rubric
from grader.selfcheck.edition import in_a_minute, student_edition


@dataclass(frozen=True, slots=True)
class Checked:
    """What a self-check gave.

    Attributes:
        grade: By the student edition of the rubric.
        page: The page that was written.
    """

    grade: Grade
    page: Path

    @property
    def judged(self) -> float:
        """Points that can be judged before hand-in."""
        return self.grade.max_points - self.grade.unscored_points

    @property
    def percent(self) -> float:
        """Percent earned of what can be judged; 0 where nothing can."""
        return 100 * self.grade.points / self.judged if self.judged > 0 else 0.0


def check_hand_in(path: Path, rubric: Rubric, out: Path, progress: Progress = lambda _: None) -> Checked:
    """Run and judge one hand-in by the student edition of a rubric.

    Args:
        path: A notebook or a script, with what it names beside it, or a folder with the parts of one hand-in.
        rubric: The rubric, or its student edition.
        out: Folder for the page.
        progress: Is told what runs.

    Raises:
        SubmissionError: The hand-in cannot be read.
        OperatorError: There are several hand-ins, or something is missing on this machine.
    """
    return asyncio.run(_check(path, in_a_minute(student_edition(rubric)), out, progress))


async def _check(path: Path, rubric: Rubric, out: Path, progress: Callable[[str], None]) -> Checked:
    hand_ins = find([path])
    if len(hand_ins) != 1:
        raise OperatorError(f"{path} holds {len(hand_ins)} hand-ins", "Give one file or one folder: grader check FILE")
    place = prepare_workplace(rubric, Settings(isolation="none", threads=os.cpu_count() or 1))
    key = replace(answer_key(rubric, None), labels={})
    trace, blobs = await run(with_files_beside(hand_ins[0]), rubric, place, progress)
    progress("judging")
    grade = judge(trace, blobs, rubric, key)
    return Checked(grade, write_submission(grade, trace, blobs, out / PAGES))
