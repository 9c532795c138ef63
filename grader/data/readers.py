"""Arrays from the forms in which data sets are published or kept. Nothing is unpickled."""

from __future__ import annotations

import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from grader.data.entry import needs
from grader.data.split import Labelled, Labels, Pictures
from grader.errors import OperatorError

_PARTS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_PICTURES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
_IDX = re.compile(r"(train|t10k|test)[-_.](images|labels)[-_.]idx\d[-_.]ubyte(\.gz)?")
_CIFAR_SIDE = 32
_LARGEST = 2**32  # bytes of a file after decompression
FORMS = (
    "an .npz with x_train and y_train (and x_test, y_test), a folder with MNIST's IDX files, CIFAR's binary files or "
    "their .tar.gz, SVHN's .mat files, or a folder of class folders"
)


@dataclass(frozen=True, slots=True)
class Arrays:
    """A data set as it was found: pictures and labels, with a test part if it has one, and the names of its classes."""

    train: Labelled
    test: Labelled | None
    classes: tuple[str, ...]


def read_arrays(path: Path, size: int | None = None) -> Arrays:
    """Read a data set in any form that is known.

    Args:
        path: A file or a folder.
        size: For folders of pictures: height and width to which they are brought. Not needed if all are alike.

    Raises:
        OperatorError: It is in none of the known forms, or damaged, or pickled.
    """
    try:
        arrays = _reader(path)(path) if size is None else _read_folder(path, size)
    except (OSError, ValueError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile) as error:
        raise OperatorError(f"{path} cannot be read: {error}", "It may be half a download: get it again") from error
    return arrays


def class_folders(folder: Path) -> dict[str, dict[str, list[Path]]]:
    """Pictures in a folder of class folders: part (empty if there are none) -> class -> files, all sorted.

    Folders that hold nothing but one other folder, as archives often do, are passed through.
    """
    folders = _folders(folder)
    while len(folders) == 1 and not _PARTS.get(folders[0].name.lower()) and _folders(folders[0]):
        folder, folders = folders[0], _folders(folders[0])
    parts = {part: path for path in folders if (part := _PARTS.get(path.name.lower()))}
    found = {part: _classes(path) for part, path in (parts or {"": folder}).items()}
    return {part: classes for part, classes in found.items() if classes}


def _reader(path: Path) -> Callable[[Path], Arrays]:
    if path.is_file():
        names = [path.name]
        if path.suffix == ".npz":
            return _read_npz
    else:
        names = [inner.name for inner in path.rglob("*") if inner.is_file()]
    if path.name.endswith((".tar.gz", ".tgz", ".tar")):
        return _read_cifar
    if any(_IDX.fullmatch(name) for name in names):
        return _read_idx
    if any(re.fullmatch(r"(data_batch_\d|test_batch|train|test)\.bin", name) for name in names):
        return _read_cifar
    if any(re.fullmatch(r"(data_batch_\d|test_batch|.*\.(pkl|pickle))", name) for name in names):
        raise _pickled(path)
    if any(name.endswith("_32x32.mat") for name in names):
        return _read_svhn
    if path.is_dir() and class_folders(path):
        return lambda folder: _read_folder(folder, None)
    raise OperatorError(f"{path} holds no data set in a known form", f"Known are: {FORMS}")


def _pickled(path: Path) -> OperatorError:
    return OperatorError(
        f"{path} is pickled, and reading a pickle runs whatever code is in it",
        "Take the binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz), or save arrays x_train, y_train, "
        "x_test, y_test yourself with numpy.savez and add that file",
    )


# --- npz --------------------------------------------------------------------------------------------------------------


def _read_npz(path: Path) -> Arrays:
    # Opened here, because numpy leaves the file open when it is not a whole archive.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        missing = {"x_train", "y_train"} - set(file)
        if missing:
            raise OperatorError(f"{path} lacks the array {', '.join(sorted(missing))}", f"It has: {', '.join(file)}")
        content = {name: _plain(file, name, path) for name in file}
    train = _labelled(content["x_train"], content["y_train"], path)
    test = _labelled(content["x_test"], content["y_test"], path) if {"x_test", "y_test"} <= set(content) else None
    return Arrays(train, test, _class_names(content.get("classes"), train, test))


def _plain(file: Mapping[str, NDArray[Any]], name: str, path: Path) -> NDArray[Any]:
    try:
        return file[name]
    except ValueError as error:
        raise OperatorError(
            f"the array {name} in {path} holds Python objects, and reading them would run code",
            "Save plain numbers: numpy.asarray(x, dtype='uint8')",
        ) from error


