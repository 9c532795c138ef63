"""`grader export`: grades as the files that other programs read."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from grader.cli.options import db_option
from grader.errors import OperatorError
from grader.gradebook import existing_gradebook
from grader.report import write_text
from grader.report.export import EXPORTS, Exported, canvas, moodle, nbgrader

SOME_LEFT_OUT = 1
SHOWN = 20
FORMATS = (*EXPORTS, "canvas", "moodle", "nbgrader")
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("format_", metavar="FORMAT", type=click.Choice(FORMATS))
@click.argument("run_dir", type=FILE)
@click.option("--sheet", type=FILE, help="canvas, moodle: the sheet as you downloaded it.")
@click.option("--column", default="", help="canvas: title of the assignment's column.  [default: the rubric's title]")
@click.option("--unfinished", is_flag=True, help="canvas, moodle, nbgrader: take the points so far where some wait.")
@click.option("--out", "-o", type=FILE, help="Folder to write to.  [default: exports in RUN_DIR]")
@db_option
def export(
    format_: str, run_dir: Path, sheet: Path | None, column: str, unfinished: bool, out: Path | None, db: str | None
) -> int:
    """Write the grades that count for another program. RUN_DIR is the --out folder of `grader grade`.

    canvas and moodle fill in the sheet that you downloaded there, so that you can upload it again.

    \b
    FORMAT:
      csv, json      tables for spreadsheets and programs
      canvas         a gradebook downloaded from Canvas, filled in
      moodle         a grading worksheet downloaded from Moodle, filled in
      gradescope     results.json per hand-in
      prairielearn   results.json per hand-in
      nbgrader       the columns of `nbgrader export`
      junit          a JUnit XML report

    \b
    Examples:
      grader export moodle grader-out --sheet "Grades-Homework 4.csv"
      grader export canvas grader-out --sheet gradebook.csv --column "Homework 4"
      grader export junit grader-out --out reports

    Exit code 1 says that somebody was left out, and who.
    """
    book = existing_gradebook(run_dir, db)
    grades = book.grades()
    if format_ in EXPORTS:
        made = EXPORTS[format_](grades)
    elif format_ == "nbgrader":
        policy = book.policy()
        made = nbgrader(grades, policy.due if policy else None, unfinished)
    elif format_ == "canvas":
        made = canvas(grades, downloaded(sheet), column, unfinished)
    else:
        made = moodle(grades, downloaded(sheet), unfinished)
    folder = out or run_dir / "exports"
    for name, text in made.files.items():
        write_text(folder / name, text)
    return told(made, folder)


def downloaded(sheet: Path | None) -> bytes:
    """The sheet's bytes.

    Raises:
        OperatorError: It is not there.
    """
    if sheet is None:
        raise click.UsageError("this format fills in a sheet that you downloaded: give it with --sheet")
    try:
        return sheet.read_bytes()
    except OSError as error:
        raise OperatorError(f"{sheet} cannot be read: {error.strerror}", "Check the path after --sheet") from error


def told(made: Exported, folder: Path) -> int:
    """Say what was written and who was left out; 1 if anybody was."""
    console = Console(soft_wrap=True, highlight=False)
    for title, lines in (("left out: ", made.left_out), ("", made.remarks)):
        for line in lines[:SHOWN]:
            console.print(Text(f"{title}{line}"))
        if len(lines) > SHOWN:
            console.print(Text(f"{title}and {len(lines) - SHOWN} more"))
    name, *more = made.files
    rest = f" and {len(more)} more" if more else ""
    console.print(Text(f"Written: {folder / name}{rest}"))
    return SOME_LEFT_OUT if made.left_out else 0
