"""`grader ci`: one hand-in in a repository, with files for machines and a summary for people."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from grader.batch import grade_all
from grader.cli.check import meant, min_score_option, rubric_option, verdict
from grader.cli.failures import run_interruptible
from grader.errors import OperatorError
from grader.pipeline import Settings
from grader.records import Grade
from grader.report import PAGES, github_annotations, gradescope_json, job_summary, junit_xml, print_checked, write_text
from grader.rubric import load_rubric
from grader.selfcheck import Project, check_hand_in

NOT_GRADED = 1
MOST_BYTES = 50_000_000


@click.command()
@click.argument("hand_in", required=False, type=click.Path(path_type=Path))
@rubric_option
@click.option(
    "--mode",
    type=click.Choice(["check", "grade"]),
    default="check",
    show_default=True,
    help="check: public criteria, no sandbox. grade: the whole rubric with its reference.",
)
@click.option("--isolation", type=click.Choice(["bwrap", "none"]), default="bwrap", show_default=True, help="Of grade.")
@click.option("--out", "-o", default=Path("grader-ci"), show_default=True, type=click.Path(path_type=Path))
@min_score_option
def ci(hand_in: Path | None, rubric: Path | None, mode: str, isolation: str, out: Path, min_score: float) -> int:
    """Check or grade the hand-in of a repository in a CI job.

    Rubric and hand-in are those of grader.toml, or the only ones here. In --out lie junit.xml, results.json (as
    Gradescope reads it), summary.md and the page. On GitHub the summary goes to the job, and errors to the student's
    lines.

    \b
    Examples:
      grader ci
      grader ci --min-score 60
      grader ci homework.ipynb --rubric cnn-basics.yaml --mode grade

    \b
    Exit codes:
      0    done, and not below --min-score
      1    below --min-score, or the hand-in cannot be graded
      2    the command line is wrong
      4    the rubric or its reference is wrong
      5    something on this machine: a path, a package, the sandbox, the disk
      70   the grader itself failed
      130  stopped
    """
    project = meant(hand_in, rubric)
    console = Console(highlight=False, soft_wrap=False, width=None if os.environ.get("COLUMNS") else 120)
    grade = checked(project, out) if mode == "check" else graded(project, out, isolation)
    write_text(out / "junit.xml", junit_xml([grade]))
    write_text(out / "results.json", gradescope_json(grade))
    tell(job_summary(grade), out)
    with no_commands():
        print_checked(console, grade, out / PAGES / f"{grade.submission}.html")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotated(grade, project):
            click.echo(line)
    if grade.problem:
        console.print(f"not graded: {grade.problem}", markup=False)
        return NOT_GRADED
    judged = grade.max_points - grade.unscored_points
    return verdict(console, 100 * grade.points / judged if judged > 0 else 0.0, min_score)


def checked(project: Project, out: Path) -> Grade:
    """The hand-in by the student edition of the rubric."""
    return check_hand_in(given(project), load_rubric(project.rubric), out).grade


def graded(project: Project, out: Path, isolation: str) -> Grade:
    """The hand-in by the whole rubric, with its reference.

    Raises:
        OperatorError: There are several hand-ins.
    """
    settings = Settings(isolation="none" if isolation == "none" else "bwrap")
    grades = run_interruptible(grade_all([given(project)], load_rubric(project.rubric), out, settings))
    if len(grades) != 1:
        raise OperatorError(f"{project.hand_in} holds {len(grades)} hand-ins", "Name one: grader ci FILE")
    return grades[0]


def given(project: Project) -> Path:
    """The hand-in of a project in which there is one."""
    if project.hand_in is None:
        raise OperatorError("there is no hand-in here", "Name it: grader ci FILE")
    return project.hand_in


def tell(summary: str, out: Path) -> None:
    """The summary as a file, and to the job where GitHub asks for it."""
    write_text(out / "summary.md", summary)
    if target := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(summary)
        except OSError as error:
            remedy = "It is the file that $GITHUB_STEP_SUMMARY names"
            raise OperatorError(f"{target} cannot be written: {error.strerror}", remedy) from error


@contextmanager
def no_commands() -> Iterator[None]:
    """While a report with students' words is printed, GitHub reads no commands in it."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        yield
    finally:
        click.echo(f"::{token}::")


def annotated(grade: Grade, project: Project) -> list[str]:
    """Annotations for the file of the hand-in; of a folder, for the folder."""
    path = given(project)
    text = ""
    if path.is_file() and path.stat().st_size <= MOST_BYTES:
        text = path.read_text(encoding="utf-8", errors="replace")
    root = Path(os.environ.get("GITHUB_WORKSPACE", ".")).resolve()
    place = path.resolve()
    return github_annotations(grade, (place.relative_to(root) if place.is_relative_to(root) else path).as_posix(), text)