def _class_names(names: NDArray[Any] | None, train: Labelled, test: Labelled | None) -> tuple[str, ...]:
    highest = int(max(labels.max(initial=0) for labels in (train[1], *([test[1]] if test else []))))
    known = [] if names is None else [str(name) for name in names]
    return tuple(known) if len(known) > highest else tuple(str(kind) for kind in range(highest + 1))


def _labelled(pictures: NDArray[Any], labels: NDArray[Any], path: Path) -> Labelled:
    """Pictures (N, H, W[, 3]) and labels (N,), both unsigned, from arrays as people save them."""
    labels = labels.reshape(len(labels), -1)
    if pictures.ndim == 4 and pictures.shape[-1] == 1:
        pictures = pictures[..., 0]
    fits = pictures.ndim == 3 or (pictures.ndim == 4 and pictures.shape[-1] == 3)
    if not fits or labels.shape[1:] != (1,) or len(labels) != len(pictures):
        raise OperatorError(
            f"{path}: pictures of shape {pictures.shape} and labels of shape {labels.shape} do not fit together",
            "Pictures are (N, height, width) or (N, height, width, 3), labels (N,)",
        )
    return _bytes(pictures, path), _numbers(labels[:, 0], path)


def _bytes(pictures: NDArray[Any], path: Path) -> Pictures:
    whole = pictures.dtype.kind in "ui" and (not pictures.size or (pictures.min() >= 0 and pictures.max() <= 255))
    if not whole:
        raise OperatorError(
            f"{path}: the pictures are {pictures.dtype}, not whole numbers from 0 to 255",
            "Save them before they are scaled: (255 * x).round().astype('uint8')",
        )
    return pictures.astype(np.uint8)


def _numbers(labels: NDArray[Any], path: Path) -> Labels:
    if labels.dtype.kind not in "ui" or (labels.size and (labels.min() < 0 or labels.max() >= 2**16)):
        raise OperatorError(f"{path}: the labels are not whole numbers from 0", "Number the classes from 0 on")
    return cast("Labels", labels.astype(np.uint8 if labels.max(initial=0) < 256 else np.uint16))


# --- IDX, the form of MNIST: http://yann.lecun.com/exdb/mnist/ --------------------------------------------------------


def _read_idx(path: Path) -> Arrays:
    found = {}
    for file in sorted(path.rglob("*") if path.is_dir() else path.parent.iterdir()):
        if match := _IDX.fullmatch(file.name):
            found["train" if match[1] == "train" else "test", match[2]] = file
    read = {key: read_idx(file) for key, file in found.items()}
    missing = [" ".join(key) for key in (("train", "images"), ("train", "labels")) if key not in read]
    if missing:
        raise OperatorError(f"{path} lacks the IDX file of the {missing[0]}", "Put all four files into one folder")
    train = _labelled(read["train", "images"], read["train", "labels"], path)
    has_test = ("test", "images") in read and ("test", "labels") in read
    test = _labelled(read["test", "images"], read["test", "labels"], path) if has_test else None
    return Arrays(train, test, _class_names(None, train, test))


def read_idx(file: Path) -> NDArray[np.uint8]:
    """An array of bytes in IDX form, gzipped or not: two zeros, type 8, number of axes, their sizes, the bytes.

    Raises:
        ValueError: It is no such file, or cut off.
    """
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        content = stream.read(_LARGEST)
    if content[:3] != b"\0\0\x08" or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"{file.name} is not an IDX file of bytes")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", content[3], 4))
    body = content[4 + 4 * len(shape) :]
    if len(body) != prod(shape):
        raise ValueError(f"{file.name} says {prod(shape):,} bytes and has {len(body):,}")
    return np.frombuffer(body, np.uint8).reshape(shape)


# --- CIFAR's binary version: https://www.cs.toronto.edu/~kriz/cifar.html ----------------------------------------------


