import gzip
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from grader.data.readers import class_folders, read_arrays, read_idx
from grader.errors import OperatorError

RNG = np.random.default_rng(0)


def pictures(count, *shape):
    return RNG.integers(0, 256, (count, *shape), dtype=np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">2xBB{array.ndim}I", 8, array.ndim, *array.shape) + array.tobytes()


def cifar_rows(images: np.ndarray, *labels: np.ndarray) -> bytes:
    flat = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return np.hstack([*(column[:, None] for column in labels), flat]).astype(np.uint8).tobytes()


def write_picture(path: Path, side: int = 8) -> None:
    image = pytest.importorskip("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(pictures(1, side, side, 3)[0]).save(path)


# --- npz -------------------------------------------------------------------------------------------------------------


def test_npz_as_keras_users_save_it(tmp_path):
    x, y = pictures(6, 5, 5, 1), np.arange(6).reshape(6, 1)
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x.astype(np.int64), y_test=y)
    arrays = read_arrays(tmp_path / "a.npz")
    assert np.array_equal(arrays.train[0], x[..., 0])
    assert np.array_equal(arrays.test[0], x[..., 0])
    assert {array.dtype for part in (arrays.train, arrays.test) for array in part} == {np.dtype("uint8")}
    assert arrays.classes == tuple("012345")


def test_npz_with_names_and_many_classes(tmp_path):
    labels = np.array([0, 299])
    np.savez(tmp_path / "a.npz", x_train=pictures(2, 4, 4, 3), y_train=labels, classes=[f"k{i}" for i in range(300)])
    arrays = read_arrays(tmp_path / "a.npz")
    assert arrays.test is None
    assert arrays.train[1].tolist() == [0, 299]
    assert arrays.classes[299] == "k299"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"x_train": np.zeros((2, 4, 4), np.uint8)}, "lacks the array y_train. It has: x_train"),
        ({"x_train": np.full((2, 4, 4), 0.5), "y_train": [0, 1]}, "the pictures are float64, not whole numbers"),
        ({"x_train": np.full((2, 4, 4), 256), "y_train": [0, 1]}, "not whole numbers from 0 to 255"),
        ({"x_train": np.zeros((2, 4, 4), np.uint8), "y_train": [0, 1, 1]}, "do not fit together"),
        ({"x_train": np.zeros((2, 4, 4, 7), np.uint8), "y_train": [0, 1]}, "do not fit together"),
        ({"x_train": np.zeros((2, 4, 4), np.uint8), "y_train": [[0, 1], [1, 0]]}, "do not fit together"),
        ({"x_train": np.zeros((2, 4, 4), np.uint8), "y_train": [-1, 1]}, "labels are not whole numbers"),
        ({"x_train": np.zeros((2, 4, 4), np.uint8), "y_train": np.array([{}, 1])}, "holds Python objects"),
    ],
)
def test_npz_that_is_no_data_set(tmp_path, content, words):
    np.savez(tmp_path / "a.npz", **content)
    with pytest.raises(OperatorError, match=words):
        read_arrays(tmp_path / "a.npz")


def test_half_an_npz(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=pictures(20, 9, 9), y_train=np.zeros(20, int))
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OperatorError, match=r"a\.npz cannot be read: .*half a download"):
        read_arrays(tmp_path / "a.npz")


# --- IDX -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
def test_idx_as_mnist_is_published(tmp_path, packed):
    x, y = pictures(7, 28, 28), np.arange(7, dtype=np.uint8)
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    for name, array in zip(names, (x, y, x[:3], y[:3]), strict=True):
        content = idx(array)
        path = tmp_path / (f"{name}-ubyte" + (".gz" if packed else ""))
        path.write_bytes(gzip.compress(content) if packed else content)
    arrays = read_arrays(tmp_path)
    assert np.array_equal(arrays.train[0], x)
    assert arrays.test[1].tolist() == [0, 1, 2]


def test_idx_that_is_cut_off_or_something_else(tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(pictures(7, 28, 28))[:-5])
    with pytest.raises(OperatorError, match="says 5,488 bytes and has 5,483"):
        read_arrays(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(ValueError, match="is not an IDX file"):
        read_idx(tmp_path / "train-images-idx3-ubyte")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(pictures(2, 3, 3)))
    with pytest.raises(OperatorError, match="lacks the IDX file of the train labels"):
        read_arrays(tmp_path)


# --- CIFAR -----------------------------------------------------------------------------------------------------------


