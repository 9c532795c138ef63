"""Answers for addresses: what the instructor serves for them, or the error that a machine without a network gives.

`urllib` and `urllib3` (under `requests`) are answered where they would open a connection, so all that is built on them
(`pandas.read_csv`, `torch.hub`, `keras.utils.get_file`, `skimage.io.imread`) is too.
"""

from __future__ import annotations

import email.utils
import fnmatch
import io
import mimetypes
import socket
import urllib.error
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import wrapt

from grader.probe.recorder import Recorder

REMOTE = frozenset({"http", "https", "ftp"})
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104  not bound to, only recognised
OFFLINE = "Temporary failure in name resolution"


def is_remote(address: str) -> bool:
    """Whether an address leads out of this machine."""
    parts = urlsplit(address)
    return parts.scheme.lower() in REMOTE and (parts.hostname or "") not in OWN_HOSTS


def found(recorder: Recorder, address: str) -> Path | None:
    """The file that is served for an address: the same text goes before patterns, these in the rubric's order."""
    urls = recorder.settings.urls
    pattern = address if address in urls else next((one for one in urls if fnmatch.fnmatchcase(address, one)), "")
    return Path(urls[pattern]) if pattern else None


def served(recorder: Recorder, address: str) -> Path | None:
    """The file that is served for an address, and a note of it; None, and a note of that, if there is none."""
    path = found(recorder, address)
    if path is None:
        recorder.note("missing", f"there is no network, so {address} was not fetched", address)
    else:
        recorder.note("substitution", f"{address} was answered with the instructor's copy", address)
    return path


def name_of(address: str) -> str:
    """The file name in an address."""
    return urlsplit(address).path.rpartition("/")[2]


def install(recorder: Recorder) -> None:
    """Answer `urllib` now and `urllib3` when it is imported."""
    original = urllib.request.OpenerDirector.open

    def answer(opener: Any, fullurl: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        request = fullurl if isinstance(fullurl, urllib.request.Request) else urllib.request.Request(fullurl, data)  # noqa: S310
        if not is_remote(request.full_url):
            return original(opener, fullurl, data, *args, **kwargs)
        path = served(recorder, request.full_url)
        if path is None:
            raise urllib.error.URLError(socket.gaierror(-3, OFFLINE))
        return response(path, request.full_url, request.get_method())

    urllib.request.OpenerDirector.open = answer  # type: ignore[assignment, method-assign]
    wrapt.register_post_import_hook(lambda module: _answer_urllib3(module, recorder), "urllib3.connectionpool")


def _answer_urllib3(module: Any, recorder: Recorder) -> None:
    original = module.HTTPConnectionPool.urlopen

    def urlopen(pool: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        address = url if urlsplit(url).scheme else f"{pool.scheme}://{_host(pool)}{url}"
        if not is_remote(address):
            return original(pool, method, url, *args, **kwargs)
        path = served(recorder, address)
        if path is None:
            reason = module.NewConnectionError(pool, f"Failed to resolve '{pool.host}' ([Errno -3] {OFFLINE})")
            raise module.MaxRetryError(pool, address, reason)
        import urllib3

        return urllib3.HTTPResponse(
            body=io.BytesIO() if method == "HEAD" else path.open("rb"),
            headers=headers(path, address),
            status=200,
            reason="OK",
            request_url=url,
            request_method=method,
            preload_content=kwargs.get("preload_content", True),
            decode_content=kwargs.get("decode_content", True),
        )

    module.HTTPConnectionPool.urlopen = urlopen


def _host(pool: Any) -> str:
    standard = {"http": 80, "https": 443}.get(pool.scheme)
    return str(pool.host) if pool.port in (None, standard) else f"{pool.host}:{pool.port}"


def headers(path: Path, address: str) -> dict[str, str]:
    """The headers of an answer."""
    kind = mimetypes.guess_type(name_of(address))[0] or "application/octet-stream"
    status = path.stat()
    when = email.utils.formatdate(status.st_mtime, usegmt=True)
    return {"Content-Type": kind, "Content-Length": str(status.st_size), "Last-Modified": when}


class _Wire(io.RawIOBase):
    """What a server would send: a head, then a file."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self.parts: list[BinaryIO] = [io.BytesIO(head), file]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self.parts:
            content = self.parts[0].read(len(buffer))
            if content:
                buffer[: len(content)] = content
                return len(content)
            self.parts.pop(0).close()
        return 0

    def close(self) -> None:
        for part in self.parts:
            part.close()
        super().close()


class _Socket:
    """As much of a socket as `HTTPResponse` asks for."""

    def __init__(self, wire: _Wire) -> None:
        self.wire = wire

    def makefile(self, *_: Any) -> io.BufferedReader:
        """The stream to read from."""
        return io.BufferedReader(self.wire)


def response(path: Path, address: str, method: str = "GET") -> HTTPResponse:
    """A file as `urllib.request.urlopen` gives it."""
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers(path, address).items()), "", ""]
    wire = _Wire("\r\n".join(lines).encode("latin-1"), path.open("rb"))
    answer = HTTPResponse(_Socket(wire), method=method)  # type: ignore[arg-type]
    answer.begin()
    answer.url = address
    answer.msg = answer.reason  # type: ignore[assignment]  # as urllib does
    return answer
