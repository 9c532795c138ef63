"""One question in a running notebook: `import grader; grader.check("q6")`, or `%grader q6`.

`import grader` in the first cell lets the probe watch training as well: what was trained before it cannot be seen any
more. The judgement is that of the student edition of the rubric, for the namespace as it stands.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from grader.errors import GraderError, OperatorError
from grader.observe import read_report
from grader.pipeline import AnswerKey, judge
from grader.probe import live
from grader.records import (
    TRACE_SCHEMA,
    Answer,
    Cell,
    CellRun,
    Environment,
    QuestionGrade,
    QuestionTrace,
    Submission,
    Trace,
)
from grader.report import live_html, live_text
from grader.rubric import Question, Rubric, load_rubric, plan
from grader.selfcheck.edition import AFTER, student_edition
from grader.selfcheck.project import find_project

# What a namespace cannot tell: whether all cells run from top to bottom, and what stands in text cells.
NOT_HERE = frozenset({"runs", "written", AFTER})


@dataclass(frozen=True, repr=False)
class LiveVerdict:
    """What a notebook shows: HTML where it can, text elsewhere.

    Attributes:
        question: Its grade by what can be judged here; None where there was a problem.
        elsewhere: Titles of the criteria that cannot be judged here.
        problem: Why nothing could be judged.
    """

    question: QuestionGrade | None
    elsewhere: tuple[str, ...] = ()
    problem: str = ""

    def __repr__(self) -> str:
        """As plain text."""
        return live_text(self.question, self.elsewhere, self.problem)

    def _repr_html_(self) -> str:
        return live_html(self.question, self.elsewhere, self.problem)


def check(question: str = "", rubric: str | Path | None = None) -> LiveVerdict:
    """Judge a question by the notebook's namespace as it stands.

    Args:
        question: Its id in the rubric, such as `q6`.
        rubric: The rubric; by default the one of `grader.toml`, or the only one beside the notebook.

    Returns:
        A verdict that the notebook shows. A mistake in the call is said there, and never raised.
    """
    try:
        shell = get_ipython()
        if shell is None:
            raise OperatorError("there is no notebook here", "Use 'grader check FILE' outside of one")
        project = find_project(Path(), Path(rubric) if rubric else None)
        edition = student_edition(load_rubric(project.rubric))
        return _judged(shell, edition, edition.question(question))
    except GraderError as error:
        return LiveVerdict(None, problem=str(error))


def _judged(shell: Any, edition: Rubric, question: Question) -> LiveVerdict:
    here = tuple(criterion for criterion in question.criteria if criterion.check not in NOT_HERE)
    elsewhere = tuple(criterion.title for criterion in question.criteria if criterion.check in NOT_HERE)
    points = sum(criterion.points for criterion in here)
    asked = question.model_copy(update={"criteria": here, "points": points})
    rubric = edition.model_copy(update={"questions": (asked,)})
    (questions_plan,) = plan(rubric, seed=0)
    message = live.look(shell, asdict(questions_plan))
    observation, blobs, problem = read_report(question.id, message)
    if problem:
        return LiveVerdict(None, problem=problem.message)
    cells = _cells(shell)
    places = tuple(cell.index for cell in cells)
    seen = QuestionTrace(
        question.id,
        Answer(question.id, places, confidence=1.0, reason="the running notebook"),
        tuple(CellRun(place, "ok") for place in places),
        observation=observation,
    )
    submission = Submission("notebook", "", "this notebook", cells, "")
    trace = Trace(TRACE_SCHEMA, edition.assignment, "", "full", submission, (seen,), Environment())
    return LiveVerdict(judge(trace, blobs, rubric, AnswerKey()).questions[0], elsewhere)


def _cells(shell: Any) -> tuple[Cell, ...]:
    """What was run in this notebook so far, each text once: the newest of what was run again."""
    sources = [source for source in shell.user_ns.get("In", ()) if isinstance(source, str) and source.strip()]
    newest = list(reversed(dict.fromkeys(reversed(sources))))
    return tuple(Cell(index, "code", source) for index, source in enumerate(newest))