def _read_cifar(path: Path) -> Arrays:
    files = dict(_members(path))
    hundred = "train.bin" in files
    training = [name for name in sorted(files) if re.fullmatch(r"data_batch_\d\.bin|train\.bin", name)]
    if not training and any(re.fullmatch(r"data_batch_\d|train", name) for name in files):
        raise _pickled(path)
    if not training:
        raise OperatorError(f"{path} holds none of CIFAR's binary files", f"Known are: {FORMS}")
    parts = [_cifar_pictures(name, files[name], 2 if hundred else 1) for name in training]
    train = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    last = files.get("test.bin" if hundred else "test_batch.bin")
    test = _cifar_pictures("the test file", last, 2 if hundred else 1) if last is not None else None
    lines = files.get("fine_label_names.txt" if hundred else "batches.meta.txt", b"").decode("utf-8", "replace").split()
    return Arrays(train, test, _class_names(np.array(lines), train, test))


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Files of a folder or a tar archive by their last name; nothing is unpacked to the disk."""
    if path.is_file() and path.suffix == ".bin":
        path = path.parent
    if path.is_dir():
        yield from ((file.name, file.read_bytes()) for file in sorted(path.rglob("*")) if file.is_file())
        return
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if member.isfile() and content and member.size < _LARGEST:
                yield Path(member.name).name, content.read()


def _cifar_pictures(name: str, content: bytes, label_bytes: int) -> Labelled:
    """Rows of one or two label bytes (the fine one last) and 3×32×32 bytes, colour by colour."""
    row = label_bytes + 3 * _CIFAR_SIDE**2
    if not content or len(content) % row:
        raise ValueError(f"{name} has {len(content):,} bytes, which is not a multiple of {row:,}")
    rows = np.frombuffer(content, np.uint8).reshape(-1, row)
    pictures = rows[:, label_bytes:].reshape(-1, 3, _CIFAR_SIDE, _CIFAR_SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pictures), rows[:, label_bytes - 1].copy()


# --- SVHN: http://ufldl.stanford.edu/housenumbers/ --------------------------------------------------------------------


def _read_svhn(path: Path) -> Arrays:
    folder = path if path.is_dir() else path.parent
    train = _mat(folder / "train_32x32.mat")
    test = _mat(folder / "test_32x32.mat") if (folder / "test_32x32.mat").is_file() else None
    return Arrays(train, test, tuple("0123456789"))


def _mat(file: Path) -> Labelled:
    """Pictures (32, 32, 3, N) and labels 1 to 10, where 10 is the digit 0."""
    content = needs("scipy.io").loadmat(file, variable_names=("X", "y"))
    return _labelled(content["X"].transpose(3, 0, 1, 2), content["y"] % 10, file)


# --- folders of class folders -----------------------------------------------------------------------------------------


def _folders(folder: Path) -> list[Path]:
    return (
        sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
        if folder.is_dir()
        else []
    )


def _classes(folder: Path) -> dict[str, list[Path]]:
    found = {inner.name: sorted(_pictures(inner)) for inner in _folders(folder)}
    return {name: pictures for name, pictures in found.items() if pictures}


def _pictures(folder: Path) -> Iterable[Path]:
    return (file for file in folder.rglob("*") if file.suffix.lower() in _PICTURES and not file.name.startswith("."))


def _read_folder(folder: Path, size: int | None) -> Arrays:
    parts = class_folders(folder)
    names = sorted({name for classes in parts.values() for name in classes})
    if len(names) < 2:
        raise OperatorError(f"{folder} holds no folders of at least two classes", "Expected: FOLDER/<class>/pictures")
    training = [*_numbered(parts.get("", {}), names), *_numbered(parts.get("train", {}), names)]
    training += _numbered(parts.get("val", {}), names)
    testing = _numbered(parts.get("test", {}), names)
    if not training:
        training, testing = testing, []
    return Arrays(_loaded(training, size), _loaded(testing, size) if testing else None, tuple(names))


def _numbered(classes: Mapping[str, list[Path]], names: list[str]) -> list[tuple[Path, int]]:
    return [(file, names.index(name)) for name, files in classes.items() for file in files]


def _loaded(files: list[tuple[Path, int]], size: int | None) -> Labelled:
    pictures = [_picture(file, size) for file, _ in files]
    shapes = {picture.shape for picture in pictures}
    if len(shapes) > 1:
        some = ", ".join(f"{height}×{width}" for height, width, _ in sorted(shapes)[:3])
        raise OperatorError(f"the pictures differ in size ({some} ...)", "Give --size, such as --size 64")
    labels = np.array([label for _, label in files])
    return np.stack(pictures), cast("Labels", labels.astype(np.uint8 if labels.max() < 256 else np.uint16))


def _picture(file: Path, size: int | None) -> Pictures:
    image = needs("PIL.Image")
    try:
        with image.open(file) as opened:
            coloured = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise OperatorError(f"{file} is not a picture that can be read: {error}", "Repair or remove it") from error
    return np.asarray(coloured.resize((size, size), image.Resampling.BICUBIC) if size else coloured, np.uint8)
