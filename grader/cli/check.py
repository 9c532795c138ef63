"""`grader check`: what a student runs before handing in."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from grader.errors import OperatorError
from grader.report import print_checked
from grader.rubric import load_rubric
from grader.selfcheck import Checked, Project, check_hand_in, find_project
from grader.selfcheck.project import FILE

BELOW = 1
NOT_ENOUGH = "Below --min-score: {:.0f} % of what can be judged now, {:g} % asked."

rubric_option = click.option(
    "--rubric",
    "-r",
    type=click.Path(path_type=Path),
    help="The rubric.  [default: by grader.toml, or the only one there]",
)
min_score_option = click.option(
    "--min-score",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="Exit code 1 below this percentage of the points that can be judged.",
)


@click.command()
@click.argument("notebook", required=False, type=click.Path(path_type=Path))
@rubric_option
@click.option(
    "--out",
    "-o",
    default=Path("grader-check"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="For the page.",
)
@min_score_option
def check(notebook: Path | None, rubric: Path | None, out: Path, min_score: float) -> int:
    """Check your own work before you hand it in.

    NOTEBOOK is a notebook, a script or a folder; without it, the one that grader.toml names, or the only one here. It
    runs in your own Python, without a sandbox: check only code that you trust. Criteria that need the reference
    solution, labels or thresholds are graded after hand-in. Training is cut short, so that you soon have a report.

    \b
    Examples:
      grader check
      grader check homework.ipynb
      grader check homework.ipynb --rubric cnn-basics.yaml --min-score 60

    \b
    Exit codes:
      0    checked
      1    below --min-score, or your file cannot be read
      2    the command line is wrong
      4    the rubric is wrong
      5    something on this machine: a path, a package, the disk
      70   the grader itself failed
      130  Ctrl-C
    """
    project = meant(notebook, rubric)
    console = Console(highlight=False)
    checked = watched(console, project, out)
    print_checked(console, checked.grade, checked.page)
    return verdict(console, checked.percent, min_score)


def meant(notebook: Path | None, rubric: Path | None, folder: Path | None = None) -> Project:
    """The rubric and the hand-in that a command is about.

    Raises:
        OperatorError: One of them is not to be found.
    """
    if notebook is not None and not notebook.exists():
        raise OperatorError(f"{notebook} is not there", "Give the path of your notebook")
    if rubric is not None and notebook is not None:
        return Project(rubric, notebook)
    places = [folder] if folder else [notebook.parent, Path()] if notebook else [Path()]
    place = next((one for one in places if (one / FILE).is_file()), places[0])
    found = find_project(place, rubric)
    hand_in = notebook or found.hand_in
    if hand_in is None:
        raise OperatorError(
            f"there is no notebook or script in {place.resolve()}, or several",
            'Name yours: grader check FILE, or hand_in = "FILE" in grader.toml',
        )
    return Project(found.rubric, hand_in)


def watched(console: Console, project: Project, out: Path) -> Checked:
    """Check with a word on what runs, which is gone when it is done."""
    if project.hand_in is None:
        raise OperatorError("there is nothing to check", "Name your notebook: grader check FILE")
    rubric = load_rubric(project.rubric)
    with console.status("starting Python for your code ...") as status:
        return check_hand_in(project.hand_in, rubric, out, lambda what: status.update(what.replace("[", "\\[")))


def verdict(console: Console, percent: float, least: float) -> int:
    """The exit code, with a word on it where it is not 0."""
    if percent >= least:
        return 0
    console.print(NOT_ENOUGH.format(percent, least), markup=False)
    return BELOW
