import json
from pathlib import Path

import numpy as np
import pytest

from grader.data import (
    Added,
    add,
    check,
    default_entry,
    entries,
    names,
    prepare,
    prepare_files,
    prepare_paths,
    prepare_urls,
    prepare_weights,
    remove,
)
from grader.errors import OperatorError

MINE = {"licence": "CC0", "source": "my camera"}


def save_set(path: Path, count: int, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8), np.arange(count) % 4
    np.savez(path, x_train=x, y_train=y, x_test=x[::-1], y_test=y[::-1])
    return path


def save_folder(root: Path, *parts: str, count: int = 20) -> Path:
    for part in parts:
        for kind in ("cat", "dog"):
            folder = root / part / kind
            folder.mkdir(parents=True)
            for number in range(count):
                (folder / f"{number}.png").write_bytes(f"{part}{kind}{number}".encode())
    return root


def test_an_added_set_is_served_without_its_held_out_labels(tmp_path):
    path, store = save_set(tmp_path / "a.npz", 80), tmp_path / "store"
    add(Added("shapes", "data set", **MINE), path, store=store)
    (served,) = prepare(["shapes"], store)
    assert sorted(file.name for file in served.folder.iterdir()) == ["held_out.npy", "meta.json", "served.npz"]
    held_out = np.load(served.folder / "held_out.npy")
    assert (len(held_out), np.bincount(served.labels).tolist()) == (40, [10] * 4)
    with np.load(path) as whole, np.load(served.folder / "served.npz") as arrays:
        known = {x.tobytes(): int(y) for x, y in zip(whole["x_test"], whole["y_test"], strict=True)}
        assert [known[x.tobytes()] for x in held_out] == list(served.labels)
        assert not {x.tobytes() for x in held_out} & {x.tobytes() for x in arrays["x_test"]}
        assert len(arrays["x_train"]) == 80
    needle = np.array(served.labels, np.uint8).tobytes()
    assert not [file for file in served.folder.iterdir() if needle in file.read_bytes()]
    assert json.loads((served.folder / "meta.json").read_text())["licence"] == "CC0"


def test_quick_holds_fewer_pictures_out_and_serves_the_same(tmp_path):
    store = tmp_path / "store"
    add(Added("shapes", "data set", **MINE), save_set(tmp_path / "a.npz", 2800), store=store)
    (full,), (quick,) = prepare(["shapes"], store), prepare(["shapes"], store, "quick")
    assert (len(full.labels), len(quick.labels)) == (1400, 1000)
    assert np.bincount(quick.labels).tolist() == [250] * 4
    labels = {x.tobytes(): y for x, y in zip(np.load(full.folder / "held_out.npy"), full.labels, strict=True)}
    assert [labels[x.tobytes()] for x in np.load(quick.folder / "held_out.npy")] == list(quick.labels)
    assert (quick.folder / "served.npz").samefile(full.folder / "served.npz")
    assert sorted(file.name for file in quick.folder.iterdir()) == ["held_out.npy", "meta.json", "served.npz"]
    assert quick.digest == full.digest != ""


def test_an_added_set_goes_before_the_stand_in_of_its_name_until_it_is_removed(tmp_path):
    store = tmp_path / "store"
    assert prepare(["cifar10"], store)[0].stand_in
    assert not next(entry for entry in entries(store) if entry.name == "mnist").stored
    path = tmp_path / "real.npz"
    rng = np.random.default_rng(0)
    np.savez(path, x_train=rng.integers(0, 256, (100, 32, 32, 3), dtype=np.uint8), y_train=np.arange(100) % 10)
    add(Added("cifar10", "data set", **MINE), path, store=store)
    (served,) = prepare(["cifar10"], store)
    assert (served.stand_in, len(served.labels), served.classes[3]) == ("", 20, "cat")
    (entry,) = (entry for entry in entries(store) if entry.name == "cifar10")
    assert (entry.embedded, entry.stored, entry.source, entry.size > 300_000) == (False, True, "my camera", True)
    remove("cifar10", store)
    assert prepare(["cifar10"], store)[0].stand_in
    remove("cifar10", store)  # now the copy of what is embedded
    with pytest.raises(OperatorError, match="there is no 'cifar10' in the store"):
        remove("cifar10", store)


def test_a_folder_without_parts_is_split(tmp_path):
    store = tmp_path / "store"
    add(Added("pets", "folder", **MINE), save_folder(tmp_path / "mine", ""), store=store)
    (served,) = prepare_paths({"dataset": "pets"}, store)
    counts = {f"{p.parent.name}/{p.name}": len(list(p.iterdir())) for p in served.source.glob("*/*")}
    assert counts == {
        f"{part}/{kind}": n for part, n in (("train", 14), ("val", 3), ("test", 3)) for kind in ("cat", "dog")
    }
    contents = {path.read_bytes() for path in served.source.rglob("*.png")}
    assert len(contents) == 40
    assert (served.pattern, served.name, served.kind, served.stand_in) == ("dataset", "pets", "folder", "")


def test_a_folder_with_parts_keeps_them(tmp_path):
    store = tmp_path / "store"
    add(Added("pets", "folder", **MINE), save_folder(tmp_path / "mine", "Training", "test", count=3), store=store)
    (served,) = prepare_files({"dataset": "pets"}, store)
    assert sorted(path.relative_to(served.source).as_posix() for path in served.source.glob("*/*")) == [
        "test/cat", "test/dog", "train/cat", "train/dog",
    ]  # fmt: skip


