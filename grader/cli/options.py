"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from grader.rubric import AwareTime, Rubric, load_rubric

_TIMES: TypeAdapter[datetime] = TypeAdapter(AwareTime)


def moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """A point in time as it was typed; without an offset it is UTC, and a day alone means its end."""
    try:
        return _TIMES.validate_python(value) if value else None
    except ValidationError as error:
        raise click.BadParameter(f"'{value}' is no time: write 2026-11-20T23:59+01:00") from error


db_option = click.option(
    "--db",
    envvar="GRADER_DB",
    metavar="URL",
    help="Database of the gradebook: postgresql://user@host/name.  [env: GRADER_DB; default: gradebook.db in the "
    "output folder]",
)
due_option = click.option(
    "--due",
    metavar="TIME",
    callback=moment,
    help="The deadline, as 2026-11-20T23:59+01:00; comes before the rubric's.",
)


def loaded(rubric: Path, due: datetime | None) -> Rubric:
    """The rubric, with the deadline of the command line if there is one."""
    found = load_rubric(rubric)
    return found.with_due(due) if due else found
