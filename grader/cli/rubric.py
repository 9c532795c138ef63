"""`grader rubric`: write one, and see what is wrong with it before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from grader.authoring import drafted, remarks_on
from grader.cli.data import output
from grader.cli.doctor import MARKS, Line, asked
from grader.cli.failures import run_interruptible
from grader.errors import OperatorError, RubricError
from grader.pipeline import Settings
from grader.rubric import Rubric, load_rubric
from grader.verify import Cases, cases_of


@click.group()
def rubric() -> None:
    """Write a rubric, and check it before anything runs.

    \b
    Examples:
      grader rubric new solution.ipynb
      grader rubric check rubrics/cnn-architectures.yaml
    """


@rubric.command()
@click.argument("rubric", type=click.Path(path_type=Path))
def check(rubric: Path) -> None:
    """Check that a rubric is whole: keys, checks and their parameters, data, reference, mutants. Runs nothing.

    Lines begin with ok, with low (it works, and could be better: a criterion that no mutant tests) or with NOT.
    'grader verify' then tests it by running its reference and its mutants.

    \b
    Examples:
      grader rubric check rubrics/cnn-architectures.yaml

    \b
    Exit codes:
      0  it can be graded with
      4  the rubric, its reference or its mutants.yaml is wrong: the lines that begin with NOT
      5  data that it asks for is not on this machine
    """
    loaded = load_rubric(rubric)
    cases = cases_of(loaded) if loaded.reference else None
    remarks = list(remarks_on(loaded, cases))
    served = [line for line in asked(loaded) if line[1] != "reference"]
    lines = [*found(loaded, cases), *served, *((False if r.wrong else None, r.name, r.words) for r in remarks)]
    console = output()
    for ready, name, words in lines:
        console.print(f"{MARKS[ready]} {name}: {words}", markup=False, soft_wrap=True)
    if any(remark.wrong for remark in remarks):
        raise RubricError(f"{rubric} cannot be graded with as it is", "See the lines that begin with NOT")
    if absent := [name for ready, name, _ in served if ready is False]:
        raise OperatorError(f"not here: {', '.join(absent)}", "See 'grader data list' and 'grader data fetch'")


def found(rubric: Rubric, cases: Cases | None) -> Iterator[Line]:
    """What the rubric and the folder of its reference hold."""
    criteria = [criterion for question in rubric.questions for criterion in question.criteria]
    yield True, "rubric", f"{len(rubric.questions)} questions, {len(criteria)} criteria, {rubric.total:g} points"
    if cases is None:
        yield None, "reference", "none is named, so 'grader verify' has nothing to test with"
        return
    kinds = [case.kind for case in cases.others]
    yield True, "reference", f"{len(cases.references)} files in {cases.folder}"
    yield kinds.count("alternative") > 0 or None, "alternatives", str(kinds.count("alternative"))
    yield kinds.count("mutant") > 0 or None, "mutants", str(kinds.count("mutant"))


@rubric.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(path_type=Path), help="The rubric to write.  [default: as the notebook]")
@click.option(
    "--isolation",
    type=click.Choice(["bwrap", "none"]),
    default="bwrap",
    show_default=True,
    help="none runs the solution without a sandbox.",
)
def new(notebook: Path, out: Path | None, isolation: str) -> None:
    """Write a first rubric from a solution: a notebook with its questions numbered, or a script.

    The solution is run as hand-ins are. Questions, models with their parameters and shapes, accuracies and figures are
    filled in as criteria that the solution meets; a copy of it becomes the reference.

    \b
    Examples:
      grader rubric new solution.ipynb
      grader rubric new solution.ipynb --out rubrics/homework-3.yaml

    \b
    Exit codes:
      0  written
      1  the notebook cannot be read
      4  no question was found in it
      5  the file is there already, or something on this machine
    """
    if not notebook.is_file():
        raise OperatorError(f"{notebook} is not there", "Give the path of your solution")
    target = out or notebook.with_suffix(".yaml")
    console = output()
    settings = Settings(isolation="none" if isolation == "none" else "bwrap")
    console.print(f"running {notebook} as a hand-in is run ...", markup=False)
    questions = run_interruptible(drafted(notebook, target, settings))
    console.print(f"wrote {target}: {', '.join(questions)}; the reference is {target.stem}-reference/", markup=False)
    console.print(f"next: grader rubric check {target}; grader verify {target}", markup=False)
