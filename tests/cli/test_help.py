"""Every command shows how it is used."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from grader.cli.commands import cli


def commands(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    context = click.Context(command, info_name=name, parent=parent)
    if not isinstance(command, click.Group):
        yield context
        return
    for child in command.list_commands(context):
        yield from commands(command.commands[child], child, context)


@pytest.mark.parametrize("context", list(commands(cli, "grader")), ids=lambda context: context.command_path)
def test_help_has_an_example_of_the_command_and_no_marks_of_ours(context):
    shown = context.command.get_help(context)
    assert f"  {context.command_path}" in shown.partition("Example")[2]
    assert "\\b" not in shown
