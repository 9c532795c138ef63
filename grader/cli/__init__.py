"""The command line: parse, call, show, exit code. The one place where errors reach a person."""

from __future__ import annotations

import sys

from grader.cli.check import check
from grader.cli.ci import ci
from grader.cli.commands import cli
from grader.cli.data import data
from grader.cli.doctor import doctor
from grader.cli.export import export
from grader.cli.failures import run_guarded
from grader.cli.inspect import inspect
from grader.cli.pack import pack
from grader.cli.review import review
from grader.cli.rubric import rubric
from grader.cli.verify import verify

cli.add_command(check)
cli.add_command(ci)
cli.add_command(inspect)
cli.add_command(pack)

cli.add_command(data)
cli.add_command(doctor)
cli.add_command(export)
cli.add_command(review)
cli.add_command(rubric)
cli.add_command(verify)


def main() -> None:
    """Entry point of the command `grader`."""
    sys.exit(run_guarded(cli))


__all__ = ["cli", "main"]
