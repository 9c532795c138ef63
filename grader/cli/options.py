"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from grader.rubric import AwareTime, Limits, Rubric, load_rubric, nearest

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


def bounds(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, float | None]:
    """Bounds as they were typed, `NAME=NUMBER` each; `none` where a bound may be off."""
    typed = dict(_bound(value) for value in values)
    try:
        given = Limits.model_validate({**NO_BOUNDS, **typed}).model_dump()
    except ValidationError as error:
        wrong = error.errors()[0]
        raise click.BadParameter(f"{wrong['loc'][0]}: {wrong['msg'].lower()}") from error
    return {name: given[name] for name in typed}


def _bound(text: str) -> tuple[str, float | int | None]:
    name, equals, number = text.partition("=")
    if name not in Limits.model_fields:
        raise click.BadParameter(f"there is no bound '{name}'{nearest(name, Limits.model_fields)}")
    if equals and number == "none":
        return name, None
    try:
        value = float(number)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no bound: write {name}=NUMBER") from error
    return name, int(value) if Limits.model_fields[name].annotation is int and value.is_integer() else value


NO_BOUNDS = dict.fromkeys(
    ("cell_seconds", "submission_seconds", "training_seconds", "memory_gb", "output_mb", "disk_mb"), 1.0
)
limit_option = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    callback=bounds,
    help="A bound in place of the rubric's, such as memory_gb=2 or cell_seconds=60; may be given several times.",
)


def loaded(rubric: Path, due: datetime | None) -> Rubric:
    """The rubric, with the deadline of the command line if there is one."""
    found = load_rubric(rubric)
    return found.with_due(due) if due else found