def test_weights_are_served_by_their_published_name(tmp_path):
    store = tmp_path / "store"
    (tmp_path / "w").write_bytes(b"PK\x03\x04 weights")
    add(Added("mine.pth", "weights", **MINE), tmp_path / "w", store=store)
    found = prepare_weights(["mine.pth", "vgg16-397923af.pth"], store)
    assert list(found) == ["mine.pth"]
    assert found["mine.pth"].read_bytes() == b"PK\x03\x04 weights"
    assert names(["weights"], store) == ("mine.pth",)


def test_urls_are_answered_by_files(tmp_path):
    store = tmp_path / "store"
    (tmp_path / "a.zip").write_bytes(b"PK")
    add(Added("flowers-archive", "file", **MINE), tmp_path / "a.zip", store=store)
    (served,) = prepare_urls({"https://example.org/*": "flowers-archive"}, store)
    assert served.source.name == "flowers-archive.zip"
    add(Added("pets", "folder", **MINE), save_folder(tmp_path / "mine", ""), store=store)
    with pytest.raises(OperatorError, match="'pets' is a folder, and a URL gives one file"):
        prepare_urls({"https://example.org/*": "pets"}, store)


@pytest.mark.parametrize(
    ("name", "kind", "content", "words"),
    [
        ("vgg16-397923af.pth", "weights", b"PK\x03\x04 other", "is not the published vgg16-397923af.pth"),
        ("mine.pth", "weights", b"<!DOCTYPE html>", r"is not a \.pth file.*web page"),
        ("mine.h5", "weights", b"PK\x03\x04", r"is not a \.h5 file"),
        ("mine", "weights", b"PK\x03\x04", "is not the published name of a weight file"),
        ("mine", "file", b"", "is empty"),
        ("mine", "table", b"a,b\0c", "is not a text file"),
        ("mine", "folder", b"x", "is not a folder"),
        ("files", "file", b"x", "'files' cannot be the name of an entry"),
        ("../up", "file", b"x", "cannot be the name"),
        ("mnist", "file", b"x", "is the name of a data set"),
        ("picture", "table", b"x", "is the name of a picture"),
    ],
)
def test_what_cannot_be_added(tmp_path, name, kind, content, words):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(OperatorError, match=words):
        add(Added(name, kind, **MINE), tmp_path / "x", store=tmp_path / "store")
    assert not list((tmp_path / "store").rglob("*.json"))


@pytest.mark.data
def test_a_picture_must_be_one(tmp_path):
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(OperatorError, match="is not a picture"):
        add(Added("mine", "picture", **MINE), tmp_path / "x.png", store=tmp_path / "store")
    (served,) = prepare_files({"a.jpg": "astronaut"}, tmp_path / "store")
    add(Added("mine", "picture", **MINE), served.source, store=tmp_path / "store")
    mine, other = prepare_files({"sample.jpg": "mine", "sample.PNG": "mine"}, tmp_path / "store")
    assert mine.source.read_bytes() == served.source.read_bytes()
    assert other.source.read_bytes().startswith(b"\x89PNG")


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(OperatorError, match="nowhere is not there"):
        add(Added("x", "file", **MINE), tmp_path / "nowhere", store=tmp_path / "store")


def test_adding_again_replaces_and_a_failure_keeps_what_was_there(tmp_path):
    store, path = tmp_path / "store", tmp_path / "a.txt"
    for text in ("first", "second"):
        path.write_text(text)
        add(Added("notes", "file", **MINE), path, store=store)
    path.write_text("")
    with pytest.raises(OperatorError):
        add(Added("notes", "file", **MINE), path, store=store)
    (served,) = prepare_files({"n.txt": "notes"}, store)
    assert served.source.read_text() == "second"
    assert [file.name for file in (store / "added").iterdir()] == ["notes"]


@pytest.mark.parametrize("damage", ["changed", "deleted", "added", "description"])
def test_a_damaged_entry_is_said_and_never_served(tmp_path, damage):
    store = tmp_path / "store"
    folder = add(Added("shapes", "data set", **MINE), save_set(tmp_path / "a.npz", 80), store=store)
    assert list(check(store)) == []
    match damage:
        case "changed":
            (folder / "served" / "served.npz").write_bytes(b"half")
        case "deleted":
            (folder / "private" / "labels.npy").unlink()
        case "added":
            (folder / "served" / "labels.npy").write_text("1 2 3")
        case "description":
            (folder / "entry.json").write_text("{")
    (finding,) = check(store)
    assert finding.name == "shapes"
    assert "damaged" in finding.message
    with pytest.raises(OperatorError, match="'shapes'"):
        prepare(["shapes"], store)
    remove("shapes", store)
    assert list(check(store)) == []


def test_kinds_have_an_entry_that_does_for_all():
    assert [default_entry(kind) for kind in ("picture", "folder", "table", "weights")] == [
        "picture",
        "faces",
        "table",
        "",
    ]


@pytest.mark.data
def test_the_table_has_a_header_and_numbers(tmp_path):
    (served,) = prepare_paths({"*.csv": default_entry("table")}, tmp_path)
    header, *rows = served.source.read_text().splitlines()
    assert header == "sepal_length,sepal_width,petal_length,petal_width,species"
    assert (len(rows), rows[0]) == (150, "5.1,3.5,1.4,0.2,setosa")
