"""How a batch goes, on a terminal (one line per running hand-in) or in a log (one line per finished one)."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from grader.records import Grade


class Drawn:
    """What is drawn as long as its context lasts."""

    progress: Progress

    def __enter__(self) -> Self:
        """Start drawing."""
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self.progress.stop()


def running(console: Console) -> Progress:
    """A line for each thing that runs (its field `name`), gone when it is done; nothing where there is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[name]}", style="bold"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class ProgressView(Drawn):
    """Rich progress. Use it as a context manager around `grader.batch.grade_all`."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = 0
        self.finished = 0
        self.kept = 0
        self.tasks: dict[str, TaskID] = {}
        self.progress = running(console)

    def began(self, total: int, at_once: int) -> None:
        """So many hand-ins are to be graded, and so many of them run at once."""
        self.total = total
        self.tasks[""] = self.progress.add_task(f"0 of {total} done", name="all hand-ins", total=total)
        if not self.console.is_terminal:
            several = f"s, {at_once} at once" if total != 1 else ""
            self.console.print(f"grading {total} hand-in{several}; the reference runs first")

    def step(self, name: str, what: str) -> None:
        """A hand-in is at some step."""
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(what, name=name[:40], total=None)
        self.progress.update(self.tasks[name], description=what)

    def done(self, name: str, grade: Grade | None, *, kept: bool = False) -> None:
        """A hand-in is done."""
        if name in self.tasks:
            self.progress.remove_task(self.tasks.pop(name))
        if grade is None:
            return
        self.finished += 1
        self.kept += kept
        self.progress.update(self.tasks[""], description=f"{self.finished} of {self.total} done")
        result = "could not be graded" if grade.problem else f"{grade.points:g} of {grade.max_points:g} points"
        review = ", waits for a person" if grade.needs_review and not grade.problem else ""
        again = " (unchanged, not run again)" if kept else ""
        words = f"[{self.finished}/{self.total}] {name}: {result}{review}{again}"
        self.console.print(words, markup=False, highlight=False)


class Scoring(Drawn):
    """How a new scoring goes, on a terminal. A context manager, to be called with how many of how many are done."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task("scoring stored traces", total=None)

    def __call__(self, done: int, total: int) -> None:
        """So many of so many are scored."""
        what = "writing pages and gradebook" if done == total else "scoring stored traces"
        self.progress.update(self.task, completed=done, total=total, description=what)
