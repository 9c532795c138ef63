"""`grader verify`: is a rubric right?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import TaskID

from grader.cli.failures import run_interruptible
from grader.cli.progress import Drawn, running
from grader.pipeline import Settings
from grader.report import write_text
from grader.rubric import Rubric, load_rubric
from grader.verify import (
    Case,
    Cases,
    Outcome,
    cases_of,
    kept_traces,
    print_spreads,
    print_verified,
    spreads_data,
    verified_data,
    with_seeds,
    words,
)
from grader.verify import verify as verify_rubric

NOT_GOOD = 1
LOG_WIDTH = 140


@click.command()
@click.argument("rubrics", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="quick bounds training, full runs it to its end.",
)
@click.option("--only", multiple=True, metavar="NAME", help="A question, a case, or a pattern such as 'q6*'.")
@click.option("--fresh", is_flag=True, help="Run all again, also what has not changed.")
@click.option("--jobs", "-j", type=click.IntRange(1, 64), help="Cases at once.  [default: one per core]")
@click.option(
    "--seeds",
    type=click.IntRange(2, 100),
    help="Train the reference with so many seeds instead, and propose thresholds and bounds.",
)
@click.option("--json", "data", type=click.Path(path_type=Path), help="Also write all of it as JSON.")
def verify(
    rubrics: tuple[Path, ...],
    profile: str,
    only: tuple[str, ...],
    fresh: bool,
    jobs: int | None,
    seeds: int | None,
    data: Path | None,
) -> int:
    """Test rubrics: right answers must get everything, planted mistakes must be caught.

    Runs the reference of each rubric, its alternatives (right answers in another style) and its mutants (named
    mistakes), and some that claim work they did not do. Says for each criterion how many were caught, missed or wrongly
    punished, and which criterion no mutant tests. Runs of an earlier time are taken from the cache as long as nothing
    has changed that they follow from.

    \b
    Examples:
      grader verify rubrics/cnn-architectures.yaml
      grader verify rubrics/*.yaml --json verify.json
      grader verify rubrics/cnn-architectures.yaml --only q6 --only "untrained"
      grader verify rubrics/cnn-architectures.yaml --only q6 --seeds 5

    \b
    Exit codes:
      0    every right answer got everything, every mistake was caught
      1    something was missed, wrongly punished or could not be graded, or a question has no reference
      2    the command line is wrong
      4    a rubric, its reference or its mutants.yaml is wrong
      5    something on this machine: a path, the sandbox, the disk
      70   the grader itself failed
      130  Ctrl-C
    """
    settings = Settings(profile="full" if profile == "full" else "quick", fresh=fresh)
    loaded = [(rubric, cases_of(rubric).only(only)) for rubric in map(load_rubric, rubrics)]
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=LOG_WIDTH)
    traces = kept_traces(fresh=fresh)
    if seeds:
        return propose(console, loaded, settings, seeds, data)
    found = []
    for rubric, cases in loaded:
        with VerifyView(console) as view:
            found.append(run_interruptible(verify_rubric(rubric, cases, settings, traces, view, jobs)))
        print_verified(console, found[-1])
    if data:
        write_text(data, json.dumps(verified_data(found), ensure_ascii=False, indent=1) + "\n")
    return 0 if all(verified.good for verified in found) else NOT_GOOD


def propose(
    console: Console, loaded: Sequence[tuple[Rubric, Cases]], settings: Settings, seeds: int, data: Path | None
) -> int:
    """Train the reference with several seeds, and show what follows for the rubric."""
    written = []
    for rubric, cases in loaded:
        with VerifyView(console) as view:
            traces = kept_traces(fresh=settings.fresh)
            found = run_interruptible(with_seeds(rubric, cases, settings, traces, view, seeds))
        print_spreads(console, rubric.title, found)
        written.append(spreads_data(rubric.assignment, seeds, found))
    if data:
        write_text(data, json.dumps(written, ensure_ascii=False, indent=1) + "\n")
    return 0


class VerifyView(Drawn):
    """How it goes, on a terminal (a line per running case) or in a log (a line per finished one)."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = 0
        self.finished = 0
        self.tasks: dict[str, TaskID] = {}
        self.progress = running(console)

    def began(self, rubric: str, total: int, at_once: int) -> None:
        """So many cases are to be run, and so many of them at once."""
        self.total = total
        self.console.print(f"{rubric}: {total} cases, {at_once} at once; the reference runs first", markup=False)

    def more(self, count: int) -> None:
        """So many more cases came about: the trivial ones, of what the reference showed."""
        self.total += count
        if count:
            self.console.print(f"{count} trivial hand-ins made of what the reference showed")

    def step(self, name: str, what: str) -> None:
        """A case is at some step."""
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(what, name=name[:50], total=None)
        self.progress.update(self.tasks[name], description=what)

    def done(self, case: Case, outcomes: Sequence[Outcome], *, kept: bool) -> None:
        """A case is done."""
        if case.title in self.tasks:
            self.progress.remove_task(self.tasks.pop(case.title))
        self.finished += 1
        time = "kept" if kept else f"{sum(outcome.seconds for outcome in outcomes):.1f} s"
        shown = [outcome for outcome in outcomes if not outcome.good] or outcomes[:1]
        for outcome in shown:
            told = words(outcome) if len(outcomes) == 1 or not outcome.good else f"{case.title}: {outcome.result}"
            style = "" if outcome.good else "bold red"
            self.console.print(f"[{self.finished}/{self.total}] {told}, {time}", markup=False, style=style)
