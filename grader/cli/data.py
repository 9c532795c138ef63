"""`grader data`: what student code is served, into the store and out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from grader.data import Added, Kind, entries, fetch, fetch_url, file_name, published
from grader.data import add as add_entry
from grader.data import check as check_store
from grader.data import remove as remove_entry
from grader.data.download import Progress as Told
from grader.data.fetching import Show
from grader.data.store import store_folder
from grader.errors import OperatorError

KIND = click.Choice([*get_args(Kind)])


@click.group()
def data() -> None:
    """What student code is served without a network: data sets, weights, pictures, folders, files."""


@data.command(name="list")
@click.option("--published", "also_published", is_flag=True, help="Also what 'grader data fetch' knows by name.")
def list_(also_published: bool) -> None:
    """Show what can be served, and what is in the store.

    \b
    Examples:
      grader data list
      grader data list --published
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "kind", "size", "in store", "licence", "where from", "stand-in"):
        table.add_column(column, overflow="fold")
    found = entries()
    for one in found:
        origin = "made on first use" if one.embedded else "yes"
        table.add_row(
            one.name,
            one.kind,
            size_text(one.size),
            "yes" if one.stored else origin,
            one.licence,
            one.source,
            one.stand_in or "-",
        )
    if also_published:
        there = {one.name for one in found if not one.embedded}
        for name, known in published().items():
            if name not in there:
                table.add_row(name, known.kind, "", "to be fetched", known.licence, known.source, "-")
    console = output()
    console.print(table)
    console.print(f"store: {store_folder()}", markup=False)


@data.command(name="add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--kind", type=KIND, required=True, help="What it is.")
@click.option("--licence", required=True, help="Of the content, for the record.")
@click.option("--source", required=True, help="Where it comes from, for the record.")
@click.option("--stand-in", default="", help="What it stands in for, if not real: students read this.")
@click.option("--size", type=click.IntRange(4, 4096), help="Height and width of the pictures of a data set.")
def add_(name: str, path: Path, kind: Kind, licence: str, source: str, stand_in: str, size: int | None) -> None:
    """Put a file or folder of yours into the store, as NAME.

    \b
    Examples:
      grader data add flowers flowers/ --kind folder --licence CC0 --source "my camera"
      grader data add digits digits.npz --kind "data set" --licence CC0 --source "my scanner"
      grader data add vgg16-397923af.pth vgg16-397923af.pth --kind weights --licence BSD --source torchvision
    """
    folder = add_entry(Added(name, kind, licence, source, stand_in), path, size)
    output().print(f"added {name} ({kind}) to {folder.parents[1]}", markup=False)


@data.command(name="fetch")
@click.argument("what", metavar="NAME_OR_URL")
@click.option("--name", help="Name in the store of what has a URL.  [default: the last part of the URL]")
@click.option("--kind", type=KIND, default="file", show_default=True, help="What a URL gives.")
@click.option("--licence", default="not stated", show_default=True, help="Of what a URL gives.")
@click.option("--sha256", default="", help="Hash of what a URL gives; checked if given.")
def fetch_(what: str, name: str | None, kind: Kind, licence: str, sha256: str) -> None:
    """Download something that is published, or a URL, into the store. Goes on where it stopped.

    \b
    Examples:
      grader data fetch fashion_mnist
      grader data fetch vgg16-397923af.pth
      grader data fetch https://example.org/flowers.zip --name flowers-archive
    """
    with progress() as show:
        if "://" in what:
            about = Added(name or file_name(what), kind, licence, what)
            folder = fetch_url(what, about, f"sha256:{sha256.lower()}" if sha256 else "", show)
        else:
            folder = fetch(what, show)
    output().print(f"fetched {folder.name} into {folder.parents[1]}", markup=False)


@data.command(name="check")
def check_() -> None:
    """Compare every file in the store with its hash.

    \b
    Examples:
      grader data check
      GRADER_DATA=/srv/grader grader data check
    """
    found = tuple(check_store())
    console = output()
    for one in found:
        console.print(f"{one.name}: {one.message}. {one.remedy}.", markup=False)
    if found:
        raise OperatorError(f"{len(found)} of the entries in {store_folder()} are not sound", "See the lines above")
    console.print(f"all that is in {store_folder()} is sound", markup=False)


@data.command(name="remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_(name: str, yes: bool) -> None:
    """Take NAME out of the store.

    \b
    Examples:
      grader data remove flowers
      grader data remove flowers --yes
    """
    if not yes:
        click.confirm(f"Remove {name} from {store_folder()}?", abort=True)
    remove_entry(name)
    output().print(f"removed {name}", markup=False)


def output() -> Console:
    """Wide enough for a table in a log, where no terminal gives a width."""
    console = Console(soft_wrap=True, highlight=False)
    return console if console.is_terminal else Console(soft_wrap=True, highlight=False, width=200)


def size_text(size: int) -> str:
    """Bytes for a person."""
    return f"{size / 1e6:,.1f} MB" if size else ""


@contextmanager
def progress() -> Iterator[Show]:
    """A bar per file on a terminal, a line per file in a log."""
    console = output()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def show(name: str) -> Told:
            if not console.is_terminal:
                console.print(f"fetching {name}", markup=False)
            task = bars.add_task(name, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield show
