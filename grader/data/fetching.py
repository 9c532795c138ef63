"""From the network into the store: by published name, or from an address."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from grader.data.adding import add
from grader.data.download import Manners, Progress, download
from grader.data.entry import FETCHING, Added
from grader.data.publications import published
from grader.data.store import place, unwritable
from grader.errors import OperatorError

Show = Callable[[str], Progress]


def fetch(name: str, show: Show, store: Path | None = None, manners: Manners | None = None) -> Path:
    """Download something that is published and put it into the store.

    Args:
        name: Of a data set or a weight file in the table.
        show: Called with the name of each file; gives what is told about its progress.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.
        manners: How patient to be.

    Returns:
        Its folder in the store.

    Raises:
        OperatorError: It is not in the table, or cannot be fetched, or the store cannot be written.
    """
    one = published().get(name)
    if one is None:
        raise OperatorError(
            f"'{name}' is not published anywhere that is known here",
            "See 'grader data list --published', or give its address (https://...)",
        )
    folder = _parts_folder(name, store)
    for urls, expected in one.files:
        _first_that_works(urls, folder, expected, show, manners)
    path = folder / file_name(one.files[0][0][0]) if len(one.files) == 1 else folder
    return _kept(Added(one.name, one.kind, one.licence, one.source), path, folder, store)


def fetch_url(
    url: str, about: Added, expected: str, show: Show, store: Path | None = None, manners: Manners | None = None
) -> Path:
    """Download a file from an address and put it into the store.

    Args:
        url: HTTP or HTTPS.
        about: Its description.
        expected: Its hash (`md5:...`, `sha256:...`); empty if it is not known.
        show: As in `fetch`.
        store: As in `fetch`.
        manners: As in `fetch`.

    Raises:
        OperatorError: It cannot be fetched, is not what it should be, or the store cannot be written.
    """
    folder = _parts_folder(about.name, store)
    target = folder / (file_name(url) or "file")
    if not target.exists():
        download(url, target, expected, show(target.name), manners)
    return _kept(about, target, folder, store)


def file_name(url: str) -> str:
    """Last part of the path of an address."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def _parts_folder(name: str, store: Path | None = None) -> Path:
    """Where the parts of a download lie until it is complete.

    Raises:
        OperatorError: The store cannot be written.
    """
    folder = place(FETCHING, store) / name.replace("/", "_")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder.parents[1], error) from error
    return folder


def _first_that_works(urls: tuple[str, ...], folder: Path, expected: str, show: Show, manners: Manners | None) -> None:
    target = folder / file_name(urls[0])
    for url in urls:
        if target.exists():  # fetched now, or before a later file failed
            return
        try:
            download(url, target, expected, show(target.name), manners)
        except OperatorError:
            if url == urls[-1]:
                raise


def _kept(about: Added, path: Path, folder: Path, store: Path | None) -> Path:
    try:
        return add(about, path, store=store)
    finally:
        # A file that was fetched whole and is not what it should be would be refused each time.
        shutil.rmtree(folder, ignore_errors=True)
