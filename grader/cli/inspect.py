"""`grader inspect`: which cells answer which question. Runs no student code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from grader.errors import OperatorError
from grader.pipeline import question_map_of
from grader.report import print_question_map, question_map_data, question_map_page, write_text
from grader.rubric import load_rubric
from grader.segment import read_overrides

LOG_WIDTH = 140
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--rubric", "-r", required=True, type=FILE, help="The rubric (YAML).")
@click.option("--segments", type=FILE, help="Cells of questions where you know better (YAML).")
@click.option("--html", type=FILE, help="Write the map as a page.")
@click.option(
    "--json", "data", type=click.Path(path_type=Path, allow_dash=True), help="Write the map as JSON; - prints it."
)
def inspect(file: Path, rubric: Path, segments: Path | None, html: Path | None, data: Path | None) -> None:
    """Show which cells of a hand-in are taken as the answer to which question, how sure that is, and why.

    FILE is one hand-in: a notebook, a script, a PDF, a folder. No code of it is run.

    \b
    Correct a wrong place with one line first in the cell,
      # question: q7
    or with a segments.yaml beside the hand-in (or given with --segments):
      alice.ipynb: {q7: [12-15, 18], q8: 19}

    \b
    Examples:
      grader inspect alice.ipynb --rubric rubrics/cnn-architectures.yaml
      grader inspect alice.pdf --rubric rubrics/cnn-basics.yaml --html map.html
      grader inspect alice.ipynb --rubric rubrics/cnn-basics.yaml --json - | jq .questions
    """
    shown = question_map_of(file, load_rubric(rubric), read_overrides(segments) if segments else None)
    text = json.dumps(question_map_data(shown), ensure_ascii=False, indent=1)
    printed = str(data) == "-"
    terminal = Console(highlight=False, stderr=printed)
    console = terminal if terminal.is_terminal else Console(highlight=False, stderr=printed, width=LOG_WIDTH)
    if html:
        write_text(html, question_map_page(shown))
    if data and not printed:
        write_text(data, text + "\n")
    if printed:
        print_data(text)
        for remark in shown.remarks:
            console.print(remark, markup=False)
    else:
        print_question_map(console, shown)
        if html:
            console.print(f"Page:      {html}", markup=False, soft_wrap=True)


def print_data(text: str) -> None:
    """Text on stdout, whatever encoding that has.

    Raises:
        OperatorError: It cannot be written.
    """
    try:
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OperatorError(f"cannot write to the standard output: {error.strerror}") from error
