"""`grader data` and `grader doctor` as their users run them: a process of its own, a store of its own."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

RUBRIC = """
assignment: tiny
title: A tiny assignment
data: [shapes]
weights: [vgg16-397923af.pth]
paths: {dataset: notes}
questions:
  - id: q1
    title: Sums
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 4}
"""


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def grader(store, tmp_path):
    def grader(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
        environment = {**os.environ, "GRADER_DATA": str(store)}
        options = {"cwd": tmp_path, "timeout": 120, **options}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, **options)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return grader


@pytest.fixture
def shapes(tmp_path) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path / "shapes.npz"
    np.savez(path, x_train=rng.integers(0, 256, (100, 8, 8), dtype=np.uint8), y_train=np.arange(100) % 5)
    return path


def add(grader, name: str, path: Path, kind: str) -> subprocess.CompletedProcess[str]:
    return grader("data", "add", name, path, "--kind", kind, "--licence", "CC0", "--source", "me")


def error(result: subprocess.CompletedProcess[str], code: int) -> str:
    assert result.returncode == code, result.stdout + result.stderr
    (line,) = (line for line in result.stderr.splitlines() if line.strip())
    return line


def row(result: subprocess.CompletedProcess[str], name: str) -> str:
    (line,) = (line for line in result.stdout.splitlines() if line.startswith(f"{name} "))
    return line


def test_add_list_check_remove(grader, shapes, store):
    assert "made on first use" in row(grader("data", "list"), "mnist")
    assert not store.exists()
    assert f"added shapes (data set) to {store}" in add(grader, "shapes", shapes, "data set").stdout
    listed = row(grader("data", "list"), "shapes")
    assert [word in listed for word in ("data set", "yes", "CC0", "me")] == [True] * 4
    assert "is sound" in grader("data", "check").stdout
    asked = grader("data", "remove", "shapes", input="n\n")
    assert (asked.returncode, (store / "added" / "shapes").exists()) == (130, True)
    assert grader("data", "remove", "shapes", "--yes").stdout.strip() == "removed shapes"
    assert "there is no 'shapes' in the store" in error(grader("data", "remove", "shapes", "--yes"), 5)


def test_what_is_published_is_listed_when_asked_for(grader):
    assert "vgg16-397923af.pth" not in grader("data", "list").stdout
    assert "to be fetched" in row(grader("data", "list", "--published"), "vgg16-397923af.pth")


def test_check_names_what_has_changed(grader, shapes, store):
    add(grader, "shapes", shapes, "data set")
    (store / "added" / "shapes" / "served" / "held_out.npy").write_bytes(b"half")
    result = grader("data", "check")
    assert "1 of the entries" in error(result, 5)
    assert result.stdout.startswith("shapes: damaged (changed: served/held_out.npy). Add it again")


def test_fetch_from_a_server_of_the_institute(grader, tmp_path, store):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "notes.txt").write_text("words")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        fetched = grader("data", "fetch", f"{url}/notes.txt", "--licence", "CC0")
        gone = grader("data", "fetch", f"{url}/gone.txt")
        wrong = grader("data", "fetch", f"{url}/notes.txt", "--name", "other", "--sha256", "0" * 64)
        server.shutdown()
        thread.join()
    assert fetched.stdout.splitlines() == ["fetching notes.txt", f"fetched notes.txt into {store}"]
    assert "gone.txt could not be fetched: the server says 404" in error(gone, 5)
    assert "is not the published file: its sha256 is" in error(wrong, 5)
    assert f"{url}/notes.txt" in row(grader("data", "list"), "notes.txt")


def test_an_unknown_name_is_not_fetched(grader):
    assert "'mnits' is not published anywhere that is known here" in error(grader("data", "fetch", "mnits"), 5)


def on_small_disk(options: str, store: Path, *arguments: object) -> list[str]:
    """The command with the store on a file system of its own, in a mount namespace of its own."""
    script = f'mount -t tmpfs -o {options} none "$1" && shift && exec "$@"'
    command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(store), *command]


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ("size=16k", ["data", "add", "shapes", "shapes.npz", "--kind", "data set", "--licence", "x", "--source", "y"]),
        ("ro", ["data", "add", "shapes", "shapes.npz", "--kind", "data set", "--licence", "x", "--source", "y"]),
        ("ro", ["data", "fetch", "http://127.0.0.1:9/x"]),
    ],
)
def test_a_store_that_is_full_or_cannot_be_written(tmp_path, shapes, store, options, arguments):
    store.mkdir()
    environment = {**os.environ, "GRADER_DATA": str(store)}
    command = on_small_disk(options, store, *arguments)
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=120
    )
    assert "Traceback" not in result.stderr
    assert f"the data store {store}" in error(result, 5)
    assert "GRADER_DATA" in result.stderr


def test_a_rubric_that_names_data_which_is_not_there(grader, tmp_path, shapes):
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    (tmp_path / "a.py").write_text("print(45)")
    for command in (("doctor", "-r", "tiny.yaml"), ("grade", "a.py", "-r", "tiny.yaml")):
        result = grader(*command)
        assert result.returncode == 4
        assert "tiny.yaml:4: unknown data set 'shapes' in the rubric; there are: cifar10" in result.stderr
        assert "tiny.yaml:6: unknown file 'notes' in the rubric" in result.stderr
        assert "grader data add" in result.stderr
    assert not (tmp_path / "grader-out").exists()


@pytest.mark.kernel
@pytest.mark.torch
@pytest.mark.data
def test_doctor_says_what_is_real_and_what_stands_in(grader, tmp_path, shapes, store):
    (tmp_path / "tiny.yaml").write_text(RUBRIC.replace("{dataset: notes}", "{dataset: faces}"))
    add(grader, "shapes", shapes, "data set")
    result = grader("doctor", "-r", "tiny.yaml")
    assert result.returncode == 0, result.stdout
    lines = dict(line.removeprefix("ok  ").split(": ", 1) for line in result.stdout.splitlines())
    assert lines["shapes"] == "real"
    assert lines["weights"].startswith("vgg16-397923af.pth: not in the store, seeded random weights stand in")
    assert "faces, stand-in (200 small patches" in lines["paths"]
    assert "torch " in lines["frameworks"]
    (store / "added" / "shapes" / "served" / "held_out.npy").write_bytes(b"half")
    (tmp_path / "a.py").write_text("print(45)")
    result = grader("doctor", "-r", "tiny.yaml")
    assert "not ready: shapes in the store, shapes" in error(result, 5)
    assert "NOT shapes: the data set 'shapes' in the data store" in result.stdout
    assert "the data set 'shapes' in the data store" in error(grader("grade", "a.py", "-r", "tiny.yaml"), 5)
    assert not list((tmp_path / "grader-out").glob("*")) if (tmp_path / "grader-out").exists() else True
