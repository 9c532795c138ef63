"""One file from the network: resumed where it stopped, tried again, checked against its published hash.

The standard library's client does all that is needed (redirects, proxies, the system's certificates). Resuming is ours:
pooch and the clients of the frameworks begin anew, which at half a gigabyte of weights is the difference between a slow
network and none.
"""

from __future__ import annotations

import http.client
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from grader.data.store import file_hash, unwritable
from grader.errors import OperatorError

Progress = Callable[[int, int | None], None]
_CHUNK = 2**18
_TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_AGENT = "dl-homework-grader"


class _BrokenError(Exception):
    """The transfer stopped, and may go on at the next attempt."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How patient a download is.

    Attributes:
        seconds: Longest silence of the server.
        attempts: Attempts in a row that bring nothing.
        pause: Seconds before the second attempt; twice as many before each further one.
    """

    seconds: float = 30.0
    attempts: int = 5
    pause: float = 1.0


def download(
    url: str, target: Path, expected: str = "", progress: Progress = lambda *_: None, manners: Manners | None = None
) -> None:
    """Get a file. What came before an interruption is kept as `<target>.part`, and the next call goes on from there.

    Args:
        url: HTTP or HTTPS.
        target: Where the file is put, complete and checked.
        expected: Its hash, as `md5:...` or `sha256:...`, or the beginning of one; empty if none is published.
        progress: Is told how many bytes are there, and of how many if the server says so.
        manners: How patient to be.

    Raises:
        OperatorError: There is no such file, no network, a server that does not answer, a wrong hash, or no space.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise OperatorError(f"{url} is not a web address", "It has to begin with https:// or http://")
    part = target.with_name(target.name + ".part")
    resumed = part.exists()
    _transfer(url, part, progress, manners or Manners(), trusted=bool(expected))
    if not matches(part, expected) and resumed:  # perhaps the file was another one when the first half came
        part.unlink()
        _transfer(url, part, progress, manners or Manners(), trusted=bool(expected))
    if not matches(part, expected):
        kind = expected.partition(":")[0]
        found = file_hash(part, kind)
        part.unlink()
        raise OperatorError(
            f"{url} is not the published file: its {kind} is {found}, expected {expected.partition(':')[2]}",
            "Nothing was kept; try again later, or take it from another place",
        )
    part.rename(target)
    _mark(part).unlink(missing_ok=True)


def matches(path: Path, expected: str) -> bool:
    """Whether a file has a hash (`md5:...`, `sha256:...`, whole or its beginning); an empty one fits every file."""
    kind, _, digits = expected.partition(":")
    return not expected or file_hash(path, kind).startswith(digits)


def _transfer(url: str, part: Path, progress: Progress, manners: Manners, *, trusted: bool) -> None:
    """Attempt until the file is complete, or until several attempts in a row have brought nothing."""
    failures, most = 0, _size(part)
    while True:
        try:
            return _attempt(url, part, progress, manners.seconds, trusted=trusted)
        except _BrokenError as error:
            failures = 0 if _size(part) > most else failures + 1
            most = max(most, _size(part))
            if failures >= manners.attempts:
                kept = f"{most / 1e6:.1f} MB are kept; " if most else ""
                raise OperatorError(
                    f"{url} could not be fetched: {error}",
                    f"{kept}check the network and run the same command again",
                ) from error
            time.sleep(manners.pause * 2**failures)


def _attempt(url: str, part: Path, progress: Progress, seconds: float, *, trusted: bool) -> None:
    have, headers = _size(part), {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    validator = _mark(part).read_text() if _mark(part).exists() else ""
    if have and (validator or trusted):
        headers |= {"Range": f"bytes={have}-", **({"If-Range": validator} if validator else {})}
    try:
        with urlopen(Request(url, headers=headers), timeout=seconds) as response:  # noqa: S310  http(s) only
            _receive(response, part, have, progress)
    except HTTPError as error:
        _refused(url, error, part, have)
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", "") or str(error) or type(error).__name__
        raise _BrokenError(f"{reason}") from error


def _refused(url: str, error: HTTPError, part: Path, have: int) -> None:
    """A status that is no success: what is complete already, what may work later, and what never will."""
    whole = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range") or "")
    if error.code == 416 and whole and int(whole[1]) == have:
        return
    if error.code == 416:
        part.unlink(missing_ok=True)
        raise _BrokenError("the file on the server has changed") from error
    if error.code in _TRY_LATER:
        raise _BrokenError(f"the server says {error.code} {error.reason}") from error
    raise OperatorError(
        f"{url} could not be fetched: the server says {error.code} {error.reason}", "Check the address in a browser"
    ) from error


def _receive(response: http.client.HTTPResponse, part: Path, have: int, progress: Progress) -> None:
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range") or "")
    resumed = response.status == 206 and span is not None and int(span[1]) == have
    done = have if resumed else 0
    length = response.headers.get("Content-Length")
    total = done + int(length) if length and length.isdigit() else None
    with _opened(part, "ab" if resumed else "wb") as file:
        _keep_mark(response, part)
        _enough_space(part, (total or 0) - done)
        while chunk := response.read1(_CHUNK):
            _write(file, chunk, part)
            done += len(chunk)
            progress(done, total)
    if total is not None and done != total:
        raise _BrokenError(f"the connection ended after {done:,} of {total:,} bytes")


def _keep_mark(response: http.client.HTTPResponse, part: Path) -> None:
    """What tells the file from a later one at the same address (RFC 9110, If-Range takes no weak ETag)."""
    tag = response.headers.get("ETag") or ""
    mark = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified") or ""
    try:
        _mark(part).write_text(mark)
    except OSError as error:
        raise unwritable(part.parent, error) from error


def _mark(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _enough_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise OperatorError(
            f"no space in the data store: {needed / 1e6:,.1f} MB are still to come, {free / 1e6:,.1f} MB are free",
            "Free space there, or set GRADER_DATA to a folder on a larger disk",
        )


def _opened(part: Path, mode: str) -> BinaryIO:
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        return part.open(mode)  # type: ignore[return-value]
    except OSError as error:
        raise unwritable(part.parent, error) from error


def _write(file: BinaryIO, chunk: bytes, part: Path) -> None:
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise unwritable(part.parent, error) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
