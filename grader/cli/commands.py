"""The commands. Each parses its options, calls one function, and shows what came of it."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console

from grader.batch import grade_all
from grader.cli.failures import run_interruptible
from grader.cli.options import db_option, due_option, limit_option, loaded
from grader.cli.progress import ProgressView, Scoring
from grader.pipeline import Settings
from grader.records import Grade
from grader.report import print_difference, print_summary
from grader.rescore import DIFFERENCES
from grader.rescore import rescore as rescore_all
from grader.segment import read_overrides

RUBRIC = click.Path(path_type=Path)
SOME_NOT_GRADED = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("dl-homework-grader"), prog_name="grader")
def cli() -> None:
    """Grade deep-learning homework: run hand-ins in a sandbox, look at the models they build, write feedback."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rubric", "-r", required=True, type=RUBRIC, help="The rubric (YAML).")
@click.option(
    "--out",
    "-o",
    default=Path("grader-out"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for feedback, grades and traces.",
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="quick bounds training, full runs it to its end.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--jobs", "-j", type=click.IntRange(1, 64), help="Hand-ins at once.  [default: one per core]")
@click.option(
    "--isolation",
    type=click.Choice(["bwrap", "none"]),
    default="bwrap",
    show_default=True,
    help="none runs hand-ins without a sandbox: only your own, on your own machine.",
)
@limit_option
@click.option("--fresh", is_flag=True, help="Run all again, also what has not changed since an earlier run.")
@click.option("--segments", type=RUBRIC, help="Cells of questions where you know better (see grader inspect --help).")
@due_option
@db_option
def grade(  # noqa: PLR0913, PLR0917  one per option
    paths: tuple[Path, ...],
    rubric: Path,
    out: Path,
    profile: str,
    device: str,
    jobs: int | None,
    isolation: str,
    limits: dict[str, float | None],
    fresh: bool,
    segments: Path | None,
    due: datetime | None,
    db: str | None,
) -> int:
    """Grade hand-ins and write one feedback page each.

    PATHS are notebooks, scripts, folders, or folders of student folders. Hand-ins that an earlier run into the same
    --out has finished are not run again unless they, what the rubric runs, or this environment have changed.

    \b
    Examples:
      grader grade alice.ipynb --rubric rubrics/cnn-architectures.yaml
      grader grade submitted/ --rubric rubrics/cnn-architectures.yaml --out feedback --profile full
      grader grade submitted/ --rubric rubrics/cnn-basics.yaml --limit memory_gb=2 --limit cell_seconds=60

    \b
    Exit codes:
      0    every hand-in was graded
      1    some could not be graded; the others were
      2    the command line is wrong
      4    the rubric or its reference is wrong
      5    something on this machine: a path, the sandbox, the disk
      70   the grader itself failed
      130  Ctrl-C
    """
    graded_by = loaded(rubric, due)
    settings = Settings(
        profile="full" if profile == "full" else "quick",
        device=device,
        isolation="none" if isolation == "none" else "bwrap",
        overrides=read_overrides(segments) if segments else None,
        limits=limits,
        fresh=fresh,
    )
    console = Console(soft_wrap=True)
    with ProgressView(console) as view:
        grades = run_interruptible(grade_all(paths, graded_by, out, settings, jobs, view, db))
    code = show(console, grades, out)
    if view.kept:
        unchanged = f"{view.kept} of {len(grades)} had not changed since an earlier run and were not run again"
        console.print(f"From before:  {unchanged} (--fresh runs all)")
    return code


@cli.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--rubric", "-r", required=True, type=RUBRIC, help="The rubric (YAML), changed or not.")
@click.option("--jobs", "-j", type=click.IntRange(1, 64), help="Processes at once.  [default: one per core]")
@due_option
@db_option
def rescore(run_dir: Path, rubric: Path, jobs: int | None, due: datetime | None, db: str | None) -> int:
    """Score the traces of an earlier run again, and say who moved by which criterion. Runs no student code.

    RUN_DIR is the --out folder of an earlier `grader grade`; its pages and grades are written anew. What people set
    with `grader review` stays; where the check's verdict under it changed, that is said.

    \b
    Examples:
      grader rescore grader-out --rubric rubrics/cnn-architectures.yaml
      grader rescore grader-out --rubric rubrics/cnn-architectures.yaml --due 2026-11-20T23:59+01:00
    """
    console = Console(soft_wrap=True)
    with Scoring(console) as told:
        rescored = rescore_all(run_dir, loaded(rubric, due), db, jobs, told)
    code = show(console, rescored.grades, run_dir)
    print_difference(console, rescored.difference, str(run_dir / DIFFERENCES))
    return code


def show(console: Console, grades: tuple[Grade, ...], out: Path) -> int:
    """The final table; 0, or 1 if some hand-ins could not be graded."""
    print_summary(console, grades, out)
    return SOME_NOT_GRADED if any(grade.problem for grade in grades) else 0
