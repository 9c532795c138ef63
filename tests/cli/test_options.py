from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from grader.cli.options import limit_option


def typed(*values: str) -> tuple[int, str]:
    @click.command()
    @limit_option
    def show(limits: dict[str, float | None]) -> None:
        click.echo(repr(limits))

    result = CliRunner().invoke(show, [part for value in values for part in ("--limit", value)])
    return result.exit_code, result.output


def test_bounds_are_numbers_by_name():
    assert typed() == (0, "{}\n")
    code, shown = typed("memory_gb=1.5", "cell_seconds=60", "processes=100", "training_seconds=none")
    assert (code, shown) == (
        0,
        "{'memory_gb': 1.5, 'cell_seconds': 60.0, 'processes': 100, 'training_seconds': None}\n",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("memory_mb=2048", "did you mean 'memory_gb'?"),
        ("cell_second=3", "did you mean 'cell_seconds'?"),
        ("cell_seconds", "write cell_seconds=NUMBER"),
        ("cell_seconds=soon", "write cell_seconds=NUMBER"),
        ("cell_seconds=-1", "cell_seconds: input should be greater than 0"),
        ("memory_gb=none", "memory_gb: input should be a valid number"),
        ("processes=1.5", "processes: input should be a valid integer"),
        ("memory_gb=inf", "memory_gb: input should be a finite number"),
    ],
)
def test_what_is_no_bound_is_said_with_the_nearest_name(value, words):
    code, shown = typed(value)
    assert code == 2
    assert words in " ".join(shown.split())
