"""Grade -> the Markdown summary of a CI job. What students wrote is text in it, whatever it looks like.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
"""

from __future__ import annotations

import re

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report import wording
from grader.report.checked import error_words, told
from grader.report.clean import one_line

MOST_BYTES = 2**20 - 1024  # GitHub takes less than 1 MiB per step
# All that Markdown, GitHub's mentions and links, and HTML could read something into.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#+!|~&:@$^()=\"]|(?<=[Ww]{3})\.|(?<=\w)\.(?=\w)")


def job_summary(grade: Grade, most: int = MOST_BYTES) -> str:
    """The summary, at most `most` bytes of UTF-8; what does not fit is said in words."""
    head = _head(grade)
    cut = "\n_{} more of the questions do not fit here: see the page._\n"
    room = most - len(head.encode()) - len(cut.encode()) - 20
    parts: list[str] = []
    for question in grade.questions:
        part = _question(question)
        room -= len(part.encode())
        if room < 0:
            return head + "".join(parts) + cut.format(len(grade.questions) - len(parts))
        parts.append(part)
    return head + "".join(parts)


def plain(text: str, limit: int = 500) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", one_line(text, limit))


def _head(grade: Grade) -> str:
    title = f"# {plain(grade.title)}\n\n`{grade.profile}` · {plain(grade.file, 200)}\n\n"
    if grade.problem:
        return f"{title}**Not graded:** {plain(grade.problem, 2000)}\n"
    judged = grade.max_points - grade.unscored_points
    later = f"; {wording.points(grade.unscored_points)} more wait" if grade.unscored_points else ""
    total = f"**{wording.points(grade.points)} of {wording.points(judged)} points** that could be judged{later}.\n\n"
    rows = [_row(question) for question in grade.questions[:500]]
    table = "| question | points | | still to be judged |\n|---|---:|---|---:|\n" + "".join(rows)
    more = f"\n_{len(grade.questions) - 500} more questions._\n" if len(grade.questions) > 500 else ""
    return f"{title}{total}{table}{more}\n"


def _row(question: QuestionGrade) -> str:
    """What is judged of a question so far, apart from what waits."""
    judged = [c for c in question.criteria if c.verdict.share is not None]
    most = sum(c.max_points for c in judged)
    waits = question.max_points - most
    ends = {c.verdict.status for c in judged}
    end = "" if not judged else "passed" if ends == {"passed"} else "**not yet**" if "failed" in ends else "**partly**"
    points = f"{wording.points(question.points)} / {wording.points(most)}" if most else ""
    later = wording.points(waits) if waits > 0 else ""
    return f"| {plain(f'{question.id} {question.title}', 120)} | {points} | {end} | {later} |\n"


def _question(question: QuestionGrade) -> str:
    """What is not yet right in a question; nothing where all is."""
    lines = [f"- **Error:** {plain(error_words(question), 800)}\n"] if question.error else []
    lines += [_criterion(c) for c in question.criteria if c.verdict.status in ("partial", "failed")]
    return f"### {plain(f'{question.id} {question.title}', 120)}\n\n{''.join(lines)}\n" if lines else ""


def _criterion(criterion: CriterionGrade) -> str:
    points = f" ({wording.points(criterion.points)} / {wording.points(criterion.max_points)})"
    said = told(criterion) if criterion.public else ""
    return f"- **{plain(criterion.title, 160)}**{points if criterion.max_points else ''} {plain(said, 1200)}\n"