def test_cifar10_binary_from_its_archive(tmp_path):
    x, y = pictures(4, 32, 32, 3), np.array([3, 1, 0, 2])
    files = {
        "data_batch_1.bin": cifar_rows(x[:2], y[:2]),
        "data_batch_2.bin": cifar_rows(x[2:], y[2:]),
        "test_batch.bin": cifar_rows(x[:1], y[:1]),
        "batches.meta.txt": b"plane\ncar\nbird\ncat\n\n",
    }
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    arrays = read_arrays(tmp_path / "cifar-10-binary.tar.gz")
    assert np.array_equal(arrays.train[0], x)
    assert arrays.train[1].tolist() == [3, 1, 0, 2]
    assert np.array_equal(arrays.test[0], x[:1])
    assert arrays.classes == ("plane", "car", "bird", "cat")


def test_cifar100_binary_takes_the_fine_labels(tmp_path):
    x, coarse, fine = pictures(3, 32, 32, 3), np.array([1, 1, 1]), np.array([0, 2, 1])
    (tmp_path / "train.bin").write_bytes(cifar_rows(x, coarse, fine))
    arrays = read_arrays(tmp_path)
    assert np.array_equal(arrays.train[0], x)
    assert arrays.train[1].tolist() == [0, 2, 1]
    (tmp_path / "test.bin").write_bytes(b"123")
    with pytest.raises(OperatorError, match=r"3 bytes, which is not a multiple of 3,074"):
        read_arrays(tmp_path)


@pytest.mark.parametrize("where", ["folder", "archive"])
def test_pickled_batches_are_refused_with_a_way_out(tmp_path, where):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    # A pickle that would write a file when it is read.
    (folder / "data_batch_1").write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "run").encode() + b"'\ntR.")
    path = folder
    if where == "archive":
        path = tmp_path / "cifar-10-python.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, "cifar-10-batches-py")
    with pytest.raises(OperatorError, match=r"is pickled, .*cifar-10-binary\.tar\.gz"):
        read_arrays(path)
    assert not (tmp_path / "run").exists()


# --- folders ---------------------------------------------------------------------------------------------------------


@pytest.mark.data
def test_a_folder_of_class_folders_with_parts_in_a_folder_of_its_own(tmp_path):
    for part, count in (("train", 3), ("valid", 1), ("test", 2)):
        for kind in ("cat", "dog"):
            for number in range(count):
                write_picture(tmp_path / "archive" / part / kind / f"{number}.png")
    (tmp_path / "__MACOSX" / "x").mkdir(parents=True)
    (tmp_path / "archive" / "train" / "cat" / ".DS_Store").write_text("")
    assert sorted(class_folders(tmp_path)) == ["test", "train", "val"]
    arrays = read_arrays(tmp_path)
    assert arrays.classes == ("cat", "dog")
    assert arrays.train[0].shape == (8, 8, 8, 3)
    assert np.bincount(arrays.test[1]).tolist() == [2, 2]


@pytest.mark.data
def test_pictures_of_several_sizes_need_one(tmp_path):
    write_picture(tmp_path / "a" / "1.png", 8)
    write_picture(tmp_path / "b" / "1.png", 9)
    with pytest.raises(OperatorError, match=r"differ in size \(8×8, 9×9 \.\.\.\)\. Give --size"):
        read_arrays(tmp_path)
    assert read_arrays(tmp_path, size=6).train[0].shape == (2, 6, 6, 3)


@pytest.mark.data
def test_a_broken_picture_is_named(tmp_path):
    write_picture(tmp_path / "a" / "1.png")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.png").write_bytes(b"\x89PNG and nothing more")
    with pytest.raises(OperatorError, match=r"2\.png is not a picture that can be read"):
        read_arrays(tmp_path)


@pytest.mark.data
def test_svhn_counts_its_zeros_as_ten(tmp_path):
    from scipy.io import savemat

    x = pictures(3, 32, 32, 3)
    savemat(tmp_path / "train_32x32.mat", {"X": x.transpose(1, 2, 3, 0), "y": np.array([[10], [1], [9]])})
    arrays = read_arrays(tmp_path)
    assert np.array_equal(arrays.train[0], x)
    assert arrays.train[1].tolist() == [0, 1, 9]


def test_what_is_no_data_set(tmp_path):
    (tmp_path / "notes.txt").write_text("words")
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(OperatorError, match=r"holds no data set in a known form\. Known are: an \.npz"):
            read_arrays(path)
