"""A web server on this machine whose paths behave and misbehave as servers do, and a sandbox with the store in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.data import default_entry, prepare_paths, prepare_urls, prepare_weights
from grader.execute import Workplace
from grader.execute.layout import Stock
from grader.pipeline import Settings, prepare_workplace
from grader.rubric import load_rubric

CONTENT = bytes(range(256)) * 4000  # 1 MB: more than one socket buffer


@dataclass
class Site:
    """What the server serves, and what it was asked."""

    url: str = ""
    content: dict[str, bytes] = field(default_factory=lambda: {"/file.bin": CONTENT})
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Range header
    breaks: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    statuses: list[int] = field(default_factory=list)  # of the next answers
    silent: list[float] = field(default_factory=list)  # seconds before the next answers
    ranges: bool = True
    tag: str = '"one"'


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self):
        site, wanted = self.site, self.headers.get("Range", "")
        site.asked.append((self.path, wanted))
        if site.silent:
            time.sleep(site.silent.pop(0))
        if site.statuses:
            return self.send_error(site.statuses.pop(0))
        if self.path not in site.content:
            return self.send_error(404)
        return self.answer(site.content[self.path], wanted)

    def answer(self, content: bytes, wanted: str) -> None:
        site = self.site
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if not site.ranges or self.headers.get("If-Range", site.tag) != site.tag:
            start, wanted = 0, ""
        if wanted and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if site.tag:
            self.send_header("ETag", site.tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + site.breaks.pop(0) if site.breaks else len(content)
        return self.write(content[start:end])

    def write(self, content: bytes) -> None:
        try:
            self.wfile.write(content)
        except ConnectionError:
            return  # the client went away, as a test may want

    def log_message(self, *_):
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    handler = type("Bound", (Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def workplace() -> Workplace:
    """The sandbox with all that `handins/rubric.yaml` serves."""
    rubric = load_rubric(Path(__file__).parent / "handins" / "rubric.yaml")
    place = prepare_workplace(rubric, Settings(profile="quick"))
    names = [default_entry(kind) for kind in ("picture", "folder", "table")]
    kinds = {one.kind: one for one in prepare_paths({name: name for name in names})}
    stock = Stock(prepare_paths(rubric.paths), prepare_urls(rubric.urls), kinds)
    off = tuple(name for name, there in rubric.bridges.items() if not there)
    return replace(place, stock=stock, weights=prepare_weights(rubric.weights), bridges_off=off)
