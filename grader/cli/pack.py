"""`grader pack`: a zip for students, or for Gradescope."""

from __future__ import annotations

from pathlib import Path

import click

from grader.rubric import load_rubric
from grader.selfcheck import pack_for_gradescope, pack_for_students


@click.command()
@click.argument("rubric", type=click.Path(path_type=Path))
@click.option("--for", "reader", type=click.Choice(["students", "gradescope"]), default="students", show_default=True)
@click.option("--out", "-o", type=click.Path(path_type=Path), help="The zip.  [default: ASSIGNMENT-READER.zip]")
@click.option(
    "--isolation",
    type=click.Choice(["bwrap", "none"]),
    default="bwrap",
    show_default=True,
    help="For gradescope: none where its container lets no sandbox be made; then student code can read the answers.",
)
def pack(rubric: Path, reader: str, out: Path | None, isolation: str) -> None:
    """Pack an assignment: for students (nothing that gives an answer away), or as an autograder for Gradescope.

    The student edition holds no hidden criteria, thresholds, expected results, key points, reference or labels. The
    autograder holds all of them, and this grader.

    \b
    Examples:
      grader pack rubrics/cnn-architectures.yaml --out student.zip
      grader pack rubrics/cnn-architectures.yaml --for gradescope --out autograder.zip
    """
    loaded = load_rubric(rubric)
    target = out or Path(f"{loaded.assignment}-{reader}.zip")
    if reader == "gradescope":
        pack_for_gradescope(loaded, target, isolation)
    else:
        for name in pack_for_students(loaded, target):
            click.echo(f"left out: '{name}' lies in the data store of this machine only; give it to your students")
    click.echo(f"wrote {target}")
